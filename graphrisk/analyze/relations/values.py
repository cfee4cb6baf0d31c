"""Links by value: two parties with the same value in columns that a configuration names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import pyarrow as pa

from graphrisk.analyze.relations.links import STRENGTH, Relations
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.note import both
from graphrisk.model.table import Table

_NO_WORD = re.compile(r"[\W_]+")
_NOTHING = """
na none null nil nan unknown notknown notavailable notapplicable tbd test xxx
无 不详 未知 暂无 空 没有 待补 待定 なし 不明
"""
NOTHING = frozenset(_NOTHING.split())
"""Words that stand where a value is missing (written without spaces and marks)."""
_KIND_OF_COLUMN = {"phone": "phone", "address": "address"}


def plain_value(value: object, column: str) -> str:
    """Return a value written in one way, "" where it says nothing: one case and width, no spaces and marks.

    A phone number loses the code of China (+86, 0086) and a leading zero; runs of one character are no value.
    """
    text = _NO_WORD.sub("", unicodedata.normalize("NFKC", str(value)).casefold())
    if column == "phone":
        text = re.sub(r"\D", "", text)
        text = re.sub(r"^(0086|86(?=\d{10,11}$))", "", text).lstrip("0")
        if len(text) < 5:
            return ""
    return "" if text in NOTHING or len(set(text)) <= 1 else text


def _columns_of(spec: str) -> tuple[Table, str, list[str]]:
    """Return table, column of the party and columns of one configured link: "parties.phone", "events.kind+detail"."""
    name, dot, rest = spec.partition(".")
    columns = [one.strip() for one in rest.split("+")]
    declared = CATALOG.get(name.strip())
    if declared is None or not dot:
        raise UsageError(
            f"relations: {spec!r} names no table", hint=f"write TABLE.COLUMN; {nearest(name.strip(), CATALOG)}"
        )
    for column in columns:
        if column not in declared.names:
            raise UsageError(
                f"relations: {declared.name} has no column {column!r}", hint=nearest(column, declared.names)
            )
    if declared.name == "parties":
        return declared, "party_id", columns
    whose = next((c.name for c in declared.columns if c.references == "parties" and c.name not in columns), None)
    if whose is None:
        raise UsageError(f"relations: a row of {declared.name} belongs to no party", hint="name a column of parties")
    return declared, whose, columns


def value_links(graph: RiskGraph, specs: Sequence[str], found: Relations, *, most: int) -> None:
    """Add a link between the parties that have equal values in all columns of one of `specs`.

    Values that more than `most` parties share link nobody; they are listed. Raises UsageError for an unknown column.
    """
    for spec in specs:
        table, whose, columns = _columns_of(spec)
        own = whose == "party_id" and table.name == "parties"
        at = range(graph.size) if own else _positions(graph, graph.tables.column(table.name, whose))
        cells = [graph.tables.column(table.name, column).to_pylist() for column in columns]
        sharing: dict[tuple[str, ...], dict[int, str]] = defaultdict(dict)
        for k, one in enumerate(at):
            if one < 0 or any(cell[k] is None for cell in cells):
                continue
            key = tuple(plain_value(cell[k], column) for cell, column in zip(cells, columns, strict=True))
            if all(key):
                sharing[key].setdefault(one, " + ".join(str(cell[k]) for cell in cells))
        kind = _KIND_OF_COLUMN.get(columns[0], "value") if len(columns) == 1 else "value"
        for _, members in sorted(sharing.items()):
            if len(members) > 1:
                shown = members[min(members)]
                for a, b in combinations(found.share(spec, shown, members, most), 2):
                    found.add(
                        a, b, kind, STRENGTH[kind], both(f"same {spec}: {members[a]}", f"{spec} 相同：{members[a]}")
                    )


def _positions(graph: RiskGraph, ids: pa.ChunkedArray) -> list[int]:
    found: list[int] = graph.locate("parties", ids).tolist()
    return found
