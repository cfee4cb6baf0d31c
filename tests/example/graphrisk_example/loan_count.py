"""How many facilities each party owes. Source: counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import score_frame, whole
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.columns import party
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress

VERSION = 1
PARTIES = Table(
    name="loan_count_parties",
    meaning="parties with loans; most loans first, then party_id",
    role="score",
    key=("party_id",),
    columns=(party("party_id", "the obligor"), whole("loans", "facilities it owes")),
)
TABLES = (PARTIES,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Which parties count."""

    least: int = param(1, "facilities that a party must have to be listed", low=1)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the number of facilities of each obligor."""
    refuse_inputs("loan_count", inputs)
    progress("counting loans")
    loans = np.bincount(graph.positions("facilities", "borrower_id"), minlength=graph.size)
    chosen = np.flatnonzero(loans >= params.least)
    chosen = chosen[np.lexsort((chosen, -loans[chosen]))]
    tables = {PARTIES.name: score_frame(PARTIES, {"party_id": graph.party_ids[chosen], "loans": loans[chosen]})}
    return make_result("loan_count", VERSION, graph, params, tables=tables, certificate={"converged": True})
