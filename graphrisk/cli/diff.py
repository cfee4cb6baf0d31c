"""Show what changed between two snapshots, the largest effect first, each with its reason.

A and B are ids of snapshots or days (the latest snapshot on or before one); without them the two latest are compared,
with A alone A and the latest. Two versions of one day can be compared by their ids.

Examples:

  graphrisk diff

  graphrisk diff 2026-06-30 2026-09-30

  graphrisk diff 2026-09-30.1 2026-09-30.2 --format csv -o changed
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def diff(
    session: Session,
    before: Annotated[str | None, typer.Argument(metavar="[A]", help="The earlier snapshot: id or day.")] = None,
    after: Annotated[str | None, typer.Argument(metavar="[B]", help="The later snapshot: id or day.")] = None,
) -> None:
    result = session.workspace().analyze("changes", before=before or "", after=after or "")
    emit_result(result, session)
