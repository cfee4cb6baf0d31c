"""The contracts behind the links, as columns: what each is, its amount, its facility, how long it holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import plain
from graphrisk.views.data.json_columns import columns, numbers
from graphrisk.views.data.page_graph import Links, PageGraph, what_columns
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.wording.masking import Mask

_NAMES = tuple(RELATIONS)
_DETAIL = (
    "contract",
    "what",
    "facility",
    "share",
    "share_max",
    "ratio",
    "rank",
    "essential",
    "from_on",
    "to_on",
    "source",
)
_PRIVATE = frozenset({"source", "product"})


def add_links(
    network: Any, page_graph: PageGraph, links: Links, mask: Mask, dashed: Mapping[str, frozenset[int]]
) -> None:
    """Add every link to the network (parallel contracts stay apart), in the order relation, table, row.

    `dashed`: the rows of a table whose links are dashed, whatever their relation.
    """
    order = np.lexsort((links.row, links.table.astype(str), links.code))
    ends = np.unique(np.concatenate([links.source, links.target]))
    key_of = {node: mask.identifier(str(key)) for node, key in zip(ends.tolist(), page_graph.keys[ends], strict=True)}
    detail: list[dict[str, Any]] = [{}] * len(links)
    for table in sorted(set(links.table.tolist())):
        at = np.flatnonzero(links.table == table)
        for k, said in zip(at.tolist(), _details(page_graph, table, links.row[at], mask), strict=True):
            detail[k] = said
    source, target, code = links.source.tolist(), links.target.tolist(), links.code.tolist()
    amount, count = links.amount.tolist(), links.count.tolist()
    drawn_dashed = np.zeros(len(links), dtype=bool)
    for table, rows in dashed.items():
        drawn_dashed |= (links.table == table) & np.isin(links.row, list(rows))
    for k in order.tolist():
        network.add_edge(
            key_of[source[k]],
            key_of[target[k]],
            relation=_NAMES[code[k]],
            amount=None if math.isnan(amount[k]) else amount[k],
            count=count[k] if count[k] != 1 else None,
            **({"dashes": True} if drawn_dashed[k] else {}),
            **detail[k],
        )


def _details(page_graph: PageGraph, table: str, rows: Positions, mask: Mask) -> list[dict[str, Any]]:
    """Return for each row what the page says of the contract; nothing for sums of payments."""
    if table == "fund_flows":
        return [{} for _ in rows]
    declared = CATALOG[table]
    taken = page_graph.graph.tables.taken(table, rows)

    def cells(name: str) -> list[Any]:
        if name not in declared.names:
            return []
        values = taken[name].to_pylist()
        return values if declared.column(name).kind in ("id", "text", "category") else [plain(v) for v in values]

    whats = [
        cells(name) for name in what_columns(table) if name != "facility_id" and not (mask.on and name in _PRIVATE)
    ]
    own_id = len(declared.key) == 1 and table != "collateral"
    found = {
        "contract": [mask.identifier(key) for key in cells(declared.key[0])] if own_id else [],
        "what": [next((str(value) for value in values if value), None) for values in zip(*whats, strict=True)],
        "facility": [mask.identifier(v) if v else None for v in cells("facility_id")] if table != "facilities" else [],
        "share": cells("share_min" if table == "ownership" else "share"),
        "share_max": cells("share_max"),
        "ratio": cells("ratio"),
        "rank": cells("rank"),
        "essential": [True if value else None for value in cells("essential")],
        "from_on": cells("from_on"),
        "to_on": cells("to_on"),
        "source": [mask.text(value) for value in cells("source")],
    }
    told = {name: values for name, values in found.items() if values}
    return [
        {name: value for name, value in zip(told, row, strict=True) if value is not None}
        for row in zip(*told.values(), strict=True)
    ] or [{} for _ in rows]


def link_columns(edges: Sequence[Mapping[str, Any]], place_of: Mapping[Any, int]) -> dict[str, list[Any]]:
    """Return the edges as columns; the ends are places in the list of nodes."""
    out = {
        "from": [place_of[edge["from"]] for edge in edges],
        "to": [place_of[edge["to"]] for edge in edges],
        "relation": [edge["relation"] for edge in edges],
        "amount": numbers([np.nan if edge.get("amount") is None else edge["amount"] for edge in edges]),
    }
    return {**out, **{k: v for k, v in columns(edges, ("count", "dashes", *_DETAIL)).items() if edges}}


def facility_columns(
    page_graph: PageGraph, nodes: Positions, where: Mapping[int, int], mask: Mask
) -> dict[str, list[Any]]:
    """Return the facilities of the parties on the page, largest first; `lender` is -1 for our bank."""
    graph = page_graph.graph
    borrower = graph.positions("facilities", "borrower_id")
    lender = graph.positions("facilities", "lender_id")
    due = graph.floats("facilities", "outstanding")
    mine = np.flatnonzero(np.isin(borrower, nodes))
    mine = mine[np.lexsort((mine, -due[mine]))]
    if not len(mine):
        return {}
    text = {
        c: graph.texts("facilities", c)[mine].tolist()
        for c in ("facility_id", "product", "maturity_on", "classification")
    }
    out: dict[str, list[Any]] = {
        "node": [where[int(n)] for n in borrower[mine]],
        "id": [mask.identifier(i) for i in text["facility_id"]],
        "product": text["product"],
        "maturity_on": [plain(v) for v in text["maturity_on"]],
        "classification": text["classification"],
        "lender": [-1 if n < 0 else where.get(int(n), -2) for n in lender[mine]],
        "outstanding": numbers(due[mine]),
        "limit": numbers(graph.floats("facilities", "limit_amount")[mine]),
        "days_past_due": numbers(graph.floats("facilities", "days_past_due")[mine]),
    }
    return {name: values for name, values in out.items() if any(v is not None for v in values)}


def bundle_columns(bundles: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the sums of links between groups as columns."""
    if not bundles:
        return {}
    return {
        "from": [int(b["from"]) for b in bundles],
        "to": [int(b["to"]) for b in bundles],
        "relation": [str(b["relation"]) for b in bundles],
        "count": [int(b["count"]) for b in bundles],
        "amount": numbers([b["amount"] for b in bundles]),
    }
