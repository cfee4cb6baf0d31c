"""Show which clients belong together under a regime: by control, by economic dependency, or both, with the evidence.

Examples:

  graphrisk groups --regime crr

  graphrisk groups ST-CIRCLE-1 --regime cn

  graphrisk groups --set guarantee_threshold=2
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def groups(
    session: Session,
    party: Annotated[str | None, typer.Argument(help="Id of a party: the groups that hold it.")] = None,
    regime: Annotated[
        str | None, typer.Option("--regime", metavar="NAME", help="basel (default), crr, cn, or your own.")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="DATE", help="An earlier day: what changed since, and why.")
    ] = None,
    settings: SetOption = None,
) -> None:
    workspace = session.workspace()
    given = {"party": party, "regime": regime, "before": against, **workspace.config.own_regimes}
    asked = {name: value for name, value in given.items() if value is not None}
    emit_result(workspace.analyze("groups", **{**asked, **settings_of(settings)}), session)
