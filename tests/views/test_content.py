"""What the pages say: checked against the rows by hand."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views import ego, overview
from graphrisk.views.base import Options, find_view
from graphrisk.views.data.measures import Lens, Measure, of_group
from graphrisk.views.data.page_graph import read_page_graph
from graphrisk.views.render import render
from graphrisk.views.wording.figures import count, money, percent
from graphrisk.views.wording.masking import HIDDEN, Mask
from tests.views.test_views import data_of, results_of
from tests.views.worlds import random_graph
from tests.worlds.build import graph_of, parties, ring


def page_of(name: str, graph: RiskGraph, arg: str | None = None, options: Options | None = None) -> str:
    """Return the page with the one result that these tests look at."""
    return render(find_view(name).picture(graph, results_of(graph, ("chains",)), arg, options or Options())).html


def star(leaves: int) -> dict[str, Any]:
    ids = [f"L{k:03d}" for k in range(leaves)]
    return {
        "parties": parties("HUB", *ids),
        "guarantees": [{"guarantor_id": "HUB", "debtor_id": i, "amount": float(k + 1)} for k, i in enumerate(ids)],
    }


def test_eight_like_leaves_are_one_bundle_and_seven_are_not() -> None:
    folded = data_of(page_of("ego", graph_of(**star(8)), arg="HUB"))["groups"]
    assert (folded["members"], folded["fold"]) == ([8], [1])
    assert folded["name"] == ["8 × Company, guarantee"]
    assert data_of(page_of("ego", graph_of(**star(7)), arg="HUB"))["groups"]["members"] == []


def test_a_leaf_with_a_second_tie_is_not_folded() -> None:
    world = star(9)
    world["supplies"] = [{"supplier_id": "L000", "buyer_id": "HUB", "amount": 1.0}]
    page = data_of(page_of("ego", graph_of(**world), arg="HUB"))
    assert page["groups"]["members"] == [8]
    assert page["nodes"]["group"][page["nodes"]["id"].index("L000")] == -1


def test_an_ego_page_holds_so_many_nodes_and_counts_the_rest_keeping_the_largest_of_each_relation() -> None:
    """A book with more guarantees than a page holds, and one small delivery: every guarantee is larger, it stays."""
    world = star(ego.NODES + 50)
    world["parties"] += parties("BUYER")
    world["supplies"] = [{"supplier_id": "HUB", "buyer_id": "BUYER", "amount": 0.5}]
    page = data_of(render(ego.picture(graph_of(**world), {}, "HUB", Options())).html)
    assert len(page["nodes"]["id"]) == ego.NODES
    assert page["about"]["left_out"][0].startswith("52 further neighbours")
    assert {"BUYER", f"L{ego.NODES + 49:03d}"} <= set(page["nodes"]["id"])
    assert "L000" not in page["nodes"]["id"]
    assert page["groups"]["name"] == [f"{ego.NODES - 2} × Company, guarantee"]


def test_ego_needs_a_party_that_exists() -> None:
    with pytest.raises(UsageError, match="'P9'"):
        page_of("ego", graph_of(**ring(3)), arg="P9")


def test_depth_says_how_many_steps_are_drawn() -> None:
    graph = graph_of(**ring(9))
    drawn = [len(data_of(page_of("ego", graph, "P0", Options(depth=depth)))["nodes"]["id"]) for depth in (1, 2, 3, 4)]
    assert drawn == [3, 5, 7, 9]


def test_a_circle_longer_than_any_search_limit_is_drawn_whole() -> None:
    page = data_of(page_of("circle", graph_of(**ring(23)), arg="P5"))
    assert len(page["nodes"]["id"]) == 23
    assert page["panels"][0]["rows"][0][1:4] == [23, 23, 23 * 50]
    assert page["empty"] == ""


def test_without_a_circle_the_page_says_so() -> None:
    world = star(3)
    whole = data_of(page_of("circle", graph_of(**world)))
    assert whole["empty"] == "There is no circle of guarantees in the data."
    mine = data_of(page_of("circle", graph_of(**world), arg="L001"))
    assert mine["empty"].startswith("L001 is in no circle of guarantees")
    assert sorted(mine["nodes"]["id"]) == ["HUB", "L001"]


def test_the_chains_of_a_circle_stand_left_and_right() -> None:
    world = ring(3)
    world["parties"] += parties("UP", "DOWN")
    world["guarantees"] += [
        {"guarantee_id": "GU", "guarantor_id": "UP", "debtor_id": "P0", "amount": 1.0},
        {"guarantee_id": "GD", "guarantor_id": "P1", "debtor_id": "DOWN", "amount": 1.0},
    ]
    nodes = data_of(page_of("circle", graph_of(**world), arg="P0"))["nodes"]
    at = dict(zip(nodes["id"], nodes["x"], strict=True))
    assert at["UP"] < min(at[p] for p in ("P0", "P1", "P2"))
    assert at["DOWN"] > max(at[p] for p in ("P0", "P1", "P2"))


def test_guarantors_beyond_their_means_run_by_class_and_those_of_unknown_means_stay_among_them() -> None:
    many = [f"M{k:02d}" for k in range(20)]
    graph = graph_of(
        parties=parties("A", "B", "C", "D", "U", "X", *many),
        financials=[
            {"party_id": "A", "equity": 10.0},
            {"party_id": "B", "equity": -5.0},
            {"party_id": "C", "equity": 100.0},
            {"party_id": "D", "equity": 500.0},
            *({"party_id": one, "equity": 1.0} for one in many),
        ],
        guarantees=[
            {"guarantor_id": g, "debtor_id": "X", "amount": amount}
            for g, amount in (("A", 50.0), ("B", 20.0), ("C", 130.0), ("D", 400.0), ("U", 7.0))
        ]
        + [{"guarantor_id": one, "debtor_id": "X", "amount": 2.0} for one in many],
    )
    page = data_of(page_of("overview", graph))
    panel = next(p for p in page["panels"] if p["key"] == "overstretched")
    rows = [(row[0]["text"], row[1]["word"].rpartition(".")[2], *row[2:]) for row in panel["rows"]]
    assert rows[:3] == [
        ("B", "no_net_assets", 20, -5, None),
        ("C", "beyond_net_assets", 130, 100, 1.3),
        ("A", "beyond_net_assets", 50, 10, 5),
    ]
    assert rows[-1] == ("U", "unknown", 7, None, None)  # though the list is cut: 24 are overstretched or unknown
    assert (16, 24) == (len(rows), panel["total"])
    figure = next(f for f in page["figures"] if f["word"] == "overstretched_short")
    assert (23, {"word": "of_unknown_net_assets", "value": 7, "kind": "money"}) == (figure["value"], figure["sub"])


def test_a_guarantee_for_oneself_is_in_no_sum_of_a_page() -> None:
    world = ring(3)
    own = [
        {"guarantee_id": "S1", "guarantor_id": "P0", "debtor_id": "P0", "amount": 1000.0},
        {"guarantee_id": "S2", "guarantor_id": "P0", "debtor_id": "P1", "facility_id": "OWN", "amount": 1000.0},
    ]
    loan = {"facility_id": "OWN", "borrower_id": "P1", "lender_id": "P0", "outstanding": 5.0}
    world |= {"guarantees": [*world["guarantees"], *own], "facilities": [*world["facilities"], loan]}
    whole, circle = (data_of(page_of(name, graph_of(**world))) for name in ("overview", "circle"))
    assert 150 == next(f["value"] for f in whole["figures"] if f["word"] == "guarantees")
    assert 150 == next(f["value"] for f in circle["figures"] if f["word"] == "guaranteed_inside")
    assert [3, 3, 150] == circle["panels"][0]["rows"][0][1:4]


def test_a_book_too_large_for_a_page_says_what_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "NODES", 300)
    monkeypatch.setattr(overview, "HEXAGONS", 20)
    graph = random_graph(900)
    page = overview.picture(graph, {}, None, Options()).data()
    groups = page["groups"]
    assert len(page["nodes"]["id"]) <= 300
    assert len(groups["name"]) == 20
    inside = sum(n for n, held in zip(groups["members"], groups["inside"], strict=True) if held)
    assert inside == len(page["nodes"]["id"])
    said = [int(re.sub(r"\D", "", re.search(r"([\d,]+) nodes", text)[1])) for text in page["about"]["left_out"]]  # type: ignore[index]
    assert inside + sum(said) == graph.size + graph.rows("collateral")
    held = sum(groups["exposure"])
    left = float(read_page_graph(graph).exposure.sum()) - held
    assert f"{money(left, 'en')} of exposure are not drawn" in page["about"]["left_out"][0]


def test_the_figures_add_up_to_the_tables() -> None:
    graph = random_graph(300)
    figures = {f["word"]: f["value"] for f in data_of(page_of("overview", graph))["figures"]}
    assert figures["exposure"] == pytest.approx(np.nansum(graph.floats("facilities", "outstanding")))
    assert figures["guarantees"] == pytest.approx(graph.floats("guarantees", "amount").sum())
    assert figures["in_default"] == sum(s == "defaulted" for s in graph.texts("parties", "status"))


def test_lines_between_groups_add_up_to_the_links_between_them() -> None:
    graph = random_graph(900)
    page = overview.picture(graph, {}, None, Options()).data()
    group, links, bundles = page["nodes"]["group"], page["links"], page["bundles"]
    across = [k for k in range(len(links["from"])) if group[links["from"][k]] != group[links["to"][k]]]
    assert sum(bundles["count"]) == sum((links.get("count") or [None] * len(links["from"]))[k] or 1 for k in across)
    amount = sum(links["amount"][k] or 0.0 for k in across)
    assert sum(b or 0.0 for b in bundles["amount"]) == pytest.approx(amount)


def test_a_percentile_is_the_share_that_has_less() -> None:
    measure = Measure(key="x", kind="money", source="t", values=np.array([5.0, np.nan, 0.0, 0.0, 9.0]))
    np.testing.assert_array_equal(measure.percentiles(), [0.5, np.nan, 0.0, 0.0, 0.75])


def test_a_group_takes_the_mean_weighted_by_exposure_or_the_largest() -> None:
    values, exposure = np.array([0.1, np.nan, 0.4]), np.array([30.0, 99.0, 10.0])
    weighted = Lens(key="pd", kind="percent", edges=(0.1, 0.2, 0.3, 0.4), group="weighted")
    largest = Lens(key="x", kind="money", edges=(1, 2, 3, 4), group="max")
    assert of_group(weighted, values, exposure) == pytest.approx((0.1 * 30 + 0.4 * 10) / 40)
    assert of_group(largest, values, exposure) == 0.4
    assert np.isnan(of_group(largest, values[1:2], exposure[1:2]))


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (0, "0", "0"), (999, "999", "999"), (1500, "1.50 k", "1,500"), (12_345_678, "12.3 m", "1,235万"),
        (123_456_789, "123 m", "1.23亿"), (2.5e12, "2.50 tn", "2.50万亿"), (-4e6, "-4 m", "-400万"),
        (None, "–", "–"), (float("nan"), "–", "–"),
    ],
)  # fmt: skip
def test_amounts_are_written_in_the_units_of_the_language(value: float | None, english: str, chinese: str) -> None:
    assert (money(value, "en"), money(value, "zh")) == (english, chinese)


def test_counts_and_fractions_are_written_in_full() -> None:
    assert (count(1234567.0), percent(0.01234), percent(None)) == ("1,234,567", "1.23 %", "–")


def test_a_mask_is_stable_and_differs_by_key() -> None:
    one, again, other = Mask("k"), Mask("k"), Mask("j")
    assert one.identifier("P1") == again.identifier("P1") != other.identifier("P1")
    assert one.identifier("P1") != one.identifier("P2")
    assert Mask(None).identifier("P1") == "P1"


def test_a_note_that_may_name_somebody_is_rewritten_or_withheld() -> None:
    mask, known = Mask("k"), {"P1": "宏达公司", "17": "金鼎", "A B": ""}
    assert mask.notes(["3 of 1,017 rows left out"], known) == ["3 of 1,017 rows left out"]
    assert mask.notes(["P1 has no equity"], known) == [f"{mask.identifier('P1')} has no equity"]
    assert mask.notes(["宏达公司 owes", "17 rows", "A B failed"], known) == [HIDDEN, HIDDEN, HIDDEN]
    assert Mask(None).notes(["P1"], known) == ["P1"]


def test_an_asset_that_shares_its_id_with_a_party_is_a_node_of_its_own() -> None:
    world = ring(3)
    world["collateral"] = [{"collateral_id": "P0", "value": 5.0, "owner_id": "P1"}]
    ids = data_of(page_of("overview", graph_of(**world)))["nodes"]["id"]
    assert sorted(ids) == ["P0", "P1", "P2", "collateral:P0"]


def test_payments_are_one_line_a_pair_with_their_number_and_sum() -> None:
    from datetime import date

    world = ring(3)
    world["fund_flows"] = [
        {"payer_id": "P0", "payee_id": "P1", "amount": amount, "paid_on": date(2026, 5, 1)} for amount in (2.0, 3.0)
    ]
    links = data_of(page_of("overview", graph_of(**world)))["links"]
    paid = links["relation"].index("PAID")
    assert (links["amount"][paid], links["count"][paid], links["relation"].count("PAID")) == (5, 2, 1)
