"""From `--shock` and a scenario to what each party loses at the start and by how much each asset's price falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from graphrisk.cascade.first_losses import money_taken
from graphrisk.cascade.params import Params
from graphrisk.credit.filters import matching, parties_meant
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.pd import in_default
from graphrisk.credit.stressed_pd import Pds, pds_under, settings_of
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.contagion.ledger import Flags, Floats
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs
from graphrisk.scenario import Scenario


class Effects(NamedTuple):
    """What is taken from outside before anybody's status or PD is looked at."""

    fraction: Floats  # (parties,) of equity, at most 1
    amount: Floats  # (parties,) base currency, beside the fraction
    price_change: Floats  # (assets,) relative


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """What happens from outside. `given` is False where nothing was: then every party is tried as a seed.

    `taken`: by shocks alone; `fraction` has also the parties in default by their status or by their PD. `before`: those
    put in default by their status in the unshocked run too, because something else is the shock. `pds` are there where
    the scenario moves PDs or defaults follow from them.
    """

    fraction: Floats  # (parties,) of equity; of a party of unknown equity its loss fraction
    amount: Floats  # (parties,) base currency, beside the fraction
    price_change: Floats  # (assets,) relative
    given: bool
    notes: tuple[str, ...]
    taken: Floats
    before: Floats  # (parties,) of `fraction`, what belongs to the unshocked run
    pds: Pds | None = None

    @property
    def shocked(self) -> Flags:
        """Which parties the shock hits, status in default before it left out (parties,)."""
        hit: Flags = (self.fraction > self.before) | (self.taken > 0.0) | (self.amount > 0.0)
        return hit

    def money(self, equity: Floats, known: Flags) -> Floats:
        """Return the money each party loses at the start (parties,): never more than a positive equity."""
        return money_taken(self.fraction, self.amount, equity, known)

    def fixed(self, known: Flags) -> Floats:
        """Return the loss fraction of each party of unknown equity (parties,)."""
        return np.where(known, 0.0, self.fraction)


def resolve_shocks(graph: RiskGraph, params: Params, inputs: Inputs) -> Shock:
    """Return what `inputs` and the parties' status do. Raises UsageError naming the key and the nearest right name."""
    notes: list[str] = []
    taken, amount, price = effects_of(graph, inputs, notes)
    fraction = taken.copy()
    scenario = inputs.scenario
    given = bool(inputs.shocks) or (
        scenario is not None and bool(scenario.shocks or scenario.default_above is not None or scenario.limits)
    )
    broken = in_default(graph)
    before = np.zeros(graph.size)
    if broken.any():
        if params.start_from_status:
            other = bool(np.any(taken) or np.any(amount) or np.any(price))
            if other or (scenario is not None and scenario.default_above is not None):
                before[broken] = 1.0
                notes.append(
                    Note(
                        "defaulted_before",
                        f"{int(broken.sum()):,} parties have the status defaulted: in default before the shock, in the "
                        "unshocked run too (start_from_status)",
                        f"{int(broken.sum()):,} 户状态为违约：冲击前即违约，未受冲击的运行中亦然（start_from_status）",
                    )
                )
            else:
                notes.append(
                    Note(
                        "defaulted_shocked",
                        f"{int(broken.sum()):,} parties are shocked because their status is defaulted",
                        f"{int(broken.sum()):,} 户因状态为违约而受冲击",
                    )
                )
            fraction[broken] = 1.0
            given = True
        else:
            notes.append(
                Note(
                    "defaulted_not_shocked",
                    f"{int(broken.sum()):,} parties have the status defaulted: noted, not shocked "
                    "(start_from_status=true shocks them)",
                    f"{int(broken.sum()):,} 户状态为违约：仅提示，不作冲击（start_from_status=true 则冲击）",
                )
            )
    _note_effects(graph, fraction, amount, notes)
    pds = None
    if scenario is not None and (scenario.moves_pds or scenario.default_above is not None):
        own = own_book(graph)
        ead = sum_by(own.borrower, own.ead, graph.size)
        pds = pds_under(graph, scenario, settings_of(scenario), ead, notes)
        fraction[_failing(scenario, pds, broken, notes)] = 1.0
    return Shock(
        fraction=fraction,
        amount=amount,
        price_change=price,
        given=given,
        notes=tuple(dict.fromkeys(notes)),
        taken=taken,
        before=before,
        pds=pds,
    )


