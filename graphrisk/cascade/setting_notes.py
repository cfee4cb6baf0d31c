"""What a reader must know of the settings of a run: layers without data or left out, and what has no effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphrisk.cascade.params import Params, unread
from graphrisk.cascade.shocks import Shock
from graphrisk.graph.book import Book
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs


def setting_notes(book: Book, params: Params, inputs: Inputs, shock: Shock, with_data: Sequence[str]) -> list[str]:
    """Return the notes, in the order of the settings; `with_data`: the layers that hold rows."""
    layers = with_data if params.layers is None else params.layers
    notes: list[str] = [
        Note("layer_without_data", f"layer {name} holds no data", f"{name} 层没有数据")
        for name in params.layers or ()
        if name not in with_data
    ]
    notes += [
        Note("layer_left_out", f"layer {name} is left out", f"未计 {name} 层")
        for name in with_data
        if name not in layers
    ]
    notes += [
        Note(
            "parameter_not_read",
            f"{name} has no effect under rule {params.rule}",
            f"{name} 在规则 {params.rule} 下不起作用",
            severity="warning",
        )
        for name in unread(params)
    ]
    if inputs.scenario is not None and not inputs.scenario.shocks and not np.any(shock.fraction + shock.amount):
        notes.append(
            Note(
                "nobody_shocked",
                "the scenario has no [[shock]], and nobody is shocked",
                "情景没有 [[shock]]，无人受冲击",
                severity="warning",
            )
        )
    if np.any(shock.price_change) and "collateral" not in layers:
        notes.append(
            Note(
                "prices_without_collateral",
                "the fall of prices has no effect, because the layer collateral is left out",
                "价格下跌不起作用：未计押品层",
                severity="warning",
            )
        )
    if params.impact_beta and "collateral" not in book.layers:
        notes.append(
            Note(
                "impact_without_collateral",
                "impact_beta has no effect, because the layer collateral is left out",
                "impact_beta 不起作用：未计押品层",
                severity="warning",
            )
        )
    if shock.given and params.supply_default == "none" and book.supply is not None:
        notes.append(
            Note(
                "shock_takes_production",
                "supply_default=none: a shock takes production, not equity",
                "supply_default=none ：冲击减少的是产能，不是净资产",
            )
        )
        idle = int((((shock.fraction > 0.0) | (shock.amount > 0.0)) & ~(book.profit > 0.0)).sum())
        if idle:
            notes.append(
                Note(
                    "shocked_without_profit",
                    f"{idle:,} shocked parties have no known profit: to stop costs them nothing themselves",
                    f"{idle:,} 户受冲击主体利润未知：停产对其自身没有损失",
                    severity="warning",
                )
            )
    return notes
