"""Score a client, or all of them, on six dimensions, each with its evidence and the part of the data that is known.

Examples:

  graphrisk profile ST-CIRCLE-1

  graphrisk profile

  graphrisk profile --format csv -o out
"""

from __future__ import annotations

from typing import Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result


def profile(
    session: Session,
    party: Annotated[str | None, typer.Argument(help="Id of a party (default: every client).")] = None,
    settings: SetOption = None,
) -> None:
    asked = {} if party is None else {"party": party}
    emit_result(session.workspace().analyze("profile", **asked, **settings_of(settings)), session)
