"""`graphrisk validate`: PDs against what came, on a file or over snapshots, and whether the network helps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.errors import DataError, UsageError
from graphrisk.model.note import Note
from graphrisk.ratings import RowSource

if TYPE_CHECKING:
    from graphrisk.model.result import Result
    from graphrisk.rating.sheet import Sheet
    from graphrisk.ratings.snapshots import Seen


def validate_file(
    source: RowSource, model: str | None, *, pd_column: str | None, final_column: str | None, bins: int
) -> Result:
    """Validate a model of the project, or a column of PDs, on a file with outcomes."""
    from graphrisk.rating.applying import apply_model, columns_for
    from graphrisk.rating.model_file import read_model
    from graphrisk.rating.validation import by_grade, measures, override_rows, stability_rows
    from graphrisk.ratings import sheet_from

    if (model is None) == (pd_column is None):
        raise UsageError(
            "say whose PDs: a model of the project, or --pd COLUMN of the file",
            hint="graphrisk validate MODEL --data FILE --target COLUMN",
        )
    if source.target is None:
        raise UsageError("validation needs the column of outcomes", hint="--target COLUMN: 1 for a default, 0 for none")
    read = read_model(source.project, model) if model is not None else None
    sheet = sheet_from(source, model=read)
    assert sheet.bad is not None
    notes, tables, name = list(sheet.notes), {}, model or str(pd_column)
    if read is not None:
        done = apply_model(read, sheet)
        pd, rated = done.pd, ~np.isnan(done.pd)
        notes += done.notes
        if read["data"]["fingerprint"] == sheet.fingerprint:
            notes.append(_own_sample(name))
        if read["stability"]:
            columns = {c: v[rated] for c, v in columns_for(read, sheet).items()}
            tables["validate_stability"] = stability_rows(read["stability"], columns, pd[rated])
    else:
        pd, rated = _pds(sheet, str(pd_column)), np.ones(sheet.size, dtype=bool)
    if not rated.any():
        raise DataError(f"{name} rates no row of {sheet.source}", where=sheet.source)
    bad, groups = sheet.bad[rated], sheet.groups[rated]
    if not 0 < bad.sum() < len(bad):
        notes.append(_one_outcome(len(bad), int(bad.sum())))
    tables["validate_measures"] = measures(name, sheet.source, bad, pd[rated], groups, bins=bins)
    tables["validate_grades"] = by_grade(name, sheet.source, bad, pd[rated])
    if final_column is not None:
        final = _pds(sheet, final_column)
        tables["validate_overrides"] = override_rows(name, bad, pd[rated], final[rated])
    days = [day for day in sheet.days if day is not None]
    return _result(source, tables, notes, sheet.fingerprint, max(days) if days else source.today,
                   {"model": name, "target": source.target}, rows=len(bad), defaults=int(bad.sum()))  # fmt: skip


def validate_snapshots(source: RowSource, model: str | None, *, final: str | None, bins: int, seed: int) -> Result:
    """Compare the ratings of past days with what came, and try whether the network helps to foretell it."""
    from graphrisk.rating.network_help import ADD_ON, ablation_rows
    from graphrisk.rating.validation import by_grade, measures, override_rows
    from graphrisk.ratings.network_rows import QUARTER, ablation_of
    from graphrisk.ratings.snapshots import at_risk, looked_at, told

    seen = looked_at(source.project, source.store, source.as_of)
    quarters = looked_at(source.project, source.store, source.as_of, quarters=True)
    notes = [note for one in seen for note in told(one)]
    tables: dict[str, list[dict[str, Any]]] = {"validate_measures": [], "validate_grades": [], "validate_network": []}
    each = {one.observed.day: one for one in (*quarters, *seen)}
    tables["validate_guards"] = [row for day in sorted(each) for row in _guards(each[day])]
    rows = defaults = 0
    known: set[str] = set()
    for one in seen:
        at, bad = at_risk(one)
        day, given = str(one.observed.day), _ratings_of(one)
        rows, defaults = rows + len(at), defaults + int(bad.sum())
        known |= set(given)
        for name in sorted(given) if model is None else [model]:
            pd = given.get(name, np.full(one.graph.size, np.nan))[at]
            rated = ~np.isnan(pd)
            if not rated.any():
                continue
            tables["validate_measures"] += measures(name, day, bad[rated], pd[rated], at[rated], bins=bins)
            tables["validate_grades"] += by_grade(name, day, bad[rated], pd[rated])
            if final is not None and final in given and name != final:
                last = given[final][at]
                both = rated & ~np.isnan(last)
                if both.any():
                    changed = override_rows(name, bad[both], pd[both], last[both])
                    tables["validate_overrides"] = [*tables.get("validate_overrides", []), *changed]
    for asked in (model, final):
        if asked is not None and asked not in known:
            days = ", ".join(str(one.observed.day) for one in seen)
            raise UsageError(
                f"no rating by a model called {asked!r} is known on {days}",
                hint=f"known: {', '.join(sorted(known)) or 'none'}",
            )
    if not known:
        notes.append(_no_ratings())
    notes += _learned_from(source, sorted(known) if model is None else [model], seen)
    least = 10
    if defaults < least:
        notes.append(_few_defaults(defaults))
    else:
        near = ablation_of(quarters, QUARTER) if quarters else None
        if near is not None and near.bad.sum() >= least:
            tables["validate_network"] = ablation_rows(near, seed=seed, progress=source.progress, kinds=(ADD_ON,))
        tables["validate_network"] += ablation_rows(ablation_of(seen), seed=seed, progress=source.progress)
    return _result(
        source, tables, notes, seen[0].graph.fingerprint, max(one.observed.day for one in seen),
        {"model": model, "seed": seed}, rows=rows, defaults=defaults, days=len(seen), quarters=len(quarters),
    )  # fmt: skip


def _ratings_of(seen: Seen) -> dict[str, Any]:
    """Return the PD of each party's latest rating by model (n,), as known on the day."""
    graph = seen.graph
    party, pd, names = (
        graph.positions("ratings", "party_id"),
        graph.floats("ratings", "pd"),
        graph.texts("ratings", "model"),
    )
    found: dict[str, Any] = {}
    for row in range(len(pd)):  # rows run by party, then by day: the last one written wins
        if party[row] >= 0 and pd[row] == pd[row]:
            found.setdefault(str(names[row]), np.full(graph.size, np.nan))[party[row]] = pd[row]
    return found


