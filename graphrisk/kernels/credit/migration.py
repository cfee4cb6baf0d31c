"""Rating migration: matrices from counts and from spells, generators, and what a one-year row says of asset returns.

Sources: R. Jarrow, D. Lando, S. Turnbull, "A Markov Model for the Term Structure of Credit Risk Spreads", Review of
Financial Studies 10(2), 1997 (generator of a one-year matrix); R. Israel, J. Rosenthal, J. Wei, "Finding Generators for
Markov Chains via Empirical Transition Matrices", Mathematical Finance 11(2), 2001 (logarithm, diagonal adjustment); P.
Andersen, O. Borgan, R. Gill, N. Keiding, "Statistical Models Based on Counting Processes", 1993 (Aalen-Johansen); G.
Gupton, C. Finger, M. Bhatia, "CreditMetrics Technical Document", 1997 (thresholds). The last state is default: it
absorbs.

Batches: where arrays have leading dimensions (b, ...), the functions work on each.
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
from scipy.linalg import expm, logm
from scipy.special import betaincinv, ndtri

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
_TERMS = 24
"""Of the series of exp(X) with |X| at most 2: what follows is below 1e-16."""


def cohort(counts: Floats) -> Floats:
    """Return the matrix (..., s, s) of counts (..., s, s): each row over its sum; NaN where a row has no count."""
    whole = counts.sum(axis=-1, keepdims=True)
    matrix = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0.0)
    return absorbing(matrix)


def aalen_johansen(events: Floats, at_risk: Floats) -> Floats:
    """Return the product over event times of I + dN/Y.

    `events` (..., t, s, s): moves from row to column at each time; `at_risk` (..., t, s): how many are in a state just
    before. Rows of states that were never at risk are NaN.
    """
    size = events.shape[-1]
    eye = np.eye(size)
    product = np.broadcast_to(eye, (*events.shape[:-3], size, size)).copy()
    for at in range(events.shape[-3]):
        moved, base = events[..., at, :, :], at_risk[..., at, :, None]
        if not moved.any():
            continue
        rate = np.divide(moved, base, out=np.zeros(moved.shape), where=base > 0.0)
        step = rate * (1.0 - eye)
        step = step + eye * (1.0 - step.sum(axis=-1, keepdims=True))
        product = product @ step
    seen = at_risk.sum(axis=-2) > 0.0
    return absorbing(np.where(seen[..., None], product, np.nan))


def duration_generator(moves: Floats, years: Floats) -> Floats:
    """Return the generator (..., s, s): moves (..., s, s) over the years spent in each state (..., s).

    The estimate of greatest likelihood of a homogeneous chain; rows without a year are NaN.
    """
    eye = np.eye(moves.shape[-1])
    rate = np.divide(
        moves * (1.0 - eye), years[..., None], out=np.full(moves.shape, np.nan), where=years[..., None] > 0.0
    )
    rate[..., -1, :] = 0.0
    return np.asarray(rate - eye * rate.sum(axis=-1, keepdims=True))


def jlt_generator(matrix: Floats) -> Floats:
    """Return the generator that lets at most one move a year.

    ln p_ii on the diagonal, p_ij ln(p_ii) / (p_ii - 1) off it (Jarrow, Lando, Turnbull 1997), on the matrix as it is
    given. Raises DataError where a diagonal entry is 0.
    """
    stay = np.diagonal(matrix)
    if not (stay > 0.0).all():
        raise DataError("a grade that nobody keeps for a year has no generator of this kind")
    rest = stay - 1.0
    factor = np.divide(np.log(stay), rest, out=np.ones(len(stay)), where=rest != 0.0)
    return np.where(np.eye(len(stay)) > 0, np.diag(np.log(stay)), matrix * factor[:, None])


def log_generator(matrix: Floats) -> Floats:
    """Return the logarithm of a matrix whose rows sum to 1; where an entry off the diagonal is negative, no generator.

    Raises DataError where the matrix has no real logarithm.
    """
    if abs(float(np.linalg.det(matrix))) < 1e-14:
        raise DataError("the one-year matrix is singular, so no generator can be read off it")
    with warnings.catch_warnings():  # whether it is one is looked at below
        warnings.simplefilter("ignore")
        found = np.asarray(logm(matrix))
    worst = float(np.abs(found.imag).max(initial=0.0))
    real = np.asarray(found.real, dtype=np.float64)
    if worst > 1e-9 or not np.allclose(expm(real), matrix, atol=1e-8):
        raise DataError("the one-year matrix has no real logarithm, so no generator can be read off it")
    return real


def diagonal_adjusted(generator: Floats) -> Floats:
    """Return the generator with negative entries off the diagonal at 0 and the diagonal so that rows sum to 0."""
    eye = np.eye(len(generator))
    off = np.maximum(generator, 0.0) * (1.0 - eye)
    return np.asarray(off - eye * off.sum(axis=1, keepdims=True))


def over_years(generator: Floats, years: float) -> Floats:
    """Return exp(years x generator) (..., s, s); rows from which an unknown rate (NaN) can be reached are NaN."""
    known = np.nan_to_num(generator, nan=0.0)
    blind = np.asarray(np.isnan(generator).any(axis=-1))
    matrix = _exponential(years * known)
    reaches = (matrix > 0.0) & blind[..., None, :]
    return np.where(np.asarray(reaches.any(axis=-1))[..., None], np.nan, np.clip(matrix, 0.0, 1.0))


def _exponential(generator: Floats) -> Floats:
    """Return exp(Q) (..., s, s) by uniformisation: exp(-c) exp(Q + c I), whose terms are all positive, and squaring.

    `scipy.linalg.expm` takes one small matrix after another, which is slow for hundreds of samples.
    """
    size = generator.shape[-1]
    most = float(np.abs(np.diagonal(generator, axis1=-2, axis2=-1)).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(most)))) if most > 0.0 else 0
    shift = most / 2.0**halvings
    step = generator / 2.0**halvings + shift * np.eye(size)
    term = np.broadcast_to(np.eye(size), generator.shape)
    total = term.copy()
    for k in range(1, _TERMS):
        term = term @ step / k
        total = total + term
    total = np.asarray(total * np.exp(-shift), dtype=np.float64)
    for _ in range(halvings):
        total = total @ total
    return total


def power(matrix: Floats, years: int) -> Floats:
    """Return matrix^years (..., s, s); rows from which an unknown row (NaN) can be reached are NaN."""
    known, blind = np.nan_to_num(matrix, nan=0.0), np.asarray(np.isnan(matrix).any(axis=-1))
    found, lost = known, blind
    for _ in range(years - 1):
        lost = lost | np.asarray(((found > 0.0) & blind[..., None, :]).any(axis=-1))
        found = found @ known
    return np.where(lost[..., None], np.nan, np.clip(found, 0.0, 1.0))


def normalised(matrix: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the matrix with rows over their sums, and which rows did not sum to 1 within 1e-9."""
    whole = matrix.sum(axis=1)
    return matrix / whole[:, None], np.abs(whole - 1.0) > 1e-9


