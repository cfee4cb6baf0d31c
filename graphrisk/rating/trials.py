"""A kind of model tried on rows that it has not seen: test folds, PDs out of sample, and how good they are."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit import calibration, discrimination
from graphrisk.kernels.credit.discrimination import over_folds
from graphrisk.rating.kinds import FitPlan, Kind
from graphrisk.rating.sample import Folds, rows_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`pd` (n,): of each row by a model that was fitted without its fold, as the model gives it.

    `fit_s`: seconds of a fit, the mean.
    """

    pd: Floats
    fit_s: float


@contextmanager
def one_thread() -> Iterator[None]:
    """Let numerical libraries use one thread: the same sums in the same order everywhere."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def try_out(kind: Kind, columns: Mapping[str, Any], bad: Floats, folds: Folds, plan: FitPlan) -> Trial:
    """Return the PDs out of sample: each fold by a model of the others."""
    found = np.empty(len(bad))
    spent = []
    for fold in np.unique(folds):
        test, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        began = time.perf_counter()
        with one_thread():
            structure = kind.fit(rows_of(columns, rest), bad[rest], plan)
        spent.append(time.perf_counter() - began)
        found[test] = kind.pds(structure, rows_of(columns, test), len(test))
    return Trial(pd=found, fit_s=float(np.mean(spent)))


def held_above(pd: Floats, plan: FitPlan) -> Floats:
    """Return PDs not below the least one of the policy."""
    return np.asarray(np.maximum(pd, float(plan.policy.pd["least"])))


def cross_calibrated(method: str, pd: Floats, bad: Floats, folds: Folds) -> Floats:
    """Return PDs out of sample, calibrated by the outcomes of the other folds only."""
    if method != "isotonic":
        return pd
    found = np.empty(len(pd))
    for fold in np.unique(folds):
        test, rest = folds == fold, folds != fold
        at, to = calibration.isotonic_steps(bad[rest], pd[rest])
        found[test] = np.interp(pd[test], at, to)
    return found


def performance(
    bad: Floats, score: Floats, pd: Floats, folds: Folds, groups: npt.NDArray[np.int64]
) -> dict[str, float]:
    """Return how good PDs out of sample are: discrimination of `score` over folds, calibration of `pd` over all.

    `score` is the PD before calibration and the least PD, which make some equal.
    """
    return {**plain_performance(bad, score, pd), **over_folds(bad, score, folds, groups)}


def plain_performance(bad: Floats, score: Floats, pd: Floats) -> dict[str, float]:
    """Return how good PDs are on one sample: discrimination of `score`, calibration of `pd`; no interval."""
    rows, bads = len(bad), int(bad.sum())
    bins = min(10, max(3, rows // 20))
    stat, p = calibration.hosmer_lemeshow(bad, pd, groups=bins)
    z, z_p = calibration.spiegelhalter(bad, pd)
    return {
        "auc": discrimination.auc(bad, score),
        "ks": discrimination.ks(bad, score),
        "ap": discrimination.average_precision(bad, score),
        "brier": calibration.brier(bad, pd),
        "rows": rows,
        "defaults": bads,
        "default_rate": bads / rows,
        "mean_pd": float(pd.mean()),
        "hosmer_lemeshow": stat,
        "hosmer_lemeshow_p": p,
        "spiegelhalter_z": z,
        "spiegelhalter_p": z_p,
        "binomial_p": calibration.binomial_test(bads, rows, float(pd.mean())),
        "jeffreys_p": calibration.jeffreys_test(bads, rows, float(pd.mean())),
    }