def _guards(seen: Seen) -> list[dict[str, Any]]:
    """Return rows of validate_guards of a day."""
    import pyarrow.compute as pc

    day = seen.observed.day
    rows = [{"as_of_on": day, "table": t, "guard": "known_later", "rows": n} for t, n in sorted(seen.later.items())]
    for name, own in (("events", "occurred_on"), ("financials", "period_end_on"), ("ratings", "as_of_on")):
        if not seen.graph.rows(name):
            continue
        table = seen.graph.tables.select(name, ["known_on", own])
        early = pc.sum(pc.fill_null(pc.less(table["known_on"], table[own]), False)).as_py() or 0
        if early:
            rows.append({"as_of_on": day, "table": name, "guard": "known_before_it_happened", "rows": int(early)})
        unsaid = int(table["known_on"].null_count)
        if unsaid:
            rows.append({"as_of_on": day, "table": name, "guard": "assumed", "rows": unsaid})
    for name in ("guarantees", "ownership", "ties", "supplies") if seen.observed.rebuilt else ():
        table = seen.graph.tables.select(name, ["from_on", "known_on"])
        undated = pc.sum(pc.and_(pc.is_null(table["from_on"]), pc.is_null(table["known_on"]))).as_py() or 0
        if undated:
            rows.append({"as_of_on": day, "table": name, "guard": "assumed", "rows": int(undated)})
    return rows


def _pds(sheet: Sheet, column: str) -> Any:
    from graphrisk.errors import nearest

    if column not in sheet.columns:
        raise UsageError(
            f"--pd {column}: there is no such column", hint=nearest(column, sheet.columns), where=sheet.source
        )
    values = sheet.columns[column]
    if values.dtype == object or np.isnan(values).any() or not ((values >= 0.0) & (values <= 1.0)).all():
        raise DataError(
            f"{column} is to hold a PD in every row, a fraction in [0, 1]", where=sheet.source,
            hint="percentages are divided by 100; rows without a PD are left out beforehand",
        )  # fmt: skip
    return values


def _result(
    source: RowSource, tables: Any, notes: list[Note], fingerprint: str, day: Any, params: Any, **said: Any
) -> Result:
    from graphrisk.rating.answering import rate_result
    from graphrisk.rating.validation_tables import TABLES

    declared = {table.name: table for table in TABLES}
    ordered = {table.name: tables[table.name] for table in TABLES if table.name in tables}
    data = {"data": source.data and source.data.name}
    return rate_result(
        "validate", ordered, as_of=day, fingerprint=fingerprint, params={**params, **data}, certificate=said,
        notes=notes, analyzer="validate", declared=declared,
    )  # fmt: skip


def _learned_from(source: RowSource, names: list[str], seen: list[Seen]) -> list[Note]:
    """Return a note for each model of the project that was trained on a day which is validated here."""
    from graphrisk.rating.model_file import model_names, read_model

    own = [name for name in names if name in model_names(source.project)]
    days = {str(one.observed.day) for one in seen}
    return [_own_sample(name) for name in own if str(read_model(source.project, name)["data"].get("to")) in days]


def _own_sample(name: str) -> Note:
    return Note(
        "own_sample",
        f"model {name} was trained on the outcomes of these very rows: this flatters it",
        f"{name} 正是用这些样本训练的：结果偏乐观",
        severity="warning",
    )


def _one_outcome(rows: int, defaults: int) -> Note:
    what, told = ("a default", "均为违约") if defaults else ("no default", "均无违约")
    text = f"all {rows:,} rows have {what}: discrimination cannot be measured"
    return Note("one_outcome", text, f"{rows:,} 行{told}：无法衡量区分度", severity="warning")


def _no_ratings() -> Note:
    return Note(
        "no_ratings",
        "no rating is known on the days whose outcomes are known: only the network was tried",
        "结果已知的日期没有评级：仅检验网络特征",
        severity="warning",
    )


def _few_defaults(defaults: int) -> Note:
    return Note(
        "few_defaults",
        f"{defaults:,} defaults are too few to try whether the network helps: at least 10 are needed",
        f"仅 {defaults:,} 户违约，不足以检验网络特征（至少 10 户）",
        severity="warning",
    )
