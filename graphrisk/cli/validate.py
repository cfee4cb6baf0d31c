"""Validate PDs against what came, and try whether the network helps to foretell defaults.

With --data a model of the project, or a column of PDs (--pd), is validated on a file with outcomes: discrimination,
calibration, stability, overrides. Without it the ratings of past days are compared with the defaults that followed, and
the same model is tried with own features, place in the network, neighbours' defaults and neighbours' attributes: over a
year, and over three months where snapshots stand a quarter apart.

Examples:

  graphrisk validate

  graphrisk validate own --data clients.csv --target bad --id client

  graphrisk validate --data clients.csv --target bad --pd pd
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.rating import emit_spoken, source_of
from graphrisk.errors import UsageError


def validate(
    session: Session,
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Name of a model.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="CSV or Parquet file with outcomes.")
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="COLUMN", help="Column of outcomes.")] = None,
    pd: Annotated[str | None, typer.Option("--pd", metavar="COLUMN", help="Column of PDs, instead of a model.")] = None,
    override: Annotated[
        str | None,
        typer.Option("--override", metavar="NAME", help="Final PDs: a column of the file, or a model on snapshots."),
    ] = None,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column of client ids.")] = None,
    date_column: Annotated[str | None, typer.Option("--date", metavar="COLUMN", help="Column of days.")] = None,
    bad: Annotated[
        str | None, typer.Option("--bad", metavar="VALUE", help="The outcome that is a default, if not 1.")
    ] = None,
    bins: Annotated[int, typer.Option("--bins", min=3, help="Groups of Hosmer and Lemeshow.")] = 10,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn.")] = 0,
) -> None:
    from graphrisk.ratings.validating import validate_file, validate_snapshots

    if data is None and (target or pd):
        raise UsageError("--target and --pd are columns of a file", hint="name it with --data FILE")
    source = source_of(session, data, target, bad, id_column, date_column)
    if data is None:
        result = validate_snapshots(source, model, final=override, bins=bins, seed=seed)
    else:
        result = validate_file(source, model, pd_column=pd, final_column=override, bins=bins)
    emit_spoken(result, source, session)
