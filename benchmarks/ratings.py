"""PD models on public data: AUC out of sample, seconds of a fit, the leak finder.

    python -m benchmarks.ratings [DATA]

DATA (default ../shared/data) holds polish (UCI 365), south_german (UCI 573), american, sba; what is absent is said. The
table of docs/methods/rate.md is this program's. optbinning is not installed with graphrisk: where it can be imported it
is timed beside the scorecard (`pip install optbinning` into an environment of its own).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np

from graphrisk.kernels.credit.discrimination import over_folds
from graphrisk.rating.kinds import FitPlan, find_kind
from graphrisk.rating.leaks import find_leaks
from graphrisk.rating.reading import read_cells
from graphrisk.rating.sample import check_sample, spread_folds, useful_columns
from graphrisk.rating.sheet import Sheet, sheet_of
from graphrisk.rating.trials import try_out

TODAY = date(2026, 11, 27)
GERMAN_CODES = ("status", "credit_history", "purpose", "savings", "employment_duration", "personal_status_sex",
                "other_debtors", "property", "other_installment_plans", "housing", "job")  # fmt: skip
FLOORS = {
    ("polish 5year", "scorecard"): 0.915,
    ("polish 5year", "boosted"): 0.95,
    ("polish 5year", "boosted monotone"): 0.92,
    ("south_german", "scorecard"): 0.77,
}


def polish(data: Path, name: str) -> Sheet:
    """Return the ratios of Polish companies, and which went bankrupt."""
    text = (data / "polish" / f"{name}.arff").read_text("utf-8").split("@data")[1]
    header = [*(f"Attr{k}" for k in range(1, 65)), "class"]
    rows = [[cell.strip() for cell in line.split(",")] for line in text.strip().splitlines()]
    return made(header, rows, f"polish {name}", target="class")


def south_german(data: Path) -> Sheet:
    """Return the South German credits; its codes are categories, and credit_risk 0 is a default."""
    lines = (data / "south_german" / "SouthGermanCredit.asc").read_text("utf-8").strip().splitlines()
    rows = [line.split() for line in lines]
    return made(rows[0], rows[1:], "south_german", target="credit_risk", bad="0", category=GERMAN_CODES)


def american(data: Path) -> Sheet:
    """Return statement items of listed American firms, and which went bankrupt."""
    header, rows = read_cells(data / "american" / "american_latest.parquet")
    return made(header, rows, "american", target="bankrupt", ids="company_name", days="year")


def sba(data: Path, exclude: tuple[str, ...] = ()) -> Sheet:
    """Return the SBA case sample without what was written when a loan was charged off."""
    header, rows = read_cells(data / "sba" / "SBAcase.11.13.17.csv")
    left = ("ChgOffDate", "ChgOffPrinGr", "MIS_Status", "BalanceGross", *exclude)
    return made(header, rows, "sba", target="Default", ids="LoanNr_ChkDgt", exclude=left)


def made(
    header: list[str],
    rows: list[list[str]],
    name: str,
    *,
    target: str,
    bad: str | None = None,
    ids: str | None = None,
    days: str | None = None,
    exclude: tuple[str, ...] = (),
    category: tuple[str, ...] = (),
) -> Sheet:
    """Return a sheet."""
    return sheet_of(
        header, rows, source=name, id_column=ids, date_column=days, target=target, bad_value=bad, exclude=exclude,
        category=category, today=TODAY,
    )  # fmt: skip


def measured(sheet: Sheet, kind: str, seeds: range, *, monotone: bool = False) -> dict[str, float]:
    """Return auc (mean over the seeds of the folds), auc_low, auc_high (of the first), fit_s."""
    found, spent, first = [], [], {}
    for seed in seeds:
        plan = FitPlan(seed=seed, monotone=monotone)
        bad = check_sample(sheet, 5, plan.policy)
        columns, _ = useful_columns(sheet, plan.policy)
        folds = spread_folds(sheet, 5, seed)
        trial = try_out(find_kind(kind), columns, bad, folds, plan)
        good = over_folds(bad, trial.pd, folds, sheet.groups)
        first = first or good
        found.append(good["auc"])
        spent.append(trial.fit_s)
    return {**first, "auc": float(np.mean(found)), "fit_s": float(np.mean(spent))}


def with_optbinning(sheet: Sheet) -> tuple[float, float] | None:
    """Return (AUC, seconds of a fit) of optbinning's monotone bins with a logistic regression; None without it."""
    try:
        from optbinning import BinningProcess
    except ImportError:
        return None
    from sklearn.linear_model import LogisticRegression

    bad = check_sample(sheet, 5, FitPlan().policy)
    columns, _ = useful_columns(sheet, FitPlan().policy)
    names = [name for name in sorted(columns) if columns[name].dtype != object]
    matrix = np.column_stack([columns[name] for name in names])
    folds, score, spent = spread_folds(sheet, 5, 0), np.empty(len(bad)), []
    for fold in range(5):
        rest, test = folds != fold, folds == fold
        began = time.perf_counter()
        process = BinningProcess(names, binning_fit_params={n: {"monotonic_trend": "auto_asc_desc"} for n in names})
        woe = process.fit_transform(matrix[rest], bad[rest].astype(int), metric_missing="empirical")
        model = LogisticRegression(C=0.1, max_iter=1000).fit(woe, bad[rest].astype(int))
        spent.append(time.perf_counter() - began)
        score[test] = model.predict_proba(process.transform(matrix[test], metric_missing="empirical"))[:, 1]
    return over_folds(bad, score, folds)["auc"], float(np.mean(spent))


