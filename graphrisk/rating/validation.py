"""PDs against what came: discrimination, calibration by the tests that validators ask for, stability, overrides.

Formulas and sources: kernels/credit (discrimination, calibration, stability, low_default).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError
from graphrisk.kernels.credit import calibration, discrimination, stability
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.training import grade_rows

Floats = npt.NDArray[np.float64]
SURE = 0.05
"""p value below which PDs and defaults differ more than chance explains."""


def measures(
    model: str, sample: str, bad: Floats, pd: Floats, groups: npt.ArrayLike, *, bins: int = 10
) -> list[dict[str, Any]]:
    """Return rows of validate_measures. Where all outcomes are alike only calibration is measured."""
    rows: list[dict[str, Any]] = []
    if 0 < bad.sum() < len(bad):
        auc = discrimination.auc(bad, pd)
        low, high = discrimination.auc_interval(bad, pd, groups)
        useful = "tells defaults apart" if low > 0.5 else "no better than chance, as far as the sample shows"
        rows = [
            _row("auc", auc, useful, low=low, high=high),
            _row("gini", 2 * auc - 1, useful, low=2 * low - 1, high=2 * high - 1),
            _row("ks", discrimination.ks(bad, pd)),
            _row("ap", discrimination.average_precision(bad, pd)),
        ]
    rows += calibration_measures(bad, pd, bins=bins)
    return [{"model": model, "sample": sample, **row} for row in rows]


def calibration_measures(bad: Floats, pd: Floats, *, bins: int = 10) -> list[dict[str, Any]]:
    """Return the measures of calibration: measure, value, verdict, and interval or p value where it has one."""
    n, d = len(bad), int(bad.sum())
    rows = [_row("brier", calibration.brier(bad, pd))]
    parts = min(bins, n)
    if parts >= 3:
        stat, p = calibration.hosmer_lemeshow(bad, pd, groups=parts)
        rows.append(_row("hosmer_lemeshow", stat, _fits(p), p_value=p))
    z, p = calibration.spiegelhalter(bad, pd)
    rows.append(_row("spiegelhalter", z, _fits(p) if np.isfinite(p) else "not defined", p_value=p))
    mean = float(pd.mean())
    low, high = calibration.rate_interval(d, n)
    for name, test in (("binomial", calibration.binomial_test), ("jeffreys", calibration.jeffreys_test)):
        p = test(d, n, mean)
        too_low = f"the mean PD of {mean:.4f} is {'too low' if p < SURE else 'not too low'}"
        rows.append(_row(name, d / n, too_low, low=low, high=high, p_value=p))
    return rows


def by_grade(model: str, sample: str, bad: Floats, pd: Floats) -> list[dict[str, Any]]:
    """Return rows of validate_grades; grades without clients are left out."""
    rows = grade_rows(bad, pd, FitPlan())
    return [{"model": model, "sample": sample, **row} for row in rows if row["clients"]]


def stability_rows(baseline: Mapping[str, Any], columns: Mapping[str, Any], pd: Floats) -> list[dict[str, Any]]:
    """Return rows of validate_stability: the PD first, then what has moved most."""
    found: list[dict[str, Any]] = []
    for name, kept in baseline.items():
        values = pd if name == "pd" else columns[name.removeprefix("column ")]
        if "levels" in kept:
            levels = list(kept["levels"])
            texts = ["" if value is None else str(value) for value in values]
            new = sorted(set(texts) - set(levels))
            counts = [float(texts.count(level)) for level in (*levels, *new)]
            expected = [*kept["counts"], *([0.0] * len(new))]
        else:
            counts, expected = stability.counts_between(values, kept["edges"]).tolist(), kept["counts"]
        value = stability.psi(expected, counts)
        found.append({"column": name.removeprefix("column "), "psi": value, "band": stability.band(value)})
    return [found[0], *sorted(found[1:], key=lambda row: (-row["psi"], row["column"]))] if found else []


def override_rows(model: str, bad: Floats, pd: Floats, final: Floats) -> list[dict[str, Any]]:
    """Return rows of validate_overrides: who was rated worse or better than the model says, and who defaulted."""
    if not ((final >= 0.0) & (final <= 1.0)).all():
        raise DataError("a final PD lies in [0, 1]", hint="give PDs as fractions, none missing")
    both = 0 < bad.sum() < len(bad)
    auc_model = discrimination.auc(bad, pd) if both else None
    auc_final = discrimination.auc(bad, final) if both else None
    rows = []
    for direction, chosen in (("worse", final > pd), ("better", final < pd), ("kept", final == pd)):
        n = int(chosen.sum())
        rows.append(
            {
                "model": model, "direction": direction, "clients": n, "share": n / len(bad),
                "defaults": int(bad[chosen].sum()), "default_rate": float(bad[chosen].mean()) if n else None,
                "mean_model_pd": float(pd[chosen].mean()) if n else None,
                "mean_final_pd": float(final[chosen].mean()) if n else None,
                "auc_model": auc_model, "auc_final": auc_final,
            }
        )  # fmt: skip
    return rows


def _row(measure: str, value: float, verdict: str = "", **more: float) -> dict[str, Any]:
    said = {name: float(one) if np.isfinite(one) else None for name, one in more.items()}
    return {"measure": measure, "value": float(value) if np.isfinite(value) else None, "verdict": verdict, **said}


def _fits(p: float) -> str:
    return "PDs and defaults differ more than chance explains" if p < SURE else "PDs and defaults agree"
