"""Run a query of the library by name, or your own read-only Cypher; without a name, list the library.

Examples:

  graphrisk query

  graphrisk query party_card --param id=ST-CIRCLE-1

  graphrisk query --cypher "MATCH (p:Party) RETURN p.kind AS kind, count(*) AS n ORDER BY kind"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graphrisk.cli.grid import print_shown
from graphrisk.cli.options import Session
from graphrisk.cli.output import ENDINGS, emit_rows, say
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from graphrisk.model.table import Kind, Table

_FRACTIONS = ("share", "pd", "lgd", "haircut")
_MONEY = ("amount", "outstanding", "equity", "exposure", "total_assets", "sales")
"""Endings of the names of columns by which a query's rows are read."""


def query(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Name of the query.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="K=V", help="A parameter; repeat it.")] = None,
    cypher: Annotated[str | None, typer.Option("--cypher", metavar="TEXT", help="Your own Cypher.")] = None,
) -> None:
    workspace = session.workspace()
    own = workspace.config.project / "queries"
    if name is None and cypher is None:
        from graphrisk.statement import find_query, query_names

        rows = [
            {"query": n, "title": (q := find_query(n, own)).title, "params": ", ".join(q.params)}
            for n in query_names(own)
        ]
        emit_rows(rows, ("query", "title", "params"), session, session.pick("queries", "查询"))
        return
    params = {}
    for text in param or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--param takes K=V, not {text!r}", hint="--param id=ST-CIRCLE-1")
        params[key] = value
    from graphrisk.answers.base import Shown
    from graphrisk.answers.reader import Reader
    from graphrisk.model.result import records

    frame = workspace.query(name, params, cypher=cypher)
    rows = records(frame)
    if session.output is not None and session.format is None and session.output.suffix.lower() in ENDINGS:
        from graphrisk.reporting import write_rows

        reader = Reader(lang=session.lang, graph=workspace.graph(), tables={"": _guessed(frame)})
        shown = Shown(title=name or "rows", table="", frame=frame)
        title = _said(name, len(rows), own, session.lang)
        say(f"written: {write_rows(title, shown, reader, session.output, workspace.graph().as_of)}", session=session)
        return
    if session.shape != "table":
        emit_rows(rows, list(frame.columns), session, name or "rows")
        return
    typer.echo(_said(name, len(rows), own, session.lang))
    reader = Reader(lang=session.lang, tables={"": _guessed(frame)})
    print_shown(Shown(title=name or "rows", table="", frame=frame), reader)


def _guessed(frame: pd.DataFrame) -> Table:
    """Return what the columns of a query hold, as their names say: fractions go as per cent, money in m or bn."""
    from graphrisk.model.catalog import CATALOG
    from graphrisk.model.table import Column, Table

    declared = {column.name: column for table in CATALOG.values() for column in table.columns}
    columns = []
    for name in map(str, frame.columns):
        like = declared.get(name)
        fraction = name.rpartition("_")[2] in _FRACTIONS and frame[name].map(_is_fraction).all()
        guess: Kind = "fraction" if fraction else "money" if name.endswith(_MONEY) else "text"
        columns.append(Column(name=name, kind=guess if like is None else like.kind, meaning=""))
    return Table(name="", meaning="", role="score", columns=tuple(columns))


def _is_fraction(value: object) -> bool:
    return value is None or not isinstance(value, int | float) or value != value or 0.0 <= value <= 1.0


def _said(name: str | None, rows: int, own: Path, lang: str) -> str:
    """Return what was asked and how much was found; `own` holds the queries of the project."""
    from graphrisk.statement import find_query

    unnamed = "自拟 Cypher" if lang == "zh" else "Your own Cypher"
    title = find_query(name, own).title if name else unnamed
    if lang == "zh":
        return f"{title.rstrip('.')}：{f'{rows:,} 行' if rows else '无结果'}。"
    found = "nothing" if not rows else "1 row" if rows == 1 else f"{rows:,} rows"
    return f"{title.rstrip('.')}: {found}."
