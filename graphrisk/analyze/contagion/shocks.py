"""From `--shock` and a scenario to what each party loses at the start and by how much each asset's price falls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.contagion.params import Params
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ledger import NOTHING, Flags, Floats
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """What happens from outside. `given` is False where nothing was: then every party is tried as a seed."""

    fraction: Floats  # (parties,) of equity; of a party of unknown equity its loss fraction
    amount: Floats  # (parties,) base currency, beside the fraction
    price_change: Floats  # (assets,) relative
    given: bool
    notes: tuple[str, ...]

    def money(self, equity: Floats, known: Flags) -> Floats:
        """Return the money each party loses at the start (parties,): never more than a positive equity."""
        whole = self.fraction * equity + self.amount
        able = known & (equity > NOTHING * np.maximum(np.abs(equity), 1.0))
        return np.where(able, np.where(self.fraction >= 1.0, equity, np.minimum(whole, equity)), 0.0)

    def fixed(self, known: Flags) -> Floats:
        """Return the loss fraction of each party of unknown equity (parties,)."""
        return np.where(known, 0.0, self.fraction)


def resolve_shocks(graph: RiskGraph, params: Params, inputs: Inputs) -> Shock:
    """Return what `inputs` and the parties' status do. Raises UsageError naming the key and the nearest right name."""
    fraction, amount = np.zeros(graph.size), np.zeros(graph.size)
    price = np.zeros(graph.rows("collateral"))
    notes: list[str] = []
    for party, part in sorted(inputs.shocks.items()):
        if not 0.0 <= part <= 1.0:
            raise UsageError(f"a shock is a fraction of equity in [0, 1], not {part!r}", where=party)
        fraction[graph.position(party)] += part
    given = bool(inputs.shocks)
    if inputs.scenario is not None:
        for shock in inputs.scenario.party_shocks:
            given = True
            hit = _named(graph, shock.parties, shock.key) if shock.parties else _matching(
                graph, "parties", shock.where, f"{shock.key}.where", notes
            )  # fmt: skip
            if shock.loss is not None:
                fraction[hit] += shock.loss
            if shock.loss_amount is not None:
                amount[hit] += shock.loss_amount
        for change in inputs.scenario.price_shocks:
            given = True
            price[_matching(graph, "collateral", change.where, f"{change.key}.collateral", notes)] += change.price
    broken = graph.texts("parties", "status") == "defaulted"
    if broken.any():
        if params.start_from_status:
            fraction[broken.astype(bool)] = 1.0
            given = True
            notes.append(f"{int(broken.sum()):,} parties are shocked because their status is defaulted")
        else:
            notes.append(
                f"{int(broken.sum()):,} parties have the status defaulted: noted, not shocked "
                "(start_from_status=true shocks them)"
            )
    _note_effects(graph, fraction, amount, notes)
    return Shock(
        fraction=np.minimum(fraction, 1.0),
        amount=amount,
        price_change=np.maximum(price, -1.0),
        given=given,
        notes=tuple(notes),
    )


def _named(graph: RiskGraph, parties: tuple[str, ...], key: str) -> Flags:
    hit = np.zeros(graph.size, dtype=bool)
    for party in parties:
        try:
            hit[graph.position(party)] = True
        except UsageError as error:
            raise UsageError(error.message, hint=error.hint, where=f"{key}.parties") from None
    return hit


def _matching(graph: RiskGraph, table: str, where: Mapping[str, tuple[str, ...]], key: str, notes: list[str]) -> Flags:
    """Return which rows of a node table have one of the values given in every column given."""
    declared = CATALOG[table]
    hit = np.ones(graph.rows(table), dtype=bool)
    for name, values in where.items():
        if name not in declared.names:
            raise UsageError(
                f"{table} has no column {name!r}", hint=nearest(name, declared.names), where=f"{key}.{name}"
            )
        choices = declared.column(name).choices
        for value in values if choices else ():
            if value not in choices:
                raise UsageError(f"{value!r} is no {name}", hint=nearest(value, choices), where=f"{key}.{name}")
        texts = graph.table(table)[name].cast(pa.string())
        hit &= pc.is_in(texts, value_set=pa.array(list(values), pa.string())).to_numpy(zero_copy_only=False)
    if not hit.any():
        said = ", ".join(f"{name} = {' or '.join(values)}" for name, values in where.items())
        notes.append(f"warning: {key} matches nothing in {table} ({said})")
    return hit


def _note_effects(graph: RiskGraph, fraction: Floats, amount: Floats, notes: list[str]) -> None:
    equity = graph.equity
    unknown = np.isnan(equity)
    hit = (fraction > 0.0) | (amount > 0.0)
    lost = unknown & (amount > 0.0)
    if lost.any():
        notes.append(
            f"warning: {int(lost.sum()):,} parties without known equity are given a loss_amount: it takes nothing from "
            "them, because what part of their equity it is cannot be said"
        )
    with np.errstate(invalid="ignore"):
        broken = hit & ~unknown & (equity <= 0.0)
    if broken.any():
        notes.append(
            f"{int(broken.sum()):,} shocked parties have no equity left: the shock takes nothing more from them"
        )
    if (hit & unknown).any():
        notes.append(
            f"{int((hit & unknown).sum()):,} shocked parties have no known equity: the shock is their loss fraction"
        )
