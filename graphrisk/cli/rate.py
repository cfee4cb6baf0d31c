"""Train, apply, show and compare models of the probability of default.

train learns a model from a file (--data, one row a client) or from the project's snapshots and writes models/NAME.json;
apply rates a file, or without --data the clients of the snapshot: rows of `ratings` in a new version of the same day;
show says what a model is made of (--card: its model card); compare tries every kind on the same rows.

Examples:

  graphrisk rate train --kind expert --model five_c

  graphrisk rate show five_c

  graphrisk rate show five_c --card

  graphrisk rate apply five_c

  graphrisk rate compare

  graphrisk rate train --data clients.csv --id client --target bad --model own

  graphrisk rate apply own --data clients.csv --id client

  graphrisk rate train --target default --model own
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.rating import asked_of, emit_card, emit_rated, emit_spoken, source_of
from graphrisk.errors import UsageError

KINDS = "scorecard, logit, tree, forest, boosted, mlp, or expert."


def rate(
    session: Session,
    action: Annotated[Literal["train", "apply", "show", "compare"], typer.Argument(help="What to do.")],
    model: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Name of a model.")] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="COLUMN", help="Column of outcomes; on snapshots: default.")
    ] = None,
    name: Annotated[str | None, typer.Option("--model", metavar="NAME", help="Name of the model to train.")] = None,
    kind: Annotated[str, typer.Option("--kind", help=KINDS)] = "scorecard",
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FILE", help="CSV or Parquet file, one row a client.")
    ] = None,
    id_column: Annotated[str | None, typer.Option("--id", metavar="COLUMN", help="Column of client ids.")] = None,
    date_column: Annotated[str | None, typer.Option("--date", metavar="COLUMN", help="Column of days.")] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="COLUMN", help="A column not to learn from.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", metavar="COLUMN", help="Numbers that are codes of categories.")
    ] = None,
    bad: Annotated[
        str | None, typer.Option("--bad", metavar="VALUE", help="The outcome that is a default, if not 1.")
    ] = None,
    folds: Annotated[int, typer.Option("--folds", help="Parts of the sample, each tested once.")] = 5,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of what is drawn.")] = 0,
    calibrate: Annotated[
        Literal["none", "isotonic", "pluto_tasche"],
        typer.Option("--calibrate", help="How PDs are fitted to the outcomes; pluto_tasche: prudent PDs by grade."),
    ] = "none",
    prior: Annotated[
        float | None, typer.Option("--prior", metavar="RATE", help="Default rate that the PDs are moved to.")
    ] = None,
    monotone: Annotated[bool, typer.Option("--monotone", help="Risk only rises or only falls in each column.")] = False,
    template: Annotated[
        Path | None, typer.Option("--template", metavar="FILE", help="Template of --kind expert (default: 5C).")
    ] = None,
    card: Annotated[bool, typer.Option("--card", help="The model card (with show).")] = False,
) -> None:
    if model is not None and name is not None and model != name:
        raise UsageError(f"which model: {model} or {name}?", hint="name it once")
    from graphrisk import ratings

    called = name or model
    source = source_of(session, data, target, bad, id_column, date_column, exclude, category)
    if action == "train":
        asked = asked_of(called, kind, folds, seed, calibrate, prior, monotone)
        emit_spoken(ratings.train_model(source, asked, template=template), source, session)
    elif action == "apply":
        emit_rated(source, called, session)
    elif action == "show" and card:
        emit_card(source, called, session)
    elif action == "show":
        emit_spoken(ratings.show_model(source, called), source, session)
    else:
        emit_spoken(ratings.compare_models(source, folds=folds, seed=seed), source, session)
