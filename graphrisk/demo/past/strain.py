"""The own course of each client, month by month: sound, strained, in default. Nothing looks ahead.

Trouble comes first and default after it, in most cases: a client becomes strained, and from there it either recovers or
defaults. So signs of trouble stand at many who survive, and a part of the defaults comes without any. The chances of
both banks, with and without contagion, are the same, and so are the draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.demo.dice import Flags, Floats, Ints

SUDDEN = 0.2
"""Part of the own defaults that come out of the blue."""
FAILS = 0.4
"""Part of the strained that default; the others recover."""
MONTHS = 8.0
"""Months of strain, on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Of one month: to default while sound, to become strained (both (n,)), to default or recover while strained."""

    sudden: Floats
    into: Floats
    fails: float
    recovers: float


def chances(pd: Floats) -> Chances:
    """Return the monthly chances under which a sound client defaults in the long run at the yearly PD `pd` (n,)."""
    monthly = pd / 12.0
    return Chances(
        sudden=SUDDEN * monthly,
        into=(1.0 - SUDDEN) * monthly / FAILS,
        fails=FAILS / MONTHS,
        recovers=(1.0 - FAILS) / MONTHS,
    )


def within_a_year(given: Chances, strained: Flags) -> Floats:
    """Return the true probability of each client to default by its own in the next twelve months (n,)."""
    sound, worse = np.where(strained, 0.0, 1.0), np.where(strained, 1.0, 0.0)
    for _ in range(12):
        left, held = sound * (1.0 - given.sudden), worse * (1.0 - given.fails)
        sound = left * (1.0 - given.into) + held * given.recovers
        worse = left * given.into + held * (1.0 - given.recovers)
    return 1.0 - sound - worse


def step(given: Chances, months: Ints, first: Floats, second: Floats) -> tuple[Flags, Ints]:
    """Return who defaults by its own in a month, and for how many months each is strained after it (0: sound).

    `months` (n,): the same before it; `first`, `second` (n,): uniform draws.
    """
    strained = months > 0
    fails = first < np.where(strained, given.fails, given.sudden)
    stays = strained & (second >= given.recovers)
    enters = ~strained & (second < given.into)
    return fails, np.where(stays, months + 1, enters.astype(np.int64))
