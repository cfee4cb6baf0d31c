"""Owners under a regime: thresholds met or passed, what is possible, nominees, placeholders, managers, changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.answers.notes import headline
from graphrisk.answers.reader import Reader
from graphrisk.errors import UsageError
from graphrisk.model.note import as_notes
from graphrisk.model.result import Result
from tests.analyze.owners_books import book, owners_of, run


def said(result: Result, *columns: str) -> dict[str, Any]:
    table = result.owners
    return {
        row["owner_id"]: row[columns[0]] if len(columns) == 1 else tuple(row[c] for c in columns)
        for row in table.to_dict("records")
    }


@pytest.mark.parametrize(
    ("regime", "share", "more", "owns"),
    [
        ("amlr", 0.25, {}, True),
        ("fatf", 0.25, {}, False),
        ("psc", 0.25, {}, False),
        ("cn", 0.25, {}, True),
        ("psc", (0.25, 0.5), {"min_exclusive": True}, True),
        ("fatf", (0.25, 0.5), {"min_exclusive": True}, True),
        ("fatf", (0.25, 0.5), {}, False),
    ],
)
def test_or_more_and_more_than_decide_at_the_threshold_itself(regime: str, share: Any, more: Any, owns: bool) -> None:
    found = said(owners_of([("P", "T", share, more)], "P", regime=regime, party="T"), "certain")
    assert owns is found.get("P", False)


def test_more_than_a_quarter_times_a_whole_is_more_than_a_quarter() -> None:
    rows = [("P", "H", (0.25, 0.5), {"min_exclusive": True}), ("H", "T", 1.0)]
    assert {"P": True} == said(owners_of(rows, "P", regime="fatf", party="T"), "certain")


def test_less_than_the_threshold_at_most_is_no_owner() -> None:
    rows = [("P", "T", (0.0, 0.25), {"max_exclusive": True})]
    assert {} == said(owners_of(rows, "P", regime="amlr", party="T"), "certain")


def test_an_unknown_share_makes_a_possible_owner() -> None:
    rows = [("P", "T", None), ("Q", "T", 0.6)]
    found = said(owners_of(rows, "PQ", regime="amlr", party="T"), "certain", "capital_min", "capital_max")
    assert {"Q": (True, 0.6, 0.6), "P": (False, 0.0, pytest.approx(0.4))} == found


def test_psc_counts_a_majority_chain_in_full_and_amlr_multiplies_it() -> None:
    rows = [("P", "H", 0.51), ("H", "K", 0.51), ("K", "T", 0.3), ("Q", "H", 0.49)]
    psc = said(owners_of(rows, "PQ", regime="psc", party="T"), "capital_min", "basis")
    assert {"P": (0.3, "ownership")} == psc
    fatf = said(owners_of(rows, "PQ", regime="fatf", party="T"), "capital_min")
    assert {} == fatf


def test_a_share_in_who_controls_makes_an_owner_under_amlr() -> None:
    rows = [("P", "C", 0.3), ("R", "C", 0.2), ("C", "T", 0.6), ("S", "T", 0.2)]
    found = owners_of(rows, "PRS", regime="amlr", party="T")
    assert {"P": ("ownership_and_control", "Art. 54(b)")} == said(found, "basis", "legal_basis")


def test_a_fact_of_control_makes_an_owner_and_says_so() -> None:
    tables = {"control": [{"controller_id": "P", "controlled_id": "T", "basis": "board"}]}
    found = owners_of([("Q", "T", 0.1)], "PQ", tables=tables, regime="amlr", party="T")
    assert {"P": ("control", "Art. 53", True)} == said(found, "basis", "legal_basis", "certain")


def test_a_nominee_is_no_owner_and_who_is_named_above_may_stand_behind_it() -> None:
    rows = [("N", "T", 0.6), ("P", "T", 0.2), ("Q", "T", 0.2)]
    found = owners_of(rows, "PQ", tables={"kinds": {"N": "nominee"}}, regime="amlr", party="T")
    assert {"P": False, "Q": False} == said(found, "certain")
    assert any("60.00% of T lies with nominees" in note for note in found.notes)


def test_a_holding_through_a_nominee_is_that_of_its_principal() -> None:
    rows = [("N", "T", 0.6), ("P", "T", 0.6, {"via": "N"}), ("Q", "T", 0.4)]
    found = owners_of(rows, "PQ", tables={"kinds": {"N": "nominee"}}, regime="amlr", party="T")
    assert {"P": (True, 0.6), "Q": (True, 0.4)} == said(found, "certain", "capital_max")


def test_a_declared_owner_that_is_not_named_stands_apart_with_its_reason() -> None:
    rows = [("U", "T", (0.75, 1.0), {"disclosed": False, "reason": "super-secure"})]
    found = owners_of(rows, tables={"kinds": {"U": "unknown"}}, regime="psc", party="T")
    assert {"U": ("undisclosed", True, "super-secure")} == said(found, "basis", "certain", "reason")


def test_senior_managers_are_the_fall_back_of_the_rules_that_have_one() -> None:
    tables = {"ties": [{"a_id": "M", "b_id": "T", "kind": "director"}]}
    rows = [("P", "T", 0.1)]
    found = owners_of(rows, "PM", tables=tables, regime="amlr", party="T")
    assert {"M": ("senior_manager", False)} == said(found, "basis", "certain")
    assert {} == said(owners_of(rows, "PM", tables=tables, regime="psc", party="T"), "basis")
    assert {"P": "ownership"} == said(
        owners_of([("P", "T", 0.3)], "PM", tables=tables, regime="amlr", party="T"), "basis"
    )


def test_no_data_is_told_apart_from_no_owner() -> None:
    found = owners_of([("P", "H", 1.0), ("H", "T", 0.1)], "P", regime="amlr", party="T")
    assert found.owners.empty
    assert not any("no data" in note for note in found.notes)
    assert any("no data" in note for note in owners_of([("P", "H", 1.0)], "P", regime="amlr", party="P").notes)


def test_a_lower_threshold_of_a_category_is_taken_by_name() -> None:
    rows = [("P", "T", 0.15)]
    assert {} == said(owners_of(rows, "P", regime="amlr", party="T"), "certain")
    assert {"P": True} == said(owners_of(rows, "P", regime="amlr", party="T", category="higher_risk"), "certain")
    with pytest.raises(UsageError, match="no category"):
        owners_of(rows, "P", regime="amlr", party="T", category="low")


def test_two_regimes_are_compared_over_the_whole_book() -> None:
    rows = [("P", "T", 0.25), ("Q", "T", 0.3), ("Q", "H", 0.51), ("H", "K", 0.3), ("R", "H", 0.49)]
    changes = owners_of(rows, "PQR", regime="psc", other_regime="fatf").changes
    assert [("K", "Q", "ceases")] == list(zip(changes["party_id"], changes["owner_id"], changes["change"], strict=True))
    changes = owners_of(rows, "PQR", regime="psc", other_regime="amlr").changes
    assert [("T", "P", "becomes")] == list(
        zip(changes["party_id"], changes["owner_id"], changes["change"], strict=True)
    )


def test_a_list_reaches_through_control_where_the_rule_says_so() -> None:
    rows = [("L", "A", 0.3), ("L", "B", 0.1)]
    tables = {"control": [{"controller_id": "L", "controlled_id": "B", "basis": "board"}]}
    eu = owners_of(rows, tables=tables, regime="eu", listed="L").listed.set_index("party_id")["reached"].to_dict()
    assert {"A": False, "B": True} == eu
    ofac = owners_of(rows, tables=tables, regime="ofac", listed="L").listed.set_index("party_id")
    assert {"A": False, "B": False} == ofac["reached"].to_dict()
    assert {"A": True, "B": False} == ofac["red_flag"].to_dict()


def test_a_list_may_reach_where_a_share_is_not_known() -> None:
    found = owners_of([("L", "A", None), ("Q", "A", 0.4)], regime="ofac", listed="L").listed
    (row,) = found.to_dict("records")
    assert (0.0, pytest.approx(0.6)) == (row["aggregate_min"], row["aggregate_max"])
    assert found["reached"].isna().all()
    assert found["red_flag"].all()


def test_an_unknown_list_is_refused_and_a_rule_is_for_its_own_kind() -> None:
    with pytest.raises(UsageError, match="none of the 1 listed ids"):
        owners_of([("L", "A", 0.5)], regime="ofac", listed="NOBODY")
    with pytest.raises(UsageError, match="it needs one"):
        owners_of([("L", "A", 0.5)], regime="ofac")
    with pytest.raises(UsageError, match="rule on owners"):
        owners_of([("L", "A", 0.5)], regime="amlr", listed="L")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["amlr", "psc", "cn", "fatf"]))
def test_one_party_has_the_owners_that_the_whole_book_gives_it(seed: int, regime: str) -> None:
    rng = np.random.default_rng(seed)
    names = [f"F{k}" for k in range(6)] + [f"P{k}" for k in range(4)]
    rows = []
    for firm in names[:6]:
        holders = [n for n in names if n != firm and rng.random() < 0.4]
        parts = rng.dirichlet(np.ones(len(holders))) * rng.choice([1.0, 0.7]) if holders else []
        rows += [
            (h, firm, (float(p), float(p)) if rng.random() < 0.7 else None) for h, p in zip(holders, parts, strict=True)
        ]
    if not rows:
        return
    control = [{"controller_id": "P0", "controlled_id": "F3", "basis": "board"}]
    graph = book(rows, names[6:], control=control)
    whole = run("owners", graph, regime=regime).owners
    for firm in sorted({row[1] for row in rows}):
        one = run("owners", graph, regime=regime, party=firm).owners
        mine = whole[whole["party_id"] == firm].reset_index(drop=True)
        assert one.drop(columns="path").equals(mine.drop(columns="path")), firm


def test_a_party_of_unknown_kind_with_owners_of_its_own_is_no_placeholder() -> None:
    found = owners_of(
        [("P", "U", 1.0), ("U", "T", 0.4)], "P", tables={"kinds": {"U": "unknown"}}, regime="amlr", party="T"
    )
    assert {"P": "ownership_and_control"} == said(found, "basis")


def test_a_person_has_no_owners_and_is_told_so() -> None:
    found = owners_of([("P", "T", 1.0)], "P", regime="amlr", party="P")
    assert "is a person" in found.certificate["headline"][0]


def test_a_suspended_rule_asks_for_nothing() -> None:
    found = owners_of(
        [("L", "A", 0.5)], regime="bis", listed="L", on="2026-01-15", requirements=("licence",), strictness=(1.0,)
    ).listed
    assert [(False, True, True)] == [
        (bool(r), bool(f), pd.isna(q))
        for r, f, q in zip(found["reached"], found["red_flag"], found["requirement"], strict=True)
    ]


def test_a_chinese_reader_gets_the_answer_and_its_notes_in_chinese() -> None:
    graph = book([("P", "A", 0.6), ("Q", "A", None), ("A", "B", 0.9)], persons=["P", "Q"])
    result = run("owners", graph, regime="amlr", party="B", on="2026-09-30")
    told = headline(result, Reader(lang="zh", graph=graph))
    assert "P持股并控制，持有 54%（确定）" in told[0]
    assert "Q持股并控制，持有 0% 至 36%（可能）" in told[0]
    assert "amlr" in told[-1]
    notes = {note.key: note.chinese for note in as_notes(result.notes)}
    assert {"regime_ahead", "shares_unknown", "votes_follow"} <= set(notes)
    assert all(notes.values())
    listed = run("owners", graph, regime="ofac", listed=("P",))
    assert "名单确定触及 2 个主体" in headline(listed, Reader(lang="zh", graph=graph))[0]
