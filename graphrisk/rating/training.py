"""A model from a sheet: sample checked, kind tried out of sample, calibrated, fitted on all, written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError
from graphrisk.kernels.credit import calibration, low_default, stability
from graphrisk.model.note import Note
from graphrisk.progress import Progress, silent
from graphrisk.rating.kinds import FitPlan, find_kind
from graphrisk.rating.leaks import find_leaks
from graphrisk.rating.model_file import FORMAT
from graphrisk.rating.sample import check_sample, spread_folds, useful_columns
from graphrisk.rating.sheet import Sheet
from graphrisk.rating.trials import Trial, cross_calibrated, held_above, one_thread, performance, try_out

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks of a training; `prior`: the default rate that PDs are moved to."""

    name: str
    kind: str = "scorecard"
    folds: int = 5
    seed: int = 0
    calibrate: str = "none"
    prior: float | None = None
    monotone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model as it is written, its rows of the tables, and notes."""

    model: dict[str, Any]
    comparison: dict[str, Any]
    leaks: list[dict[str, Any]]
    notes: tuple[Note, ...]


def train(sheet: Sheet, asked: Asked, *, code_version: str, progress: Progress = silent) -> Trained:
    """Return the model. Raises DataError where the data gives none, UsageError for what is asked."""
    kind = find_kind(asked.kind)
    if asked.monotone and asked.kind not in ("boosted", "scorecard"):
        raise UsageError(f"--monotone is for boosted trees, not for {asked.kind}", hint="--kind boosted --monotone")
    if asked.prior is not None and not 0.0 < asked.prior < 1.0:
        raise UsageError(f"--prior is a default rate between 0 and 1, not {asked.prior:g}", hint="--prior 0.02")
    plan = FitPlan(seed=asked.seed, monotone=asked.monotone)
    bad = check_sample(sheet, asked.folds, plan.policy)
    columns, left = useful_columns(sheet, plan.policy)
    folds = spread_folds(sheet, asked.folds, asked.seed)
    progress(f"trying {asked.kind} on rows that it has not seen")
    trial = try_out(kind, columns, bad, folds, plan)
    seen = held_above(cross_calibrated(asked.calibrate, trial.pd, bad, folds), plan)
    good = performance(bad, trial.pd, seen, folds, sheet.groups)
    progress(f"fitting {asked.kind}")
    with one_thread():
        structure = kind.fit(columns, bad, plan)
    steps: list[dict[str, Any]] = []
    if asked.calibrate == "isotonic":
        at, to = calibration.isotonic_steps(bad, trial.pd)
        steps.append({"method": "isotonic", "at": at.tolist(), "to": to.tolist()})
    final = seen
    if asked.prior is not None:
        rate = float(bad.mean())
        steps.append({"method": "prior", "from": rate, "to": asked.prior})
        final = calibration.shift_prior(seen, rate, asked.prior)
    if asked.calibrate == "pluto_tasche":
        step = prudent_step(bad, final, plan)
        steps.append(step)
        final = calibrated([step], final, plan)
    used = _used(asked.kind, structure, columns)
    turned = [f["column"] for f in structure.get("factors", ()) if f["coefficient"] >= 0.0]
    fitted = calibrated(steps, kind.pds(structure, columns, sheet.size), plan)
    leaks = find_leaks(columns, bad, folds, plan, progress=progress)
    model = {
        "graphrisk_model": FORMAT,
        "name": asked.name,
        "kind": asked.kind,
        "columns": [_column(name, columns[name]) for name in used],
        "excluded": left,
        "structure": structure,
        "calibration": steps,
        "data": _data(sheet, bad),
        "params": {"folds": asked.folds, "seed": asked.seed, "monotone": asked.monotone, "calibrate": asked.calibrate,
                   "prior": asked.prior},
        "performance": {name: _finite(value) for name, value in good.items()},
        "grades": grade_rows(bad, final, plan),
        "stability": _baseline({name: columns[name] for name in used}, fitted),
        "leaks": [one for one in leaks if one["suspected"]],
        "policy": {"name": plan.policy.name, "version": plan.policy.version},
        "code_version": code_version,
    }  # fmt: skip
    return Trained(
        model=model,
        comparison=comparison_row(asked.name, asked.kind, good, trial),
        leaks=leaks,
        notes=(*sheet.notes, *training_notes(left, leaks, bad, asked), *_turned(turned)),
    )


def comparison_row(name: str, kind: str, good: Mapping[str, Any], trial: Trial | None) -> dict[str, Any]:
    """Return a row of rate_comparison."""
    names = ("auc", "auc_low", "auc_high", "ks", "ap", "brier", "mean_pd", "default_rate", "hosmer_lemeshow_p",
             "spiegelhalter_p", "rows", "defaults")  # fmt: skip
    row = {column: _finite(good.get(column)) for column in names}
    nothing = dict.fromkeys(("auc_gain", "gain_low", "gain_high"))
    return {"model": name, "kind": kind, **row, **nothing, "fit_s": None if trial is None else trial.fit_s}


def grade_rows(bad: Floats, pd: Floats, plan: FitPlan) -> list[dict[str, Any]]:
    """Return per grade of the master scale: clients, defaults, expected and seen rates, the most prudent PD."""
    names = [str(grade["name"]) for grade in plan.policy.grades]
    grade = plan.policy.grade_of(pd)
    many = np.array([(grade == name).sum() for name in names])
    worse = np.array([bad[grade == name].sum() for name in names])
    prudent = np.full(len(names), np.nan)
    rules = plan.policy.low_default
    if worse.sum() <= rules["most"]:
        upto = int(np.flatnonzero(many)[-1]) + 1
        prudent[:upto] = low_default.most_prudent(many[:upto], worse[:upto], confidence=float(rules["confidence"]))
    rows = []
    for k, name in enumerate(names):
        n, d = int(many[k]), int(worse[k])
        mean = float(pd[grade == name].mean()) if n else None
        low, high = calibration.rate_interval(d, n) if n else (None, None)
        rows.append(
            {
                "grade": name, "clients": n, "defaults": d, "mean_pd": mean, "default_rate": d / n if n else None,
                "low": low, "high": high,
                "jeffreys_p": calibration.jeffreys_test(d, n, mean) if n and mean is not None else None,
                "prudent_pd": _finite(float(prudent[k])),
            }
        )  # fmt: skip
    return rows


def prudent_step(bad: Floats, pd: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return the step that gives each grade its most prudent PD, also to grades worse than all clients."""
    bounds = np.array([float(grade["most"]) for grade in plan.policy.grades])
    at = np.minimum(np.searchsorted(bounds, pd, side="left"), len(bounds) - 1)
    many, worse = np.bincount(at, minlength=len(bounds)), np.bincount(at, bad, minlength=len(bounds))
    upto = int(np.flatnonzero(many)[-1]) + 1
    confidence = float(plan.policy.low_default["confidence"])
    to = low_default.most_prudent(many[:upto], worse[:upto], confidence=confidence)
    whole = np.append(to, np.full(len(bounds) - upto, to[-1]))
    return {"method": "pluto_tasche", "confidence": confidence, "bounds": bounds.tolist(), "to": whole.tolist()}


