"""Show who is a beneficial owner of a party under a legal regime, of the whole book, or whom a list reaches.

Examples:

  graphrisk owners ST-CIRCLE-1 --regime amlr

  graphrisk owners --all --regime psc --against amlr

  graphrisk owners --all --regime amlr --set category=higher_risk
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result
from graphrisk.errors import UsageError


def owners(
    session: Session,
    party: Annotated[str | None, typer.Argument(help="Id of a party.")] = None,
    regime: Annotated[
        str | None,
        typer.Option("--regime", metavar="NAME", help="amlr (default), fatf, psc, cn; ofac, eu, bis; your own."),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Every party of the book.")] = False,
    against: Annotated[
        str | None, typer.Option("--against", metavar="NAME", help="A second regime: who becomes or ceases to be one.")
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--listed", metavar="FILE", help="A list of ids: whom the 50 % rule reaches.")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help="Day of the rule (default: the as-of day).")
    ] = None,
    settings: SetOption = None,
) -> None:
    if sum([party is not None, everybody, listed is not None]) != 1:
        raise UsageError(
            "say whose owners: PARTY, --all, or --listed FILE", hint="graphrisk owners PARTY --regime amlr"
        )
    if listed is not None and regime is None:
        raise UsageError("a list needs a regime", hint="--regime ofac, eu or bis")
    workspace = session.workspace()
    frame = workspace.owners(
        party, regime=regime or "amlr", against=against, listed=listed, on=on, **settings_of(settings)
    )
    emit_result(frame.result, session)