def absorbing(matrix: Floats) -> Floats:
    """Return the matrix (..., s, s) with the last state kept for ever."""
    out = matrix.copy()
    out[..., -1, :] = 0.0
    out[..., -1, -1] = 1.0
    return out


def exact_interval(count: Floats, size: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the interval of Clopper and Pearson for `count` of `size`; [0, 1] where `size` is 0."""
    tail = 0.5 * (1.0 - confidence)
    with np.errstate(invalid="ignore"):
        low = np.where(count > 0.0, betaincinv(np.maximum(count, 1e-12), size - count + 1.0, tail), 0.0)
        high = np.where(count < size, betaincinv(count + 1.0, np.maximum(size - count, 1e-12), 1.0 - tail), 1.0)
    return np.where(size > 0.0, low, 0.0), np.where(size > 0.0, high, 1.0)


def thresholds(row: npt.ArrayLike) -> Floats:
    """Return asset returns (s - 1,) below which a firm falls into default, the worst grade, ... (from default upwards).

    `row`: its one-year probabilities, the best grade first, default last.
    """
    worst_first = np.asarray(row, dtype=np.float64)[::-1]
    return np.asarray(ndtri(np.clip(np.cumsum(worst_first)[:-1], 0.0, 1.0)))


def value_in_a_year(row: npt.ArrayLike, value: npt.ArrayLike) -> tuple[float, float]:
    """Return mean and standard deviation of a claim's value, given its value in each grade."""
    chance, worth = np.asarray(row, dtype=np.float64), np.asarray(value, dtype=np.float64)
    mean = float(chance @ worth)
    return mean, float(np.sqrt(chance @ (worth - mean) ** 2))
