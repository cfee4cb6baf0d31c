"""Simulate the book's losses over a year: EL, VaR and ES with and without contagion, and who contributes.

Examples:

  graphrisk portfolio

  graphrisk portfolio --set scenarios=50000 --set factors=sector_region --set workers=2

  graphrisk portfolio --set second_stage=none --format csv -o out
"""

from __future__ import annotations

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def portfolio(session: Session, settings: SetOption = None) -> None:
    emit_result(session.workspace().analyze("portfolio", **settings_of(settings)), session)
