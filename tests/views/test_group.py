"""The card of a group: who is drawn, by which reason, the bar of its limit, and no id that a mask should hide."""

from __future__ import annotations

import json

import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views.base import Options
from tests.views.test_views import picture_of
from tests.worlds.build import graph_of


def book() -> RiskGraph:
    return graph_of(
        parties=[{"party_id": one, "name": f"firm {one}", "is_client": one != "HEAD"} for one in
                 ("HEAD", "SUB1", "SUB2", "HANGS", "OTHER")],
        facilities=[{"facility_id": f"F{one}", "borrower_id": one, "outstanding": due}
                    for one, due in (("SUB1", 150.0), ("HANGS", 100.0), ("OTHER", 10.0))],
        ownership=[{"owner_id": "HEAD", "owned_id": "SUB1", "share_min": 0.8, "share_max": 0.8},
                   {"owner_id": "HEAD", "owned_id": "OTHER", "share_min": 0.1, "share_max": 0.1}],
        control=[{"controller_id": "HEAD", "controlled_id": "SUB2"}],
        dependencies=[{"dependent_id": "HANGS", "on_id": on} for on in ("SUB1", "OTHER")],
        rebuttals=[{"a_id": "SUB1", "b_id": "OTHER"}],
    )  # fmt: skip


def test_the_card_draws_what_joins_the_group_and_says_why_and_how_far_its_limit_is_used() -> None:
    picture = picture_of("group", book(), Options(settings={"tier1": "800"}), arg="SUB1")
    assert ["HANGS", "HEAD", "SUB1", "SUB2"] == picture.nodes["id"]
    assert {"OWNS", "CONTROLS", "DEPENDS_ON"} == set(picture.links["relation"])
    assert 3 == len(picture.links["relation"])
    figures = {one["word"]: one for one in picture.figures}
    assert 0.3125 == figures["group_use"]["value"]
    assert figures["group_use"]["warn"]
    assert {"value": 0.3125, "limit": 0.25, "own": 0.2} == pytest.approx(figures["group_use"]["bar"])
    assert -50.0 == figures["group_headroom"]["value"]
    panels = {one["key"]: one["rows"] for one in picture.panels}
    reasons = [row[1]["word"] for row in panels["group_members"]]
    assert ["reason.both", "reason.control", "reason.control"] == sorted(reasons)
    assert "step.breach" == panels["group_limits"][0][5]["word"]
    assert 1 == len(panels["group_others"])
    assert "status_of.no_link" == panels["group_rebuttals"][0][2]["word"]


def test_without_capital_the_card_says_so_and_an_empty_book_has_no_group() -> None:
    figures = {one["word"]: one for one in picture_of("group", book()).figures}
    assert figures["group_use"]["value"] is None
    assert "group_capital_unknown" == figures["group_use"]["sub"]["word"]
    assert "No two clients" in picture_of("group", graph_of()).empty
    alone = picture_of("group", graph_of(parties=[{"party_id": "A"}]), arg="A")
    assert "A stands in no group" in alone.empty
    with pytest.raises(UsageError, match="no party"):
        picture_of("group", book(), arg="NOBODY")


def test_a_mask_hides_the_ids_in_the_evidence_too() -> None:
    said = json.dumps(picture_of("group", book(), Options(mask="a long secret key"), arg="HANGS").data())
    for name in ("SUB1", "SUB2", "HANGS", "HEAD"):
        assert name not in said
