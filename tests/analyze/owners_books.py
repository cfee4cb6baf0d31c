"""Small books with owners, and the analyzers run on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphrisk.analyze.base import find_analyzer
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.worlds.build import graph_of

Edge = Sequence[Any]


def owned(edges: Iterable[Edge]) -> list[dict[str, Any]]:
    """Return rows of ownership: (owner, owned, share | (least, most) | None[, other columns])."""
    rows = []
    for owner, firm, share, *more in edges:
        low, high = share if isinstance(share, list | tuple) else (share, share)
        extra: Mapping[str, Any] = more[0] if more else {}
        rows.append({"owner_id": owner, "owned_id": firm, "share_min": low, "share_max": high, **extra})
    return rows


def book(
    edges: Iterable[Edge], persons: Iterable[str] = (), kinds: Mapping[str, str] | None = None, **more: Any
) -> RiskGraph:
    """Return a graph of firms; `persons` and `kinds` say who is what else, `more` are further tables."""
    rows = owned(edges)
    names = {name for row in rows for name in (row["owner_id"], row["owned_id"], row.get("via")) if name}
    names |= {row[c] for row in more.get("control", []) for c in ("controller_id", "controlled_id")}
    names |= {row[c] for row in more.get("ties", []) for c in ("a_id", "b_id")}
    known = {**dict.fromkeys(names, "company"), **dict.fromkeys(persons, "person"), **(kinds or {})}
    parties = [{"party_id": n, "name": n, "kind": k} for n, k in sorted(known.items())]
    parties = [{**row, **more.get("facts", {}).get(row["party_id"], {})} for row in parties]
    tables = {name: given for name, given in more.items() if name != "facts"}
    return graph_of(parties=parties, ownership=rows, **tables)


def run(name: str, graph: RiskGraph, **given: Any) -> Result:
    """Run an analyzer with parameters as texts or values."""
    found = find_analyzer(name)
    return found.run(graph, parse_params(found.Params, given, where=name), inputs=Inputs(), progress=silent)


def owners_of(
    edges: Iterable[Edge], persons: Iterable[str] = (), *, tables: Mapping[str, Any] | None = None, **given: Any
) -> Result:
    """Run `owners` on a small book."""
    return run("owners", book(edges, persons, **(tables or {})), **given)
