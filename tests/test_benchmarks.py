"""The page of benchmarks is what was measured, and names what is beyond a budget and where a peer is ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import page
from graphrisk.cli.app import COMMANDS


def test_the_page_is_made_of_what_was_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = page.PAGE.read_text("utf-8")
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.write()
    assert shipped == (tmp_path / "benchmarks.md").read_text("utf-8")


def test_peers_that_are_ahead_come_first_and_budgets_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(page, "RESULTS", tmp_path)
    rows = [
        {"what": "sorting", "ours": 2.0, "peer": "another", "theirs": 1.0},
        {"what": "counting", "ours": 1.0, "peer": "another", "theirs": 4.0},
    ]
    (tmp_path / "structure.json").write_text(json.dumps(rows), "utf-8")
    runs = [
        {"command": "check", "clients": 2_000, "cpu": 1.0, "peak": 100.0, "code": 0},
        {"command": "check", "clients": 20_000, "cpu": 10.0, "peak": 150.0, "code": 0},
        {"command": "chains", "clients": 2_000, "cpu": 1.0, "peak": 100.0, "code": 0},
        {"command": "chains", "clients": 20_000, "cpu": 300.0, "peak": 500.0, "code": None},
    ]
    (tmp_path / "commands.json").write_text(json.dumps(runs), "utf-8")
    page.write()
    text = page.PAGE.read_text("utf-8")
    behind, _, ahead = text.partition("## Where ours is ahead")
    assert "| sorting | another | 2.000 | 1.000 | 0.50 |" in behind
    assert "| counting | another | 1.000 | 4.000 | 4.00 |" in ahead
    assert "| check | 1.0 | 100 | **10.0** | 150 | 1.00 |" in text
    assert "| chains | 1.0 | 100 | **stopped** | **500** |  |" in text


def test_every_line_that_is_timed_is_one_of_a_command() -> None:
    assert [] == [one.line for one in page.COMMANDS if one.line.split()[0] not in COMMANDS]
