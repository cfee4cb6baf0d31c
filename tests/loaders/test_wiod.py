from __future__ import annotations

import csv
from pathlib import Path

import pytest

from graphrisk.loading.run import load_files
from tests.worlds.build import AS_OF


def test_all_flows_are_loaded_in_dollars(shared_data: Path) -> None:
    folder = shared_data / "wiod"
    loaded = load_files("wiod", [folder], as_of=AS_OF, existing={})
    assert 1435 == loaded.tables["parties"].num_rows
    assert 172_610 == loaded.tables["supplies"].num_rows
    assert 1435 + 172_610 == loaded.report.read == loaded.report.used
    with (folder / "wiod2011_edges_ge5musd.csv").open() as stream:
        total = sum(float(row["musd"]) for row in csv.DictReader(stream))
    assert total * 1e6 == pytest.approx(sum(loaded.tables["supplies"]["amount"].to_pylist()), rel=1e-12)
    sales = dict(zip(*(loaded.tables["financials"][c].to_pylist() for c in ("party_id", "sales")), strict=True))
    assert 76834e6 == sales["0"]
    assert {"USD"} == set(loaded.tables["supplies"]["currency"].to_pylist())


def test_a_flow_that_is_no_number_or_leads_nowhere_is_rejected_by_name(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("id,country,industry,output_musd,final_musd\n0,AUS,1,5,1\n1,AUS,2,5,1\n")
    (tmp_path / "edges.csv").write_text("s,b,musd\n0,1,3\n0,1,many\n0,9,3\n")
    report = load_files("wiod", [tmp_path], as_of=AS_OF, existing={}).report
    (supplies,) = [table for table in report.tables if table.table == "supplies"]
    assert (3, 1) == (supplies.rows_read, supplies.rows_loaded)
    assert ["edges.csv, line 3", "edges.csv, line 4"] == [r.examples[0].partition(":")[0] for r in supplies.rejects]
