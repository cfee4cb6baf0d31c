"""Actions in plain words, and the best of them: what each saves and what it costs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.intervene.actions import Lever
from graphrisk.analyze.intervene.params import Params
from graphrisk.analyze.intervene.tables import BEST
from graphrisk.analyze.tables import texts
from graphrisk.cascade.sentences import Words
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.table import Table

SAME = 1e-9
"""A saving below this part of the measure is rounding."""


def best_table(
    found: list[Lever],
    measure: Callable[[Mapping[int, int]], float],
    base: float,
    words: Words,
    graph: RiskGraph,
    params: Params,
) -> pd.DataFrame:
    """Return the best single actions, one size of each lever, by what they save for their cost, then by that alone."""
    units = dict(pair.partition("=")[::2] for pair in params.cost_units)
    options = []
    for k, lever in enumerate(found):
        sizes = [(level, base - measure({k: level})) for level in range(1, lever.levels + 1)]
        useful = [(level, saves) for level, saves in sizes if math.isfinite(saves) and saves > SAME * max(base, 1e-300)]
        if useful:
            level, saves = min(useful, key=lambda one: (-_rate(one[1], lever, one[0]), -one[1], one[0]))
            options.append((-_rate(saves, lever, level), -saves, k, level))
    rows = []
    for rank, (_, less, k, level) in enumerate(sorted(options)[: params.best], 1):
        what = what_of(found[k], level, graph)
        unit = units.get(found[k].kind) or None
        rows.append(
            {
                "rank": rank,
                **what,
                "cost_unit": unit,
                "saves": -less,
                "measure_after": base + less,
                "sentence": _said(found[k], level, words, params, -less, float(what["cost"]), unit),
            }
        )
    return frame_of_rows(BEST, rows)


def _rate(saves: float, lever: Lever, level: int) -> float:
    cost = lever.part(level) * lever.cost
    return saves / cost if cost > 0.0 else math.inf


def _said(lever: Lever, level: int, words: Words, params: Params, saves: float, cost: float, unit: str | None) -> str:
    saved = f"{saves:,.0f} defaults" if params.measure == "defaults" else words.money(saves)
    return f"{action_of(lever, level, words)}: saves {saved}, costs {words.money(cost)}{f' ({unit})' if unit else ''}."


def what_of(lever: Lever, level: int, graph: RiskGraph) -> dict[str, Any]:
    """Return what an action is, as the tables hold it."""
    return {
        "action": lever.kind,
        "party_id": str(graph.party_ids[lever.party]),
        "contract_id": lever.contract or None,
        "guarantor_id": None if lever.guarantor < 0 else str(graph.party_ids[lever.guarantor]),
        "size": lever.part(level) * lever.whole,
        "cost": lever.part(level) * lever.cost,
    }


def action_of(lever: Lever, level: int, words: Words) -> str:
    """Return what is done, in plain words."""
    who, money = words.party(lever.party), words.money(lever.part(level) * lever.whole)
    facility = f"facility {lever.contract} of {who}"
    return {
        "cut": f"Cut {facility} by {money}",
        "capital": f"Add {money} of capital to {who}",
        "collateral": f"Add collateral of {money} to {facility}",
        "guarantor": f"Add a guarantor for {money} of {facility}: {words.party(max(lever.guarantor, 0))}",
        "release": f"Release guarantee {lever.contract} of {who} (cap {money})",
        "split": f"Split the circle: release guarantee {lever.contract} of {who} (cap {money})",
        "claim": f"Cut the claim {lever.contract} of {who} by {money}",
        "stake": f"Sell {money} of the stake {lever.contract} of {who}",
        "delivery": f"Let {words.party(max(lever.guarantor, 0))} deliver {money} a year of {lever.contract} to {who}",
    }[lever.kind]


def sentence_of(lever: Lever, level: int, words: Words, params: Params, before: float, after: float) -> str:
    """Return an action with the measure before and after it."""
    what = action_of(lever, level, words)
    name = {"bank_loss": "the bank loss", "loss": "the loss", "defaults": "the number of defaults"}[params.measure]
    if params.measure == "defaults":
        return f"{what}: {name} goes from {before:,.0f} to {after:,.0f}."
    return f"{what}: {name} goes from {words.money(before)} to {words.money(after)}."


def frame_of_rows(table: Table, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as the frame of a table of intervene."""
    kinds = {column.name: column.kind for column in table.columns}
    columns = {}
    for name in table.names:
        values = [row[name] for row in rows]
        number = kinds[name] in ("money", "number")
        columns[name] = pd.Series(values, dtype=np.float64) if number else texts(values)
    return pd.DataFrame(columns)
