"""A package of others adds an analyzer, a view and an export by entry points alone; an analyzer's name may hold "_"."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BOOK = {
    "parties.csv": "party_id,name,kind\nA,A Ltd,company\nB,B Ltd,company\n",
    "facilities.csv": "facility_id,borrower_id,currency,outstanding\nF1,A,CNY,1\nF2,A,CNY,2\nF3,B,CNY,3\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("example")
    (folder / "in").mkdir()
    for name, text in BOOK.items():
        (folder / "in" / name).write_text(text, encoding="utf-8")
    _graphrisk(folder, "load", "bank_csv", "in", "--as-of", "2026-09-30")
    return folder


def _graphrisk(folder: Path, *words: str) -> str:
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    found = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, "-m", "graphrisk", *words]
    done = subprocess.run(command, cwd=folder, env=found, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


SUITES = ("analyze/test_contract.py", "answers/test_contract.py", "views/test_views.py", "export/test_exports.py")
MEMBERS = ("loan_count", "loan_part", "most_loans", "lines")


def test_each_of_its_members_passes_the_suite_of_its_kind(pytestconfig: pytest.Config) -> None:
    tests = HERE.parent
    paths = os.pathsep.join([str(HERE), str(tests.parent), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", str(pytestconfig.inipath)]
    command += ["--rootdir", str(pytestconfig.rootpath), "-v", "-m", "not browser", "-k", " or ".join(MEMBERS)]
    done = subprocess.run(
        [*command, *(str(tests / suite) for suite in SUITES)],
        cwd=tests.parent,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert [] == [name for name in MEMBERS if f"[{name}" not in done.stdout and f"-{name}" not in done.stdout]


def test_its_analyzer_is_listed_and_runs(project: Path) -> None:
    assert "loan_count" in _graphrisk(project, "analyze")
    result = json.loads(_graphrisk(project, "analyze", "loan_count", "--format", "json"))
    rows = [{"party_id": "A", "loans": 2}, {"party_id": "B", "loans": 1}]
    assert rows == result["tables"]["loan_count_parties"]


def test_its_second_analyzer_reads_the_answers_of_the_first(project: Path) -> None:
    result = json.loads(_graphrisk(project, "analyze", "loan_part", "--format", "json"))
    assert [("A", True), ("B", False)] == [
        (row["party_id"], row["owes_several"]) for row in result["tables"]["loan_part_parties"]
    ]
    assert ["loan_count", "several"] == list(result["certificate"]["needs"])


def test_its_table_is_read_back_by_name_although_the_name_of_the_analyzer_holds_an_underscore(project: Path) -> None:
    _graphrisk(project, "export", "loan_count_parties", "--to", "csv", "-o", "out")
    (file,) = (project / "out").glob("*.csv")
    assert file.read_text("utf-8-sig").splitlines() == ['"party_id","loans"', '"A",2', '"B",1']


def test_its_export_writes_what_is_asked_for(project: Path) -> None:
    _graphrisk(project, "export", "loan_count_parties", "--to", "lines", "-o", "rows.txt")
    assert (project / "rows.txt").read_text("utf-8").startswith("loan_count_parties {'party_id': 'A'")


def test_its_view_draws_a_page(project: Path) -> None:
    _graphrisk(project, "view", "most_loans", "-o", "page.html")
    page = (project / "page.html").read_text("utf-8")
    assert "The parties with the most loans" in page
    assert "A Ltd" in page


def test_its_regime_is_found_by_name_with_the_path_of_its_file() -> None:
    paths = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    script = "from graphrisk.regimes.find import find_regime as f; print(f('house_rule').versions[0].threshold)"
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "0.1", done.stderr
