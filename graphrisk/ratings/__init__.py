"""PD models of a project: trained on a file or on snapshots, applied, shown, compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.config import read_config
from graphrisk.errors import DataError, UsageError
from graphrisk.model.note import Note
from graphrisk.progress import Progress, silent

if TYPE_CHECKING:
    from graphrisk.model.result import Result
    from graphrisk.rating.sheet import Sheet
    from graphrisk.rating.training import Asked

DEFAULT = "default"
"""The target on snapshots: an event of kind default in the twelve months after the as-of day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSource:
    """Where rows come from: a file (`data`), else the project's snapshots."""

    project: Path
    data: Path | None = None
    target: str | None = None
    bad: str | None = None
    id_column: str | None = None
    date_column: str | None = None
    exclude: Sequence[str] = ()
    category: Sequence[str] = ()
    as_of: date | None = None
    store: str | None = None
    progress: Progress = field(default=silent)

    @property
    def today(self) -> date:
        """The day on which the data is looked at: --as-of, else the analyst's own calendar day."""
        return self.as_of or date.today()  # noqa: DTZ011


def train_model(source: RowSource, asked: Asked, *, template: Path | None = None) -> Result:
    """Train a model, write it into the project, and return how good it is and which columns may know too much."""
    from graphrisk import __version__
    from graphrisk.rating.answering import rate_result
    from graphrisk.rating.model_file import check_name, write_model
    from graphrisk.rating.training import train

    check_name(asked.name)
    if asked.kind == "expert":
        from graphrisk.rating.expert_training import train_expert

        sheet = sheet_from(source) if source.data is not None and source.target is not None else None
        trained = train_expert(sheet, asked, template, code_version=__version__)
    else:
        sheet = sheet_from(dataclasses.replace(source, target=source.target or DEFAULT))
        trained = train(sheet, asked, code_version=__version__, progress=source.progress)
    data = trained.model["data"]
    data |= {"id_column": source.id_column, "date_column": source.date_column}
    path = write_model(source.project, trained.model)
    return rate_result(
        "train",
        {
            "rate_comparison": [trained.comparison] if trained.comparison else [],
            "rate_grades": trained.model["grades"],
            "rate_leaks": trained.leaks,
        },
        as_of=source.today if sheet is None else _day(sheet, source),
        fingerprint=data["fingerprint"],
        params={**dataclasses.asdict(asked), "target": source.target, "data": source.data and source.data.name},
        certificate={"model": asked.name, "file": f"models/{path.name}", "rows": data["rows"],
                     "clients": data["clients"], "defaults": data["defaults"]},
        notes=trained.notes,
    )  # fmt: skip


def compare_models(source: RowSource, *, folds: int, seed: int) -> Result:
    """Return every kind of model on the same test folds, or without a target the models of the project."""
    from graphrisk.rating.answering import comparison_of, rate_result
    from graphrisk.rating.comparing import compare_kinds
    from graphrisk.rating.model_file import model_names, read_model

    if source.target is None and source.data is None:
        names = model_names(source.project)
        if not names:
            raise UsageError(
                "the project has no model yet",
                hint="graphrisk rate train trains one; graphrisk rate compare --target COLUMN --data FILE tries all",
            )
        models = [read_model(source.project, name) for name in names]
        rows = sorted((comparison_of(m) for m in models), key=lambda row: (-(row.get("auc") or 0.0), row["model"]))
        same = len({m["data"]["fingerprint"] for m in models}) == 1
        notes = [] if same else [_other_data()]
        return rate_result(
            "compare", {"rate_comparison": rows}, as_of=source.today, fingerprint=models[0]["data"]["fingerprint"],
            params={}, certificate={"models": len(models)}, notes=notes,
        )  # fmt: skip
    sheet = sheet_from(dataclasses.replace(source, target=source.target or DEFAULT))
    rows, leaks, said = compare_kinds(sheet, folds=folds, seed=seed, progress=source.progress)
    return rate_result(
        "compare",
        {"rate_comparison": rows, "rate_leaks": leaks},
        as_of=_day(sheet, source),
        fingerprint=sheet.fingerprint,
        params={"target": source.target or DEFAULT, "folds": folds, "seed": seed},
        certificate={"rows": sheet.size, "defaults": int(0 if sheet.bad is None else sheet.bad.sum())},
        notes=said,
    )


def apply_to_file(source: RowSource, name: str | None) -> Result:
    """Return the ratings of the rows of a file by a model of the project."""
    from graphrisk.rating.answering import rate_result
    from graphrisk.rating.applying import apply_model
    from graphrisk.rating.model_file import read_model

    model = read_model(source.project, name)
    sheet = sheet_from(dataclasses.replace(source, target=None), model=model)
    done = apply_model(model, sheet)
    return rate_result(
        "apply",
        {"rate_ratings": done.ratings, "rate_reasons": done.reasons},
        as_of=_day(sheet, source),
        fingerprint=sheet.fingerprint,
        params={"model": name, "data": source.data and source.data.name},
        certificate={"model": name, "rows": sheet.size, "policy": model["policy"]["version"]},
        notes=(*sheet.notes, *done.notes),
    )


