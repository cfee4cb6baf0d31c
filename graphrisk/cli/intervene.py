"""Say what to do against a shock: the best single actions, and a cheap set that reaches a target, checked by runs.

Examples:

  graphrisk intervene --shock ST-CIRCLE-1 --set target_fraction=0.2

  graphrisk intervene --shock ST-CIRCLE-1 --policy policy.toml --set best=10

  graphrisk intervene --scenario scenarios/real_estate_falls.toml --set measure=defaults --set actions=capital,split
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.analyze import ScenarioOption, SetOption, ShockOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result
from graphrisk.errors import UsageError


def intervene(
    session: Session,
    settings: SetOption = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="What each kind of action costs the bank, and which it takes."),
    ] = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
) -> None:
    from graphrisk.analyze.intervene.policy import read_policy

    settled = {**(read_policy(policy) if policy is not None else {}), **settings_of(settings)}
    if not shock and scenario is None and "start_from_status" not in settled:
        raise UsageError("intervene needs a shock", hint="add --shock PARTY, or --scenario FILE")
    result = session.workspace().analyze("intervene", shocks=shock, scenario=scenario, **settled)
    emit_result(result, session)
