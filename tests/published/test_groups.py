"""Groups of connected clients: fourteen cases after EBA/GL/2017/15 and (EU) 2024/1728 in tests/published/ownership.

Their geometry is recalled: they are our reading of the guidelines, not official vectors. Sets, exact.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.regimes.exposure_rule import find_exposure_regime
from graphrisk.standing.connected import connected
from tests.published.test_ownership import vector
from tests.worlds.build import graph_of

FOLDER = Path(__file__).parent / "ownership"
NAMES = sorted(path.stem for path in FOLDER.glob("gcc_*.json"))


def book_of(case: Any) -> dict[str, list[dict[str, Any]]]:
    """Return a case as tables: an upstream hit is a dependency of the parent on its subsidiary."""
    rows: dict[str, list[dict[str, Any]]] = {
        "parties": [{"party_id": node["id"], "is_client": node["client"]} for node in case["graph"]["nodes"]],
        "control": [],
        "dependencies": [],
    }
    for edge in case["graph"]["edges"]:
        if edge["type"] == "CONTROLS":
            rows["control"].append({"controller_id": edge["src"], "controlled_id": edge["dst"]})
        elif edge["type"] == "DEPENDS_ON":
            rows["dependencies"].append({"dependent_id": edge["src"], "on_id": edge["dst"]})
        else:
            rows["dependencies"].append({"dependent_id": edge["dst"], "on_id": edge["src"], "upstream": True})
    return rows


@pytest.mark.parametrize("regime", ["basel", "crr", "cn"])
@pytest.mark.parametrize("name", NAMES)
def test_a_case_has_its_groups_under_every_regime(name: str, regime: str) -> None:
    case = vector(name)
    graph = graph_of(**book_of(case))
    found = connected(graph, find_exposure_regime(regime).on(graph.as_of)[0])
    groups = [[str(graph.party_ids[one]) for one in group.members] for group in found.groups]
    assert sorted(case["expected"]["groups"]) == groups


def test_every_case_is_tried() -> None:
    assert 14 == len(NAMES)
