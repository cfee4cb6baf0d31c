"""Show what is wrong or doubtful in the data that was loaded (the findings of analyzer quality).

Examples:

  graphrisk check

  graphrisk check --format csv -o findings
"""

from __future__ import annotations

from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def check(session: Session) -> None:
    emit_result(session.workspace().analyze("quality"), session)
