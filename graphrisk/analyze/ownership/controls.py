"""The table of control: every pair with its proof, for parties alone, families, or a set that acts together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from graphrisk.analyze.ownership.tables import CONTROL
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import RiskGraph, rows_that_say
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.ownership.control import Majority
from graphrisk.kernels.ownership.stakes import VOTES, Ints
from graphrisk.model.note import Note
from graphrisk.standing.command import Command, Proofs, command, fact_holders, ultimate
from graphrisk.standing.holdings import Holdings

if TYPE_CHECKING:
    from graphrisk.analyze.ownership.analysis import Params


def control_rows(graph: RiskGraph, holdings: Holdings, params: Params) -> tuple[pd.DataFrame, list[str]]:
    """Return table ownership_control and what a reader must know of who acts together."""
    notes: list[str] = []
    sets: list[Ints] | None = None
    if params.together:
        sets = [np.unique([graph.position(one) for one in params.together])]
        both = ", ".join(params.together)
        notes.append(Note("together", f"Control is that of {both} together.", f"控制关系按 {both} 合并计算。"))
    elif params.families:
        sets = families(graph, holdings)
        count = sum(len(one) > 1 for one in sets)
        notes.append(
            Note(
                "families",
                f"Persons with a family tie act together: {count:,} families of two or more.",
                f"有亲属关系的自然人合并计算：{count:,} 个两人以上的家庭。",
            )
        )
    rule = Majority(threshold=params.threshold, strict=params.strict)
    found = command(holdings, sets, rule=rule, possible=params.possible)
    return _frame(graph, holdings, found), notes


def families(graph: RiskGraph, holdings: Holdings) -> list[Ints]:
    """Return who acts together where family ties count: families, and everybody else alone."""
    a, b = graph.ends("ties")
    tied = rows_that_say(graph, "ties", "kind", "family") & (a >= 0) & (b >= 0)
    label = component_labels(graph.size, a[tied], b[tied], "weak")
    starts = np.diff(holdings.stakes.down_start) > 0
    starts[holdings.facts[0]] = True
    starts[holdings.nominee] = False
    order = np.flatnonzero(starts)
    order = order[np.argsort(label[order], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [one for one in np.split(order, cuts) if len(one)]


def _frame(graph: RiskGraph, holdings: Holdings, found: Command) -> pd.DataFrame:
    top = ultimate(found, graph.size)
    proofs: list[list[list[object]]] = [[] for _ in range(len(found.firm))]
    paths: list[list[str]] = [[] for _ in range(len(found.firm))]
    ids = graph.party_ids
    facts = fact_holders(holdings)
    begins = np.flatnonzero(np.diff(found.seed, prepend=-1))
    ends = np.append(begins[1:], len(found.seed))[: len(begins)]
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        seed = int(found.seed[first])
        seeds = found.heads[seed : seed + 1] if found.sets is None else found.sets[seed]
        sure = found.certain[first:last]
        for chosen, possible in ((np.flatnonzero(sure), False), (np.flatnonzero(~sure), True)):
            if not len(chosen):
                continue
            firms = found.firm[first:last][chosen]
            rule = Majority(threshold=found.rule.threshold, strict=found.rule.strict, possible=possible)
            earlier = found.firm[first:last][sure] if possible else firms[:0]
            proof = Proofs(holdings, seeds, np.concatenate([earlier, firms]), rule, facts)
            for at, firm in zip((first + chosen).tolist(), firms.tolist(), strict=True):
                proofs[at] = [[ids[z], ids[y], None if np.isnan(votes) else votes] for z, y, votes in proof.steps(firm)]
                paths[at] = ids[proof.path(firm)].tolist()
    head = found.heads[found.seed]
    order = np.lexsort((found.step, head, ~top, ~found.certain))
    alone = np.where(found.by_votes, "votes", "control_fact")
    basis = np.where(found.by_votes == found.by_facts, "both", alone)
    basis[~found.certain] = "votes"
    return score_frame(
        CONTROL,
        {
            "controller_id": ids[head[order]],
            "controlled_id": ids[found.firm[order]],
            "votes_min": found.held_low[VOTES][order],
            "votes_max": found.held_high[VOTES][order],
            "certain": found.certain[order],
            "proof": [proofs[k] for k in order],
            "basis": basis[order],
            "path": [paths[k] for k in order],
            "ultimate": top[order],
        },
    )
