"""Write tables and scores as files for other tools; without a table, all that hold rows (xlsx: what analyzers answer).

Examples:

  graphrisk export --to xlsx -o committee.xlsx

  graphrisk export parties guarantees --to xlsx --raw -o book.xlsx

  graphrisk export contagion_parties --to csv -o out

  graphrisk export parties facilities --segment size=micro --to csv -o micro

  graphrisk export --to gexf -o network.gexf

  graphrisk export --to neo4j-import -o import

  graphrisk export --to cn-circles -o circles.xlsx

  graphrisk export --to g1404 -o g1404.xlsx

  graphrisk export --to fire -o fire.json
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.analyze import ByOption, SegmentOption
from graphrisk.cli.bars import clear_bars
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text
from graphrisk.errors import UsageError


def export(
    session: Session,
    tables: Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="Tables or score tables.")] = None,
    to: Annotated[
        str, typer.Option("--to", help="csv, parquet, xlsx, gexf, graphml, cn-circles, g1404, fire or neo4j-import.")
    ] = "csv",
    by: ByOption = None,
    segment: SegmentOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="xlsx as data: all tables, their own column names.")] = False,
) -> None:
    if session.output is None:
        raise UsageError("say where to write", hint=f"graphrisk export --to {to} -o PATH")
    if raw and to not in ("xlsx", "xlsx-raw"):
        raise UsageError(
            f"--raw is for xlsx; {to} holds data as it is", hint="graphrisk export --to xlsx --raw -o PATH"
        )
    kind = "xlsx-raw" if raw else to
    files = session.workspace().export(tables or [], kind, session.output, by=by, segment=segment or ())
    if session.format == "json":
        emit_text(document([str(path) for path in files]), None)
    else:
        clear_bars()
        typer.echo("\n".join(str(path) for path in files))
