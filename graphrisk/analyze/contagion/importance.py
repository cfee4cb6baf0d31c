"""How much each party would cause if it alone failed, with bounds where its cascade was not run to its end."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.analyze.contagion.params import Params
from graphrisk.kernels.ledger import EQUITY, UNPAID, Flags, Floats, Ints, Ledger, Rule, State
from graphrisk.kernels.seeds import each_seed_alone


class Scores(NamedTuple):
    """Per party: what it causes, and between which numbers that lies."""

    loss: Floats
    bank_loss: Floats
    defaults: Ints
    lower: Floats
    upper: Floats
    exact: Flags


def score_seeds(ledger: Ledger, rule: Rule, unshocked: State, params: Params) -> tuple[Scores, tuple[str, ...]]:
    """Return the importance of every party beyond the unshocked run, and what a reader must know of it."""
    size = ledger.party.shape[1]
    caused = each_seed_alone(
        ledger, rule, unshocked, np.arange(size), tolerance=params.tolerance, max_rounds=params.max_rounds
    )
    exact = caused.rounds >= 0
    everything = float(np.maximum(unshocked.money[EQUITY], 0.0).sum()) + float(
        (ledger.uncovered - unshocked.facility_money[UNPAID]).sum()
    )
    notes: tuple[str, ...] = ()
    if not exact.all():
        notes = (
            f"{int((~exact).sum()):,} seeds did not settle in {params.max_rounds:,} rounds: their loss_caused is where "
            "the last round stood, between 0 and all there is to lose",
        )
    scores = Scores(
        loss=np.where(exact, caused.loss, np.clip(caused.loss, 0.0, everything)),
        bank_loss=caused.bank_loss,
        defaults=caused.defaults,
        lower=np.where(exact, caused.loss, 0.0),
        upper=np.where(exact, caused.loss, everything),
        exact=exact,
    )
    return scores, notes
