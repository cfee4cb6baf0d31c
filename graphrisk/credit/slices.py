"""Any table by segment: the rows whose parties lie in it, and sums of it by segment beside the whole.

By which of its columns a row belongs to a segment is read off the table's declaration (`roles_of`), so that whoever
declares a table need not think of segments. Nothing is computed anew: every number is that of the whole book.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from graphrisk.credit.segment import Flags, Slice
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.model.columns import category, money, text
from graphrisk.model.table import Column, Table

_SET_NAMES = frozenset({
    "component", "part_id", "part", "piece", "piece_a", "piece_b", "group_id", "cycle_id", "community",
    "via_id", "core_id", "head_id",
})  # fmt: skip
"""Columns that name a set of parties by its smallest, or a party on the way: the row is not about that party."""
_SETS = ("parties", "circle", "cycle")
"""Lists of the parties that a row is about."""
_BORROWER = ("borrower_id", "debtor_id")
SUFFIXES = {"money": "sum", "bool": "true", "fraction": "mean", "number": "median", "integer": "median"}
"""Kind of a column -> what is told of it by segment, and how its column ends."""
PART, REST, ALL = "segment", "rest", "all"


def roles_of(table: Table) -> tuple[Column, ...]:
    """Return the columns by which a row belongs to a segment; none where it is about the book.

    The parties of the key, else all of the row's parties; a list of parties, where it has one; the borrower of the
    facility where no other column says who owes it.
    """
    if "measure" in table.key and "subject_id" not in table.names:
        return ()
    if table.name == "parties":
        return (table.column("party_id"),)
    sets = [column for column in table.columns if column.kind == "list" and column.name in _SETS]
    if sets:
        return (sets[0],)
    parties = [c for c in table.columns if c.references == "parties" and c.name not in _SET_NAMES]
    found = [column for column in parties if column.name in table.key] or parties
    subject = [column for column in table.columns if column.name == "subject_id" and column.references is None]
    loans = [column for column in table.columns if column.references == "facilities"]
    owing = any(column.name in _BORROWER for column in found)
    lent = [column for column in loans if not owing and (column.name in table.key or not found)]
    return (*found, *subject, *lent)


def rows_inside(table: Table, frame: pd.DataFrame, cut: Slice) -> Flags | None:
    """Return which rows have a party inside the slice in one of their roles (r,); None for a table about the book."""
    roles = [column for column in roles_of(table) if column.name in frame.columns]
    if not roles:
        return None
    hit = np.zeros(len(frame), dtype=bool)
    for column in roles:
        row, party = _parties(cut.graph, column, frame)
        hit[row[(party >= 0) & np.append(cut.inside, False)[party]]] = True
    return hit


def by_segment(table: Table, frame: pd.DataFrame, cut: Slice) -> tuple[Table, pd.DataFrame] | None:
    """Return the table `<name>_by_segment` and its declaration; None where the table is about the book.

    Of a table that holds several days the latest row counts. Rows: by role, then the segments that owe most, the rest
    (no segment is known), all; in each what the key tells apart.
    """
    roles = [column for column in roles_of(table) if column.name in frame.columns]
    if not roles:
        return None
    items, told = _items(table, roles), _told(table, frame)
    declared = _declared(table, cut.by or ", ".join(cut.chosen), roles, items, told)
    frame = _latest(table, frame)
    counted = cut.divided
    names = np.array(sorted({str(group) for group in cut.groups if group is not None}), dtype=object)
    rest, everything = len(names), len(names) + 1
    place = {name: at for at, name in enumerate(names.tolist())}
    of_party = np.array([rest if group is None else place[str(group)] for group in cut.groups], dtype=np.int64)
    exposure = sum_by(of_party[counted], cut.owed[counted], everything)
    parties = count_by(of_party[counted], everything)
    made = []
    for first, column in enumerate(roles):
        row, party = _parties(cut.graph, column, frame)
        mine = np.append(counted, not (cut.by and cut.chosen))[party]
        row, party = row[mine], party[mine]
        if len(row):
            row, group = np.unique(np.stack([row, np.append(of_party, rest)[party]]), axis=1)  # a row once a segment
            parts = _sums(frame.iloc[row].assign(_group=group), ["_group", *items], told)
            whole = _sums(frame.iloc[np.unique(row)].assign(_group=everything), ["_group", *items], told)
            made.append(pd.concat([parts, whole], ignore_index=True).assign(role=column.name, _role=first))
    if not made:
        return declared, pd.DataFrame(columns=list(declared.names))
    rows = pd.concat(made, ignore_index=True)
    at = rows["_group"].to_numpy(dtype=np.int64)
    owed = np.append(exposure, exposure.sum())[at]
    rows = rows.assign(
        scope=np.array([*[PART] * rest, REST, ALL], dtype=object)[at],
        segment=np.append(names, [None, None])[at],
        parties=np.append(parties, parties.sum())[at],
        exposure=owed,
        _last=np.maximum(at - rest + 1, 0),
        _owed=-owed,
        **{f"_item_{name}": _rank(table.column(name), rows[name]) for name in items},
    )
    order = ["_role", "_last", "_owed", "_group", *(f"_item_{name}" for name in items)]
    return declared, rows.sort_values(order, kind="stable", ignore_index=True)[list(declared.names)]


def _declared(
    table: Table, segment: str, roles: list[Column], items: list[str], told: dict[str, tuple[Column, str]]
) -> Table:
    return Table(
        name=f"{table.name}_by_segment",
        meaning=f"{table.meaning}: by {segment}",
        role="score",
        key=("role", "scope", "segment", *items),
        columns=(
            category("role", "the column by which a row belongs to the segment", *(column.name for column in roles)),
            category("scope", "a segment, the rest (in none, or it is not known), or all", PART, REST, ALL),
            text("segment", f"the {segment}; null for the rest and for all"),
            *(table.column(name) for name in items),
            Column(name="rows", kind="integer", meaning="rows of the table"),
            Column(name="parties", kind="integer", meaning="parties of the segment, in the table or not"),
            money("exposure", "what they owe our bank"),
            *(column for column, _ in told.values()),
        ),
    )


def _items(table: Table, roles: list[Column]) -> list[str]:
    """Return the columns of the key that tell rows of one party apart by kind: the ratio, the layer, the side."""
    taken = {column.name for column in roles}
    kinds = ("category", "text", "bool")
    own = ("role", "scope", "segment", "rows", "parties", "exposure")
    return [n for n in table.key if n not in (*taken, *own, *_SET_NAMES) and table.column(n).kind in kinds]


def _told(table: Table, frame: pd.DataFrame) -> dict[str, tuple[Column, str]]:
    """Return what is told of each measure: column -> (its declaration, how it is put together)."""
    out = {}
    for column in table.columns:
        how = SUFFIXES.get(column.kind)
        if how is None or column.name not in frame.columns or column.name in (*table.key, "rank"):
            continue
        kind: Any = {"true": "integer", "median": "number"}.get(how, column.kind)
        words = {"sum": "sum of", "true": "rows where it is so", "mean": "mean of", "median": "median of"}[how]
        named = f"{words}: {column.meaning}"
        out[column.name] = (Column(name=f"{column.name}_{how}", kind=kind, meaning=named, unit=column.unit), how)
    return out


def _latest(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the latest day of each of what the key tells apart but for the day."""
    days = [name for name in table.key if table.column(name).kind == "date" and name in frame.columns]
    if not days:
        return frame
    rest = [name for name in table.key if name not in days]
    kept = frame.sort_values(days, kind="stable").drop_duplicates(rest, keep="last").index
    return frame.loc[np.sort(kept.to_numpy())]


