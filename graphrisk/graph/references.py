"""Which row of a node table each contract names; a contract on an id that is not there is refused, never dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphrisk.errors import DataError, UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import Flags, Ints


def required(graph: RiskGraph, table: str, column: str) -> Ints:
    found = graph.positions(table, column)
    return _refuse_unknown(graph, table, column, found, found < 0)


def optional(graph: RiskGraph, table: str, column: str) -> Ints:
    found = graph.positions(table, column)
    missing = found < 0
    if missing.any():
        given = graph.texts(table, column)[missing] != np.array(None)
        missing[np.flatnonzero(missing)[~given.astype(bool)]] = False
    return _refuse_unknown(graph, table, column, found, missing)


def _refuse_unknown(graph: RiskGraph, table: str, column: str, found: Ints, missing: Flags) -> Ints:
    if missing.any():
        ids = ", ".join(sorted({str(i) for i in graph.texts(table, column)[missing]})[:5])
        raise DataError(
            f"{int(missing.sum()):,} rows name an id that is not loaded: {ids}",
            hint="load the missing rows, or load again: the loader rejects such rows with their reason",
            where=f"{table}.{column}",
        )
    return found


def positions_of(graph: RiskGraph, ids: Sequence[str], where: str) -> list[int]:
    """Return the positions of parties named at `where` (a setting, a file), each once; UsageError for an unknown id."""
    out = []
    for one in dict.fromkeys(ids):
        try:
            out.append(graph.position(one))
        except UsageError as error:
            raise UsageError(error.message, hint=error.hint, where=where) from error
    return out


def named(graph: RiskGraph, party: str) -> str:
    """Return "name (id)" of a party, or its id where that is its name."""
    name = str(graph.texts("parties", "name")[graph.position(party)])
    return name if name == party else f"{name} ({party})"