def effects_of(graph: RiskGraph, inputs: Inputs, notes: list[str]) -> Effects:
    """Return what shocks and prices take; effects on one party or asset add up. Raises UsageError."""
    fraction, amount = np.zeros(graph.size), np.zeros(graph.size)
    price = np.zeros(graph.rows("collateral"))
    for party, part in sorted(inputs.shocks.items()):
        if not 0.0 <= part <= 1.0:
            raise UsageError(f"a shock is a fraction of equity in [0, 1], not {part!r}", where=party)
        fraction[graph.position(party)] += part
    if inputs.scenario is not None:
        for shock in inputs.scenario.party_shocks:
            hit = parties_meant(graph, shock.parties, shock.where, shock.rating_model, shock.key, notes)
            if shock.loss is not None:
                fraction[hit] += shock.loss
            if shock.loss_amount is not None:
                amount[hit] += shock.loss_amount
        for change in inputs.scenario.price_shocks:
            price[matching(graph, "collateral", change.where, f"{change.key}.collateral", notes)] += change.price
    return Effects(np.minimum(fraction, 1.0), amount, np.maximum(price, -1.0))


def _failing(scenario: Scenario, pds: Pds, broken: Flags, notes: list[str]) -> Flags:
    """Return which parties start in default by their stressed PD (parties,)."""
    if scenario.default_above is None:
        if scenario.moves_pds and not scenario.party_shocks and not scenario.price_shocks:
            notes.append(
                Note(
                    "only_pds_move",
                    "the scenario only moves PDs, so nobody is shocked here: default_above = 0.2 puts the parties "
                    "whose PD reaches it in default, and graphrisk portfolio --scenario FILE draws defaults by the PDs",
                    "情景只改变违约概率，因此这里无人受冲击：default_above "
                    "= 0.2 使违约概率达到该值的客户违约；graphrisk "
                    "portfolio --scenario FILE 按违约概率抽取违约",
                    severity="warning",
                )
            )
        return np.zeros(len(broken), dtype=bool)
    failing: Flags = pds.rated & (pds.stressed >= scenario.default_above) & ~broken
    before = int((failing & (pds.pd >= scenario.default_above)).sum())
    notes.append(
        Note(
            "default_by_pd",
            f"{int(failing.sum()):,} parties start in default because "
            f"their PD is at or above {scenario.default_above:g} "
            f"(default_above); {before:,} of them were at or above it before the scenario",
            f"{int(failing.sum()):,} 户因违约概率不低于 {scenario.default_above:g}（"
            f"default_above）而起始违约；其中 {before:,} 户在情景之前已达到",
        )
    )
    return failing


def _note_effects(graph: RiskGraph, fraction: Floats, amount: Floats, notes: list[str]) -> None:
    equity = graph.equity
    unknown = np.isnan(equity)
    hit = (fraction > 0.0) | (amount > 0.0)
    lost = unknown & (amount > 0.0)
    if lost.any():
        notes.append(
            Note(
                "loss_without_equity",
                f"{int(lost.sum()):,} parties without known equity are given a loss_amount: it takes nothing from "
                "them, because what part of their equity it is cannot be said",
                f"{int(lost.sum()):,} 户净资产未知却给出 loss_amount ：无法得知占其净资产多少，因此不作扣减",
                severity="warning",
            )
        )
    with np.errstate(invalid="ignore"):
        broken = hit & ~unknown & (equity <= 0.0)
    if broken.any():
        notes.append(
            Note(
                "shocked_without_net_assets",
                f"{int(broken.sum()):,} shocked parties have no equity left: the shock takes nothing more from them",
                f"{int(broken.sum()):,} 户受冲击主体已无净资产：冲击不再扣减",
            )
        )
    if (hit & unknown).any():
        notes.append(
            Note(
                "shocked_without_equity",
                f"{int((hit & unknown).sum()):,} shocked parties "
                "have no known equity: the shock is their loss fraction",
                f"{int((hit & unknown).sum()):,} 户受冲击主体净资产未知：冲击即其损失比例",
            )
        )
