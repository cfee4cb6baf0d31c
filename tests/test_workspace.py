"""The facade as a notebook uses it."""

from __future__ import annotations

import errno
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import graphrisk as gr
from graphrisk.errors import StoreError, UsageError
from graphrisk.loading import run
from graphrisk.stores.files import folders
from graphrisk.stores.files import store as files
from graphrisk.stores.files.store import FilesStore
from graphrisk.workspace import Workspace
from tests.cli.conftest import write_book


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    project = tmp_path_factory.mktemp("bank")
    opened = gr.open(str(project))
    opened.load("bank_csv", write_book(project / "data"), as_of="2026-09-30")
    return opened


def test_a_query_gives_typed_columns_also_where_some_are_missing(ws: Workspace) -> None:
    found = ws.query(
        cypher="MATCH (p:Party) OPTIONAL MATCH (p)-[g:GUARANTEES]->(:Party {id: 'C'}) "
        "RETURN p.id AS id, p.is_client AS client, count(g) AS n, g.amount AS amount, "
        "CASE WHEN p.id = 'B' THEN null ELSE 5 END AS five, [p.id] AS ids ORDER BY id"
    )
    assert ["boolean", "Int64", "float64", "Int64", "object"] == [str(kind) for kind in found.dtypes[1:]]
    assert 50.0 == found["amount"].sum()
    assert 10 == found["five"].sum()
    assert [["A"], ["B"], ["C"]] == found["ids"].tolist()
    assert found["five"].isna().tolist() == [False, True, False]


def test_a_number_too_large_for_64_bits_stays_what_it_is() -> None:
    from graphrisk.model.result import frame_of

    assert [2**70, None] == frame_of(["n"], [[2**70], [None]])["n"].tolist()
    assert pd.DataFrame(columns=["a"]).columns.tolist() == frame_of(["a"], []).columns.tolist()


def test_one_shock_and_one_table_may_be_given_by_name_alone(ws: Workspace, tmp_path: Path) -> None:
    one, same = (ws.analyze("contagion", shocks=shocks) for shocks in ("A", ["A"]))
    assert one.to_json() == same.to_json()
    assert [tmp_path / "parties.csv"] == ws.export("parties", "csv", tmp_path)


def test_a_result_says_in_a_line_what_it_holds(ws: Workspace) -> None:
    said = repr(ws.analyze("chains"))
    assert said.startswith("<Result of chains as of 2026-09-30: parties 3, circles 1")
    assert "\n" not in said


def test_a_wrong_name_gets_a_helpful_error(ws: Workspace) -> None:
    with pytest.raises(UsageError, match="chain"):
        ws.analyze("chain")
    with pytest.raises(AttributeError, match="chains_circles"):
        _ = ws.analyze("chains").cirles
    with pytest.raises(UsageError, match="no party has the id 'Z'"):
        ws.analyze("contagion", shocks="Z")


class OneSnapshot:
    """A store that holds one snapshot, as Neo4j does, over the embedded one."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def load(self, tables: object, **options: object) -> str:
        for info in self._inner.snapshots():  # type: ignore[attr-defined]
            self._inner.remove(info.id)  # type: ignore[attr-defined]
        return str(self._inner.load(tables, **options))  # type: ignore[attr-defined]


def test_a_load_says_which_snapshot_it_took_the_place_of(tmp_path: Path) -> None:
    workspace = gr.open(str(tmp_path))
    book = write_book(tmp_path / "data")
    workspace.load("bank_csv", book, as_of="2026-09-30")
    assert [] == [n for n in workspace.load("bank_csv", book, as_of="2026-10-31").notes if "gone" in n]
    workspace._opened = OneSnapshot(workspace._store)  # type: ignore[assignment]
    report = workspace.load("bank_csv", book, as_of="2026-11-30")
    gone = [f"{one} is gone: this store holds one snapshot" for one in ("2026-09-30.1", "2026-10-31.1")]
    assert gone == [note for note in report.notes if "gone" in note]


def test_a_store_that_may_only_be_read_still_gives_its_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = gr.open(str(tmp_path))
    workspace.load("bank_csv", write_book(tmp_path / "data"), as_of="2026-09-30")

    def raising(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(folders, "open", raising, raising=False)
    result = workspace.analyze("chains")
    assert 1 == len(result.circles)
    assert [note for note in result.notes if "not kept in the store" in note and "Read-only" in note]
    assert "甲公司" in workspace.view("overview").html


def test_two_loads_at_once_never_lose_what_the_other_brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second waits for the first, which holds the right to load from reading what stands to writing the union."""
    workspace = gr.open(str(tmp_path))
    book = write_book(tmp_path / "data")
    workspace.load("bank_csv", book, as_of="2026-09-30")
    monkeypatch.setattr(files, "writing", partial(folders.writing, patience=0.1))
    with (
        FilesStore(tmp_path / ".graphrisk").loading(),
        pytest.raises(StoreError, match=r"another process \(pid \d+\) is loading into this store"),
    ):
        workspace.load("bank_csv", book, as_of="2026-09-30")
    assert 3 == len(workspace.analyze("chains").parties), "scores are kept meanwhile"
    assert "2026-09-30.1" == workspace.load("bank_csv", book, as_of="2026-09-30").snapshot


def test_a_load_that_another_one_overtook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = gr.open(str(tmp_path))
    book = write_book(tmp_path / "data")
    workspace.load("bank_csv", book, as_of="2026-09-30")
    read = run.load_files

    def overtaken(*args: Any, **options: Any) -> Any:
        loaded = read(*args, **options)
        empty = {name: table.slice(0, 0) for name, table in loaded.tables.items()}
        FilesStore(tmp_path / ".graphrisk").load(empty, as_of=date(2026, 9, 30))
        return loaded

    monkeypatch.setattr(run, "load_files", overtaken)
    with pytest.raises(StoreError, match="another process loaded meanwhile"):
        workspace.load("bank_csv", book, as_of="2026-09-30")
    assert ["2026-09-30.1", "2026-09-30.2"] == workspace.snapshots()["snapshot"].tolist()
