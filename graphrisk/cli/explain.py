"""Explain why a party loses or fails under a shock, contract by contract.

Examples:

  graphrisk explain ST-CIRCLE-3 --shock ST-CIRCLE-1

  graphrisk explain ST-CIRCLE-3 --scenario scenarios/real_estate_falls.toml --format csv -o out
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graphrisk.cli.analyze import ScenarioOption, SetOption, ShockOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result, say_first
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.model.result import Result

SHOWN = 10


def explain(
    session: Session,
    party: Annotated[
        str | None, typer.Argument(help="Id of the party to explain; none: the contracts that move the book's loss.")
    ] = None,
    settings: SetOption = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
) -> None:
    settled = settings_of(settings)
    if party is None and not shock and scenario is None and "start_from_status" not in settled:
        raise UsageError("explain needs the id of a party, or a shock", hint="graphrisk explain PARTY --shock OTHER")
    if party is not None:
        settled["party"] = party
    result = session.workspace().analyze("explain", shocks=shock, scenario=scenario, **settled)
    if session.shape == "table":
        say_first(result)
        _say(result)
    emit_result(result, session, shown=("explain_origins",) if party is not None else (), answered=True)


def _say(result: Result) -> None:
    """Print the sentences: how the losses came, what was lost, which contracts matter."""
    for title, table in (
        ("How it came about", "explain_path"),
        ("What it loses, largest first", "explain_lines"),
        ("The contracts that matter most, each tried without it", "explain_contracts"),
    ):
        sentences = result.tables[table]["sentence"].tolist()
        if sentences:
            typer.echo(f"{title}:")
        for sentence in sentences[:SHOWN]:
            typer.echo(f"  {sentence}")
        if len(sentences) > SHOWN:
            typer.echo(f"  ... {len(sentences) - SHOWN:,} more ({table})")
