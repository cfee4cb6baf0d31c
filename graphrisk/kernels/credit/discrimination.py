"""How well a score tells the bad from the good: AUC with ties, KS, average precision, and intervals that know groups.

A higher score means more risk. `bad` is 1 for a default, 0 else.

Source: Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143 (1982): the AUC is the
chance that a bad scores above a good, ties count a half. DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988): its
variance by structural components; Obuchowski, Biometrics 53 (1997): the same where rows come in groups.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def split(bad: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Flags, Floats]:
    """Return (which rows are bad, the scores); DataError where lengths differ, a score is missing or a class empty."""
    y, s = np.asarray(bad), np.asarray(score, dtype=np.float64)
    if y.shape != s.shape or y.ndim != 1:
        raise DataError(f"{len(y)} outcomes and {len(s)} scores: one of each is needed a row")
    if np.isnan(s).any():
        raise DataError(f"{int(np.isnan(s).sum()):,} rows have no score", hint="leave them out, and say so")
    if not np.isin(y, (0, 1)).all():
        raise DataError("an outcome is 0 (good) or 1 (bad)")
    flags = y.astype(bool)
    if flags.all() or not flags.any():
        only = "bad" if len(flags) and flags.all() else "good"
        raise DataError(
            f"all {len(flags):,} rows are {only}: nothing can be told apart", hint="both outcomes are needed"
        )
    return flags, s


def auc(bad: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the chance that a bad row scores above a good one, ties counting a half."""
    flags, s = split(bad, score)
    up, down = s[flags], np.sort(s[~flags])
    twice = np.searchsorted(down, up, side="left").sum() + np.searchsorted(down, up, side="right").sum()
    return float(twice / (2 * len(up) * len(down)))  # counts: the same bits in any order of the rows


