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
from graphrisk.cli.output import emit_result
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.model.result import Result

SHOWN = 10


def explain(
    session: Session,
    party: Annotated[str, typer.Argument(help="Id of the party to explain.")],
    settings: SetOption = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
) -> None:
    if not party:
        raise UsageError("explain needs the id of a party", hint="graphrisk explain PARTY --shock OTHER")
    settled = {**settings_of(settings), "party": party}
    result = session.workspace().analyze("explain", shocks=shock, scenario=scenario, **settled)
    if session.shape == "table":
        _say(result)
    emit_result(result, session, shown=("explain_origins",))


def _say(result: Result) -> None:
    """Print the sentences: how the losses came, what was lost, which contracts matter."""
    for title, table in (
        ("The way from the shock", "explain_path"),
        ("What it loses, largest first", "explain_lines"),
        ("The contracts that matter most for the whole book", "explain_contracts"),
    ):
        sentences = result.tables[table]["sentence"].tolist()
        if sentences:
            typer.echo(f"{title}:")
        for sentence in sentences[:SHOWN]:
            typer.echo(f"  {sentence}")
        if len(sentences) > SHOWN:
            typer.echo(f"  ... {len(sentences) - SHOWN:,} more ({table})")
