"""Copy the latest snapshot of another store into this one, e.g. from Neo4j into the embedded store.

Examples:

  NEO4J_PASSWORD=... graphrisk pull neo4j://127.0.0.1:7687
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text
from graphrisk.errors import without_password


def pull(session: Session, other: Annotated[str, typer.Argument(metavar="STORE", help="Where from.")]) -> None:
    snapshot = session.workspace().pull(other)
    if session.shape == "json":
        emit_text(document({"snapshot": snapshot, "store": without_password(other)}), session.output, session=session)
    else:
        clear_bars()
        typer.echo(f"{snapshot} from {without_password(other)}")
