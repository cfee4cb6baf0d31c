"""Find a cheap set of actions that brings the loss of a shock below a target, each checked by a run.

Examples:

  graphrisk intervene --shock ST-CIRCLE-1 --set target_fraction=0.2

  graphrisk intervene --scenario scenarios/real_estate_falls.toml --set measure=defaults --set actions=capital,split
"""

from __future__ import annotations

from graphrisk.cli.analyze import ScenarioOption, SetOption, ShockOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result
from graphrisk.errors import UsageError


def intervene(
    session: Session,
    settings: SetOption = None,
    shock: ShockOption = None,
    scenario: ScenarioOption = None,
) -> None:
    settled = settings_of(settings)
    if not shock and scenario is None and "start_from_status" not in settled:
        raise UsageError("intervene needs a shock", hint="add --shock PARTY, or --scenario FILE")
    result = session.workspace().analyze("intervene", shocks=shock, scenario=scenario, **settled)
    emit_result(result, session)
