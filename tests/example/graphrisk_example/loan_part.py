"""Which part of all facilities each party owes, and whether it is one of those that owe several. Source: counting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import score_frame, share
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.columns import party
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Column, Table
from graphrisk.progress import Progress

VERSION = 1
NEEDS = ("loan_count",)
PARTIES = Table(
    name="loan_part_parties",
    meaning="parties with loans; most loans first, then party_id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the obligor"),
        share("part", "facilities it owes over all facilities"),
        Column(name="owes_several", kind="bool", meaning="it owes at least `several` of them"),
    ),
)
TABLES = (PARTIES,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """From when on they are several."""

    several: int = param(2, "facilities from which on a party owes several", low=1)


def asks(params: Params) -> Sequence[Ask]:
    """Return the second answer that is read: the parties that owe several."""
    return (Ask(key="several", analyzer="loan_count", params={"least": params.several}),)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the part of each obligor, from the two answers of loan_count."""
    refuse_inputs("loan_part", inputs)
    every, several = inputs.results["loan_count"].parties, set(inputs.results["several"].parties["party_id"])
    ids = every["party_id"].tolist()
    columns = {
        "party_id": ids,
        "part": every["loans"].astype("float64") / max(float(every["loans"].sum()), 1.0),
        "owes_several": [party_id in several for party_id in ids],
    }
    certificate = {"converged": True}
    tables = {PARTIES.name: score_frame(PARTIES, columns)}
    return make_result("loan_part", VERSION, graph, params, tables=tables, certificate=certificate)
