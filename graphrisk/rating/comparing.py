"""All kinds of models on the same test folds, beside the scorecard: champion and challengers."""

from __future__ import annotations

from typing import Any

from graphrisk.kernels.credit.discrimination import uplift
from graphrisk.model.note import Note
from graphrisk.progress import Progress, silent
from graphrisk.rating.kinds import FitPlan, find_kind, kind_names
from graphrisk.rating.leaks import find_leaks
from graphrisk.rating.sample import check_sample, spread_folds, useful_columns
from graphrisk.rating.sheet import Sheet
from graphrisk.rating.training import Asked, comparison_row, training_notes
from graphrisk.rating.trials import held_above, performance, try_out

CHAMPION = "scorecard"


def compare_kinds(
    sheet: Sheet, *, folds: int, seed: int, progress: Progress = silent
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], tuple[Note, ...]]:
    """Return (rows of rate_comparison, the scorecard first; rows of rate_leaks; notes).

    auc_gain is the AUC more than the scorecard's over all rows out of sample, with its interval by clients.
    """
    plan = FitPlan(seed=seed)
    bad = check_sample(sheet, folds, plan.policy)
    columns, left = useful_columns(sheet, plan.policy)
    parts = spread_folds(sheet, folds, seed)
    learned = [name for name in kind_names() if find_kind(name).LEARNS]
    variants = [(name, name, FitPlan(seed=seed)) for name in (CHAMPION, *(n for n in learned if n != CHAMPION))]
    variants.append(("boosted_monotone", "boosted", FitPlan(seed=seed, monotone=True)))
    rows, first = [], None
    for at, (label, name, how) in enumerate(variants):
        progress(f"trying {label}", at, len(variants))
        trial = try_out(find_kind(name), columns, bad, parts, how)
        good = performance(bad, trial.pd, held_above(trial.pd, plan), parts, sheet.groups)
        row = comparison_row(label, name, good, trial)
        if first is None:
            first = trial.pd
        else:
            gain, low, high = uplift(bad, trial.pd, first, sheet.groups)
            row |= {"auc_gain": gain, "gain_low": low, "gain_high": high}
        rows.append(row)
    leaks = find_leaks(columns, bad, parts, plan, progress=progress)
    ordered = [rows[0], *sorted(rows[1:], key=lambda row: (-row["auc"], row["model"]))]
    notes = training_notes(left, leaks, bad, Asked(name="", kind=CHAMPION))
    return ordered, leaks, (*sheet.notes, *notes)
