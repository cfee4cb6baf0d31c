"""The network as an add-on to the own score: own columns first, then what the network columns say beyond them.

The logit of the own PD stays as it is (an offset), and network columns are weighed on top of it, family by family: what
one has said is an offset to the next. How much each may say is decided inside the part that is learned from: with folds
of whole groups in it, the penalty under which rows not seen come out most likely is taken; where the gain lies within
its own deviation, the family says nothing. So columns that know nothing cost next to nothing, where the same model with
more columns would be worse for them, and look as if the network hurt.

The own score of a row that is learned from comes from a model that has not seen it, else its own fit would leave the
network nothing to say. Columns are normal by their ranks; the prior lets those of a family together move a
logit by about 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit.points import chance
from graphrisk.rating.matrix import encode, learn_levels, learn_normal, normal
from graphrisk.rating.policy import rating_policy

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Columns = Mapping[str, Any]
Folds = Callable[[Ints], Ints]
STRENGTHS = (0.0, 0.1, 0.3, 1.0)
"""Variance of a logit that the columns of a family may bring, by the prior; 0: they say nothing."""
_STEPS, _SETTLED = 25, 1e-8


def scores_with_add_ons(
    own: Columns, steps: Mapping[str, Columns], bad: Floats, rest: Ints, test: Ints, folds: Folds
) -> dict[str, Floats]:
    """Return the logits of the rows `test` by the own columns (""), and with those of each step on top of all before.

    Learned from the rows `rest`; `folds(rows)`: the fold of each of some rows, groups never divided.
    """
    inner = folds(rest)
    apart = np.full(len(rest), np.nan)
    for fold in np.unique(inner):
        seen, left = rest[inner != fold], rest[inner == fold]
        apart[inner == fold] = _by_strength(own, bad, seen, left, np.zeros(len(seen)), (1.0,))[0]
    base = _by_strength(own, bad, rest, test, np.zeros(len(rest)), (1.0,))[0]
    found = {"": base}
    offset, total = apart, base
    for name, columns in steps.items():
        more = np.zeros((len(STRENGTHS), len(rest)))
        for fold in np.unique(inner):
            seen, left = inner != fold, inner == fold
            more[:, left] = _by_strength(columns, bad, rest[seen], rest[left], offset[seen], STRENGTHS)
        best = _chosen(offset, more, bad[rest])
        total = total + _by_strength(columns, bad, rest, test, offset, (STRENGTHS[best],))[0]
        offset = offset + more[best]
        found[name] = total
    return found


def _by_strength(
    columns: Columns, bad: Floats, rest: Ints, test: Ints, offset: Floats, strengths: Sequence[float]
) -> list[Floats]:
    """Return what columns learned from `rest`, on top of `offset`, add to the logits of `test`, a strength each."""
    nothing = np.zeros(len(test))
    rules = rating_policy().columns
    seen, new = ({name: values[rows] for name, values in columns.items()} for rows in (rest, test))
    if not any(strengths) or not any(_is_known(values) for values in seen.values()):
        return [nothing for _ in strengths]
    levels = learn_levels(seen, most=rules["most_levels"], smallest=rules["smallest_level"])
    encoded = encode(levels, seen, len(rest))
    knots = learn_normal(encoded)
    matrix, given = normal(knots, encoded), normal(knots, encode(levels, new, len(test)))
    found = []
    for strength in strengths:
        if not strength:
            found.append(nothing)
            continue
        intercept, weights = fit_on_top(matrix, bad[rest], offset, matrix.shape[1] / strength)
        found.append(intercept + given @ weights)
    return found


def _is_known(values: Any) -> bool:
    """Return whether anything is known in a column."""
    if values.dtype == object:
        return any(value is not None for value in values)
    return not bool(np.isnan(values).all())


def _chosen(before: Floats, more: Floats, bad: Floats) -> int:
    """Return which strength makes rows not seen most likely; that of 0 where the gain is within its own deviation.

    `before` (n,): logits without these columns, `more` (strengths, n): what they add.
    """
    gain = bad * more - (np.logaddexp(0.0, before + more) - np.logaddexp(0.0, before))
    best = int(np.argmax(gain.sum(axis=1)))
    sure = gain[best].sum() > np.sqrt(len(bad)) * gain[best].std()
    return best if sure else STRENGTHS.index(0.0)


def fit_on_top(matrix: Floats, bad: Floats, offset: Floats, penalty: float) -> tuple[float, Floats]:
    """Return (intercept, weights) of the logistic regression on top of an offset, weights held by penalty / 2 w².

    Newton's method, halved where a step does not help.
    """
    whole = np.column_stack([np.ones(len(bad)), matrix])
    held = np.append(0.0, np.full(matrix.shape[1], penalty))
    weights = np.zeros(whole.shape[1])
    weights[0] = np.log(max(bad.mean(), 1e-6) / max(1.0 - bad.mean(), 1e-6)) - offset.mean()
    value = _worth(whole, bad, offset, held, weights)
    for _ in range(_STEPS):
        p = chance(offset + whole @ weights)
        slope = whole.T @ (bad - p) - held * weights
        curve = (whole * (p * (1.0 - p))[:, None]).T @ whole + np.diag(held + 1e-9)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > 1e-4 and (better := _worth(whole, bad, offset, held, weights + size * step)) < value:
            size /= 2.0
        weights, gain, value = weights + size * step, better - value, max(better, value)
        if gain <= _SETTLED * len(bad):
            break
    return float(weights[0]), weights[1:]


def _worth(whole: Floats, bad: Floats, offset: Floats, held: Floats, weights: Floats) -> float:
    return _log_likelihood(offset + whole @ weights, bad) - 0.5 * float(held @ weights**2)


def _log_likelihood(logit: Floats, bad: Floats) -> float:
    return float((bad * logit - np.logaddexp(0.0, logit)).sum())