def calibrated(steps: Sequence[Mapping[str, Any]], pd: Floats, plan: FitPlan) -> Floats:
    """Return PDs after the steps of a model's calibration, not below the least of the policy."""
    found = held_above(pd, plan)
    for step in steps:
        if step["method"] == "isotonic":
            found = np.interp(found, np.array(step["at"]), np.array(step["to"]))
        elif step["method"] == "pluto_tasche":
            bounds = np.array(step["bounds"])
            found = np.array(step["to"])[np.minimum(np.searchsorted(bounds, found, side="left"), len(bounds) - 1)]
        else:
            found = calibration.shift_prior(found, step["from"], step["to"])
    return held_above(np.asarray(found), plan)


def _used(kind: str, structure: Mapping[str, Any], columns: Mapping[str, Any]) -> list[str]:
    """Return the columns that a model needs: of a scorecard its factors, else all."""
    return sorted(f["column"] for f in structure["factors"]) if kind == "scorecard" else sorted(columns)


def _column(name: str, values: Any) -> dict[str, Any]:
    if values.dtype != object:
        return {"name": name, "kind": "number"}
    levels = sorted({str(value) for value in values if value is not None})
    return {"name": name, "kind": "category", "levels": levels[:200]}


def _data(sheet: Sheet, bad: Floats) -> dict[str, Any]:
    days = [day for day in sheet.days if day is not None]
    return {
        "source": sheet.source,
        "fingerprint": sheet.fingerprint,
        "rows": sheet.size,
        "clients": int(sheet.groups.max()) + 1,
        "defaults": int(bad.sum()),
        "from": str(min(days)) if days else None,
        "to": str(max(days)) if days else None,
    }


