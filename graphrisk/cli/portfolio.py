"""Simulate the book's losses over a year: EL, VaR and ES with and without contagion, and who contributes.

With a scenario, defaults are drawn by its stressed PDs with the factors it moves held where they are; the same book
without it stands beside (portfolio_comparison).

Examples:

  graphrisk portfolio

  graphrisk portfolio --set scenarios=50000 --set factors=sector_region --set workers=2

  graphrisk portfolio --scenario scenarios/recession.toml

  graphrisk portfolio --by size

  graphrisk portfolio --set second_stage=none --format csv -o out
"""

from __future__ import annotations

from graphrisk.cli.analyze import AgainstOption, ByOption, ScenarioOption, SegmentOption, SetOption, asked_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def portfolio(
    session: Session,
    scenario: ScenarioOption = None,
    against: AgainstOption = None,
    settings: SetOption = None,
    by: ByOption = None,
    segment: SegmentOption = None,
) -> None:
    asked = asked_of(settings, by, segment)
    result = session.workspace().analyze("portfolio", scenario=scenario, against=against, **asked)
    emit_result(result, session)
