"""How much each party would cause if it alone failed, with bounds where its cascade was not run to its end."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphrisk.analyze.contagion.params import Params
from graphrisk.analyze.contagion.tables import Scores
from graphrisk.analyze.contagion.unified import Spread, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.ledger import Flags, Floats, Ints
from graphrisk.kernels.seeds import each_seed_alone
from graphrisk.progress import Progress


def score_seeds(quiet: Spread, params: Params, progress: Progress) -> tuple[Scores, tuple[str, ...]]:
    """Return the importance of every party beyond the unshocked run `quiet`, and what a reader must know of it."""
    size = quiet.ledger.party.shape[1]
    progress("each party alone", 0, size)
    if quiet.supply is None and not params.impact_beta and params.rule not in ("rv", "merton"):
        found = each_seed_alone(
            quiet.ledger, quiet.rule, quiet.run.state, np.arange(size),
            tolerance=params.tolerance, max_rounds=params.max_rounds,
        )  # fmt: skip
        loss, bank_loss, defaults, exact = found.loss, found.bank_loss, found.defaults, found.rounds >= 0
    else:
        loss, bank_loss, defaults, exact = _run_each(quiet, params, progress)
    everything = float(np.maximum(quiet.balance.equity, 0.0).sum()) + float(
        (quiet.book.due - quiet.balance.unpaid).sum()
    )
    notes: tuple[str, ...] = ()
    if not exact.all():
        notes = (
            f"{int((~exact).sum()):,} seeds did not settle in {params.max_rounds:,} rounds: their loss_caused is where "
            "the last round stood, between 0 and all there is to lose",
        )
    return Scores(
        loss=np.where(exact, loss, np.clip(loss, 0.0, everything)),
        bank_loss=bank_loss,
        defaults=defaults,
        lower=np.where(exact, loss, 0.0),
        upper=np.where(exact, loss, everything),
        exact=exact,
    ), notes


def _run_each(quiet: Spread, params: Params, progress: Progress) -> tuple[Floats, Floats, Ints, Flags]:
    """Run each seed from the start: layers that are no contracts reach everywhere."""
    size = quiet.ledger.party.shape[1]
    loss, bank_loss, defaults = np.zeros(size), np.zeros(size), np.zeros(size, dtype=np.int64)
    exact = np.ones(size, dtype=bool)
    left, failed = np.maximum(quiet.balance.equity, 0.0), quiet.run.state.failed
    for seed in np.flatnonzero(~failed):
        if seed % 100 == 0:
            progress("each party alone", int(seed), size)
        fraction = np.zeros(size)
        fraction[seed] = 1.0
        shock = dataclasses.replace(quiet.shock, fraction=fraction, given=True)
        try:
            one = spread_shock(quiet.book, shock, params, explain=False)
        except ConvergenceError:
            exact[seed] = False
            continue
        bank_loss[seed] = one.bank_loss - quiet.bank_loss
        fall = left - np.maximum(one.balance.equity, 0.0)
        fall[seed] = 0.0
        loss[seed] = float(fall.sum()) + bank_loss[seed]
        new = one.run.state.failed & ~failed
        new[seed] = False
        defaults[seed] = int(new.sum())
    return loss, bank_loss, defaults, exact
