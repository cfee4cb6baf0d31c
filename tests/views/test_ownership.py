"""The page on owners: who is drawn, what the lists say, where a holding comes from."""

from __future__ import annotations

from itertools import pairwise

import pytest

from graphrisk.errors import UsageError
from graphrisk.views.base import Options
from tests.analyze.owners_books import book
from tests.views.test_views import data_of, page_of


def test_the_owners_stand_above_and_the_lists_name_them_under_each_regime() -> None:
    graph = book(
        [("P", "H", 0.6), ("Q", "H", 0.4), ("H", "T", (0.25, 0.5), {"source": "register"}), ("T", "S", 1.0)], "PQ"
    )
    data = data_of(page_of("ownership", graph, arg="T"))
    assert {"P", "Q", "H", "T", "S"} == set(data["nodes"]["id"])
    places = dict(zip(data["nodes"]["id"], data["nodes"]["x"], strict=True))
    assert places["P"] < places["H"] < places["T"] < places["S"]
    panels = {panel["key"]: panel["rows"] for panel in data["panels"]}
    assert [["P", "certain.yes", "ground.ownership_and_control"]] == [
        [row[0]["text"], row[3]["word"], row[4]["word"]]
        for row in panels["owners_amlr"]
        if row[3]["word"] == "certain.yes"
    ]
    assert ["register"] == [row[5] for row in panels["evidence"] if row[0]["text"] == "H"]
    assert (0.25, 0.5) == tuple(panels["shares_in_it"][0][2:4])


def test_without_a_party_the_one_under_the_most_layers_is_drawn() -> None:
    graph = book([("A", "B", 1.0), ("B", "C", 1.0), ("X", "Y", 1.0)])
    data = data_of(page_of("ownership", graph))
    assert "C" == data["nodes"]["id"][data["focus"]]


def test_a_circle_of_owners_is_drawn_as_a_ring() -> None:
    graph = book([("A", "B", 0.5), ("B", "C", 0.5), ("C", "A", 0.5), ("P", "A", 0.5)], "P")
    data = data_of(page_of("ownership", graph, arg="A"))
    assert {"A", "B", "C", "P"} == set(data["nodes"]["id"])


def test_it_shows_no_run() -> None:
    with pytest.raises(UsageError, match="shows no run"):
        page_of("ownership", book([("A", "B", 1.0)]), Options(shocks=("A",)), arg="B")


def test_shares_stand_at_the_nodes_and_owners_are_known_by_regime() -> None:
    graph = book([("P", "H", 0.6), ("Q", "H", 0.4), ("H", "T", (0.2, 0.5)), ("T", "S", 0.8), ("P", "T", 0.1)], "PQ")
    data = data_of(page_of("ownership", graph, arg="T"))
    at = {name: k for k, name in enumerate(data["nodes"]["id"])}
    share = data["standing"]["share"]
    assert share[at["T"]] is None
    assert share[at["P"]] == pytest.approx([0.22, 0.4])
    assert share[at["Q"]] == pytest.approx([0.08, 0.2])
    assert share[at["S"]] == pytest.approx([0.8, 0.8])
    assert ["amlr", "psc", "cn"] == data["standing"]["regimes"]
    assert data["standing"]["owners"]["amlr"] == {str(at["P"]): False}  # 12 % and 10 %, or up to 40 %
    assert data["standing"]["owners"]["psc"] == {str(at["P"]): True}  # a majority chain counts 20 % and 10 % in full


def test_ways_of_control_are_thick_and_a_mask_changes_nothing_of_them() -> None:
    graph = book([("P", "H", 0.6), ("H", "T", 0.6), ("Q", "T", 0.4), ("T", "S", 0.8)], "PQ")
    for options in (Options(), Options(mask="a secret")):
        data = data_of(page_of("ownership", graph, options, arg="T"))
        links = data["links"]
        thick = [width is not None for width in links["width"]]
        level = dict(enumerate(data["nodes"]["x"]))
        wide = {
            (level[a], level[b]) for a, b, is_thick in zip(links["from"], links["to"], thick, strict=True) if is_thick
        }
        assert (3, 4) == (len(wide), len(thick))  # P -> H -> T -> S, and not Q -> T
        assert sorted(wide) == list(pairwise(sorted(set(level.values()))))
        if options.mask:
            assert "T" not in data["nodes"]["id"]


def test_holdings_that_are_alike_are_one_bundle_and_owners_never() -> None:
    """Nine firms held alike, one of them with a firm of its own; nine persons above."""
    held = [("T", f"S{k}", 1.0) for k in range(9)] + [("S0", "X", 1.0)]
    graph = book([*held, *((f"P{k}", "T", 0.1) for k in range(9))], [f"P{k}" for k in range(9)])
    data = data_of(page_of("ownership", graph, arg="T"))
    assert len(data["nodes"]["id"]) == 20
    inside = [one for one, group in zip(data["nodes"]["id"], data["nodes"]["group"], strict=True) if group >= 0]
    assert [f"S{k}" for k in range(1, 9)] == inside
    assert ["8 × Company, ownership"] == data["groups"]["name"]
    assert len(data["links"]["from"]) == 19
