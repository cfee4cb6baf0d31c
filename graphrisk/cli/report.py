"""Write the page for the committee: the book at a glance, the most dangerous clients, circles, stress, what changed.

One HTML page without scripts that prints on A4, or a workbook, in the project's language or --lang. With the extra
`graphrisk[pdf]` also a PDF. Scenarios in the project's folder scenarios/ are run.

Examples:

  graphrisk report

  graphrisk report -o report.xlsx

  graphrisk report --lang zh -o report.html

  graphrisk report --segment size=micro -o micro.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from graphrisk.cli.analyze import ByOption, SegmentOption
from graphrisk.cli.bars import clear_bars
from graphrisk.cli.options import Session
from graphrisk.cli.output import say


def report(
    session: Session,
    lang: Annotated[Literal["en", "zh"] | None, typer.Option("--lang", help="Language of the report.")] = None,
    by: ByOption = None,
    segment: SegmentOption = None,
) -> None:
    from graphrisk.reporting import write_report

    output = session.output or Path("report.html")
    written = write_report(session.workspace(), output, lang=lang, by=by, segment=segment or ())
    clear_bars()
    say(f"written: {written}", session=session)
