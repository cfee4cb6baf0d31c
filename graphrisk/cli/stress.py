"""Run a stress scenario beside the book without it, or beside a second one; exit code 10 where a limit is broken.

The scenario file says what falls and by how much: equity, PDs, systematic factors, prices of collateral; its [limits]
say what is too much. A limit that is breached, or that cannot be checked, is said on standard error after the results
are written, and the command leaves with exit code 10.

Examples:

  graphrisk stress scenarios/real_estate_falls.toml

  graphrisk stress scenarios/recession.toml --against scenarios/real_estate_falls.toml

  graphrisk stress scenarios/recession.toml --format csv -o out || echo "a limit is broken"
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.analyze import AgainstOption, ByOption, SegmentOption, SetOption, asked_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result, say

ALERT = 10


def stress(
    session: Session,
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="The scenario file.")],
    against: AgainstOption = None,
    settings: SetOption = None,
    by: ByOption = None,
    segment: SegmentOption = None,
) -> None:
    from graphrisk.analyze.contagion.compare import limit_notes

    asked = asked_of(settings, by, segment)
    result = session.workspace().analyze("contagion", scenario=scenario, against=against, **asked)
    emit_result(result, session)
    alerts = limit_notes(result.comparison)
    for alert in alerts:
        say(alert.said(session.lang))
    if alerts:
        raise typer.Exit(ALERT)
