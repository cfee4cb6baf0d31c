"""Run an analyzer, keep its scores in the store, print its tables; without a name, list the analyzers.

Examples:

  graphrisk analyze chains

  graphrisk analyze contagion --shock ST-CIRCLE-1 --shock ST-CIRCLE-2=0.5

  graphrisk analyze contagion --set rule=debtrank --format csv -o out
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result, emit_rows
from graphrisk.errors import UsageError

SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A parameter of the analyzer; repeat it.")
]
ShockOption = Annotated[
    list[str] | None,
    typer.Option("--shock", metavar="PARTY[=FRACTION]", help="Equity lost at the start (default 1); repeat it."),
]
ScenarioOption = Annotated[Path | None, typer.Option("--scenario", metavar="FILE", help="A scenario file.")]
AgainstOption = Annotated[
    Path | None,
    typer.Option("--against", metavar="FILE", help="A second scenario, shown as the baseline instead of the book."),
]


def analyze(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Name of the analyzer.")] = None,
    settings: SetOption = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
) -> None:
    if name is None:
        from graphrisk.analyze.base import analyzer_names, find_analyzer

        rows = [{"analyzer": n, "what": (find_analyzer(n).__doc__ or "").split("\n")[0]} for n in analyzer_names()]
        emit_rows(rows, ("analyzer", "what"), session, "analyzers")
        return
    result = session.workspace().analyze(name, shocks=shock, scenario=scenario, **settings_of(settings))
    emit_result(result, session)


def settings_of(texts: list[str] | None) -> dict[str, str]:
    """Return KEY=VALUE texts as a mapping; UsageError for one without a key or an equals sign."""
    settings = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set takes KEY=VALUE, not {text!r}", hint="--set rule=debtrank")
        settings[key.strip()] = value
    return settings