def lines(data: Path) -> Iterator[str]:
    """Yield the rows of the table in Markdown, and whether each floor holds."""
    yield "| data | model | AUC [95 %] | floor | seconds a fit |"
    yield "|---|---|---|---|---|"
    books: list[tuple[str, str, Callable[[], Sheet], tuple[str, ...], range]] = [
        ("polish 5year", "polish", lambda: polish(data, "5year"), KINDS, range(1)),
        ("polish 1year", "polish", lambda: polish(data, "1year"), ("scorecard", "boosted"), range(1)),
        ("south_german", "south_german", lambda: south_german(data), ("scorecard", "boosted"), range(10)),
        ("american", "american", lambda: american(data), ("scorecard", "boosted"), range(1)),
        ("sba with Term", "sba", lambda: sba(data), ("scorecard", "boosted"), range(1)),
        ("sba without", "sba", lambda: sba(data, ("Term", "daysterm", "xx")), ("scorecard", "boosted"), range(1)),
    ]
    for name, folder, read, kinds, seeds in books:
        if not (data / folder).is_dir():
            yield f"| {name} | not there: {data / folder} | | | |"
            continue
        sheet = read()
        for kind in kinds:
            plain, _, monotone = kind.partition(" ")
            good = measured(sheet, plain, seeds, monotone=bool(monotone))
            floor = FLOORS.get((name, kind))
            held = "" if floor is None else f"{floor:g} {'held' if good['auc'] >= floor else 'BROKEN'}"
            interval = f"{good['auc']:.3f} [{good['auc_low']:.3f}, {good['auc_high']:.3f}]"
            yield f"| {name} | {kind} | {interval} | {held} | {good['fit_s']:.2f} |"
        if folder == "polish":
            other = with_optbinning(sheet)
            yield (
                f"| {name} | optbinning | not installed | | |"
                if other is None
                else f"| {name} | optbinning auto_asc_desc | {other[0]:.3f} | | {other[1]:.2f} |"
            )
        if name == "sba with Term":
            plan = FitPlan()
            bad = check_sample(sheet, 5, plan.policy)
            columns, _ = useful_columns(sheet, plan.policy)
            found = find_leaks(columns, bad, spread_folds(sheet, 5, 0), plan)
            named = ", ".join(one["column"] for one in found if one["suspected"])
            yield f"| sba | suspected | {named} | Term first | |"


KINDS = ("scorecard", "scorecard monotone", "logit", "tree", "forest", "boosted", "boosted monotone", "mlp")


def main() -> None:
    """Print the table; exit code 1 where a floor is broken."""
    data = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
    broken = False
    for line in lines(data.resolve()):
        broken = broken or "BROKEN" in line
        print(line, flush=True)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
