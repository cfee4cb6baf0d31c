"""Show how far the limits on large exposures are used, per client and per group of connected clients.

Examples:

  graphrisk limits --set tier1=4e9

  graphrisk limits --regime cn --set tier1=4e9 --set net_capital=5e9 --set internal_single=0.12

  graphrisk limits --regime crr
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def limits(
    session: Session,
    regime: Annotated[
        str | None, typer.Option("--regime", metavar="NAME", help="basel (default), crr, cn, or your own.")
    ] = None,
    related: Annotated[
        Path | None, typer.Option("--related", metavar="FILE", help="Ids of the bank's own related parties.")
    ] = None,
    settings: SetOption = None,
) -> None:
    from graphrisk.analyze.owners.asking import read_list

    workspace = session.workspace()
    asked = {} if regime is None else {"regime": regime}
    given: dict[str, Any] = {**asked, **workspace.config.own_regimes, **settings_of(settings)}
    if related is not None:
        given["related"] = tuple(row[0] for row in read_list(related))
    emit_result(workspace.analyze("limits", **given), session)