def gini(bad: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return 2 AUC - 1."""
    return 2.0 * auc(bad, score) - 1.0


def ks(bad: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the largest distance of the two score distributions (Kolmogorov-Smirnov)."""
    flags, s = split(bad, score)
    at = np.unique(s)
    worse = np.searchsorted(np.sort(s[flags]), at, side="right") / flags.sum()
    better = np.searchsorted(np.sort(s[~flags]), at, side="right") / (~flags).sum()
    return float(np.abs(better - worse).max())


def average_precision(bad: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Return the precision averaged over the bad found, from the highest score down; equal scores come together."""
    flags, s = split(bad, score)
    order = np.argsort(-s, kind="stable")
    last = np.append(s[order][1:] != s[order][:-1], True)
    found = np.cumsum(flags[order])[last]
    taken = np.flatnonzero(last) + 1
    gained = np.diff(found, prepend=0)
    return float((gained * found / taken).sum() / flags.sum())


def auc_interval(
    bad: npt.ArrayLike, score: npt.ArrayLike, groups: npt.ArrayLike | None = None, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the AUC, within [0, 1], on the logit scale; rows of one of `groups` hang together."""
    value = auc(bad, score)
    spread = _deviation(influence(bad, score), groups)
    if not 0.0 < value < 1.0:  # nothing is seen of the spread: at most one bad in so many is beyond
        few = int(min(np.asarray(bad).sum(), len(np.asarray(bad)) - np.asarray(bad).sum()))
        far = (1.0 - confidence) ** (1.0 / few)
        return (far, 1.0) if value >= 1.0 else (0.0, 1.0 - far)
    z = float(ndtri(0.5 + confidence / 2.0))
    middle, step = np.log(value / (1.0 - value)), z * spread / (value * (1.0 - value))
    low, high = 1.0 / (1.0 + np.exp(-(middle - step))), 1.0 / (1.0 + np.exp(-(middle + step)))
    return float(low), float(high)


def uplift(
    bad: npt.ArrayLike,
    score: npt.ArrayLike,
    base: npt.ArrayLike,
    groups: npt.ArrayLike | None = None,
    *,
    draws: int = 0,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[float, float, float]:
    """Return (AUC of `score` less AUC of `base`, low, high), both on the same rows.

    `draws` 0: the interval of DeLong, by groups; else a bootstrap that draws whole groups with replacement.
    """
    gain = auc(bad, score) - auc(bad, base)
    if draws:
        low, high = _bootstrap(bad, score, base, groups, draws, seed, confidence)
        return gain, low, high
    spread = _deviation(influence(bad, score) - influence(bad, base), groups)
    step = float(ndtri(0.5 + confidence / 2.0)) * spread
    return gain, gain - step, gain + step


def influence(bad: npt.ArrayLike, score: npt.ArrayLike) -> Floats:
    """Return what each row adds to the AUC's error: its structural component less the AUC, over its class (n,)."""
    flags, s = split(bad, score)
    up, down = s[flags], s[~flags]
    value = float(_above(up, np.sort(down)).mean())
    added = np.empty(len(s))
    added[flags] = (_above(up, np.sort(down)) - value) / len(up)
    added[~flags] = (1.0 - _above(down, np.sort(up)) - value) / len(down)
    return added


def _above(values: Floats, ordered: Floats) -> Floats:
    """Return for each value the part of `ordered` below it, equal ones counting a half."""
    low, high = np.searchsorted(ordered, values, side="left"), np.searchsorted(ordered, values, side="right")
    return np.asarray((low + high) / (2.0 * len(ordered)))


def _deviation(added: Floats, groups: npt.ArrayLike | None) -> float:
    if groups is not None:
        _, whose = np.unique(np.asarray(groups), return_inverse=True)
        added = np.asarray(np.bincount(whose, added), dtype=np.float64)
    many = len(added)
    return float(np.sqrt((added**2).sum() * many / max(many - 1, 1)))


def _bootstrap(
    bad: npt.ArrayLike,
    score: npt.ArrayLike,
    base: npt.ArrayLike,
    groups: npt.ArrayLike | None,
    draws: int,
    seed: int,
    confidence: float,
) -> tuple[float, float]:
    flags, s = split(bad, score)
    _, b = split(bad, base)
    names = np.arange(len(s)) if groups is None else np.asarray(groups)
    _, whose = np.unique(names, return_inverse=True)
    many = int(whose.max()) + 1
    dice = np.random.default_rng(seed)
    gains = []
    for _ in range(draws):
        times = np.bincount(dice.integers(0, many, many), minlength=many)[whose]
        rows = np.repeat(np.arange(len(s)), times)
        if flags[rows].any() and not flags[rows].all():
            gains.append(auc(flags[rows], s[rows]) - auc(flags[rows], b[rows]))
    if not gains:
        return float("nan"), float("nan")
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(gains, [tail, 1.0 - tail])
    return float(low), float(high)


def over_folds(
    bad: npt.ArrayLike,
    score: npt.ArrayLike,
    folds: npt.NDArray[np.int64],
    groups: npt.ArrayLike | None = None,
    *,
    confidence: float = 0.95,
) -> dict[str, float]:
    """Return auc, auc_low, auc_high, ks and ap as means over test folds; scores are only compared within a fold.

    The interval is DeLong's on the logit scale; the variances of the folds' AUCs add up, groups hang together.
    """
    flags, s = split(bad, score)
    at = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    names = np.arange(len(s)) if groups is None else np.asarray(groups)
    aucs = [auc(flags[rows], s[rows]) for rows in at]
    value = float(np.mean(aucs))
    if not 0.0 < value < 1.0:
        low, high = auc_interval(flags, s, names, confidence=confidence)
    else:
        added = np.zeros(len(s))
        for rows in at:
            added[rows] = influence(flags[rows], s[rows]) / len(at)
        z = float(ndtri(0.5 + confidence / 2.0))
        step = z * _deviation(added, names) / (value * (1.0 - value))
        middle = np.log(value / (1.0 - value))
        low, high = (float(1.0 / (1.0 + np.exp(-(middle + side)))) for side in (-step, step))
    return {
        "auc": value,
        "auc_low": low,
        "auc_high": high,
        "ks": float(np.mean([ks(flags[rows], s[rows]) for rows in at])),
        "ap": float(np.mean([average_precision(flags[rows], s[rows]) for rows in at])),
    }
