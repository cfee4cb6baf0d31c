"""Any answer by segment, beside what a plain loop over its rows gives."""

from __future__ import annotations

import statistics
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

import graphrisk as gr
from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.analyze.tables import empty
from graphrisk.answers.base import answer_of
from graphrisk.answers.reader import Reader
from graphrisk.credit.segment import SEGMENTS, slice_of
from graphrisk.credit.slices import SUFFIXES, by_segment, roles_of, rows_inside
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Inputs, Result, records
from graphrisk.progress import silent
from graphrisk.reporting import write_answer, write_report
from graphrisk.slicing import cut_to
from tests.analyze.ratio_books import accounts_book
from tests.cli.conftest import run_cli
from tests.worlds.build import graph_of

LOANS = [
    {"facility_id": f"F{k}", "borrower_id": f"企业{k % 25:03d}", "outstanding": 10.0 + k, "currency": "CNY"}
    for k in range(40)
]


@cache
def book() -> RiskGraph:
    """Sixty parties with statements, some of no known size, and forty loans of ours, one of another lender's."""
    rows = accounts_book(7)
    guarantees = [
        {"guarantee_id": f"G{k}", "guarantor_id": f"企业{k:03d}", "debtor_id": f"企业{(k * 7 + 1) % 25:03d}",
         "amount": 20.0 + k, "currency": "CNY", "mode": "several"}
        for k in range(25) if (k * 7 + 1) % 25 != k
    ]  # fmt: skip
    loans = [*LOANS, {**LOANS[0], "facility_id": "FX", "lender_id": "企业059"}]
    return graph_of(**rows, facilities=loans, guarantees=guarantees)


def answer_to(name: str) -> Result:
    analyzer = find_analyzer(name)
    return analyzer.run(book(), analyzer.Params(), inputs=Inputs(), progress=silent)


def cut(name: str, by: str | None, *chosen: str, lang: str = "en") -> Result:
    graph = book()
    declared = {table.name: table for table in find_analyzer(name).TABLES}
    made = slice_of(graph, by, chosen, lambda: pytest.fail("segments were not asked for"))
    return cut_to(answer_to(name), made, Reader(lang=lang, graph=graph, tables=declared))


def sizes() -> dict[str, str | None]:
    return {row["party_id"]: row["size"] for row in book().table("parties").to_pylist()}


def test_the_medians_of_a_ratio_are_those_of_the_latest_statements_of_the_segment() -> None:
    result, size = cut("ratios", "size"), sizes()
    latest: dict[tuple[str, str], Any] = {}
    for row in records(result.cut.whole.values):
        key = row["party_id"], row["ratio"]
        if key not in latest or row["period_end_on"] > latest[key]["period_end_on"]:
            latest[key] = row
    found = {(row["scope"], row["segment"], row["ratio"]): row for row in records(result.values_by_segment)}
    values: dict[Any, list[Any]] = defaultdict(list)
    for (party, ratio), row in latest.items():
        scope = "segment" if size[party] else "rest"
        for key in ((scope, size[party], ratio), ("all", None, ratio)):
            values[key].append(row["value"])
    assert set(values) == set(found)
    for key, given in values.items():
        known = [value for value in given if value is not None]
        assert len(given) == found[key]["rows"]
        assert (pytest.approx(statistics.median(known)) if known else None) == found[key]["value_median"]


def test_money_is_summed_yes_is_counted_and_the_segments_add_up_to_all() -> None:
    result, size = cut("chains", "size"), sizes()
    sums: dict[Any, float] = defaultdict(float)
    yes: dict[Any, int] = defaultdict(int)
    for row in records(result.cut.whole.parties):
        sums[size[row["party_id"]]] += row["guaranteed_out"] or 0.0
        yes[size[row["party_id"]]] += bool(row["in_circle"])
    rows = records(result.parties_by_segment)
    parts = {row["segment"]: row for row in rows if row["scope"] != "all"}
    assert {name: pytest.approx(amount) for name, amount in sums.items()} == {
        name: row["guaranteed_out_sum"] for name, row in parts.items()
    }
    assert dict(yes) == {name: row["in_circle_true"] for name, row in parts.items()}
    (everything,) = (row for row in rows if row["scope"] == "all")
    for column in ("rows", "guaranteed_out_sum", "in_circle_true"):
        assert pytest.approx(everything[column]) == sum(row[column] for row in parts.values())
    owed: dict[Any, float] = defaultdict(float)
    for loan in LOANS:
        owed[size[loan["borrower_id"]]] += loan["outstanding"]
    assert {name: pytest.approx(owed[name]) for name in parts} == {n: row["exposure"] for n, row in parts.items()}
    assert pytest.approx(sum(loan["outstanding"] for loan in LOANS)) == everything["exposure"]


