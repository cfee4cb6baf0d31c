"""Check contracts before they are signed: what they would do to circles, chains, guarantors, groups, limits and losses.

FOLDER holds the proposed rows as CSV, Parquet or Excel files named after the canonical tables (guarantees, facilities,
pledges, exposures, ownership, parties, ...); a row whose key is in the book already takes its place. The policy is a
TOML file with a table [precheck]: chain_loans, loss_added, over_guarantee, circles, limits. Where a threshold is broken
the command leaves with exit code 10. A scenario file sets by which rule defaults spread. The store stays as it was.

Examples:

  graphrisk precheck proposals

  graphrisk precheck proposals --policy proposals/policy.toml || echo "do not sign"

  graphrisk precheck proposals --set chain_loans=50000000 --set circles=false
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result, say

ALERT = 10


def precheck(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the proposed rows.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="TOML file with a table [precheck].")
    ] = None,
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", metavar="FILE", help="Scenario whose [contagion] sets how the defaults spread."),
    ] = None,
    settings: SetOption = None,
) -> None:
    from graphrisk.analyze.precheck.params import read_policy

    said = {} if policy is None else read_policy(policy)
    result = session.workspace().analyze(
        "precheck", scenario=scenario, **{**said, **settings_of(settings), "folder": str(folder)}
    )
    emit_result(result, session)
    summary, chain = result.summary, result.chain
    broken = summary[summary["broken"].fillna(False).astype(bool)]["measure"].tolist()
    for measure in broken:
        say(f"broken: {measure}")
    if broken or (~chain["ok"].fillna(True).astype(bool)).any():
        raise typer.Exit(ALERT)
