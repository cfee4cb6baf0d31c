"""Clearing payments: what each party pays when all debts fall due at once and some cannot pay in full.

Sources: L. Eisenberg, T. Noe, "Systemic Risk in Financial Systems", Management Science 47(2), 2001 (the clearing vector
p_i = min(pbar_i, e_i + sum_j Pi_ji p_j) and the fictitious default algorithm); L. Rogers, L. Veraart, "Failure and
Rescue in an Interbank Network", Management Science 59(4), 2013 (p_i = alpha e_i + beta sum_j Pi_ji p_j in default, and
the algorithm for the greatest clearing vector);
M. Elsinger, "Financial Networks, Cross Holdings, and Limited Liability", OeNB Working Paper 156, 2009 (senior debt).

There may be several clearing vectors; both methods return the greatest, the one that is best for everybody. What the
literature leaves to the reader is an argument here: the seniority of debts to the outside, and who counts as in default
at a tie. On one 3-bank example the two seniorities give 20/21 and 3/4 (tests/published/contagion/barucca_3bank.json).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from graphrisk.errors import ConvergenceError, DataError, UsageError
from graphrisk.kernels.arrays.matrices import Matrix, amounts, reciprocal, scaled_rows, transposed
from tests.published.models.clearing_push import pay_once, push_defaults

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Seniority = Literal["pari", "senior"]
Tie = Literal["solvent", "default"]
# Above this part of first defaults whole sweeps read memory in order and win (measured at 1M parties, 8M debts).
_MANY_DEFAULTS = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Clearing:
    """The greatest clearing vector and its certificate.

    `payment` (n,): what each pays on its debts (with seniority `senior`: on its debts inside the network), out of
    `owed` (n,). `equity` (n,): what is left to its owners, negative where it owes more than it has; costs of default
    are not in it. `default` (n,). `residual`: largest |payment - map(payment)| over the largest debt, computed
    afresh at the end. `rounds`: sweeps or stages. `edges_touched`: edges followed, a measure of work.
    """

    payment: Floats
    owed: Floats
    equity: Floats
    default: Bools
    residual: float
    rounds: int
    edges_touched: int
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class System:
    """Debts in the form both solvers need: built once, used for many sets of assets.

    `owed` (n,): sum of debts that share pro rata; `senior` (n,): debts paid before them; `shares` (n, n): row i says
    which part of i's payment each creditor gets (Pi); `received` (n, n): its transpose.
    """

    owed: Floats
    senior: Floats
    shares: Matrix
    received: Matrix


def clearing_system(
    liabilities: Any, external_liabilities: Floats | None = None, *, seniority: Seniority = "pari"
) -> System:
    """Return the System of debts: `liabilities` (n, n), entry (i, j) is what i owes j; the rest is owed outside.

    `seniority`: `pari`, outside creditors share pro rata with those inside (Eisenberg-Noe with a sink); `senior`, they
    are paid first. Raises DataError on a negative or infinite amount or a debt to oneself.
    """
    if seniority not in ("pari", "senior"):
        raise UsageError(f"no seniority is called {seniority!r}", hint="pari or senior")
    debts = amounts(liabilities, "liabilities")
    n = debts.shape[0]
    outside = np.zeros(n) if external_liabilities is None else np.asarray(external_liabilities, dtype=np.float64)
    if outside.shape != (n,) or not (np.isfinite(outside).all() and (outside >= 0.0).all()):
        raise DataError(f"external liabilities must be one finite amount >= 0 for each of {n} parties")
    if np.any(debts.diagonal() != 0.0):
        raise DataError("a party cannot owe itself", where=f"rows {np.flatnonzero(debts.diagonal())[:5].tolist()}")
    inside = np.asarray(debts.sum(axis=1), dtype=np.float64)
    owed = inside + outside if seniority == "pari" else inside
    shares = scaled_rows(debts, reciprocal(owed))
    senior = np.zeros(n) if seniority == "pari" else outside.copy()
    return System(owed=owed, senior=senior, shares=shares, received=transposed(shares))


def clear(
    system: System,
    external_assets: Floats,
    *,
    alpha: float = 1.0,
    beta: float = 1.0,
    tie: Tie = "solvent",
    tie_tolerance: float = 1e-12,
    method: Literal["auto", "push", "picard", "fictitious"] = "auto",
    tolerance: float = 1e-14,
    limit: int = 100_000,
) -> Clearing:
    """Return the greatest clearing vector of `system` with `external_assets` (n,).

    A party whose means (external assets and payments received, less senior debt) cover `owed` pays in full; else it
    pays alpha of its external assets plus beta of what it received, less senior debt, not below 0. alpha = beta = 1 is
    Eisenberg-Noe; below 1 default has a cost (Rogers-Veraart). `tie`: means within `tie_tolerance` of the debt
    (relative to the larger of the two) count as `solvent` or as `default`; with a cost of default this moves money.

    `method`: `push` starts from full payment and passes on each fall until none is above `tolerance` (relative to the
    payer's debt); `picard` sweeps the whole map; `auto` is `push` where few default at first, else `picard`;
    `fictitious` solves one linear system per wave of defaults (exact, for small and middling networks). All find the
    greatest vector, from above. Raises ConvergenceError beyond `limit` rounds, and if the residual, computed afresh, is
    not within 100 times the tolerance.
    """
    if not (0.0 <= alpha <= 1.0 and 0.0 <= beta <= 1.0):
        raise UsageError(f"alpha {alpha} and beta {beta} must be fractions in [0, 1]")
    if tie not in ("solvent", "default"):
        raise UsageError(f"no rule for ties is called {tie!r}", hint="solvent or default")
    assets = np.ascontiguousarray(external_assets, dtype=np.float64)
    if assets.shape != system.owed.shape or not np.isfinite(assets).all() or (assets < 0.0).any():
        raise DataError("external assets must be one finite amount >= 0 per party")
    rules = _Rules(system, assets, alpha, beta, tie_tolerance if tie == "default" else -tie_tolerance)
    if method not in ("auto", "push", "picard", "fictitious"):
        raise UsageError(f"no method is called {method!r}", hint="auto, push, picard or fictitious")
    full = np.asarray(system.received @ system.owed)
    if method == "auto":
        method = "push" if float(rules.defaults(full).mean()) < _MANY_DEFAULTS else "picard"
    if method == "push":
        shares = system.shares
        payment, rounds, touched = push_defaults(
            shares.indptr, shares.indices, shares.data, full, rules.arrays(), tolerance, limit
        )
    elif method == "picard":
        payment, rounds, touched = _picard(rules, tolerance, limit)
    else:
        payment, rounds, touched = _fictitious(rules, limit)
    inflow = np.asarray(system.received @ payment)
    largest = max(float(system.owed.max(initial=0.0)), np.finfo(float).tiny)
    residual = float(np.abs(rules.pay(inflow) - payment).max(initial=0.0)) / largest
    if rounds < 0 or residual > 100.0 * max(tolerance, 1e-15):
        raise ConvergenceError(
            f"clearing by {method} left a residual of {residual:.1e}",
            hint="raise the limit, or use method='fictitious'",
        )
    return Clearing(
        payment=payment,
        owed=system.owed,
        equity=assets + inflow - system.senior - system.owed,
        default=rules.defaults(inflow),
        residual=residual,
        rounds=int(rounds),
        edges_touched=int(touched),
        method=method,
    )


@dataclass(frozen=True, slots=True)
class _Rules:
    """The map of Rogers and Veraart, with senior debt and the rule for ties."""

    system: System
    assets: Floats
    alpha: float
    beta: float
    margin: float  # a party is in default where its means are below owed + margin * max(owed, means)

    def arrays(self) -> tuple[Floats, Floats, Floats, float, float, float]:
        """Return what the compiled loops read."""
        return self.system.owed, self.system.senior, self.assets, self.alpha, self.beta, self.margin

    def defaults(self, inflow: Floats) -> Bools:
        means = self.assets + inflow - self.system.senior
        scale = np.maximum(self.system.owed, np.abs(means))
        return np.asarray(
            (means < self.system.owed + self.margin * scale) & (self.system.owed + self.system.senior > 0)
        )

    def pay(self, inflow: Floats) -> Floats:
        recovered = self.alpha * self.assets + self.beta * inflow - self.system.senior
        part = np.clip(recovered, 0.0, self.system.owed)
        return np.where(self.defaults(inflow), part, self.system.owed)


def _picard(rules: _Rules, tolerance: float, limit: int) -> tuple[Floats, int, int]:
    payment = rules.system.owed.copy()
    for rounds in range(1, limit + 1):
        if pay_once(payment, np.asarray(rules.system.received @ payment), rules.arrays()) <= tolerance:
            return payment, rounds, rounds * rules.system.shares.nnz
    return payment, -1, limit * rules.system.shares.nnz


def _fictitious(rules: _Rules, limit: int) -> tuple[Floats, int, int]:
    """Each stage takes the defaults the last payments imply and solves exactly for what these parties pay."""
    system, n = rules.system, len(rules.system.owed)
    payment = system.owed.copy()
    down = np.zeros(n, dtype=np.bool_)
    touched = 0
    for stage in range(1, min(limit, n + 1) + 1):
        inflow = np.asarray(system.received @ payment)
        touched += system.received.nnz
        grown = down | rules.defaults(inflow)
        if (grown == down).all() and stage > 1:
            return payment, stage, touched
        down = grown
        if not down.any():
            return payment, stage, touched
        payment = system.owed.copy()
        payment[down] = _payments_in_default(rules, down)
    return payment, -1, touched


def _payments_in_default(rules: _Rules, down: Bools) -> Floats:
    """Return what the parties of `down` pay if all others pay in full: p = max(0, alpha e + beta Pi'p - senior).

    Howard's policy iteration on who pays anything at all, from nobody upwards: the values rise to the least solution,
    and the parties that pay form a matrix of spectral radius < 1 at each step (else they would not all be in default).
    """
    system = rules.system
    at = np.flatnonzero(down)
    up_pay = np.where(down, 0.0, system.owed)
    fixed = rules.alpha * rules.assets[at] + rules.beta * np.asarray(system.received @ up_pay)[at] - system.senior[at]
    among = rules.beta * system.received[at][:, at]
    paid = np.zeros(len(at))
    pays = np.zeros(len(at), dtype=np.bool_)
    for _ in range(len(at) + 1):
        now = pays | (np.asarray(fixed + among @ paid) > 0.0)
        if (now == pays).all():
            break
        pays = now
        some = np.flatnonzero(pays)
        matrix = sparse.csc_array(sparse.eye_array(len(some)) - among[some][:, some])
        paid[some] = np.atleast_1d(spsolve(matrix, fixed[some]))
        if not np.isfinite(paid).all():
            raise ConvergenceError("the payments of the parties in default have no single solution")
    return np.asarray(np.clip(paid, 0.0, system.owed[at]), dtype=np.float64)
