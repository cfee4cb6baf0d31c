"""Run an analyzer, keep its scores in the store, print its tables; without a name, list the analyzers.

Examples:

  graphrisk analyze chains

  graphrisk analyze contagion --shock ST-CIRCLE-1 --shock ST-CIRCLE-2=0.5

  graphrisk analyze contagion --set rule=debtrank --format csv -o out

  graphrisk analyze ratios --by industry

  graphrisk analyze contagion --segment size=micro --segment industry=F51
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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

ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="SEGMENT", help="Sums by segment beside each table: industry, size, cluster, ..."),
]
SegmentOption = Annotated[
    list[str] | None,
    typer.Option("--segment", metavar="NAME=VALUE", help="Only rows of these parties (size=micro); repeat it."),
]

OPTIONS = {"shocks": "shock", "scenario": "scenario", "against": "against", "by": "by", "segment": "segment"}
"""What Workspace.analyze takes beside parameters, and the option that says it."""


def analyze(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Name of the analyzer.")] = None,
    settings: SetOption = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
    by: ByOption = None,
    segment: SegmentOption = None,
) -> None:
    if name is None:
        from graphrisk.analyze.base import analyzer_names, find_analyzer
        from graphrisk.answers.words_of_tools import ANALYZERS

        said = {n: (find_analyzer(n).__doc__ or "").split("\n")[0] for n in analyzer_names()}
        said |= ANALYZERS if session.chinese else {}
        rows = [{"analyzer": n, "what": said[n]} for n in analyzer_names()]
        emit_rows(rows, ("analyzer", "what"), session, session.pick("analyzers", "分析器"))
        return
    asked = asked_of(settings, by, segment)
    result = session.workspace().analyze(name, shocks=shock, scenario=scenario, **asked)
    emit_result(result, session)


def asked_of(settings: list[str] | None, by: str | None, segment: list[str] | None) -> dict[str, Any]:
    """Return what --set, --by and --segment ask of Workspace.analyze."""
    return {**settings_of(settings), "by": by, "segment": segment or ()}


def settings_of(texts: list[str] | None) -> dict[str, Any]:
    """Return KEY=VALUE texts as a mapping; UsageError for one without a key or an equals sign, or that is an option."""
    settings = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise UsageError(f"--set takes KEY=VALUE, not {text!r}", hint="--set rule=debtrank")
        if key.strip() in OPTIONS:
            raise UsageError(f"{key.strip()!r} is no parameter but an option", hint=f"--{OPTIONS[key.strip()]} ...")
        settings[key.strip()] = value
    return settings
