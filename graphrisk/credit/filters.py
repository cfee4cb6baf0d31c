"""The parties and assets that a scenario means: ids named, or columns compared with values; nothing is executed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.credit.pd import grades_of
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.note import Note

Flags = npt.NDArray[np.bool_]
RATING = "rating"
"""What a filter on parties may ask for beside their columns: the grade of the latest rating."""
_FEW = 1_000
"""Values of a column up to which the nearest is looked for: a column of more is one of names, not of kinds."""
PREFIXED = "industry"
"""The column whose codes are hierarchical: "C*" is every code that begins with C."""


def parties_meant(
    graph: RiskGraph,
    named: tuple[str, ...],
    where: Mapping[str, tuple[str, ...]],
    rating_model: str | None,
    key: str,
    notes: list[str],
) -> Flags:
    """Return which parties a shock means (n,): those named, those that match, or with neither all.

    Raises UsageError naming the key and the nearest right name.
    """
    if named:
        return _named(graph, named, key)
    if where:
        return matching(graph, "parties", where, f"{key}.where", notes, rating_model=rating_model)
    return np.ones(graph.size, dtype=bool)


def matching(
    graph: RiskGraph,
    table: str,
    where: Mapping[str, tuple[str, ...]],
    key: str,
    notes: list[str],
    *,
    rating_model: str | None = None,
) -> Flags:
    """Return which rows of a node table have one of the values given in every column given.

    A value that no row has is a warning among `notes`; an unknown column or category is refused with the nearest.
    """
    declared = CATALOG[table]
    known = (*declared.names, RATING) if table == "parties" else declared.names
    hit = np.ones(graph.rows(table), dtype=bool)
    for name, values in where.items():
        if name not in known:
            raise UsageError(f"{table} has no column {name!r}", hint=nearest(name, known), where=f"{key}.{name}")
        if name == RATING:
            texts = _texts(pa.array(grades_of(graph, rating_model, where=f"{key}.{name}"), pa.string()))
            told = ("no party has the grade", "没有客户的评级为")
            _warn_of_unknown_values(name, values, texts, f"{key}.{name}", told, notes)
        else:
            choices = declared.column(name).choices
            for value in values if choices else ():
                if value not in choices:
                    raise UsageError(f"{value!r} is no {name}", hint=nearest(value, choices), where=f"{key}.{name}")
            texts = _texts(graph.tables.column(table, name).cast(pa.string()))
            if not choices and declared.column(name).kind == "text":
                told = (f"no row of {table} has the {name}", f"{table} 中没有一行的 {name} 为")
                _warn_of_unknown_values(name, values, texts, f"{key}.{name}", told, notes)
        hit &= one_of(name, values, texts)
    if not hit.any():
        said = ", ".join(f"{name} = {' or '.join(values)}" for name, values in where.items())
        notes.append(
            Note(
                "filter_matches_nothing",
                f"{key} matches nothing in {table} ({said})",
                f"{key} 在 {table} 中没有匹配（ {said} ）",
                severity="warning",
            )
        )
    return hit


def _texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def one_of(name: str, values: tuple[str, ...], texts: pa.Array) -> Flags:
    """Return which texts are one of the values (n,): of an industry "C*" is every code that begins with C."""
    whole = [value for value in values if not _is_prefix(name, value)]
    hit: Flags = pc.is_in(texts, value_set=pa.array(whole, pa.string())).to_numpy(zero_copy_only=False)
    for value in values:
        if _is_prefix(name, value):
            begins = pc.fill_null(pc.starts_with(texts, value[:-1]), False)
            hit = hit | begins.to_numpy(zero_copy_only=False)
    return hit


def _is_prefix(name: str, value: str) -> bool:
    return name == PREFIXED and value.endswith("*")


def _warn_of_unknown_values(
    name: str, values: tuple[str, ...], texts: pa.Array, key: str, said: tuple[str, str], notes: list[str]
) -> None:
    """Add a warning for each value that no row has; `said` is what the rows lack, in English and Chinese."""
    there = sorted({str(text) for text in pc.unique(texts).to_pylist() if text is not None})
    names = pa.array(there, pa.string())
    for value in values:
        if not one_of(name, (value,), names).any():
            hint = f" ({nearest(value, there)})" if len(there) <= _FEW else ""
            text, chinese = f"{key}: {said[0]} {value!r}{hint}", f"{key} ：{said[1]} {value!r} {hint}"
            notes.append(Note("filter_value_unknown", text, chinese, severity="warning"))


def _named(graph: RiskGraph, parties: tuple[str, ...], key: str) -> Flags:
    hit = np.zeros(graph.size, dtype=bool)
    for party in parties:
        try:
            hit[graph.position(party)] = True
        except UsageError as error:
            raise UsageError(error.message, hint=error.hint, where=f"{key}.parties") from None
    return hit
