"""graphrisk precheck from outside: exit codes, refusals, equal to a run on the changed book, the store untouched."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run_cli

DATA = {
    "parties": "party_id,name,kind\nA,甲公司,company\nB,乙公司,company\nC,丙公司,company\n",
    "facilities": "facility_id,borrower_id,currency,outstanding\nF1,A,CNY,100\nF2,B,USD,10\nF3,C,CNY,30\n",
    "guarantees": (
        "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
        "G1,A,B,F2,80,CNY,several\nG2,B,C,,30,CNY,joint_several\n"
    ),
    "financials": (
        "party_id,period_end_on,currency,equity\nA,2025-12-31,CNY,60\nB,2025-12-31,USD,5\nC,2025-12-31,CNY,9\n"
    ),
    "fx": "currency,as_of_on,rate\nCNY,2026-01-01,1\nUSD,2026-01-01,7\n",
}
NEW = "guarantee_id,guarantor_id,debtor_id,amount,currency,mode\nN1,C,A,5,USD,several\n"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("signing")
    (home / "project").mkdir()
    done = run_cli(
        "load", "bank_csv", write(home / "data", **DATA), "--as-of", "2026-09-30", "--project", home / "project"
    )
    assert 0 == done.code, done.err
    return home / "project"


def content(project: Path) -> dict[str, str]:
    files = (path for path in project.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def tables(text: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(text)["tables"]
    return found


def test_it_equals_a_run_on_the_changed_book_and_leaves_the_store_as_it_was(project: Path, tmp_path: Path) -> None:
    before = content(project)
    done = run_cli("precheck", write(tmp_path / "new", guarantees=NEW), "--project", project, "--format", "json")
    assert 0 == done.code, done.err
    assert before == content(project)
    found = tables(done.out)
    assert [["A", "B", "C"]] == [row["circle"] for row in found["precheck_circles"]]
    assert [(["A", "B", "C"], 200.0, 3, None, None, True)] == [
        tuple(row[name] for name in ("reach", "loans_sum", "loans_count", "threshold", "ok", "closes_circle"))
        for row in found["precheck_chain"]
    ]
    other = tmp_path / "changed"
    other.mkdir()
    changed = {**DATA, "guarantees": DATA["guarantees"] + "N1,C,A,,5,USD,several\n"}
    run_cli("load", "bank_csv", write(tmp_path / "data", **changed), "--as-of", "2026-09-30", "--project", other)
    row = max(found["precheck_losses"], key=lambda one: one["bank_loss_after"])
    run = run_cli("analyze", "contagion", "--shock", row["party_id"], "--project", other, "--format", "json")
    assert json.loads(run.out)["certificate"]["bank_loss_added"] == row["bank_loss_after"] > 0.0
    story = tmp_path / "story.toml"
    story.write_text('[contagion]\nrule = "debtrank"\nrecovery = 0.25\n', encoding="utf-8")
    with_rule = run_cli("precheck", tmp_path / "new", "--scenario", story, "--project", project, "--format", "json")
    document = json.loads(with_rule.out)
    assert {"rule": "debtrank", "recovery": 0.25} == document["certificate"]["contagion"]
    losses = {one["party_id"]: one["bank_loss_after"] for one in document["tables"]["precheck_losses"]}
    by_story = ("analyze", "contagion", "--scenario", story)
    run = run_cli(*by_story, "--shock", row["party_id"], "--project", other, "--format", "json")
    assert json.loads(run.out)["certificate"]["bank_loss_added"] == losses[row["party_id"]] != row["bank_loss_after"]
    for told in ('[[shock]]\nparties = ["A"]\nloss = 0.5\n', "[portfolio]\nscenarios = 1000\n"):
        story.write_text(told, encoding="utf-8")
        refused = run_cli("precheck", tmp_path / "new", "--scenario", story, "--project", project)
        assert 2 == refused.code
        assert "parameters only" in " ".join(refused.err.split())


def test_a_broken_threshold_is_exit_10_and_one_that_holds_is_not(project: Path, tmp_path: Path) -> None:
    folder, policy = write(tmp_path / "new", guarantees=NEW), tmp_path / "policy.toml"
    for text, code in (("chain_loans = 199.99", 10), ("chain_loans = 200", 0)):
        policy.write_text(f"[precheck]\n{text}\n", encoding="utf-8")
        done = run_cli("precheck", folder, "--policy", policy, "--project", project)
        assert code == done.code, (text, done.out, done.err)


@pytest.mark.parametrize(
    ("files", "code", "said"),
    [({"guarantees": NEW.replace(",A,", ",NOBODY,")}, 3, "names no party"), ({"fx": DATA["fx"]}, 2, "not proposed")],
)
def test_what_cannot_be_checked_is_said(
    project: Path, tmp_path: Path, files: dict[str, str], code: int, said: str
) -> None:
    done = run_cli("precheck", write(tmp_path / "new", **files), "--project", project)
    assert code == done.code
    assert said in " ".join(f"{done.out} {done.err}".split())


def test_a_missing_folder_is_wrong_usage_and_the_page_shows_a_proposal(project: Path, tmp_path: Path) -> None:
    assert 2 == run_cli("precheck", tmp_path / "nowhere", "--project", project).code
    page = tmp_path / "page.html"
    before = content(project)
    done = run_cli("view", "precheck", write(tmp_path / "new", guarantees=NEW), "-o", page, "--project", project)
    assert 0 == done.code, done.err
    assert '"dashes"' in page.read_text("utf-8")
    assert before == content(project)
    shutil.rmtree(tmp_path / "new")
