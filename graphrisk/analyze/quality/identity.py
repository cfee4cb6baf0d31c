"""Checks of ids and names: the same party under two ids, and ids written in a way that other files will not repeat.

Nothing is merged: two ids are two parties to every method, until somebody says otherwise in the source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.analyze.quality.register_codes import numbers_of
from graphrisk.graph.riskgraph import Positions
from graphrisk.kernels.network.components import component_labels
from graphrisk.model.catalog import CATALOG
from graphrisk.model.legal_names import split_legal_form

_INVISIBLE = r"[\p{Cf}\p{Cc}]"
SHOWN = 4
"""Ids shown of one group."""


def plain_ids(ids: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Return ids in one case and width, without invisible characters and surrounding space."""
    narrow = pc.utf8_normalize(ids, form="NFKC")
    return pc.utf8_trim_whitespace(pc.utf8_lower(pc.replace_substring_regex(narrow, _INVISIBLE, "")))


class _Alike:
    """Collects pairs of parties that look like one, each with the reason."""

    def __init__(self, scope: Scope) -> None:
        self.graph = scope.graph
        self.country = scope.graph.texts("parties", "country")
        self.first: list[int] = []
        self.other: list[int] = []
        self.reason: list[str] = []

    def add(self, members: list[int], reason: str) -> None:
        for one in members[1:]:
            self.first.append(members[0])
            self.other.append(one)
            self.reason.append(reason)

    def add_where_equal(self, keys: pa.Array | pa.ChunkedArray, reason: str, *, one_country: bool = False) -> None:
        """Add the parties with equal keys (null: no key); with `one_country` only those that may be of one country."""
        for members in _equal(keys):
            for part in split_by_place(members, self.country) if one_country else [members]:
                self.add(part, reason)


def split_by_place(members: list[int], where: npt.NDArray[np.object_]) -> list[list[int]]:
    """Return the members split by place.

    All in one part where at most one place is known; else a member without a known place is in none.
    """
    known = {where[one] for one in members if where[one] is not None}
    if len(known) <= 1:
        return [members]
    return [[one for one in members if where[one] == place] for place in sorted(known)]


def _equal(keys: pa.Array | pa.ChunkedArray) -> list[list[int]]:
    """Return the positions with equal keys, of keys that occur more than once; nulls are equal to nothing."""
    held = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    told = np.flatnonzero(held.is_valid())
    code = held.drop_null().dictionary_encode().indices.to_numpy()  # numbered as they first occur
    several = np.flatnonzero(np.bincount(code)[code] > 1)
    by_key = several[np.argsort(code[several], kind="stable")]
    parts = np.split(told[by_key], np.flatnonzero(np.diff(code[by_key])) + 1)
    return [part.tolist() for part in parts if len(part)]


def _names(scope: Scope, numbers: list[list[str | None]]) -> Iterator[list[int]]:
    """Yield the parties with equal name and legal form that no register number, country or region tells apart.

    Persons are compared by name and day of birth. The region counts where a name has no legal form: it says less.
    """
    graph = scope.graph
    country, region = graph.texts("parties", "country"), graph.texts("parties", "region")
    names = graph.texts("parties", "name").tolist()
    told = (names, graph.texts("parties", "kind").tolist(), graph.texts("parties", "incorporated_on").tolist())
    for members in _equal(pa.array([_name_key(*one) for one in zip(*told, strict=True)], pa.string())):
        for part in split_by_place(members, country):
            form = split_legal_form(names[part[0]])[1] if part else ""
            for namesakes in [part] if form else split_by_place(part, region):
                if all(len({number[one] for one in namesakes} - {None}) <= 1 for number in numbers):
                    yield namesakes


def _name_key(name: str | None, kind: str | None, born: date | None) -> str | None:
    """Return what is equal where two parties have one name; None where the name tells nobody apart."""
    person = kind == "person"
    if name is None or (person and born is None):
        return None
    base, form = split_legal_form(name)
    return f"{base}|{born if person else form}" if base else None


def _groups(scope: Scope) -> tuple[list[Positions], list[str]]:
    """Return the groups of parties that look like one party each, and what is equal in them."""
    graph = scope.graph
    alike = _Alike(scope)
    alike.add_where_equal(plain_ids(graph.tables.column("parties", "party_id")), "id")
    national, lei = numbers_of(scope, "national_id"), numbers_of(scope, "lei")
    alike.add_where_equal(national, "national_id", one_country=True)
    alike.add_where_equal(lei, "lei")
    for namesakes in _names(scope, [national.to_pylist(), lei.to_pylist()]):
        alike.add(namesakes, "name")
    first, other = np.array(alike.first, dtype=np.int64), np.array(alike.other, dtype=np.int64)
    label = component_labels(graph.size, first, other, "weak")
    members: dict[int, list[int]] = {}
    reasons: dict[int, dict[str, None]] = {}
    for one in np.unique(np.concatenate([first, other])).tolist():
        members.setdefault(int(label[one]), []).append(one)
    for one, reason in zip(first.tolist(), alike.reason, strict=True):
        reasons.setdefault(int(label[one]), {})[reason] = None
    found = sorted(members)
    return [np.array(members[k], dtype=np.int64) for k in found], [", ".join(reasons[k]) for k in found]


