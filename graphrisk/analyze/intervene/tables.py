"""The score tables of intervene."""

from __future__ import annotations

from graphrisk.analyze.intervene.params import KINDS
from graphrisk.model.columns import party
from graphrisk.model.table import Column, Table

_WHAT = (
    Column(name="action", kind="category", meaning="what is done", choices=KINDS),
    party(
        "party_id",
        "who gets capital, owes the facility, is released as guarantor, or holds the claim or stake, or buys",
    ),
    Column(
        name="contract_id",
        kind="id",
        meaning="the facility or guarantee, or row_key of the claim, stake or delivery; null for capital",
    ),
    party("guarantor_id", "who is added as guarantor, or takes a delivery over", required=False),
    Column(
        name="size",
        kind="money",
        meaning="amount repaid, added, sold, moved, or of the cap given up",
        unit="base currency",
    ),
    Column(name="cost", kind="money", meaning="by the cost parameters", unit="base currency"),
)


def _measure(name: str, meaning: str) -> Column:
    return Column(name=name, kind="number", meaning=meaning, unit="of the measure")


ACTIONS = Table(
    name="intervene_actions",
    meaning="the actions chosen; by order",
    role="score",
    key=("order",),
    columns=(
        Column(name="order", kind="integer", meaning="in which they are counted"),
        *_WHAT,
        _measure("measure_before", "measure in the run with the actions before it"),
        _measure("measure_after", "measure in the run with it too"),
        Column(name="cumulative_cost", kind="money", meaning="of it and those before", unit="base currency"),
        Column(name="sentence", kind="text", meaning="the action in plain words"),
    ),
)
CANDIDATES = Table(
    name="intervene_candidates",
    meaning="what was considered, with the effect of each alone; by rank",
    role="score",
    key=("rank",),
    columns=(
        Column(name="rank", kind="integer", meaning="by effect per cost, falling; without a run last"),
        *_WHAT,
        _measure("measure_after", "measure in the run with this action alone; null where it did not settle"),
        _measure("effect", "measure without any action less that: below 0 it does harm"),
        _measure("effect_per_cost", "effect over cost; null where the cost is 0"),
    ),
)
BEST = Table(
    name="intervene_best",
    meaning="the best single actions, one size of each: by what they save for their cost; by rank",
    role="score",
    key=("rank",),
    columns=(
        Column(name="rank", kind="integer", meaning="by effect over cost, falling"),
        *_WHAT,
        Column(
            name="cost_unit", kind="text", meaning="what the cost is, as the policy says it; null where it says none"
        ),
        _measure("saves", "measure without any action less that with this one"),
        _measure("measure_after", "measure in the run with this action alone"),
        Column(name="sentence", kind="text", meaning="what it is, saves and costs, in plain words"),
    ),
)
TABLES = (ACTIONS, CANDIDATES, BEST)