def _baseline(columns: Mapping[str, Any], pd: Floats) -> dict[str, Any]:
    """Return what a later population is compared with: counts between the deciles of the PD and of each number.

    `pd` are those of the final model, as a later population is rated by it too.
    """
    edges = stability.quantile_edges(pd)
    found: dict[str, Any] = {"pd": {"edges": edges.tolist(), "counts": stability.counts_between(pd, edges).tolist()}}
    for name, values in columns.items():
        if values.dtype == object:
            levels, many = np.unique(np.array(["" if v is None else str(v) for v in values]), return_counts=True)
            found[f"column {name}"] = {"levels": [str(x) for x in levels], "counts": many.astype(float).tolist()}
        else:
            at = stability.quantile_edges(values)
            found[f"column {name}"] = {
                "edges": at.tolist(),
                "counts": stability.counts_between(values, at).tolist(),
            }
    return found


def training_notes(left: list[dict[str, str]], leaks: list[dict[str, Any]], bad: Floats, asked: Asked) -> list[Note]:
    notes = []
    for one in leaks:
        if one["suspected"]:
            name, alone = one["column"], one["auc_alone"]
            without = one["auc_without"]
            more = f"; all columns reach {one['auc_with']:.3f}, without it {without:.3f}" if without is not None else ""
            notes.append(
                Note(
                    "leak_suspected",
                    f"column {name} may know the outcome: alone it reaches an AUC of {alone:.3f}{more}; see when it is "
                    f"written, and --exclude {name} where that is after the default",
                    f"{name} 可能已含结果信息：单独 AUC 为 {alone:.3f}；请核实其记录时间，"
                    f"若在违约之后请用 --exclude {name}",
                    severity="warning",
                )
            )
    if left:
        said = "; ".join(f"{one['column']} {one['reason']}" for one in left)
        notes.append(Note("columns_left_out", f"left out: {said}", f"未使用的列：{said}"))
    if len(bad) < 200 or bad.sum() < 30:
        notes.append(
            Note(
                "small_sample",
                f"{int(bad.sum()):,} defaults in {len(bad):,} rows are few: see how wide the intervals are",
                f"样本仅 {len(bad):,} 行、{int(bad.sum()):,} 户违约：请注意区间宽度",
                severity="warning",
            )
        )
    if asked.calibrate == "none" and asked.kind in ("boosted", "forest", "tree", "mlp"):
        notes.append(
            Note(
                "not_calibrated",
                f"the PDs of {asked.kind} are as the model gives them; --calibrate isotonic fits them to the outcomes",
                f"{asked.kind} 的违约概率未经校准；可用 --calibrate isotonic",
            )
        )
    return notes


def _turned(factors: Sequence[str]) -> list[Note]:
    if not factors:
        return []
    return [
        Note(
            "signs_turned",
            f"{len(factors)} factors turn round beside the others ({', '.join(factors[:5])}): they give fewer points "
            "for a better bin; --monotone leaves such factors out",
            f"{len(factors)} 个因子与其他因子并用时符号反转（{'、'.join(factors[:5])}）；--monotone 会剔除它们",
        )
    ]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value
