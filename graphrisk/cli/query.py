"""Run a query of the library by name, or your own read-only Cypher; without a name, list the library.

Examples:

  graphrisk query

  graphrisk query party_card --param id=ST-CIRCLE-1

  graphrisk query --cypher "MATCH (p:Party) RETURN p.kind AS kind, count(*) AS n ORDER BY kind"
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_rows
from graphrisk.errors import UsageError


def query(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Name of the query.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="K=V", help="A parameter; repeat it.")] = None,
    cypher: Annotated[str | None, typer.Option("--cypher", metavar="TEXT", help="Your own Cypher.")] = None,
) -> None:
    workspace = session.workspace()
    if name is None and cypher is None:
        from graphrisk.statement import find_query, query_names

        own = workspace.config.project / "queries"
        rows = [
            {"query": n, "title": (q := find_query(n, own)).title, "params": ", ".join(q.params)}
            for n in query_names(own)
        ]
        emit_rows(rows, ("query", "title", "params"), session, "queries")
        return
    params = {}
    for text in param or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--param takes K=V, not {text!r}", hint="--param id=ST-CIRCLE-1")
        params[key] = value
    from graphrisk.model.result import records

    frame = workspace.query(name, params, cypher=cypher)
    emit_rows(records(frame), list(frame.columns), session, name or "rows")
