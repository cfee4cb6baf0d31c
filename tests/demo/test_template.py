"""The project to start from: what `graphrisk new` writes can be loaded, and shows what it says."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.config import read_config
from graphrisk.demo.template import project_files, write_project, write_scenarios
from graphrisk.demo.world import write_bank
from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.check import check_tables
from graphrisk.model.note import warnings_of
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario, read_scenario
from tests.worlds.build import AS_OF


def _example(folder: Path) -> dict[str, pa.Table]:
    return {
        file.stem: pyarrow.csv.read_csv(file, convert_options=_options(file.stem))
        for file in sorted((folder / "example").glob("*.csv"))
    }


def _options(table: str) -> pyarrow.csv.ConvertOptions:
    columns = {column.name: column.arrow_type for column in CATALOG[table].columns}
    return pyarrow.csv.ConvertOptions(column_types=columns, strings_can_be_null=True)


def test_every_table_has_an_empty_file_with_its_header(tmp_path: Path) -> None:
    write_project(tmp_path)
    found = {file.stem: file.read_text("utf-8-sig") for file in (tmp_path / "data").iterdir()}
    assert {name: ",".join(table.names) + "\n" for name, table in CATALOG.items()} == found


def test_the_example_fills_every_table_and_names_its_columns_rightly(tmp_path: Path) -> None:
    write_project(tmp_path)
    for name, table in CATALOG.items():
        text = (tmp_path / "example" / f"{name}.csv").read_text("utf-8-sig")
        header, *rows = csv.reader(io.StringIO(text))
        assert list(table.names) == header
        assert rows
        assert {len(header)} == {len(row) for row in rows}, name


def test_the_example_keeps_every_rule(tmp_path: Path) -> None:
    write_project(tmp_path)
    checked = check_tables(_example(tmp_path), as_of=AS_OF)
    assert [] == [(reject.table, reject.reason) for reject in checked.rejects]
    assert "CNY" == checked.base_currency


def test_the_example_shows_the_rules_it_is_there_to_show(tmp_path: Path) -> None:
    write_project(tmp_path)
    tables = _example(tmp_path)
    guarantees = tables["guarantees"].to_pylist()
    assert {"several", "joint_several"} == {row["mode"] for row in guarantees}
    assert {1, 2, None} == {row["rank"] for row in guarantees}
    assert any(row["facility_id"] is None for row in guarantees)
    assert {"CNY", "USD"} == set(tables["facilities"]["currency"].to_pylist())
    assert any(row["lender_id"] for row in tables["facilities"].to_pylist())
    shares = [(row["share_min"], row["share_max"]) for row in tables["ownership"].to_pylist()]
    assert (None, None) in shares
    assert any(low is not None and low < high for low, high in shares)
    assert any(row["via"] for row in tables["ownership"].to_pylist())
    assert {"company", "person", "bank", "guarantee_company", "nominee"} == set(tables["parties"]["kind"].to_pylist())


def test_balance_sheets_of_the_example_add_up(tmp_path: Path) -> None:
    write_project(tmp_path)
    for row in _example(tmp_path)["financials"].to_pylist():
        assert row["total_assets"] == row["total_liabilities"] + row["equity"], row["party_id"]


def test_the_example_becomes_a_graph_that_leaves_out_what_ended(tmp_path: Path) -> None:
    write_project(tmp_path)
    graph = build_graph(_example(tmp_path), as_of=AS_OF)
    assert 12 == graph.size
    assert ("ownership: 1 of 8 rows left out: they do not hold on 2026-09-30",) == graph.notes
    assert 30e6 == graph.equity[graph.position("HUAXIN")]


def test_the_default_of_huaxin_costs_what_can_be_worked_out_by_hand(tmp_path: Path) -> None:
    """20 due less 12 x 0.7 of the building leaves 11.6 million: 30 % and 40 % of it from the two that guarantee shares,
    the rest from the guarantee company in rank 2; the dollar loan of 7.1 million has nobody behind it."""
    write_project(tmp_path)
    graph = build_graph(_example(tmp_path), as_of=AS_OF)
    analyzer = find_analyzer("contagion")
    params = parse_params(analyzer.Params, {"layers": "guarantees,collateral"}, where="contagion")
    result = analyzer.run(graph, params, inputs=Inputs(shocks={"HUAXIN": 1.0}), progress=silent)
    paid = result.calls.set_index("guarantee_id")["paid"].to_dict()
    lost = result.facilities.set_index("facility_id")["bank_loss"].to_dict()
    assert {"B01": 0.3 * 11.6e6, "B02": 0.4 * 11.6e6, "B03": 0.3 * 11.6e6} == pytest.approx(paid)
    assert {"L001": 0.0, "L002": 7.1e6} == pytest.approx(lost, abs=1e-3)


def test_the_settings_are_the_defaults(tmp_path: Path) -> None:
    write_project(tmp_path)
    assert {"default"} == {setting.origin for setting in read_config(tmp_path).settings}


def test_every_setting_is_in_the_file_and_becomes_valid_without_its_mark(tmp_path: Path) -> None:
    write_project(tmp_path)
    file = tmp_path / "graphrisk.toml"
    lines = [line.removeprefix("# ") if " = " in line else line for line in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(lines), "utf-8")
    settings = read_config(tmp_path).settings
    assert {"file"} == {setting.origin for setting in settings}


def test_the_scenario_names_parties_and_columns_that_exist(tmp_path: Path) -> None:
    write_project(tmp_path)
    story = tomllib.loads((tmp_path / "scenarios" / "real_estate_falls.toml").read_text("utf-8"))
    tables = _example(tmp_path)
    assert {"name", "contagion", "shock"} == set(story)
    for shock in story["shock"]:
        assert set(shock.get("parties", [])) <= set(tables["parties"]["party_id"].to_pylist())
        assert set(shock.get("where", {})) <= set(CATALOG["parties"].names)
        assert set(shock.get("collateral", {})) <= set(CATALOG["collateral"].names)


def test_every_line_left_out_of_the_scenario_is_right_without_its_mark(tmp_path: Path) -> None:
    write_project(tmp_path)
    text = (tmp_path / "scenarios" / "real_estate_falls.toml").read_text("utf-8")
    whole = "\n".join(re.sub(r"^# (?=\[|\w+ = )", "", line) for line in text.splitlines())
    story = parse_scenario(whole)
    assert 0.2 == story.default_above
    assert {"own_bank_loss", "defaults"} == set(story.limits)
    assert (2, 1, 1, 2) == tuple(
        len(part) for part in (story.party_shocks, story.price_shocks, story.pd_shocks, story.factor_shocks)
    )
    analyzer = find_analyzer("contagion")
    graph = build_graph(_example(tmp_path), as_of=AS_OF)
    params = parse_params(analyzer.Params, story.params, where="contagion")
    result = analyzer.run(graph, params, inputs=Inputs(scenario=story), progress=silent)
    assert not [note for note in warnings_of(result.notes) if "limit" not in note]
    stressed = result.comparison.set_index("measure")["stressed"]
    assert stressed["expected_loss"] > result.comparison.set_index("measure")["baseline"]["expected_loss"] > 0.0


def test_the_scenarios_of_the_demo_are_right(tmp_path: Path) -> None:
    write_bank(tmp_path / "data", clients=300, seed=1)
    tables = {
        name: pa.csv.read_csv(tmp_path / "data" / f"{name}.csv", convert_options=_options(name)) for name in CATALOG
    }
    graph = build_graph(tables, as_of=AS_OF)
    analyzer = find_analyzer("contagion")
    breached = {}
    for path in write_scenarios(tmp_path / "scenarios"):
        story = read_scenario(path)
        params = parse_params(analyzer.Params, story.params, where="contagion")
        result = analyzer.run(graph, params, inputs=Inputs(scenario=story), progress=silent)
        assert not [note for note in warnings_of(result.notes) if "limit" not in note]
        breached[path.stem] = result.certificate["limits_breached"] > 0
    assert {"real_estate_falls": False, "recession": True} == breached


def test_windows_programs_see_utf_8(tmp_path: Path) -> None:
    for file in write_project(tmp_path):
        marked = file.read_bytes().startswith(b"\xef\xbb\xbf")
        assert marked == (file.suffix in (".csv", ".txt")), file.name


def test_the_readme_speaks_both_languages(tmp_path: Path) -> None:
    write_project(tmp_path)
    text = (tmp_path / "README.txt").read_text("utf-8-sig")
    english, chinese = text.split("graphrisk：新建项目说明")
    for command in ("graphrisk load bank_csv example --as-of 2026-09-30", "graphrisk analyze contagion --shock HUAXIN"):
        assert command in english
        assert command in chinese


def test_it_returns_the_files_it_wrote(tmp_path: Path) -> None:
    files = write_project(tmp_path / "new" / "bank")
    assert sorted(files) == sorted(file for file in tmp_path.rglob("*") if file.is_file())
    assert len(project_files()) == len(files)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "parties.csv").write_text("mine")
    with pytest.raises(UsageError, match="holds data/parties"):
        write_project(tmp_path)
    assert ["parties.csv"] == [file.name for file in tmp_path.rglob("*") if file.is_file()]
    assert "mine" == (tmp_path / "data" / "parties.csv").read_text()


def test_a_file_in_the_way_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write_project(tmp_path / "file")