def _same_party(*, lent: bool) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        """Groups of which some member holds a facility (`lent`), or none."""
        graph = scope.graph
        holds: Mask = np.zeros(graph.size + 1, dtype=bool)
        holds[graph.positions("facilities", "borrower_id")] = True
        holds[-1] = False
        if "same_party" not in scope.shared:
            scope.shared["same_party"] = _groups(scope)
        groups, reasons = scope.shared["same_party"]
        chosen = [(group, why) for group, why in zip(groups, reasons, strict=True) if holds[group].any() == lent]
        names = []
        for group, why in chosen:
            more = f" and {len(group) - SHOWN} more" if len(group) > SHOWN else ""
            names.append(f"{' = '.join(repr_id(i) for i in graph.party_ids[group[:SHOWN]])}{more} ({why})")
        return Found(
            names=np.array(names, dtype=object),
            looked_at=graph.size,
            parties=np.concatenate([np.zeros(0, np.int64), *(group for group, _ in chosen)]),
            size=np.array([scope.due_by_party[group].sum() for group, _ in chosen], dtype=np.float64),
        )

    return find


def repr_id(value: object) -> str:
    """Return an id as it is, in quotes where it begins or ends with space."""
    text = str(value)
    return f"'{text}'" if text != text.strip() else text


def _odd_ids(table: str) -> Callable[[Scope], Found]:
    key = CATALOG[table].key[0]

    def find(scope: Scope) -> Found:
        """Ids with full-width or invisible characters, or space around them."""
        ids = scope.graph.tables.column(table, key)
        narrow = pc.utf8_normalize(ids, form="NFKC")
        clean = pc.utf8_trim_whitespace(pc.replace_substring_regex(narrow, _INVISIBLE, ""))
        odd = np.asarray(pc.fill_null(pc.not_equal(ids, clean), False).to_numpy(zero_copy_only=False), dtype=bool)
        if table == "parties":
            return scope.found_parties(odd)
        at = np.flatnonzero(odd)
        return Found(names=scope.graph.texts(table, key)[at], looked_at=len(odd))

    return find


def _near_ids(table: str) -> Callable[[Scope], Found]:
    key = CATALOG[table].key[0]

    def find(scope: Scope) -> Found:
        ids = scope.graph.texts(table, key)
        names = [
            " = ".join(repr_id(i) for i in ids[group[:SHOWN]])
            for group in _equal(plain_ids(scope.graph.tables.column(table, key)))
        ]
        return Found(names=np.array(names, dtype=object), looked_at=len(ids))

    return find


def _per_table() -> Iterator[Check]:
    for table, one, many in (
        ("parties", "party", "parties"),
        ("facilities", "facility", "facilities"),
        ("collateral", "asset", "assets"),
        ("guarantees", "guarantee", "guarantees"),
    ):
        yield Check(
            name="odd_ids",
            severity="low",
            table=table,
            one=f"{one} has an id with full-width or invisible characters, or with space around it",
            many=f"{many} have ids with full-width or invisible characters, or with space around them",
            action="Write the id as other files do, or rows that refer to it will not be found.",
            find=_odd_ids(table),
        )
        if table != "parties":
            yield Check(
                name="same_id",
                severity="medium",
                table=table,
                one=f"pair of {many} has ids that differ only by case, width or surrounding space",
                many=f"pairs of {many} have ids that differ only by case, width or surrounding space",
                action="Keep one of the two if they are one contract: both are counted.",
                find=_near_ids(table),
            )


CHECKS = (
    Check(
        name="same_party",
        severity="high",
        table="facilities",
        one="borrower looks like another party under a second id",
        many="borrowers look like other parties under a second id",
        action="Settle which id is right, and use it in every file: the two are counted as two parties, never merged.",
        find=_same_party(lent=True),
    ),
    Check(
        name="same_party",
        severity="medium",
        table="parties",
        one="party without a facility looks like another party under a second id",
        many="parties without a facility look like other parties under a second id",
        action="Settle which id is right, and use it in every file: the two are counted as two parties, never merged.",
        find=_same_party(lent=False),
    ),
    *_per_table(),
)
