"""docs/loaders.md is run: its files through its loaders."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from graphrisk.loading.run import Loaded, load_files
from graphrisk.loading.spec import InputSpec
from tests.worlds.build import AS_OF

DOC = Path(__file__).resolve().parents[2] / "docs" / "loaders.md"
_BLOCK = re.compile(r"<!-- (file|loader|sql): (\S+) -->\n```\w*\n(.*?)```", re.S)


def unpack(folder: Path) -> None:
    (folder / "in").mkdir()
    for kind, name, text in _BLOCK.findall(DOC.read_text("utf-8")):
        if kind == "file":
            (folder / "in" / name).write_bytes(text.encode("gb18030"))
            continue
        path = folder / "loaders" / (f"{name}/loader.toml" if kind == "loader" else f"{name}.sql")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def load(folder: Path, loader: str, *names: str, existing: Loaded | None = None) -> Loaded:
    paths = [folder / "in" / name for name in names] or [folder / "in"]
    tables = existing.tables if existing else {}
    return load_files(loader, paths, as_of=AS_OF, existing=tables, own_loaders=folder / "loaders")


def test_the_example_of_the_docs_loads_as_the_docs_say(tmp_path: Path) -> None:
    unpack(tmp_path)
    loaded = load(tmp_path, "core")
    assert [] == [reject for table in loaded.report.tables for reject in table.rejects]
    assert () == loaded.report.notes
    assert not any(table.new_columns for table in loaded.report.tables)
    parties = {row["party_id"]: row for row in loaded.tables["parties"].to_pylist()}
    assert ("company", True, date(2003, 5, 12), "CN") == tuple(
        parties["0010001"][c] for c in ("kind", "is_client", "incorporated_on", "country")
    )
    assert ("person", False, None) == tuple(parties["0090001"][c] for c in ("kind", "is_client", "incorporated_on"))
    loans = {row["facility_id"]: row for row in loaded.tables["facilities"].to_pylist()}
    assert (42_000_000.0, "CNY", date(2027, 1, 9), 0) == tuple(
        loans["LN001"][c] for c in ("outstanding", "currency", "maturity_on", "days_past_due")
    )
    assert loans["LN002"]["days_past_due"] is None
    shares = {(row["share_min"], row["share_max"]) for row in loaded.tables["ownership"].to_pylist()}
    assert {(0.6, 0.6), (0.355, 0.355)} == shares


def test_the_sql_example_of_the_docs_loads_beside_it(tmp_path: Path) -> None:
    unpack(tmp_path)
    core = load(tmp_path, "core", "客户信息_20260930.csv", "借据.csv")
    both = load(tmp_path, "holdings", "股东.csv", existing=core)
    assert 2 == both.report.used == both.report.read
    rows = both.tables["ownership"].to_pylist()
    assert {(0.6, 0.6), (0.355, 0.355)} == {(row["share_min"], row["share_max"]) for row in rows}


def test_every_key_of_an_input_is_documented() -> None:
    text = DOC.read_text("utf-8")
    table = text.partition("### Keys of")[2].partition("\nSeveral inputs")[0]
    said = set(re.findall(r"`([a-z_]+)(?:\.COLUMN)?`", table))
    assert set(InputSpec.__dataclass_fields__) - {"name"} <= said
