"""Every value of a source is read once, by exactly the inputs that name it, whatever kind of file it stands in."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loading.loads import load, own_loader, refused, workbook

HEAD = ["c0", "c1", "c2"]


def text(rows: Sequence[Sequence[str]], delimiter: str, encoding: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([HEAD, *rows])
    return out.getvalue().encode(encoding)


def parquet(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(HEAD)}), out)
    return out.getvalue()


SOURCES = st.lists(
    st.tuples(st.sampled_from(["csv", "semicolon", "gb18030", "parquet", "xlsx"]), st.integers(0, 3)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(SOURCES, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), unique=True, min_size=1, max_size=5))
def test_every_value_is_read_once_by_exactly_the_inputs_that_name_it(
    tmp_path_factory: pytest.TempPathFactory, sources: list[tuple[str, int]], named: list[tuple[int, int]]
) -> None:
    """A value is its own address (值 source, row, column); an input takes one column of one source as its ids.

    All workbook sources are sheets of one file.
    """
    tmp_path = tmp_path_factory.mktemp("once")
    named = [(at, column) for at, column in named if at < len(sources)] or [(0, 0)]
    cells = [[[f"值{at}-{r}-{c}" for c in range(3)] for r in range(rows)] for at, (_, rows) in enumerate(sources)]
    files: dict[str, str | bytes] = {}
    sheets: dict[str, list[list[str]]] = {}
    keys = {}
    for at, (kind, _) in enumerate(sources):
        if kind == "xlsx":
            sheets[f"s{at}"] = [HEAD, *cells[at]]
            keys[at] = f'glob="book.xlsx"\nsheet="s{at}"\n'
        elif kind == "parquet":
            files[f"f{at}.parquet"] = parquet(cells[at])
            keys[at] = f'glob="f{at}.parquet"\n'
        else:
            delimiter, encoding = (";" if kind == "semicolon" else ","), ("gb18030" if kind == "gb18030" else "utf-8")
            files[f"f{at}.csv"] = text(cells[at], delimiter, encoding)
            keys[at] = f'glob="f{at}.csv"\ndelimiter="{delimiter}"\nencoding="{encoding}"\n'
    if sheets:
        files["book.xlsx"] = workbook(sheets)
    toml = "".join(
        f'[inputs.i{n}]\ntable="parties"\n{keys[at]}ignore=["*"]\nconstants={{kind="bank"}}\n'
        f'rename={{c{column}=["party_id","name"]}}\n'
        for n, (at, column) in enumerate(named)
    )
    own = own_loader(tmp_path / "loaders", "mine", toml)
    expected = Counter(row[column] for at, column in named for row in cells[at])
    if not expected:
        error = refused(tmp_path / "in", files, loader="mine", own_loaders=own)
        assert "no row" in error.message or "there is no file" in error.message
        return
    loaded = load(tmp_path / "in", files, loader="mine", own_loaders=own)
    assert expected == Counter(loaded.tables["parties"]["party_id"].to_pylist())
    assert sum(len(cells[at]) for at in {at for at, _ in named}) == loaded.report.read == loaded.report.used
