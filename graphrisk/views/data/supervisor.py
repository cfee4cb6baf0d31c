"""The lists of the circle page that a supervisor asks for: connected parts, and proposed cuts of very large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.model.result import plain
from graphrisk.views.data.lists import as_list
from graphrisk.views.data.panels import panel

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk

ROWS = 60
_MEASURES = (
    "parties", "loans", "non_performing", "guaranteed", "lending_banks", "mutual_share", "cyclic_share", "top3_share",
    "depth_max", "beyond_net_assets",
)  # fmt: skip


def supervisor_panels(desk: Desk, nodes: Positions | None) -> list[dict[str, Any]]:
    """Return the lists of parts and of cuts; `nodes`: only parts that hold one of them. Empty ones are left out."""
    result = desk.results.get("chains")
    if result is None or "chains_parts" not in result.tables:
        return []
    graph, parts, cuts = desk.page_graph.graph, result.parts, result.cuts
    if nodes is not None:
        parties = result.parties
        here = set(graph.party_ids[nodes[nodes < desk.page_graph.parties]].tolist())
        mine = set(parties[parties["party_id"].isin(here)]["component"].tolist())
        parts, cuts = parts[parts["part_id"].isin(mine)], cuts[cuts["part_id"].isin(mine)]

    def node(party: str) -> dict[str, int]:
        return {"node": graph.position(party)}

    rows = [
        [
            node(row["core_id"]),
            *(plain(row[name]) for name in _MEASURES),
            {"word": f"part_type.{row['type']}"},
        ]
        for row in parts.head(ROWS).to_dict("records")
    ]
    columns = [("core_client", "party"), ("parties", "count"), ("loans", "money"), ("non_performing", "money"),
               ("guaranteed", "money"), ("lending_banks", "count"), ("mutual_share", "percent"),
               ("cyclic_share", "percent"), ("top3_share", "percent"), ("deepest", "count"), ("beyond", "count"),
               ("part_type", "text")]  # fmt: skip
    found = [panel("supervisor_parts", columns, rows, len(parts), "supervisor_parts_note")]
    core = dict(zip(result.parts["part_id"], result.parts["core_id"], strict=True))
    rows = [
        [
            node(core[row["part_id"]]),
            *(plain(row[name]) for name in ("pieces", "largest_piece")),
            len(as_list(row["guarantee_ids"])),
            *(plain(row[name]) for name in ("guaranteed", "loss_stopped")),
        ]
        for row in cuts.head(ROWS).to_dict("records")
    ]
    columns = [("core_client", "party"), ("pieces", "count"), ("largest_piece", "count"), ("cut_contracts", "count"),
               ("guaranteed", "money"), ("loss_stopped", "money")]  # fmt: skip
    found.append(panel("proposed_cuts", columns, rows, len(cuts), "proposed_cuts_note"))
    return [panel for panel in found if panel["rows"]]


def cut_rows(desk: Desk) -> dict[str, frozenset[int]]:
    """Return the rows of `guarantees` that a proposed cut names, to be dashed."""
    result = desk.results.get("chains")
    if result is None or "chains_cuts" not in result.tables or result.cuts.empty:
        return {}
    named = {one for ids in result.cuts["guarantee_ids"] for one in as_list(ids)}
    ids = desk.page_graph.graph.texts("guarantees", "guarantee_id")
    return {"guarantees": frozenset(np.flatnonzero(np.isin(ids.astype(str), sorted(named))).tolist())}
