"""Checks of what never reached the data: rows and columns that the last loads left, and loads that were refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Scope
from graphrisk.model.catalog import CATALOG
from graphrisk.model.loads import RECORDS, PastLoad, PastTable

MAIN = 3
"""Faults that a finding names; the load's own report has all."""
LOADS = "loads"
"""Stands for a table in the finding of a load that was refused as a whole."""


def _rejected_in(name: str) -> Callable[[Scope], Found]:
    """Return the check of one table: rows that loads rejected which were taken, else those of refused loads."""

    def find(scope: Scope) -> Found:
        past = [(load, table) for load in scope.graph.loads for table in load.tables if table.table == name]
        lost = [(load, table) for load, table in past if table.rejected]
        taken = [table for load, table in lost if not load.refused]
        counted = taken or [table for _, table in lost]
        refused = {load.loader for load in scope.graph.loads if load.refused}
        names = np.full(sum(table.rejected for table in counted), "", dtype=object)
        shown = [example for table in counted for example in table.examples][: len(names)]
        names[: len(shown)] = shown
        return Found(
            names=names,
            looked_at=sum(table.read for load, table in past if not (taken and load.refused)),
            said="; ".join(_sentence(load, table, load.loader in refused) for load, table in lost),
        )

    return find


def _sentence(load: PastLoad, table: PastTable, refused: bool) -> str:
    were = "was" if table.rejected == 1 else "were"
    lost = f"{table.rejected:,} of {table.read:,} rows of {table.table} {were} rejected"
    which = " that was refused" if load.refused else " that was taken" if refused else ""
    reasons = "; ".join(f"{reason} ({rows:,})" for reason, rows in table.reasons[:MAIN])
    return f"{lost} by the last load of {load.loader}{which} (as of {load.as_of}): {reasons}"


def _near_in(name: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        """Columns of the source that the last load did not use, though they look like one that is missing."""
        taken = [
            table for load in scope.graph.loads if not load.refused for table in load.tables if table.table == name
        ]
        near = [one for table in taken for one in table.near_columns]
        return Found(names=np.array(near, dtype=object), looked_at=len(taken), said="; ".join(near))

    return find


def _refused(scope: Scope) -> Found:
    loads = [load for load in scope.graph.loads if load.refused]
    return Found(
        names=np.array([load.loader for load in loads], dtype=object),
        looked_at=len(scope.graph.loads),
        said="; ".join(f"{load.sentence()}; the data is what it was before" for load in loads),
    )


def _check(table: str, find: Callable[[Scope], Found]) -> Check:
    return Check(
        name="rejected_rows",
        severity="high",
        table=table,
        one=f"row of {table} was rejected by the last load",
        many=f"rows of {table} were rejected by the last load",
        action="Correct them at the source (the load wrote them to files, with the reasons) and load again: what is "
        "not loaded is in no number.",
        find=find,
    )


def _near_check(table: str) -> Check:
    return Check(
        name="near_column",
        severity="medium",
        table=table,
        one=f"column of the source of {table} is not used, though it looks like one that is missing",
        many=f"columns of the source of {table} are not used, though they look like some that are missing",
        action="Name it in the loader's toml under rename, or under ignore if it is another thing, and load again.",
        find=_near_in(table),
    )


CHECKS = (
    Check(
        name="rejected_rows",
        severity="high",
        table=LOADS,
        one="load was refused, and nothing of it is in the data",
        many="loads were refused, and nothing of them is in the data",
        action="Mend what the reason says and load again; the data is what it was before.",
        find=_refused,
    ),
    *(_check(name, _rejected_in(name)) for name in (*CATALOG, RECORDS)),
    *(_near_check(name) for name in CATALOG),
)
