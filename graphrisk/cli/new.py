"""Make a project to start from: settings, an empty CSV per table, a small filled example.

Examples:

  graphrisk new bank

  graphrisk load bank_csv bank/example --project bank
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text, say


def new(session: Session, directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")]) -> None:
    from graphrisk.demo.template import write_project

    files = write_project(directory)
    if session.shape == "json":
        emit_text(document([str(path) for path in files]), session.output, session=session)
        return
    typer.echo(f"{len(files)} files in {directory}. Next:")
    typer.echo(f"  graphrisk load bank_csv {directory / 'example'} --project {directory}")
    typer.echo(f"  graphrisk check --project {directory}")
    say("fill the CSV files in data/ with your own extract, then load that folder", session=session)
