"""What a notebook shows of a workspace, a result, a page, and the list of snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphrisk as gr

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def workspace(tmp_path: Path) -> gr.Workspace:
    (tmp_path / "parties.csv").write_text(f"party_id,name,kind\nA,{HOSTILE},company\nB,乙,company\n", "utf-8")
    (tmp_path / "financials.csv").write_text(
        "party_id,period_end_on,currency,equity\nA,2025-12-31,CNY,30\nB,2025-12-31,CNY,30\n", "utf-8"
    )
    (tmp_path / "guarantees.csv").write_text(
        "guarantee_id,guarantor_id,debtor_id,amount,currency,mode\nG1,A,B,50,CNY,several\nG2,B,A,50,CNY,several\n",
        "utf-8",
    )
    opened = gr.open(tmp_path)
    files = [tmp_path / f"{name}.csv" for name in ("parties", "financials", "guarantees")]
    opened.load("bank_csv", files, as_of="2026-09-30")
    return opened


def test_a_workspace_and_a_page_are_one_line(workspace: gr.Workspace) -> None:
    assert repr(workspace).startswith("<Workspace ")
    assert 1 == len(repr(workspace).splitlines())
    page = workspace.view("circle")
    assert repr(page).startswith("<Page")
    assert len(repr(page)) < 80


def test_a_workspace_of_a_store_that_is_not_there_is_still_one_line(tmp_path: Path) -> None:
    assert "neo4j://host:7687" in repr(gr.open(tmp_path, store="neo4j://user:secret@host:7687"))
    assert "secret" not in repr(gr.open(tmp_path, store="neo4j://user:secret@host:7687"))


def test_snapshots_are_a_frame(workspace: gr.Workspace) -> None:
    frame = workspace.snapshots()
    assert ["2026-09-30.1"] == frame["snapshot"].tolist()
    assert "datetime64[s]" == str(frame["as_of"].dtype)
    assert ["bank_csv"] == frame["loaders"].tolist()
    assert [6] == frame["rows"].tolist()


def test_a_result_shows_its_answer_and_no_name_is_a_tag(workspace: gr.Workspace) -> None:
    shown = workspace.analyze("chains")._repr_html_()
    assert "2 of 2 guarantors have promised more than they own" in shown
    assert "<table>" in shown
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown
    assert 1 == len(repr(workspace.analyze("chains")).splitlines())
