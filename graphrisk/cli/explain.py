"""Explain why a party loses or fails under a shock, contract by contract.

Examples:

  graphrisk explain ST-CIRCLE-3 --shock ST-CIRCLE-1

  graphrisk explain ST-CIRCLE-3 --scenario scenarios/real_estate_falls.toml --format csv -o out
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.analyze import ScenarioOption, SetOption, ShockOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result
from graphrisk.errors import UsageError


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
    emit_result(result, session)
