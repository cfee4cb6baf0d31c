"""Run a stress scenario: contagion with the shocks and parameters of a scenario file.

Examples:

  graphrisk stress scenarios/real_estate.toml

  graphrisk stress scenarios/real_estate.toml --format csv -o out
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def stress(
    session: Session,
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml", help="The scenario file.")],
    settings: SetOption = None,
) -> None:
    emit_result(session.workspace().analyze("contagion", scenario=scenario, **settings_of(settings)), session)
