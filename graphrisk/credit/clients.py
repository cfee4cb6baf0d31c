"""Who is a client of our bank."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import RiskGraph


def clients_of(graph: RiskGraph) -> npt.NDArray[np.bool_]:
    """Return who is a client (n,): who is said to be, and where nothing is said a borrower of our bank."""
    clients = graph.flags("parties", "is_client").copy()
    borrower = graph.positions("facilities", "borrower_id")
    unsaid = np.asarray(graph.texts("parties", "is_client") == None, dtype=bool)  # noqa: E711 - elementwise
    ours = borrower[(borrower >= 0) & (graph.positions("facilities", "lender_id") < 0)]
    clients[ours[unsaid[ours]]] = True
    return clients