def show_model(source: RowSource, name: str | None) -> Result:
    """Return what a model is made of, how good it was, and its grades."""
    from graphrisk.rating.answering import comparison_of, factor_rows, rate_result
    from graphrisk.rating.model_file import read_model

    model = read_model(source.project, name)
    good = [comparison_of(model)] if model.get("performance") else []
    return rate_result(
        "show",
        {"rate_factors": factor_rows(model), "rate_comparison": good, "rate_grades": model.get("grades", [])},
        as_of=date.fromisoformat(model["data"]["to"]) if model["data"].get("to") else source.today,
        fingerprint=model["data"]["fingerprint"],
        params={"model": name},
        certificate={
            "model": name, "kind": model["kind"], "rows": model["data"]["rows"], "defaults": model["data"]["defaults"],
            "columns": [column["name"] for column in model["columns"]], "code_version": model["code_version"],
            "policy": model["policy"], "calibration": [step["method"] for step in model["calibration"]] or ["none"],
        },
        notes=(),
    )  # fmt: skip


def sheet_from(source: RowSource, *, model: Mapping[str, Any] | None = None) -> Sheet:
    """Return the rows that a source means.

    For a `model`: its categories are read as such, and where no columns of ids and days are named, those that it was
    trained with are taken if the file has them.
    """
    from graphrisk.rating.reading import read_cells
    from graphrisk.rating.sheet import sheet_of

    if source.data is None:
        return _from_snapshots(source)
    header, rows = read_cells(source.data)
    named = source.data.name
    category = list(source.category)
    if model is not None:
        category = [c["name"] for c in model["columns"] if c["kind"] == "category" and c["name"] in header]
        kept = {name: model["data"].get(name) for name in ("id_column", "date_column")}
        missing = {name: kept[name] for name in kept if getattr(source, name) is None and kept[name] in header}
        source = dataclasses.replace(source, **missing)
    return sheet_of(
        header,
        rows,
        source=named,
        id_column=source.id_column,
        date_column=source.date_column,
        target=source.target,
        bad_value=source.bad,
        exclude=source.exclude,
        category=category,
        today=source.today,
    )


def _from_snapshots(source: RowSource) -> Sheet:
    """Return the clients of the project's snapshots, with outcomes where a target is asked for."""
    from graphrisk.ratings.snapshots import training_sheet

    if source.target != DEFAULT:
        raise UsageError(
            f"on snapshots the target is {DEFAULT}, not {source.target}",
            hint="--target default, or a file with --data FILE",
        )
    source.progress("collecting what was known")
    return training_sheet(source.project, source.store, source.as_of, exclude=source.exclude)


def _day(sheet: Sheet, source: RowSource) -> date:
    days = [day for day in sheet.days if day is not None]
    return max(days) if days else source.today


def _other_data() -> Note:
    return Note(
        "compared_on_other_data",
        "the models were trained on different data: their figures are not of the same rows",
        "各模型的训练数据不同：指标并非基于相同的样本",
        severity="warning",
    )


def declared_tables() -> dict[str, Any]:
    """Return the declared tables of `rate` and `validate`, by name."""
    from graphrisk.rating import tables, validation_tables

    return {table.name: table for table in (*tables.TABLES, *validation_tables.TABLES)}


def apply_to_snapshot(source: RowSource, name: str | None) -> Result:
    """Rate the clients of the snapshot, and write the ratings into a new version of the same day.

    A client whose status is defaulted gets a PD of 1 and the grade D.
    """
    from graphrisk.answers.reader import Reader
    from graphrisk.rating.answering import rate_result
    from graphrisk.rating.applying import apply_model
    from graphrisk.rating.model_file import read_model
    from graphrisk.ratings.snapshots import client_sheet, write_ratings
    from graphrisk.workspace import Workspace

    model = read_model(source.project, name)
    workspace = Workspace(source.project, store=source.store, as_of=source.as_of, progress=source.progress)
    try:
        graph = workspace.graph()
    finally:
        workspace.close()
    sheet, down = client_sheet(graph)
    if not sheet.size:
        raise DataError(f"snapshot {graph.snapshot} holds no client to rate", hint="parties with is_client true")
    done = apply_model(model, sheet)
    source_text = f"graphrisk rate: {model['kind']}, in default"
    fallen = [
        {
            "party_id": one,
            "as_of_on": graph.as_of,
            "model": model["name"],
            "pd": 1.0,
            "grade": "D",
            "source": source_text,
        }
        for one in down
    ]
    rows = sorted([*done.ratings, *fallen], key=lambda row: str(row["party_id"]))
    kept = [row for row in rows if row["pd"] is not None]
    if not kept:
        raise DataError(f"model {name} can rate no client of {graph.snapshot}", hint="its columns are all empty there")
    written = write_ratings(source.project, source.store, graph.snapshot, str(model["name"]), kept)
    result = rate_result(
        "apply",
        {"rate_ratings": rows, "rate_reasons": done.reasons},
        as_of=graph.as_of,
        fingerprint=graph.fingerprint,
        params={"model": name},
        certificate={"model": name, "rows": len(rows), "snapshot": written, "policy": model["policy"]["version"]},
        notes=done.notes,
    )
    reader = Reader(lang=read_config(source.project).get("language"), graph=graph, tables=declared_tables())
    return dataclasses.replace(result, reader=reader)
