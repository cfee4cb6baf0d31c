"""How much each party would cause if it alone failed: exact as far as the work goes, else between certified bounds.

Seeds are run in the order of their upper bounds, so that the largest are exact first: once the k-th largest exact loss
is above every bound left, the top k are certain without running the rest.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from graphrisk.analyze.contagion.params import Params
from graphrisk.analyze.contagion.tables import Scores
from graphrisk.analyze.contagion.unified import Spread, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.ledger import Floats, Ints
from graphrisk.kernels.majorant import least_caused, most_caused
from graphrisk.kernels.seeds import Caused, each_seed_alone, nothing_caused
from graphrisk.kernels.supply import NEVER
from graphrisk.kernels.supply_seeds import each_seed_with_supply
from graphrisk.progress import Progress

SAMPLE = 64
"""Seeds run first, spread over the book, to tell how much work all would be."""
Runner = Callable[[Ints], Caused]


def score_seeds(quiet: Spread, params: Params, progress: Progress) -> tuple[Scores, tuple[str, ...], dict[str, Any]]:
    """Return the importance of every party beyond the unshocked run `quiet`, notes, and what certifies it."""
    size = quiet.ledger.party.shape[0]
    by_contract = (
        quiet.supply is None and not params.impact_beta and params.rule in ("threshold", "debtrank", "nonlinear")
    )

    def compiled(seeds: Ints) -> Caused:
        return each_seed_alone(
            quiet.ledger, quiet.rule, quiet.run.state, seeds, tolerance=params.tolerance, max_rounds=params.max_rounds
        )

    def with_supply(seeds: Ints) -> Caused:
        if quiet.supply is None or quiet.supply.staged or quiet.supply.stops == NEVER:
            return _run_each(quiet, params, seeds)
        return each_seed_with_supply(
            quiet.ledger, quiet.rule, quiet.run.state, quiet.supply, seeds,
            tolerance=params.tolerance, max_rounds=params.max_rounds,
        )  # fmt: skip

    run: Runner = compiled if quiet.supply is None else with_supply
    if params.impact_beta or params.rule in ("rv", "merton"):
        run = functools.partial(_run_each, quiet, params)
    caused, done, work = nothing_caused(size), np.zeros(size, dtype=bool), 0
    healthy = np.flatnonzero(~quiet.run.state.failed)
    done[quiet.run.state.failed] = True
    sample = healthy[np.unique(np.linspace(0, len(healthy) - 1, min(SAMPLE, len(healthy))).astype(np.int64))]
    everything = float(np.maximum(quiet.balance.equity, 0.0).sum()) + float(
        (quiet.book.due - quiet.balance.unpaid).sum()
    )
    lower, upper = np.zeros(size), np.full(size, everything)
    bounded = np.zeros(size, dtype=bool)
    work += _run_block(run, sample, caused, done)
    left = np.flatnonzero(~done)
    if len(left) and work / len(sample) * size > params.seed_work and by_contract:
        lower = least_caused(quiet.ledger, quiet.rule, quiet.run.state)
        most, bounded = most_caused(quiet.ledger, quiet.rule, quiet.run.state)
        upper = np.where(bounded, np.minimum(most, everything), everything)
        left = left[np.lexsort((left, -lower[left], -upper[left]))]
    block = max(1, min(len(left), int(params.seed_work / max(work / max(len(sample), 1), 1.0) / 16)))
    for at in range(0, len(left), block):
        if work > params.seed_work:
            break
        progress("each party alone", int(done.sum()), size)
        work += _run_block(run, left[at : at + block], caused, done)
    return _scores(caused, done, lower, upper, bounded, params, work)


def _scores(
    caused: Caused, done: Any, lower: Floats, upper: Floats, bounded: Any, params: Params, work: int
) -> tuple[Scores, tuple[str, ...], dict[str, Any]]:
    exact = done & (caused.rounds >= 0)
    loss = np.where(exact, caused.loss, lower)
    scores = Scores(
        loss=loss,
        bank_loss=np.where(exact, caused.bank_loss, 0.0),
        defaults=np.where(exact, caused.defaults, 0),
        lower=loss,
        upper=np.where(exact, caused.loss, np.maximum(upper, lower)),
        exact=exact,
    )
    open_ = float(scores.upper[~exact].max(initial=-np.inf))
    certain = int((loss[exact] >= open_).sum())
    notes = []
    swinging = int((done & ~exact).sum())
    if swinging:
        notes.append(
            f"{swinging:,} seeds did not settle in {params.max_rounds:,} rounds: what they cause is only bounded"
        )
    if not done.all():
        notes.append(
            f"importance: {int(exact.sum()):,} of {len(done):,} seeds were run to their end (seed_work="
            f"{params.seed_work:,}), in the order of their upper bounds; the top {certain:,} are certain. The others "
            "show their lower bound as loss_caused"
        )
        void = int((~done & ~bounded).sum())
        if void:
            notes.append(
                f"warning: for {void:,} of them the linear bound is void (losses can feed on themselves, or a layer is "
                "not linear): upper is all there is to lose. Raise seed_work to run them"
            )
    return scores, tuple(notes), {"exact_seeds": int(exact.sum()), "certain_top": certain, "contracts_followed": work}


def _run_block(run: Runner, seeds: Ints, caused: Caused, done: Any) -> int:
    """Run some seeds, note what they cause; return the work."""
    if not len(seeds):
        return 0
    found = run(seeds)
    for whole, part in zip(caused, found, strict=True):
        whole[seeds] = part
    done[seeds] = True
    return int(found.work.sum())


def _run_each(quiet: Spread, params: Params, seeds: Ints) -> Caused:
    """Run each seed from the start: for layers that are no contracts, and rules that look at the seed's own assets."""
    size, out = quiet.ledger.party.shape[0], nothing_caused(len(seeds))
    left, failed = np.maximum(quiet.balance.equity, 0.0), quiet.run.state.failed
    rows = size + len(quiet.ledger.claim) + len(quiet.book.supply_row) + len(quiet.book.due) + len(quiet.ledger.share)
    for place, seed in enumerate(seeds.tolist()):
        fraction = np.zeros(size)
        fraction[seed] = 1.0
        shock = dataclasses.replace(quiet.shock, fraction=fraction, given=True)
        try:
            one = spread_shock(quiet.book, shock, params, explain=False)
        except ConvergenceError:
            out.rounds[place] = -1
            out.work[place] = rows * params.max_rounds
            continue
        fall = left - np.maximum(one.balance.equity, 0.0)
        fall[seed] = 0.0
        new = one.run.state.failed & ~failed
        new[seed] = False
        out.bank_loss[place] = one.bank_loss - quiet.bank_loss
        out.loss[place] = float(fall.sum()) + out.bank_loss[place]
        out.defaults[place] = int(new.sum())
        out.rounds[place] = one.run.rounds
        out.work[place] = rows * (one.run.rounds + 1)
    return out
