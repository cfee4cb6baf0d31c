from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import BOOK, run_cli, write_book


def test_the_whole_circle_falls_from_the_command_line(bank: Path) -> None:
    done = run_cli("analyze", "contagion", "--shock", "A", "--project", bank, "--format", "json")
    assert 0 == done.code, done.err
    result = done.json
    said = {
        "analyzer",
        "version",
        "as_of",
        "fingerprint",
        "params",
        "settings",
        "certificate",
        "notes",
        "units",
        "tables",
    }
    assert said == set(result)
    assert "2026-09-30" == result["as_of"]
    fallen = {row["party_id"]: row["defaulted"] for row in result["tables"]["contagion_parties"]}
    assert {"A": True, "B": True, "C": True} == fallen
    calls = result["tables"]["contagion_calls"]
    assert pytest.approx(60.0) == sum(row["paid"] for row in calls)


def test_csv_goes_into_a_folder_one_file_a_table(bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_cli("analyze", "chains", "--project", bank, "--format", "csv", "-o", out)
    assert 0 == done.code, done.err
    assert "" == done.out
    with (out / "chains_circles.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert ["A", "C", "B"] == json.loads(rows[0]["parties"])


def test_json_goes_into_a_file(bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "chains.json"
    assert 0 == run_cli("analyze", "chains", "--project", bank, "-o", out).code
    assert "chains" == json.loads(out.read_text("utf-8"))["analyzer"]


def test_the_same_command_twice_prints_the_same_bytes(bank: Path) -> None:
    once, again = (run_cli("analyze", "centrality", "--project", bank, "--format", "json") for _ in range(2))
    assert once.out == again.out


def test_chains_of_a_party_names_its_circle(bank: Path) -> None:
    done = run_cli("chains", "B", "--project", bank, "--format", "json")
    assert 0 == done.code, done.err
    assert ["B"] == [row["party_id"] for row in done.json["tables"]["chains_parties"]]
    assert 1 == len(done.json["tables"]["chains_circles"])


def test_check_lists_findings_as_a_result(bank: Path) -> None:
    done = run_cli("check", "--project", bank, "--format", "json")
    assert 0 == done.code
    assert "quality" == done.json["analyzer"]


def test_own_cypher_prints_rows_in_return_order(bank: Path) -> None:
    text = "MATCH (g:Party)-[r:GUARANTEES]->(d:Party) RETURN g.id AS guarantor, d.id AS debtor ORDER BY guarantor"
    done = run_cli("query", "--cypher", text, "--project", bank, "--format", "json")
    expected = [
        {"guarantor": "A", "debtor": "C"},
        {"guarantor": "B", "debtor": "A"},
        {"guarantor": "C", "debtor": "B"},
    ]
    assert expected == done.json
    assert ["guarantor", "debtor"] == list(done.json[0])


def test_a_scenario_is_run_and_a_wrong_one_named(bank: Path, tmp_path: Path) -> None:
    file = tmp_path / "fall.toml"
    file.write_text('name = "fall"\n[[shock]]\nparties = ["A"]\nloss = 1.0\n', encoding="utf-8")
    done = run_cli("stress", file, "--project", bank, "--format", "json")
    assert 0 == done.code, done.err
    assert 3 == sum(row["defaulted"] for row in done.json["tables"]["contagion_parties"])
    file.write_text('name = "fall"\n[[shock]]\npartys = ["A"]\nloss = 1.0\n', encoding="utf-8")
    wrong = run_cli("stress", file, "--project", bank)
    assert 2 == wrong.code
    assert "parties" in wrong.err


def test_a_refused_load_prints_its_report_and_leaves_the_store(tmp_path: Path) -> None:
    book = write_book(tmp_path / "data")
    day = ("--project", tmp_path, "--as-of", "2026-09-30")
    assert 0 == run_cli("load", "bank_csv", book, *day).code
    before = run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    (book / "guarantees.csv").write_text(BOOK["guarantees.csv"] + "G4,Z,A,FA,1,CNY,several\n", encoding="utf-8")
    done = run_cli("load", "bank_csv", book, *day, "--strict", "--format", "json")
    assert 3 == done.code
    assert {"message", "hint", "where"} <= set(done.json["error"])
    assert before == run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    lenient = run_cli("load", "bank_csv", book, *day, "--format", "json")
    assert 0 == lenient.code
    report = {table["table"]: table for table in lenient.json["tables"]}
    assert (4, 3, 1) == tuple(report["guarantees"][k] for k in ("rows_read", "rows_loaded", "rows_rejected"))


def test_a_load_without_a_date_says_that_it_took_today(tmp_path: Path) -> None:
    report = run_cli("load", "bank_csv", write_book(tmp_path / "data"), "--project", tmp_path, "--format", "json").json
    assert any(report["as_of"] in note for note in report["notes"])


def test_snapshots_are_listed_pruned_and_removed(tmp_path: Path) -> None:
    book = write_book(tmp_path / "data")
    for day in ("2026-06-30", "2026-07-31", "2026-08-31"):
        assert 0 == run_cli("load", "bank_csv", book, "--project", tmp_path, "--as-of", day).code
    listed = run_cli("snapshots", "list", "--project", tmp_path, "--format", "json").json
    assert ["2026-06-30", "2026-07-31", "2026-08-31"] == [row["as_of"] for row in listed]
    early = run_cli("analyze", "chains", "--project", tmp_path, "--as-of", "2026-08-01", "--format", "json")
    assert "2026-07-31" == early.json["as_of"]
    assert 0 == run_cli("snapshots", "remove", listed[1]["snapshot"], "--project", tmp_path).code
    pruned = run_cli("snapshots", "prune", "--keep", "1", "--project", tmp_path, "--format", "json")
    assert {"removed": [listed[0]["snapshot"]]} == pruned.json
    left = run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    assert ["2026-08-31"] == [row["as_of"] for row in left]


@pytest.mark.parametrize("view", [["overview"], ["ego", "A"], ["circle"], ["circle", "A"]])
def test_a_view_is_one_file_without_requests(bank: Path, tmp_path: Path, view: list[str]) -> None:
    out = tmp_path / "page.html"
    done = run_cli("view", *view, "-o", out, "--project", bank)
    assert 0 == done.code, done.err
    text = out.read_text("utf-8")
    assert "Content-Security-Policy" in text
    assert "甲公司" in text


@pytest.mark.parametrize("to", ["csv", "parquet", "xlsx", "gexf", "graphml", "neo4j-import"])
def test_every_export_writes_files(bank: Path, tmp_path: Path, to: str) -> None:
    out = tmp_path / (f"out.{to}" if to in ("xlsx", "gexf", "graphml") else "out")
    done = run_cli("export", "--to", to, "-o", out, "--project", bank, "--format", "json")
    assert 0 == done.code, done.err
    assert all(Path(name).stat().st_size for name in done.json)
    assert done.json


def test_scores_can_be_exported(bank: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_cli("export", "parties", "chains_parties", "--to", "csv", "-o", out, "--project", bank)
    assert 0 == done.code, done.err
    assert {"parties.csv", "chains_parties.csv"} == {path.name for path in out.iterdir()}


def test_doctor_says_where_each_setting_came_from(bank: Path) -> None:
    found = run_cli("doctor", "--project", bank, "--format", "json").json
    assert {"flag", "default", "file"} >= {row["from"] for row in found["settings"]}
    assert "1 snapshots" in found["store"]["state"]


def test_new_makes_a_project_whose_example_loads_and_never_overwrites(tmp_path: Path) -> None:
    project = tmp_path / "bank"
    assert 0 == run_cli("new", project).code
    done = run_cli("load", "bank_csv", project / "example", "--project", project, "--strict", "--as-of", "2026-09-30")
    assert 0 == done.code, done.err + done.out
    assert 0 == run_cli("analyze", "contagion", "--project", project).code
    assert 2 == run_cli("new", project).code


def test_demo_makes_a_bank_and_says_what_it_found(tmp_path: Path) -> None:
    done = run_cli("demo", tmp_path / "demo", "--clients", "300", "--seed", "5")
    assert 0 == done.code, done.err
    assert (tmp_path / "demo" / "overview.html").stat().st_size > 100_000
    commands = [line.strip() for line in done.out.splitlines() if line.strip().startswith("graphrisk ")]
    assert 3 == len(commands)
    for command in commands:
        again = run_cli(*command.split()[1:], cwd=tmp_path)
        assert 0 == again.code, f"{command}\n{again.err}"


def test_a_demo_with_a_past_has_a_snapshot_for_each_month_and_ratings_of_its_own(tmp_path: Path) -> None:
    words = ("demo", tmp_path / "demo", "--clients", "150", "--seed", "2", "--history")
    done = run_cli(*words, "15", "--format", "json")
    assert 0 == done.code, done.err
    assert (tmp_path / "demo" / "history" / "true_pds.csv").is_file()
    assert "month" in "".join(done.json["found"])
    held = run_cli("snapshots", "--project", tmp_path / "demo", "--format", "json").json
    assert 15 <= len(held) <= 16  # today's once more where a model rated it
    again = run_cli(*words[:-1])  # the same folder without a past: nothing of it is left behind in the settings
    assert 0 == again.code, again.err
    assert not (tmp_path / "demo" / "graphrisk.toml").exists()
    alone = run_cli("demo", tmp_path / "other", "--history-contagion", "0")
    assert 2 == alone.code
    assert "--history" in alone.err


def test_a_demo_with_a_past_removes_no_snapshot_of_a_store_that_is_not_its_own(tmp_path: Path) -> None:
    mine, store = tmp_path / "parties.csv", f"files:{tmp_path / 'store'}"
    mine.write_text("party_id,name,kind\nA,Alpha,company\n", encoding="utf-8")
    assert 0 == run_cli("load", "bank_csv", mine, "--as-of", "2026-01-15", "--store", store, cwd=tmp_path).code
    done = run_cli("demo", tmp_path / "demo", "--clients", "50", "--history", "1", "--store", store)
    assert 2 == done.code
    assert "2026-01-15.1" in done.err
    held = run_cli("snapshots", "--store", store, "--format", "json", cwd=tmp_path).json
    assert ["2026-01-15.1"] == [one["snapshot"] for one in held]
    assert not list((tmp_path / "demo").iterdir())


def test_a_demo_never_writes_into_a_folder_of_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    done = run_cli("demo", tmp_path)
    assert 2 == done.code
    assert ["mine.txt"] == [path.name for path in tmp_path.iterdir()]


def test_explain_says_in_sentences_why_a_party_fails(bank: Path) -> None:
    done = run_cli("explain", "B", "--shock", "A", "--project", bank)
    assert 0 == done.code, done.err
    assert "How it came about:" in done.out
    assert "(facility" in done.out
    found = run_cli("explain", "B", "--shock", "A", "--project", bank, "--format", "json").json
    assert found["certificate"]["loss"] == pytest.approx(sum(row["amount"] for row in found["tables"]["explain_lines"]))


def test_explain_without_a_shock_is_refused(bank: Path) -> None:
    done = run_cli("explain", "B", "--project", bank)
    assert 2 == done.code
    assert "--shock" in done.err


def test_intervene_names_actions_that_reach_the_target(bank: Path) -> None:
    done = run_cli("intervene", "--shock", "A", "--project", bank, "--format", "json")
    assert 0 == done.code, done.err
    certificate, actions = done.json["certificate"], done.json["tables"]["intervene_actions"]
    assert certificate["reached"] is True
    assert certificate["measure_after"] <= certificate["target"] < certificate["measure_before"]
    assert certificate["cost"] == pytest.approx(actions[-1]["cumulative_cost"])
    assert actions[0]["sentence"] in run_cli("intervene", "--shock", "A", "--project", bank).out


def test_intervene_without_a_shock_is_refused(bank: Path) -> None:
    done = run_cli("intervene", "--project", bank)
    assert 2 == done.code
    assert "--shock" in done.err


def test_doctor_warm_runs_every_step_without_a_fault_and_leaves_the_project_alone(tmp_path: Path) -> None:
    from graphrisk.cli.warming import LANES

    done = run_cli("doctor", "--warm", "--format", "json", cwd=tmp_path)
    assert 0 == done.code, done.err
    warmed = done.json["warmed"]
    assert [name for lane in LANES for name, _ in lane] == [step["step"] for step in warmed]
    assert [] == [step for step in warmed if step["fault"]]
    assert [] == sorted(path.name for path in tmp_path.iterdir() if path.name != ".graphrisk")
