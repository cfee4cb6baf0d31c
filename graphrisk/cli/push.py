"""Copy the snapshot into another store, e.g. from the embedded store into Neo4j.

Examples:

  NEO4J_PASSWORD=... graphrisk push neo4j://127.0.0.1:7687
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text
from graphrisk.errors import without_password


def push(session: Session, other: Annotated[str, typer.Argument(metavar="STORE", help="Where to.")]) -> None:
    snapshot = session.workspace().push(other)
    if session.shape == "json":
        emit_text(document({"snapshot": snapshot, "store": without_password(other)}), session.output, session=session)
    else:
        clear_bars()
        typer.echo(f"{snapshot} in {without_password(other)}")
