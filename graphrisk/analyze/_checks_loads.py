"""Checks of what never reached the data: rows that the last loads rejected, and loads that were refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphrisk.analyze._checks import Check, Found, Scope
from graphrisk.model.catalog import CATALOG
from graphrisk.model.loads import RECORDS, PastLoad, PastTable

MAIN = 3
"""Faults that a finding names; the load's own report has all."""
LOADS = "loads"
"""Stands for a table in the finding of a load that was refused as a whole."""


def _rejected_in(name: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        past = [(load, table) for load in scope.graph.loads for table in load.tables if table.table == name]
        lost = [(load, table) for load, table in past if table.rejected]
        names = np.full(sum(table.rejected for _, table in lost), "", dtype=object)
        shown = [example for _, table in lost for example in table.examples][: len(names)]
        names[: len(shown)] = shown
        return Found(
            names=names,
            looked_at=sum(table.read for _, table in past),
            said="; ".join(_sentence(load, table) for load, table in lost),
        )

    return find


def _sentence(load: PastLoad, table: PastTable) -> str:
    were = "was" if table.rejected == 1 else "were"
    lost = f"{table.rejected:,} of {table.read:,} rows of {table.table} {were} rejected"
    refused = ", which was refused" if load.refused else ""
    reasons = "; ".join(f"{reason} ({rows:,})" for reason, rows in table.reasons[:MAIN])
    return f"{lost} by the last load of {load.loader} (as of {load.as_of}){refused}: {reasons}"


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


CHECKS = (_check(LOADS, _refused), *(_check(name, _rejected_in(name)) for name in (*CATALOG, RECORDS)))
