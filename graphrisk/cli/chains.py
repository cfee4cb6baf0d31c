"""Show the guarantee chains and circles of one party, or of the whole book.

Examples:

  graphrisk chains ST-CIRCLE-1

  graphrisk chains --set max_length=6
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from graphrisk.cli.analyze import SetOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_result

if TYPE_CHECKING:
    import pandas as pd


def chains(
    session: Session,
    party: Annotated[str | None, typer.Argument(help="Id of a party: only rows that name it.")] = None,
    settings: SetOption = None,
) -> None:
    workspace = session.workspace()
    if party is not None:
        workspace.graph().position(party)  # an unknown id is refused before anything is computed
    result = workspace.analyze("chains", **settings_of(settings))
    if party is not None:
        tables = {name: table[_naming(table, party)].reset_index(drop=True) for name, table in result.tables.items()}
        result = dataclasses.replace(result, tables=tables, certificate={**result.certificate, "party": party})
    emit_result(result, session)


def _naming(table: pd.DataFrame, party: str) -> pd.Series[bool]:
    """Return which rows name the party, in a column of ids or in a list of parties."""

    def names(value: object) -> bool:
        return value == party if isinstance(value, str) else isinstance(value, Iterable) and party in value

    texts = table.select_dtypes(exclude=["number", "bool"])
    return texts.map(names).any(axis=1)
