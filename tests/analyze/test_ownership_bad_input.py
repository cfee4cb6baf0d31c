"""Bad input to ownership: over-subscribed firms in circles, firms that hold themselves, the same holding told twice."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.analyze.owners_books import book, run


def test_a_firm_that_holds_itself_whole_and_is_held_by_others_has_no_answer_and_the_rest_has_one() -> None:
    result = run("ownership", book([("S", "S", 1.0), ("A", "S", 0.81), ("A", "B", 0.5)]), min_share=0.0)
    table = result.integrated.set_index(["owner_id", "owned_id"])
    assert pd.isna(table.loc[("A", "S"), "capital_min"])
    assert 0.5 == table.loc[("A", "B"), "capital_min"]


def test_over_subscribed_firms_that_feed_one_another_have_no_answer() -> None:
    rows = [("A", "B", 1.0), ("C", "B", 0.6), ("B", "A", 1.0), ("P", "A", 0.3), ("B", "D", 0.5), ("P", "E", 0.4)]
    result = run("ownership", book(rows, "P"), min_share=0.0)
    table = result.integrated.set_index(["owner_id", "owned_id"])
    assert table.loc[[("P", "A"), ("P", "B"), ("P", "D")], ["capital_min", "votes_max"]].isna().all(axis=None)
    assert 0.4 == table.loc[("P", "E"), "capital_min"]
    assert [True] == result.cycles["no_answer"].tolist()
    assert any("more than 100 %" in note for note in result.notes)


def test_the_most_of_over_subscribed_firms_may_have_no_answer_where_the_least_has_one() -> None:
    rows = [
        ("A", "B", (0.1, 1.0)),
        ("B", "A", (0.1, 1.0)),
        ("P", "A", 0.6),
        ("Q", "A", 0.5),
        ("P", "B", 0.2),
        ("B", "B", None),
    ]
    table = run("ownership", book(rows, "PQ"), min_share=0.0).integrated.set_index(["owner_id", "owned_id"])
    assert table["capital_min"].notna().all()
    held = table.dropna()
    assert (held["capital_min"] <= held["capital_max"] + 1e-9).all()


def test_a_holding_that_two_sources_tell_adds_up_and_is_named() -> None:
    rows = [("P", "A", 0.3, {"source": "register"}), ("P", "A", 0.3, {"source": "website"})]
    result = run("ownership", book(rows, "P"))
    assert 0.6 == pytest.approx(result.integrated["capital_min"].iloc[0])
    assert any("several sources" in note and "P in A" in note for note in result.notes)


def test_more_through_a_nominee_than_it_holds_is_named() -> None:
    rows = [("N", "A", 0.2), ("P", "A", 0.5, {"via": "N"})]
    result = run("ownership", book(rows, "P", {"N": "nominee"}))
    assert any("held through nominees than they hold" in note for note in result.notes)
    assert 0.5 == result.integrated["capital_min"].iloc[0]