def test_only_rows_of_the_segment_are_left_and_their_numbers_are_those_of_the_whole_book() -> None:
    result, size = cut("ratios", None, "size=small"), sizes()
    kept = [row for row in records(result.cut.whole.values) if size[row["party_id"]] == "small"]
    assert kept
    assert kept == records(result.values)
    assert records(result.cut.whole.definitions) == records(result.definitions)
    rows = records(result.parties_by_segment)
    assert [("segment", "size = small"), ("rest", None), ("all", None)] == [(r["scope"], r["segment"]) for r in rows]
    assert rows[2]["rows"] == rows[0]["rows"] + rows[1]["rows"] == len(result.cut.whole.parties)


def test_a_pair_is_of_both_its_parties_a_list_of_every_member_and_a_member_counts_it_once() -> None:
    result, size = cut("chains", "size", "size=small", "size=large"), sizes()
    circles = records(result.cut.whole.circles)
    named = [row for row in circles if any(size[party] for party in row["parties"])]
    assert circles
    assert named == records(result.circles)
    for segment in ("small", "large"):
        told = [row for row in records(result.circles_by_segment) if row["segment"] == segment]
        many = sum(any(size[party] == segment for party in row["parties"]) for row in circles)
        assert [many] if many else [] == [row["rows"] for row in told]
    guarantees = CATALOG["guarantees"]
    frame = book().frame("guarantees")
    mine = slice_of(book(), None, ["size=small"], dict)
    both = [size[row["guarantor_id"]] == "small" or size[row["debtor_id"]] == "small" for row in records(frame)]
    assert both == list(rows_inside(guarantees, frame, mine))


def test_several_names_must_all_hold_of_one_name_any_value_and_a_question_mark_is_what_is_not_known() -> None:
    graph, size = book(), sizes()
    industry = {row["party_id"]: row["industry"] for row in graph.table("parties").to_pylist()}
    made = slice_of(graph, None, ["size=small", "size=?", "industry=C*"], dict)
    wanted = [size[p] in ("small", None) and str(industry[p]).startswith("C") for p in graph.party_ids]
    assert wanted == list(made.inside)


def test_the_slice_is_said_first_then_the_whole_book_in_both_languages() -> None:
    for lang, said, title in (("en", "Where size = small", "by segment"), ("zh", "细分 规模 = small", "按细分")):
        result = cut("ratios", None, "size=small", lang=lang)
        answer = answer_of(result, result.reader)
        assert answer.sentences[0].startswith(said)
        whole = answer_of(result.cut.whole, result.reader)
        assert whole.sentences == answer.sentences[1:]
        assert title in answer.tables[0].title
    result = cut("concentration", "size")
    assert any("whole book" in shown.title for shown in answer_of(result, result.reader).tables)


@pytest.mark.parametrize("name", analyzer_names())
def test_each_table_of_each_analyzer_is_sliced_or_said_to_be_of_the_book(name: str) -> None:
    """An empty frame of every declared table: what a segment makes of it has declared columns and no second meaning."""
    mine = slice_of(book(), "size", [], dict)
    for table in find_analyzer(name).TABLES:
        made = by_segment(table, empty(table), mine)
        assert (made is None) == (not roles_of(table))
        if made is not None:
            declared, frame = made
            assert list(declared.names) == list(frame.columns)
            assert len(set(declared.names)) == len(declared.names)
            told = [n for n in declared.names if n.rpartition("_")[2] in set(SUFFIXES.values())]
            assert not {column.name for column in roles_of(table)} & {n.rpartition("_")[0] for n in told}