def _sums(frame: pd.DataFrame, keys: list[str], told: dict[str, tuple[Column, str]]) -> pd.DataFrame:
    """Return the measures by keys: sums (null where none is known), counts of yes, means and medians of the known."""
    typed: dict[str, Any] = {}
    for name, (_, how) in told.items():
        if how == "true":
            typed[name] = frame[name].fillna(False).astype(bool)
        elif how != "sum":
            typed[name] = frame[name].astype("float64")
    groups = frame.assign(**typed).groupby(keys, dropna=False, sort=True)
    least = {"sum": {"min_count": 1}}
    measures = {
        column.name: getattr(groups[name], "sum" if how == "true" else how)(**least.get(how, {}))
        for name, (column, how) in told.items()
    }
    return pd.DataFrame({"rows": groups.size(), **measures}).reset_index()


def _parties(graph: RiskGraph, column: Column, frame: pd.DataFrame) -> tuple[Positions, Positions]:
    """Return the parties of a role: in which row, which party (-1: not in the book); a row without one is left out."""
    values = frame[column.name].tolist()
    if column.kind == "list":
        lists = [[] if not isinstance(one, list | tuple | np.ndarray) else list(one) for one in values]
        row = np.repeat(np.arange(len(lists), dtype=np.int64), [len(one) for one in lists])
        return row, graph.locate("parties", [str(item) for one in lists for item in one])
    ids = [None if value is None or value != value else str(value) for value in values]
    row = np.flatnonzero(np.array([one is not None for one in ids], dtype=bool))
    if column.name == "subject_id" and column.references is None and "subject" in frame.columns:
        row = row[(frame["subject"].to_numpy(dtype=object) == "client")[row]]
    given = [ids[at] for at in row.tolist()]
    if column.references != "facilities":
        return row, graph.locate("parties", given)
    borrower = np.append(graph.positions("facilities", "borrower_id"), -1)
    return row, borrower[graph.locate("facilities", given)]


def _rank(column: Column, values: pd.Series[Any]) -> Any:
    """Return the order of categories as declared, of others as written."""
    known = list(column.choices)
    others = sorted({str(value) for value in values.tolist()} - set(known))
    place = {choice: at for at, choice in enumerate([*known, *others])}
    return [place[str(value)] for value in values.tolist()]
