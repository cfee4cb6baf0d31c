"""Segments of the parties: by a column of `parties`, by their grade, or as analyzer `segments` has put them.

A segment is asked for by name (industry, size, record, cluster, ...); what it is called are its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.credit.filters import RATING, one_of
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.our_bank import clients
from graphrisk.credit.pd import grades_of
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.model.catalog import CATALOG

Flags = npt.NDArray[np.bool_]
Names = npt.NDArray[np.object_]
UNKNOWN = "?"
"""How one asks for the parties of which the value is not known."""
OF_PARTIES = ("kind", "is_client", "country", "region", "industry", "size", "status", "listed", "arrangement", "opaque")
OF_SEGMENTS = ("rule_segment", "record", "tenure", "cluster", "community")
"""Columns of segments_members."""
SEGMENTS = (*OF_PARTIES, RATING, *OF_SEGMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What is looked at: the parties `inside` (n,), and the segment of each (n,), None where it is in none.

    `chosen` are the values asked for, by name; without any, everybody is inside. `by` is the name by which the parties
    inside are divided; "" where nothing was said, and `groups` then set those inside apart from the rest of the book.
    """

    graph: RiskGraph
    inside: Flags
    groups: Names
    chosen: Mapping[str, tuple[str, ...]]
    by: str = ""

    @property
    def label(self) -> str:
        """The values asked for: "size = micro, industry = C13 or C14"."""
        return ", ".join(f"{name} = {' or '.join(values)}" for name, values in self.chosen.items())

    @property
    def divided(self) -> Flags:
        """Return which parties are divided into segments: those inside; the whole book where nothing divides them."""
        return self.inside if self.by else np.ones(self.graph.size, dtype=bool)

    @property
    def owed(self) -> Floats:
        """What each party owes our bank (n,)."""
        book = own_book(self.graph)
        return sum_by(book.borrower, book.ead, self.graph.size)

    def counts(self) -> dict[str, Any]:
        """Return how many parties and clients are inside, what they owe us, and the part of all that is."""
        owed = self.owed
        total, mine = float(owed.sum()), float(owed[self.inside].sum())
        return {
            "parties": int(self.inside.sum()),
            "clients": int((clients(self.graph) & self.inside).sum()),
            "exposure": mine,
            "exposure_share": mine / total if total > 0.0 else None,
        }


def slice_of(graph: RiskGraph, by: str | None, chosen: Sequence[str], members: Callable[[], Any]) -> Slice:
    """Return the slice that `by` (a name) and `chosen` ("size=micro"; of several names all must hold) ask for.

    `members` gives segments_members where a name is one of that table. Raises UsageError for an unknown name or value.
    """
    wanted: dict[str, tuple[str, ...]] = {}
    for text in chosen:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"--segment takes NAME=VALUE, not {text!r}", hint="--segment size=micro")
        wanted[name.strip()] = (*wanted.get(name.strip(), ()), value.strip())
    inside = np.ones(graph.size, dtype=bool)
    for name, values in wanted.items():
        inside &= _among(values, segment_of(graph, name, members), name)
    if wanted and not inside.any():
        raise UsageError("no party lies in all of these segments at once", hint="--segment once", where="--segment")
    made = Slice(graph=graph, inside=inside, groups=np.full(graph.size, None, dtype=object), chosen=wanted, by=by or "")
    groups = segment_of(graph, by, members) if by else made.groups.copy()
    if not by:
        groups[inside] = made.label
    return replace(made, groups=groups)


def segment_of(graph: RiskGraph, name: str, members: Callable[[], Any]) -> Names:
    """Return the segment of each party (n,), None where it is in none or not known; UsageError for an unknown name."""
    if name in OF_PARTIES:
        declared = CATALOG["parties"].column(name)
        if declared.kind != "bool":
            return graph.texts("parties", name)
        said = {True: "true", False: "false"}
        return np.array([said.get(value) for value in graph.tables.column("parties", name).to_pylist()], dtype=object)
    if name == RATING:
        return grades_of(graph)
    if name in OF_SEGMENTS:
        found = np.full(graph.size, None, dtype=object)
        frame = members()
        at = graph.locate("parties", frame["party_id"].tolist())
        values = np.array([None if value != value else value for value in frame[name].tolist()], dtype=object)
        found[at[at >= 0]] = values[at >= 0]
        return found
    raise UsageError(f"there is no segment {name!r}", hint=nearest(name, SEGMENTS), where="--segment and --by")


def _among(values: tuple[str, ...], groups: Names, name: str) -> Flags:
    """Return which parties have one of the values (n,); UsageError, with the nearest, for one that nobody has."""
    texts = pa.array(groups, pa.string())
    hit = np.zeros(len(groups), dtype=bool)
    for value in values:
        if value == UNKNOWN:
            one: Flags = np.array([group is None for group in groups], dtype=bool)
        else:
            one = one_of(name, (value,), texts)
        if not one.any():
            there = sorted({str(group) for group in groups if group is not None})
            raise UsageError(
                f"no party has the {name} {value!r}", hint=nearest(value, there[:1_000]), where="--segment"
            )
        hit |= one
    return hit
