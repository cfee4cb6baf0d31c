"""What the commands `rate` and `validate` share: options as a source of rows, ratings into one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_csv, emit_result, emit_text, print_answer
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.model.result import Result
    from graphrisk.rating.training import Asked
    from graphrisk.ratings import RowSource


def source_of(
    session: Session,
    data: Path | None,
    target: str | None,
    bad: str | None,
    id_column: str | None,
    date_column: str | None,
    exclude: list[str] | None = None,
    category: list[str] | None = None,
) -> RowSource:
    """Return where the rows come from. Raises UsageError for options that need a file."""
    from graphrisk.cli.bars import progress_bar
    from graphrisk.model.params import date_of
    from graphrisk.ratings import RowSource

    if data is None and (id_column or date_column or bad or category):
        raise UsageError("--id, --date, --bad and --category describe a file", hint="name it with --data FILE")
    if not session.project.is_dir():
        raise UsageError(f"there is no folder {session.project}", hint="graphrisk new DIR makes a project")
    return RowSource(
        project=session.project.resolve(),
        data=data,
        target=target,
        bad=bad,
        id_column=id_column,
        date_column=date_column,
        exclude=tuple(exclude or ()),
        category=tuple(category or ()),
        as_of=date_of(session.as_of),
        store=session.store,
        progress=progress_bar(quiet=session.quiet, verbose=session.verbose),
    )


def asked_of(
    name: str | None, kind: str, folds: int, seed: int, calibrate: str, prior: float | None, monotone: bool
) -> Asked:
    """Return what a training is asked for."""
    from graphrisk.rating.model_file import check_name
    from graphrisk.rating.training import Asked

    return Asked(
        name=check_name(name), kind=kind, folds=folds, seed=seed, calibrate=calibrate, prior=prior, monotone=monotone
    )


def emit_spoken(result: Result, source: RowSource, session: Session) -> None:
    """Print or write a result in the project's language, with the names of the snapshot's parties where it has some."""
    import dataclasses

    from graphrisk.answers.reader import Reader
    from graphrisk.config import read_config
    from graphrisk.ratings import declared_tables

    if result.reader is None:
        reader = Reader(lang=read_config(source.project).get("language"), tables=declared_tables())
        result = dataclasses.replace(result, reader=reader)
    emit_result(result, session)


def emit_rated(source: RowSource, name: str | None, session: Session) -> None:
    """Apply a model; ratings of a file go into one CSV where -o names one."""
    from graphrisk import ratings

    if source.data is None:
        emit_spoken(ratings.apply_to_snapshot(source, name), source, session)
        return
    result = ratings.apply_to_file(source, name)
    single = session.output is not None and session.output.suffix.lower() == ".csv"
    if single and session.shape in ("csv", "table"):
        if session.format == "table":
            print_answer(result, verbose=session.verbose)
        emit_csv({"rate_ratings": result.tables["rate_ratings"]}, session.output, session=session)
        return
    emit_spoken(result, source, session)


def emit_card(source: RowSource, name: str | None, session: Session) -> None:
    """Write the model card: Markdown, or with --format json its sections."""
    from graphrisk.rating.card import card_sections, card_text
    from graphrisk.rating.model_file import read_model

    sections: list[dict[str, Any]] = card_sections(read_model(source.project, name))
    wants = session.format == "json" or (session.output is not None and session.output.suffix.lower() == ".json")
    emit_text(document(sections) if wants else card_text(sections), session.output, session=session)