def test_which_tables_are_of_the_book_is_as_it_was_decided() -> None:
    """A table that lost its party, or got one, is seen here first."""
    book_only = {"concentration_groups", "portfolio_summary", "migration_matrix", "segments_cross", "chains_parts",
                 "contagion_comparison", "quality_findings", "precheck_summary", "relations_signals"}  # fmt: skip
    named = {"contagion_importance": ["party_id"], "contagion_facilities": ["borrower_id", "lender_id"],
             "contagion_calls": ["guarantor_id", "facility_id"], "chains_circles": ["parties"],
             "ownership_close_links": ["a_id", "b_id"], "limits_use": ["subject_id"], "groups_members": ["party_id"],
             "guarantee_value_contracts": ["guarantor_id", "debtor_id"], "network_pd_parties": ["party_id"],
             "collateral_assets": ["owner_id"], "groups_groups": ["parties"]}  # fmt: skip
    tables = {table.name: table for name in analyzer_names() for table in find_analyzer(name).TABLES}
    assert {name: [] for name in book_only} == {n: [c.name for c in roles_of(tables[n])] for n in book_only}
    assert named == {name: [column.name for column in roles_of(tables[name])] for name in named}


@pytest.mark.parametrize(
    ("by", "chosen", "said"),
    [("sise", [], "size"), (None, ["size=smal"], "small"), (None, ["size"], "NAME=VALUE"), (None, ["=x"], "NAME=VALUE"),
     (None, ["name=x"], "there is no segment"), (None, ["size=small", "size=large", "kind=bank"], "bank")],
)  # fmt: skip
def test_a_wrong_segment_is_refused_with_what_there_is(by: str | None, chosen: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        slice_of(book(), by, chosen, dict)
    assert said in f"{caught.value.message} {caught.value.hint}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sliced")
    (folder / "data").mkdir()
    graph = book()
    for name in ("parties", "financials", "facilities", "guarantees"):
        frame = graph.frame(name)
        frame.loc[:, frame.notna().any(axis=0)].to_csv(folder / "data" / f"{name}.csv", index=False)
    workspace = gr.open(folder)
    workspace.load("bank_csv", folder / "data", as_of="2026-09-30", max_rejects=1.0)
    workspace.close()
    return folder


def test_notebook_page_workbook_report_and_files_take_a_segment(project: Path, tmp_path: Path) -> None:
    workspace = gr.open(project)
    result = workspace.analyze("ratios", by="record", segment="size=small")
    assert {"clean"} == {row["segment"] for row in records(result.parties_by_segment) if row["scope"] == "segment"}
    assert 60 > result.certificate["slice"]["parties"] == len(workspace.table("parties").query("size == 'small'"))
    assert len(workspace.table("ratios_parties")) > len(result.parties)  # the store keeps the whole answer
    book_ = openpyxl.load_workbook(write_answer(result, tmp_path / "a.xlsx"))
    assert any("record" in str(cell.value) for sheet in book_ for row in sheet.iter_rows() for cell in row)
    assert "size = small" in write_answer(result, tmp_path / "a.html").read_text("utf-8")
    page = write_report(workspace, tmp_path / "r.html", by="size", segment=["industry=C*"]).read_text("utf-8")
    assert "industry = C*" in page
    assert "contagion importance by size" in page.lower()
    (file,) = workspace.export(["facilities"], "parquet", tmp_path / "f", segment=["size=small"])
    small = set(workspace.table("parties").query("size == 'small'")["party_id"])
    loans = pq.read_table(file).to_pylist()
    assert len(LOANS) > len(loans) > 0
    assert all({row["borrower_id"], row["lender_id"]} & small for row in loans)
    with pytest.raises(UsageError, match="whole book"):
        workspace.export([], "gexf", tmp_path / "x.gexf", by="size")
    workspace.close()


def test_the_command_line_takes_both_and_refuses_a_word_that_is_none(project: Path) -> None:
    done = run_cli(
        "analyze", "chains", "--by", "size", "--segment", "size=small", "--format", "json", "--project", project
    )
    assert 0 == done.code, done.err
    said = done.json["certificate"]["slice"]
    assert ("size", {"size": ["small"]}) == (said["by"], said["segment"])
    assert {"segment", "all"} == {row["scope"] for row in done.json["tables"]["chains_parties_by_segment"]}
    wrong = run_cli("analyze", "chains", "--by", "taste", "--project", project)
    assert 2 == wrong.code
    assert all(name in wrong.err for name in SEGMENTS[:3])
    assert 2 == run_cli("analyze", "chains", "--set", "by=size", "--project", project).code
