"""Shared cases A2, A3, F01, F20, F22, F23, R-xlsx (our own data): what is read of a file, and how often."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from graphrisk.loading.run import Loaded
from tests.cli.conftest import run_cli
from tests.loading.loads import load, refused, rejects

CASES = Path(__file__).parent


def with_loader(tmp_path: Path, toml: Path, *, name: str, source: Path, encoding: str = "") -> Loaded:
    """Load a copy of the files of `source` with a loader of one's own."""
    folder = tmp_path / "loaders" / name
    folder.mkdir(parents=True)
    shutil.copy(toml, folder / "loader.toml")
    files = {path.name: path.read_bytes() for path in source.iterdir() if path.suffix in (".csv", ".xlsx")}
    if encoding:
        files = {name: content.decode("utf-8").encode(encoding) for name, content in files.items()}
    return load(tmp_path / "in", files, loader=name, own_loaders=tmp_path / "loaders")


def test_two_inputs_on_two_sheets_each_read_their_own(tmp_path: Path) -> None:
    clients = with_loader(tmp_path / "1", CASES / "A2/loader.toml", name="two", source=CASES / "A2")
    people = {row["party_id"]: row["kind"] for row in clients.tables["parties"].to_pylist()}
    assert {"C1": "company", "C2": "company", "P1": "person", "P2": "person", "P3": "person"} == people
    claims = with_loader(tmp_path / "2", CASES / "A2/claims/loader.toml", name="claims", source=CASES / "A2/claims")
    assert {("C1", "C2", 1e6, "trade_credit"), ("C2", "C1", 7e6, "loan")} == {
        (row["creditor_id"], row["debtor_id"], row["amount"], row["kind"])
        for row in claims.tables["exposures"].to_pylist()
    }
    assert 2 == claims.tables["exposures"].num_rows


def test_two_sheets_with_the_same_header_are_two_sources(tmp_path: Path) -> None:
    loaded = with_loader(tmp_path, CASES / "F22/loader.toml", name="two", source=CASES / "F22")
    assert [
        ("B1", "B2", 100.0, "loan"),
        ("B2", "B3", 200.0, "loan"),
        ("F1", "B1", 7.0, "trade_credit"),
        ("F2", "F1", 9.0, "trade_credit"),
    ] == sorted(
        (row["creditor_id"], row["debtor_id"], row["amount"], row["kind"])
        for row in loaded.tables["exposures"].to_pylist()
    )


def test_a_loan_number_merged_over_three_guarantors_is_the_loan_of_each(tmp_path: Path) -> None:
    merged, filled = (load(tmp_path / name, {"book.xlsx": (CASES / f"F20/{name}.xlsx").read_bytes()})
                      for name in ("merged", "filled"))  # fmt: skip
    assert ["LN1"] * 3 == merged.tables["guarantees"]["facility_id"].to_pylist()
    assert merged.report.fingerprint == filled.report.fingerprint
    (note,) = merged.report.notes
    assert "1 in facility_id, the first D2:D4" in note
    assert () == filled.report.notes


def test_a_guarantee_of_a_merged_loan_pays_for_that_loan_alone(tmp_path: Path) -> None:
    """The loan of 300 is guaranteed, that of 700 is not: our bank loses 700."""
    done = run_cli("load", "bank_csv", CASES / "F20/merged.xlsx", "--project", tmp_path, "--as-of", "2026-09-30")
    assert 0 == done.code, done.err
    found = run_cli("analyze", "contagion", "--shock", "D", "--project", tmp_path, "--format", "json").json["tables"]
    assert 300.0 == pytest.approx(sum(row["guarantee_paid"] for row in found["contagion_parties"]))
    assert 700.0 == pytest.approx(sum(row["bank_loss"] for row in found["contagion_facilities"]))


def test_a_share_in_percent_is_read_beside_thousands(tmp_path: Path) -> None:
    loaded = with_loader(tmp_path, CASES / "F23/loader.toml", name="ak", source=CASES / "F23", encoding="gbk")
    rows = loaded.tables["ownership"].to_pylist()
    assert [0.01, 0.04, 0.551, 0.6012] == sorted(r["share_min"] for r in rows if r["share_min"] is not None)
    assert 5 == len(rows)
    ((reason, _, (example,)),) = rejects(loaded.report, "ownership")
    assert "share_min is not a number" in reason
    assert "'<0.01%'" in example


@pytest.mark.parametrize(
    "key", ['thousands = ","', "scale = { lgd = 0.01 }", 'thousands = ","\nscale = { lgd = 0.01 }']
)
def test_a_loss_given_default_of_45_percent_is_the_same_with_every_key(tmp_path: Path, key: str) -> None:
    toml = tmp_path / "loader.toml"
    toml.write_text(f"[inputs.parties]\n[inputs.facilities]\n{key}\n", "utf-8")
    loaded = with_loader(tmp_path, toml, name="a", source=CASES / "A3")
    found = {row["facility_id"]: row["lgd"] for row in loaded.tables["facilities"].to_pylist()}
    expected = {"L1": 0.45, "L2": 0.0045 if "scale" in key else 0.45}
    assert {loan: pytest.approx(expected[loan], rel=1e-15) for loan in found} == found
    assert "thousands" not in key or {"L1", "L2"} == set(found)  # 1,000 is a number only if thousands says so
    notes = " ".join(loaded.report.notes)
    assert ("scale" in key) == ("1 values of lgd are written with %" in notes)
    assert ("scale" in key) == ("are they fractions already?" in notes)


def test_rows_out_of_order_refuse_the_sheet(tmp_path: Path) -> None:
    error = refused(tmp_path, {"parties.xlsx": (CASES / "R-xlsx/out_of_order.xlsx").read_bytes()})
    assert "has row 2 after row 3: the rows are out of order" in error.message


def test_a_row_beyond_the_last_of_excel_is_refused_at_once(tmp_path: Path) -> None:
    begun = time.process_time()
    error = refused(tmp_path, {"parties.xlsx": (CASES / "R-xlsx/far_row.xlsx").read_bytes()})
    assert time.process_time() - begun < 5.0
    assert "has a row 30,000,000: Excel has rows 1 to 1,048,576" in error.message


def test_a_declared_holding_that_is_exempt_from_disclosure_stays_a_fact(tmp_path: Path) -> None:
    done = run_cli("load", "bods", CASES / "F01/statements.json", "--project", tmp_path, "--as-of", "2026-09-30")
    assert 0 == done.code, done.err
    for firm, expected in (("e1", {(0.75, 1.0), (0.0, 0.25)}), ("e2", {(0.25, 0.5)})):
        text = (
            f"MATCH (o:Party)-[r:OWNS]->(:Party {{id: '{firm}'}}) RETURN o.id AS id, o.name AS name, o.kind AS kind, "
        )
        text += "r.share_min AS low, r.share_max AS high, r.disclosed AS disclosed"
        rows = run_cli("query", "--cypher", text, "--project", tmp_path, "--format", "json").json
        assert 2 == len(rows)
        assert expected == {(row["low"], row["high"]) for row in rows}
        assert {False} == {row["disclosed"] for row in rows}
        assert all(row["kind"] == "unknown" for row in rows if row["id"].startswith("undisclosed:"))
    owners = run_cli("query", "who_controls", "--param", "id=e1", "--project", tmp_path, "--format", "json").json
    assert "(undisclosed: interestedPartyExemptFromDisclosure)" in {row["controller_name"] for row in owners}
