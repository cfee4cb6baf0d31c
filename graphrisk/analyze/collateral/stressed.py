"""What the prices of a scenario do to the loans that pledged assets secure, all its falls at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graphrisk.analyze.collateral.tables import SCENARIO
from graphrisk.analyze.tables import score_frame
from graphrisk.cascade.shocks import effects_of
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.contagion.collateral import Pledges, covered_at
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs
from graphrisk.standing.guarantee_parts import over


def price_changes(graph: RiskGraph, inputs: Inputs, notes: list[str]) -> Floats | None:
    """Return the relative change of each asset's value (assets,) under a scenario; None without one.

    Raises UsageError for shocks of parties, and for a scenario that moves no price.
    """
    if inputs.shocks or inputs.against is not None:
        raise UsageError("collateral takes no shocks of parties", hint="a scenario with collateral and price")
    scenario = inputs.scenario
    if scenario is None:
        return None
    if not scenario.price_shocks:
        raise UsageError(
            "the scenario moves no price",
            hint='[[shock]] with collateral = {kind = "real_estate"} and price = -0.3',
            where=f"scenario {scenario.name}",
        )
    if scenario.party_shocks or scenario.moves_pds or scenario.default_above is not None:
        notes.append(
            Note(
                "only_prices_of_the_scenario",
                "Of the scenario only the prices of assets are read here: what it does to parties is seen in contagion "
                "and portfolio.",
                "此处仅读取情景中的押品价格变动：对主体的冲击请见 contagion 与 portfolio。",
            )
        )
    return effects_of(graph, inputs, notes).price_change


def stressed_rows(graph: RiskGraph, pledges: Pledges, moved: Floats) -> pd.DataFrame:
    """Return the facilities that assets secure whose prices move, with their cover before and after."""
    width = np.int64(max(len(pledges.value), 1))
    pairs = np.unique(pledges.facility * width + pledges.asset)
    facility, asset = pairs // width, pairs % width
    count = len(pledges.due)
    price = pledges.price * (1.0 + moved)
    before, after = covered_at(pledges, pledges.price)[0], covered_at(pledges, price)[0]
    ltv, fallen = (
        over(pledges.due, sum_by(facility, (pledges.value * prices)[asset], count)) for prices in (pledges.price, price)
    )
    hit = moved[asset] != 0.0
    names: dict[int, list[str]] = {}
    for one, name in zip(facility[hit].tolist(), graph.texts("collateral", "collateral_id")[asset[hit]], strict=True):
        names.setdefault(one, []).append(str(name))
    at = np.array(sorted(names), dtype=np.int64)
    lost = before[at] - after[at]
    at = at[np.lexsort((at, -pledges.due[at], -lost))]
    return score_frame(
        SCENARIO,
        {
            "facility_id": graph.texts("facilities", "facility_id")[at],
            "borrower_id": graph.party_ids[graph.positions("facilities", "borrower_id")[at]],
            "outstanding": pledges.due[at],
            "covered": before[at],
            "covered_fallen": after[at],
            "uncovered_added": before[at] - after[at],
            "ltv": ltv[at],
            "ltv_fallen": fallen[at],
            "assets": [names[one] for one in at.tolist()],
        },
    )
