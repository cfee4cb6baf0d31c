"""What first-stage defaults do to the rest of the network, scenario by scenario.

Sources: C. Furfine, "Interbank Exposures", Journal of Money, Credit and Banking 35(1), 2003 (threshold); M. Bardoscia,
S. Battiston, F. Caccioli, G. Caldarelli, "DebtRank: a microscopic foundation for shock propagation", PLoS ONE 10(6),
2015 (linear DebtRank). A frontier cascade: only parties that change are looked at, so that a scenario
costs its defaults and their creditors, not the network.

A second stage takes `Draws` and returns `Losses`: any callable of that kind can be plugged into `portfolio.simulate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.matrices import amounts, reciprocal, scaled_rows, transposed
from graphrisk.kernels.portfolio.copula import Draws

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Losses(NamedTuple):
    """The bank's losses in k scenarios: scenario a loses `amount[e]` on `unit[e]` for e in start[a] : start[a + 1].

    A unit is what contributions are asked for: a party, a facility, a group. `untold` (k,): loss that the rule left
    unpassed in each scenario, in relative equity (0 where the cascade is exact).
    """

    start: Integers
    unit: Integers
    amount: Floats
    untold: Floats


SecondStage: TypeAlias = Callable[[Draws], Losses]


@runtime_checkable
class KnowsWhatOneAdds(Protocol):
    """A second stage that goes on from where a scenario ended, for less than the scenario itself costs."""

    def added_by(self, down: Integers, parties: Integers) -> Floats:
        """Return what the default of each of `parties` adds to the loss of a scenario in which `down` default.

        Of one of `down`: what is lost less without it. NaN where only a run of its own says.
        """
        ...


@runtime_checkable
class GoesInSteps(Protocol):
    """A second stage that tells what is lost on the way to the end of a scenario, too."""

    def each_step(self, draws: Draws) -> tuple[Losses, ...]:
        """Return the losses step by step, those of the end last."""
        ...


def scenario_sums(lost: Losses) -> Floats:
    """Return the loss of each scenario (k,)."""
    row = np.repeat(np.arange(len(lost.start) - 1), np.diff(lost.start))
    return np.bincount(row, lost.amount, len(lost.start) - 1).astype(np.float64)


def no_contagion(loss: npt.ArrayLike) -> SecondStage:
    """Return the stage that adds nothing: each party in default costs the bank `loss` (n,)."""
    each = _losses(loss)
    return lambda draws: Losses(draws.start, draws.party, each[draws.party], np.zeros(len(draws.ids)))


@dataclass(frozen=True, kw_only=True, slots=True)
class ThresholdCascade:
    """Stage in which a party fails when its losses on failed debtors reach its buffer (Furfine)."""

    start: Integers
    creditor: npt.NDArray[np.int32]
    amount: Floats
    buffer: Floats
    loss: Floats

    def __call__(self, draws: Draws) -> Losses:
        """Return the loss on each party in default after the cascade."""
        room = len(draws.party) * 2 + 1024
        while True:
            start, unit = np.empty(len(draws.ids) + 1, dtype=np.int64), np.empty(room, dtype=np.int64)
            used = _threshold(*draws[1:], self.start, self.creditor, self.amount, self.buffer, start, unit)
            if used >= 0:
                unit = unit[:used].copy()
                return Losses(start, unit, self.loss[unit], np.zeros(len(draws.ids)))
            room *= 2


def threshold_cascade(
    claims: Any, equity: npt.ArrayLike, loss: npt.ArrayLike, *, recovery: float = 0.0
) -> ThresholdCascade:
    """Return the threshold stage: `claims` (n, n), entry (i, j) the claim of i on j; `equity` (n,) is i's buffer.

    A failed debtor costs its creditors (1 - `recovery`) of their claims, once. A party fails when that reaches its
    equity (to 1e-12 of it). One with equity <= 0, or unknown (NaN), fails only in the first stage: it has no buffer to
    measure by, and its own PD says what is known of it. `loss` (n,): the bank's loss if a party fails.
    """
    if not 0.0 <= recovery <= 1.0:
        raise UsageError("recovery must be a fraction in [0, 1]")
    owed_to = transposed(amounts(claims, "claims"))
    own = np.asarray(equity, dtype=np.float64)
    if own.shape != (owed_to.shape[0],):
        raise DataError("equity must be one amount per party")
    return ThresholdCascade(
        start=owed_to.indptr.astype(np.int64),
        creditor=owed_to.indices.astype(np.int32),
        amount=(1.0 - recovery) * owed_to.data,
        buffer=np.where(own > 0.0, own * (1.0 - 1e-12), np.inf),
        loss=_losses(loss, len(own)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class DebtRankCascade:
    """Stage in which distress spreads by linear DebtRank and the bank loses in proportion to it."""

    start: Integers
    creditor: Integers
    impact: Floats
    loss: Floats
    tolerance: float

    def __call__(self, draws: Draws) -> Losses:
        """Return distress times loss for each party in distress; `untold` sums the increments that were not passed."""
        room = len(draws.party) * 4 + 4096
        while True:
            k = len(draws.ids)
            start, unit, part = np.empty(k + 1, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room)
            untold = np.zeros(k)
            used = _debtrank(
                *draws[1:], self.start, self.creditor, self.impact, self.tolerance, start, unit, part, untold
            )
            if used >= 0:
                unit = unit[:used].copy()
                return Losses(start, unit, self.loss[unit] * part[:used], untold)
            room *= 2


def debtrank_cascade(
    claims: Any, equity: npt.ArrayLike, loss: npt.ArrayLike, *, tolerance: float = 1e-9
) -> DebtRankCascade:
    """Return the DebtRank stage: a party's distress is its loss over its equity, capped at 1.

    Increments below `tolerance` stop where they are; their sum is returned with the losses. A party with equity <= 0 or
    unknown passes its first-stage default on and suffers nothing further. `loss` (n,): the bank's loss at distress 1.
    """
    if not tolerance > 0.0:
        raise UsageError("tolerance must be above 0")
    own = np.asarray(equity, dtype=np.float64)
    held = amounts(claims, "claims")
    if own.shape != (held.shape[0],):
        raise DataError("equity must be one amount per party")
    told = transposed(scaled_rows(held, reciprocal(np.nan_to_num(own, nan=0.0))))
    return DebtRankCascade(
        start=told.indptr.astype(np.int64),
        creditor=told.indices.astype(np.int64),
        impact=told.data,
        loss=_losses(loss, len(own)),
        tolerance=tolerance,
    )


def _losses(loss: npt.ArrayLike, n: int | None = None) -> Floats:
    each = np.asarray(loss, dtype=np.float64)
    if not (np.isfinite(each).all() and (each >= 0.0).all()) or (n is not None and each.shape != (n,)):
        raise DataError("loss must be one finite amount >= 0 per party")
    return each


@njit(cache=True, nogil=True)
def _threshold(first, party, start, creditor, amount, buffer, out_start, out):  # type: ignore[no-untyped-def]
    """One array tells all of a party: what is left of its buffer, minus infinity once it has failed.

    An edge then costs one random read. `hurt` and `was` list every edge followed and what it found, so that the array
    can be put back, last change first.
    """
    left = buffer.copy()
    hurt = np.empty(len(creditor), dtype=creditor.dtype)
    was = np.empty(len(creditor))
    used = 0
    for at in range(len(first) - 1):
        out_start[at] = used
        begin = used
        touched = 0
        if used + first[at + 1] - first[at] > len(out):
            return -1
        for place in range(first[at], first[at + 1]):
            j = party[place]
            if left[j] > -np.inf:
                left[j] = -np.inf
                out[used] = j
                used += 1
        head = begin
        while head < used:
            j = out[head]
            head += 1
            for edge in range(start[j], start[j + 1]):
                i = creditor[edge]
                before = left[i]
                if before == -np.inf:
                    continue
                hurt[touched] = i
                was[touched] = before
                touched += 1
                rest = before - amount[edge]
                if rest > 0.0:
                    left[i] = rest
                else:
                    if used >= len(out):
                        return -1
                    left[i] = -np.inf
                    out[used] = i
                    used += 1
        for place in range(touched - 1, -1, -1):
            left[hurt[place]] = was[place]
        for place in range(first[at], first[at + 1]):
            left[party[place]] = buffer[party[place]]
    out_start[len(first) - 1] = used
    return used


@njit(cache=True, nogil=True)
def _debtrank(first, party, start, creditor, impact, tolerance, out_start, out, part, untold):  # type: ignore[no-untyped-def]
    n = len(start) - 1
    distress = np.zeros(n)
    told = np.zeros(n)
    waits = np.zeros(n, dtype=np.bool_)
    queue = np.empty(n, dtype=np.int64)
    used = 0
    for at in range(len(first) - 1):
        out_start[at] = used
        begin = used
        left = 0
        if used + first[at + 1] - first[at] > len(out):
            return -1
        for place in range(first[at], first[at + 1]):
            j = party[place]
            if distress[j] == 0.0:
                distress[j] = 1.0
                out[used] = j
                used += 1
                queue[left] = j
                left += 1
                waits[j] = True
        head, tail = 0, left % n
        while left > 0:
            j = queue[head]
            head = head + 1 if head + 1 < n else 0
            left -= 1
            waits[j] = False
            more = distress[j] - told[j]
            told[j] = distress[j]
            for edge in range(start[j], start[j + 1]):
                i = creditor[edge]
                if distress[i] >= 1.0 or impact[edge] == 0.0:
                    continue
                if distress[i] == 0.0:
                    if used >= len(out):
                        return -1
                    out[used] = i
                    used += 1
                distress[i] = min(1.0, distress[i] + impact[edge] * more)
                if not waits[i] and distress[i] - told[i] > tolerance:
                    waits[i] = True
                    queue[tail] = i
                    tail = tail + 1 if tail + 1 < n else 0
                    left += 1
        for place in range(begin, used):
            j = out[place]
            part[place] = distress[j]
            untold[at] += distress[j] - told[j]
            distress[j] = 0.0
            told[j] = 0.0
    out_start[len(first) - 1] = used
    return used
