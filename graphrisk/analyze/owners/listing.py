"""Rows of whom a list reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from graphrisk.analyze.owners.tables import LISTED
from graphrisk.analyze.tables import score_frame
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.regimes.rule import Version
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.listed import reached, requirements, ways
from graphrisk.standing.recorded import recorded_steps

if TYPE_CHECKING:
    from graphrisk.analyze.owners.analysis import Params


def listed_rows(
    graph: RiskGraph, holdings: Holdings, version: Version, params: Params
) -> tuple[pd.DataFrame, list[str]]:
    """Return table owners_listed and what a reader must know of the list."""
    place = graph.locate("parties", list(params.listed))
    known = place >= 0
    if not known.any():
        first = params.listed[0]
        raise UsageError(
            f"none of the {len(params.listed):,} listed ids is in this book",
            hint=nearest(first, [str(i) for i in graph.party_ids[:20_000]]),
        )
    notes: list[str] = [
        Note(
            "listed_known",
            f"{int(known.sum()):,} of {len(known):,} listed ids are in this book.",
            f"名单中 {len(known):,} 个编号有 {int(known.sum()):,} 个在本数据中。",
        ),
    ]
    listed = np.unique(place[known])
    found = reached(holdings, listed, version)
    said = {
        int(at): (params.requirements[k], params.strictness[k] if k < len(params.strictness) else float("nan"))
        for k, at in enumerate(place.tolist())
        if at >= 0 and k < len(params.requirements) and params.requirements[k]
    }
    asked = requirements(holdings, found, listed, said)
    line = version.red_flag if version.red_flag is not None else 1.0
    significant = found.most >= line - 1e-9
    if version.suspended:
        reach: list[bool | None] = [False] * len(found.firm)
        flag = (significant | found.maybe).tolist()
        notes.append(
            Note(
                "rule_suspended",
                "The rule is suspended: only listed names are restricted; whom it would reach is a red flag.",
                "该规则处于暂停期：只限制名单所列主体；规则本会触及的主体标为需警惕。",
            )
        )
    else:
        reach = [True if s else None if m else False for s, m in zip(found.sure, found.maybe, strict=True)]
        flag = (~found.sure & (significant | found.maybe)).tolist()
    order = np.lexsort((np.arange(len(flag)), ~np.array(flag, dtype=bool), ~found.maybe, ~found.sure))
    ids, chains = graph.party_ids, ways(found, listed)
    paths = [ids[chains[k]].tolist() for k in order]
    frame = score_frame(
        LISTED,
        {
            "party_id": ids[found.firm[order]],
            "aggregate_min": found.least[order],
            "aggregate_max": found.most[order],
            "reached": [reach[k] for k in order],
            "requirement": [None if version.suspended else asked[k] for k in order],
            "red_flag": [flag[k] for k in order],
            "path": paths,
            "evidence": recorded_steps(graph, paths),
        },
    )
    return frame, notes
