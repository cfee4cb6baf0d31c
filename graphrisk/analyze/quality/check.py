"""What a check of data quality is: a name, a severity, a sentence for what it found, and how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, texts_at
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.model.catalog import find_table

Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
Mask = npt.NDArray[np.bool_]
EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a check found: `names` of the rows or parties, the largest first where `size` says how large each is.

    `parties` or `facilities` are the positions whose exposure is affected (None: exposure does not apply); `looked_at`
    is the number of rows or parties checked. `said` is the finding in words where its number alone is not enough.
    """

    names: npt.NDArray[np.object_]
    looked_at: int
    parties: Positions | None = None
    facilities: Positions | None = None
    size: Floats | None = None
    said: str = ""

    @property
    def examples(self) -> list[str]:
        """Up to five names, the largest first."""
        if self.size is None:
            return [str(name) for name in self.names[:EXAMPLES] if name != ""]
        order = np.lexsort((np.arange(len(self.names)), -np.nan_to_num(self.size)))
        return [str(name) for name in self.names[order[:EXAMPLES]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. `one` and `many` complete "1 ..." and "{n} ..." to a sentence; `action` says what to do."""

    name: str
    severity: Severity
    table: str
    one: str
    many: str
    action: str
    find: Callable[[Scope], Found]

    def sentence(self, rows: int) -> str:
        """Return what was found, in words."""
        return f"1 {self.one}" if rows == 1 else f"{rows:,} {self.many}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a check looks at: the graph, the parameters, and how much is owed by whom.

    `shared` keeps what one check worked out and another uses.
    """

    graph: RiskGraph
    params: Any
    due_by_facility: Floats = field(init=False)
    due_by_party: Floats = field(init=False)
    shared: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        graph = self.graph
        facility = positive(graph.floats("facilities", "outstanding"))
        party = np.zeros(graph.size)
        claims = positive(graph.floats("exposures", "amount"))
        for debtor, due in (
            (graph.positions("facilities", "borrower_id"), facility),
            (graph.positions("exposures", "debtor_id"), claims),
        ):
            party += sum_by(debtor, due, graph.size)
        object.__setattr__(self, "due_by_facility", facility)
        object.__setattr__(self, "due_by_party", party)

    @property
    def indebted(self) -> Mask:
        """The parties that owe something, or stand behind somebody's debt."""
        return (self.due_by_party > 0) | self.guarantors

    @property
    def guarantors(self) -> Mask:
        """The parties that gave a guarantee."""
        found = np.zeros(self.graph.size, dtype=bool)
        found[known(self.graph.positions("guarantees", "guarantor_id"))] = True
        return found

    def share_affected(self, found: Found) -> float:
        """Return the share of all that is owed which `found` concerns; NaN where that does not apply."""
        if found.facilities is not None:
            whole, part = self.due_by_facility, found.facilities
        elif found.parties is not None:
            whole, part = self.due_by_party, found.parties
        else:
            return float("nan")
        total = float(whole.sum())
        touched = np.zeros(len(whole), dtype=bool)
        touched[known(part)] = True
        return float(whole[touched].sum()) / total if total > 0 else float("nan")

    def days(self, table: str, column: str) -> Floats:
        """Return a date column as days before the as-of date (negative: after it); NaN where null."""
        day = self.graph.tables.column(table, column).cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return (self.graph.as_of - date(1970, 1, 1)).days - np.asarray(day, dtype=np.float64)

    def found_parties(self, which: Mask, *, of: Mask | None = None, size: Floats | None = None) -> Found:
        """Return the parties of a mask, sized by what they owe unless `size` (n,) says otherwise."""
        at = np.flatnonzero(which)
        sizes = self.due_by_party if size is None else size
        looked = self.graph.size if of is None else int(of.sum())
        return Found(names=self.graph.party_ids[at], looked_at=looked, parties=at, size=sizes[at])

    def found_facilities(self, which: Mask) -> Found:
        """Return the facilities of a mask, the largest first."""
        at = np.flatnonzero(which)
        names = texts_at(self.graph, "facilities", "facility_id", at)
        return Found(names=names, looked_at=len(which), facilities=at, size=self.due_by_facility[at])

    def found_rows(
        self, table: str, which: Mask, *, parties: Positions | None = None, size: Floats | None = None
    ) -> Found:
        """Return rows of a relation, named by their id or as "subject -> object"; `parties` (rows,) are affected."""
        at = np.flatnonzero(which)
        return Found(
            names=row_names(self.graph, table, at),
            looked_at=len(which),
            parties=None if parties is None else parties[at],
            size=None if size is None else size[at],
        )


def row_names(graph: RiskGraph, table: str, at: Positions) -> npt.NDArray[np.object_]:
    """Return the names of rows: the id of a node or contract, else "subject -> object", else the party."""
    if not len(at):
        return np.empty(0, dtype=object)
    declared = find_table(table)
    single = len(declared.key) == 1 or declared.role != "relation"
    named = [declared.names[0]] if single else [declared.source, declared.target]
    rows = graph.tables.taken(table, at, named)
    if single:
        return np.array(rows[named[0]].to_pylist(), dtype=object)
    starts, goals = (rows[name].to_pylist() for name in named)
    return np.array([f"{a} -> {b}" for a, b in zip(starts, goals, strict=True)], dtype=object)


def known(positions: Positions) -> Positions:
    """Return the positions without those of null or unknown ids."""
    return positions[positions >= 0]


def positive(amounts: Floats) -> Floats:
    """Return amounts with unknown, infinite and negative ones as 0: they cannot be added up."""
    return np.where(np.isfinite(amounts) & (amounts > 0), amounts, 0.0)
