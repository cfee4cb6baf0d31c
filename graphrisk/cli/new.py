"""Make a project to start from, or, with --loader, draft a loader from the headers of your own files.

A project holds settings, an empty CSV per table, and a small filled example. A draft goes to loaders/NAME/loader.toml:
headers that are known, in English or Chinese, are mapped, with examples; what is a guess is marked CHECK, what is left
to you SAY.

Examples:

  graphrisk new bank

  graphrisk load bank_csv bank/example --project bank

  graphrisk new --loader core exports/ --project bank

  graphrisk load core exports/ --project bank
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text, say
from graphrisk.errors import UsageError


def new(
    session: Session,
    paths: Annotated[
        list[Path], typer.Argument(metavar="DIR | FILES...", help="Folder to make; with --loader, your files.")
    ],
    loader: Annotated[str | None, typer.Option("--loader", metavar="NAME", help="Draft a loader of this name.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite a draft that is there.")] = False,
) -> None:
    if loader is not None:
        _draft(session, loader, paths, force=force)
        return
    if len(paths) != 1:
        raise UsageError("new takes one folder", hint="graphrisk new --loader NAME FILES... drafts a loader")
    from graphrisk.demo.template import write_project

    directory = paths[0]
    files = write_project(directory)
    if session.shape == "json":
        emit_text(document([str(path) for path in files]), session.output, session=session)
        return
    typer.echo(f"{len(files)} files in {directory}. Next:")
    typer.echo(f"  graphrisk load bank_csv {directory / 'example'} --project {directory}")
    typer.echo(f"  graphrisk check --project {directory}")
    say("fill the CSV files in data/ with your own extract, then load that folder", session=session)


def _draft(session: Session, name: str, paths: list[Path], *, force: bool) -> None:
    from graphrisk.loading.draft import draft_loader

    file = session.project / "loaders" / name / "loader.toml"
    if file.exists() and not force:
        raise UsageError("is there already", where=str(file), hint="name another loader, or add --force")
    draft = draft_loader(name, paths)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(draft.text, encoding="utf-8", newline="\n")
    if session.shape == "json":
        said = {"loader": str(file), "fills": [list(pair) for pair in draft.fills], "left": list(draft.left)}
        emit_text(document(said), session.output, session=session)
        return
    typer.echo(f"{file} maps {len(draft.fills)} of the files or sheets{':' if draft.fills else '.'}")
    for place, table in draft.fills:
        typer.echo(f"  {place} -> {table}")
    if draft.left:
        typer.echo(f"Left to you ({len(draft.left)}), marked in the file:")
        for line in draft.left:
            typer.echo(f"  {line}")
    given = " ".join(f'"{path}"' if " " in str(path) else str(path) for path in paths)
    typer.echo("Then:")
    typer.echo(f"  graphrisk load {name} {given} --project {session.project}")
