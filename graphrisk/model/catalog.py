"""All canonical tables by name, in the order in which they are loaded: nodes, relations, facts."""

from __future__ import annotations

from graphrisk.errors import UsageError, nearest
from graphrisk.model.facilities import CO_BORROWERS, COLLATERAL, FACILITIES, PLEDGES
from graphrisk.model.facts import BEHAVIOUR, EVENTS, FINANCIALS, FX, RATINGS, RELATIONSHIP
from graphrisk.model.groups import DECLARED_GROUPS, REBUTTALS
from graphrisk.model.parties import PARTIES
from graphrisk.model.relations import (
    CONTROL,
    DEPENDENCIES,
    EXPOSURES,
    FUND_FLOWS,
    GUARANTEES,
    OWNERSHIP,
    SUPPLIES,
    TIES,
)
from graphrisk.model.table import Table

CATALOG: dict[str, Table] = {
    table.name: table
    for table in (
        PARTIES,
        FACILITIES,
        COLLATERAL,
        CO_BORROWERS,
        OWNERSHIP,
        CONTROL,
        GUARANTEES,
        SUPPLIES,
        EXPOSURES,
        PLEDGES,
        DEPENDENCIES,
        REBUTTALS,
        TIES,
        FUND_FLOWS,
        FINANCIALS,
        BEHAVIOUR,
        EVENTS,
        RATINGS,
        RELATIONSHIP,
        DECLARED_GROUPS,
        FX,
    )
}

PLACE = ("source_file", "source_row")
"""Columns that say where a row was read: the file's own name, and the number of the line, row or statement in it."""
BOOKKEEPING = ("row_key", "loader", "parts", *PLACE)
"""Columns that a store keeps beside the declared ones: digest of the row, who loaded it, for a party that several
loaders know what each of them said (JSON), and where it was read."""


def find_table(name: str) -> Table:
    """Return the canonical table called `name`; UsageError naming the nearest if there is none."""
    if name not in CATALOG:
        raise UsageError(f"no table is called {name!r}", hint=nearest(name, CATALOG))
    return CATALOG[name]
