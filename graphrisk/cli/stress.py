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
from typing import TYPE_CHECKING, Annotated

import typer

from graphrisk.cli.analyze import AgainstOption, SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result, say

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.model.result import Result

ALERT = 10
FIRST = 6
"""Groups of each dimension that people are shown."""


def stress(
    session: Session,
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="The scenario file.")],
    against: AgainstOption = None,
    settings: SetOption = None,
) -> None:
    from graphrisk.analyze.contagion.compare import limit_notes

    result = session.workspace().analyze("contagion", scenario=scenario, against=against, **settings_of(settings))
    emit_result(result, session, shown=_for_people(result))
    alerts = limit_notes(result.comparison)
    for alert in alerts:
        say(alert)
    if alerts:
        raise typer.Exit(ALERT)


def _for_people(result: Result) -> dict[str, pd.DataFrame]:
    """Return what is printed: the comparison, the first groups of each dimension, PDs that moved, parties touched."""
    shown = {"contagion_comparison": result.comparison}
    for dimension, part in result.groups.groupby("dimension", sort=False):
        count = f"the first {FIRST} of {len(part)} groups" if len(part) > FIRST else f"{len(part)} groups"
        shown[f"contagion_groups: {dimension}, {count}"] = part.drop(columns="dimension").head(FIRST)
    shown |= {f"contagion_{name}": result.tables[f"contagion_{name}"] for name in ("pd", "parties")}
    return {title: table for title, table in shown.items() if not table.empty}
