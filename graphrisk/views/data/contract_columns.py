"""The contracts behind the links, as columns: what each is, its amount, its facility, how long it holds."""

from __future__ import annotations

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
    keys = [
        mask.identifier(str(key)) for key in page_graph.keys[np.unique(np.concatenate([links.source, links.target]))]
    ]
    key_of = dict(zip(np.unique(np.concatenate([links.source, links.target])).tolist(), keys, strict=True))
    rows: dict[str, list[dict[str, Any]]] = {}
    for table in sorted(set(links.table.tolist())):
        rows[table] = _details(page_graph, table, links.row[links.table == table], mask)
    at = dict.fromkeys(rows, 0)
    detail: list[dict[str, Any]] = [{}] * len(links)
    for k, table in enumerate(links.table.tolist()):
        detail[k] = rows[table][at[table]]
        at[table] += 1
    for k in order.tolist():
        amount = float(links.amount[k])
        network.add_edge(
            key_of[int(links.source[k])],
            key_of[int(links.target[k])],
            relation=_NAMES[int(links.code[k])],
            amount=None if np.isnan(amount) else amount,
            count=int(links.count[k]) if links.count[k] != 1 else None,
            **({"dashes": True} if int(links.row[k]) in dashed.get(links.table[k], ()) else {}),
            **detail[k],
        )


def _details(page_graph: PageGraph, table: str, rows: Positions, mask: Mask) -> list[dict[str, Any]]:
    """Return for each row what the page says of the contract; nothing for sums of payments."""
    if table == "fund_flows":
        return [{} for _ in rows]
    declared = CATALOG[table]
    taken = page_graph.graph.table(table).take(rows)
    columns = {name: taken[name].to_pylist() for name in declared.names}
    out = []
    for k in range(len(rows)):
        row = {name: values[k] for name, values in columns.items()}
        out.append(_detail(table, declared.key, row, mask))
    return out


def _detail(table: str, key: tuple[str, ...], row: Mapping[str, Any], mask: Mask) -> dict[str, Any]:
    what = [
        str(row[c]) for c in what_columns(table) if c != "facility_id" and row[c] and not (mask.on and c in _PRIVATE)
    ]
    out: dict[str, Any] = {
        "contract": mask.identifier(row[key[0]]) if len(key) == 1 and table != "collateral" else None,
        "what": what[0] if what else None,
        "facility": mask.identifier(row["facility_id"]) if row.get("facility_id") and table != "facilities" else None,
        "share": row.get("share_min") if table == "ownership" else row.get("share"),
        "share_max": row.get("share_max"),
        "ratio": row.get("ratio"),
        "rank": row.get("rank"),
        "essential": True if row.get("essential") else None,
        "from_on": plain(row.get("from_on")),
        "to_on": plain(row.get("to_on")),
        "source": mask.text(row.get("source")),
    }
    return {name: value for name, value in out.items() if value is not None}


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
