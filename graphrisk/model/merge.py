"""The union of what several loaders bring for one day, and the columns that remember who brought what.

A load replaces what its own loader brought before and leaves what others brought. A party known to several loaders is
one party where their values agree; `parts` keeps what each of them said, so that a later load of one of them can
replace its own part. `source` is never in conflict: the sources are listed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.catalog import CATALOG, PLACE
from graphrisk.model.digest import row_keys
from graphrisk.model.rejects import Reject, Rows
from graphrisk.model.sieve import Flags
from graphrisk.model.table import Table

TOGETHER = "+"
"""Joins the names of the loaders that know one party."""
_BETWEEN_SOURCES = "; "
_SAID_TOGETHER = ("source", *PLACE)
"""Columns of a party in which its loaders do not have to agree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """`tables`: rows of other loaders first (`settled[table]` of them), then the new ones, with their bookkeeping.

    `origin[table]`: for each row after the settled ones, its position in the new table. `rejects`: positions in the
    new tables. A new party that was joined with another loader's is in the settled row.
    """

    tables: Mapping[str, pa.Table]
    settled: Mapping[str, int]
    origin: Mapping[str, Rows]
    rejects: tuple[Reject, ...]


def merge_tables(existing: Mapping[str, pa.Table], new: Mapping[str, pa.Table], loader: str) -> Merged:
    """Return the union of what other loaders brought (`existing`, with bookkeeping) and the `new` tables of `loader`.

    `new` holds the declared columns and, where it is known, PLACE; each of its keys is expected to name one row. A key
    that another loader knows is refused, except a party's where the two agree.
    """
    tables, settled, origin = {}, {}, {}
    rejects: list[Reject] = []
    for name, declared in CATALOG.items():
        others = without_loader(declared, existing.get(name), loader)
        fresh = new.get(name)
        if fresh is None:
            fresh = declared.schema.empty_table()
        fresh = _with_place(fresh.select([name for name in (*declared.names, *PLACE) if name in fresh.column_names]))
        keep = np.ones(fresh.num_rows, dtype=bool)
        if declared.key and others.num_rows and fresh.num_rows:
            others, keep = _join(declared, others, fresh, loader, rejects)
        position = np.flatnonzero(keep)
        if not keep.all():  # no copy
            fresh = fresh.filter(pa.array(keep))
        whole = pa.concat_tables([others, _marked(fresh, loader)]) if others.num_rows else _marked(fresh, loader)
        if whole.num_rows:
            tables[name], settled[name], origin[name] = whole, others.num_rows, position
    return Merged(tables=tables, settled=settled, origin=origin, rejects=tuple(rejects))


def with_row_keys(declared: Table, table: pa.Table) -> pa.Table:
    """Return `table` (declared columns, `loader`, `parts`, PLACE) in the order of its loaders, with `row_key`.

    A row's key is its business key in one text, else the digest of its values and the number of its occurrence.
    """
    if len(pc.unique(table["loader"])) > 1:  # the same rows whichever was loaded first
        table = table.take(pc.sort_indices(table, [("loader", "ascending")]))
    keys = joined_keys(declared, table) if declared.key else row_keys(table, declared.names)
    columns = {name: table[name] for name in declared.names}
    return pa.table({**columns, "row_key": keys, **{name: table[name] for name in ("loader", "parts", *PLACE)}})


def joined_keys(declared: Table, table: pa.Table) -> pa.Array:
    """Return the business key of each row as one text: the id, or the parts joined by `|` (escaped by a backslash)."""
    parts = [table[name].combine_chunks() for name in declared.key]
    if len(parts) == 1:
        return parts[0].cast(pa.string())
    texts = []
    for part in parts:
        if pa.types.is_string(part.type):
            part = pc.replace_substring(pc.replace_substring(part, "\\", "\\\\"), "|", "\\|")
        texts.append(part.cast(pa.string()))
    return pc.binary_join_element_wise(*texts, "|")


def without_loader(declared: Table, table: pa.Table | None, loader: str) -> pa.Table:
    """Return what the other loaders brought: declared columns, `loader`, `parts` and PLACE."""
    if table is None or table.num_rows == 0:
        return _marked(_with_place(declared.schema.empty_table()), loader)
    table = _with_place(table).select([*declared.names, "loader", "parts", *PLACE])
    shared = pc.is_valid(table["parts"])
    alone = table.filter(pc.and_(pc.invert(shared), pc.not_equal(table["loader"], loader)))
    rows = [_from_parts(parts) for parts in _parts_without(table.filter(shared), loader)]
    if not rows:
        return alone
    return pa.concat_tables([alone, pa.Table.from_pylist(rows, alone.schema)])


def _marked(table: pa.Table, loader: str) -> pa.Table:
    count, declared = table.num_rows, table.column_names[: -len(PLACE)]
    columns = {name: table[name] for name in declared}
    columns |= {"loader": pa.repeat(pa.scalar(loader), count), "parts": pa.nulls(count, pa.string())}
    return pa.table({**columns, **{name: table[name] for name in PLACE}})


def _with_place(table: pa.Table) -> pa.Table:
    """Return a table with PLACE as its last columns; null where it is not known."""
    for name, kind in zip(PLACE, (pa.string(), pa.int64()), strict=True):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, kind))
    return table


def _parts_without(shared: pa.Table, loader: str) -> list[dict[str, dict[str, Any]]]:
    parts = []
    for text in shared["parts"].to_pylist():
        said = {name: _from_json(row) for name, row in json.loads(text).items() if name != loader}
        parts.append(said)
    return parts


def _from_parts(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the one row that the loaders in `parts` agree on, with its bookkeeping."""
    row: dict[str, Any] = {}
    for name in sorted(parts):
        row.update({k: v for k, v in parts[name].items() if v is not None and k not in _SAID_TOGETHER})
    for column in ("source", "source_file"):
        said = sorted({str(part[column]) for part in parts.values() if part.get(column) is not None})
        row[column] = _BETWEEN_SOURCES.join(said) if said else None
    rows = [part.get("source_row") for part in parts.values()]
    row["source_row"] = rows[0] if len(rows) == 1 else None  # each of several files has its own, kept in `parts`
    row["loader"] = TOGETHER.join(sorted(parts))
    several = len(parts) > 1
    row["parts"] = json.dumps(parts, default=_to_json, ensure_ascii=False, sort_keys=True) if several else None
    return row


def _to_json(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value))


def _from_json(row: Mapping[str, Any]) -> dict[str, Any]:
    dates = {c.name for c in CATALOG["parties"].columns if c.kind == "date"}
    return {k: date.fromisoformat(v) if k in dates and isinstance(v, str) else v for k, v in row.items()}


def _join(
    declared: Table, others: pa.Table, fresh: pa.Table, loader: str, rejects: list[Reject]
) -> tuple[pa.Table, Flags]:
    """Join the parties that both know; refuse the other keys that both know.

    Returns the other loaders' rows (joined ones completed), and which new rows remain to be appended.
    """
    at = pc.index_in(joined_keys(declared, fresh), value_set=joined_keys(declared, others))
    known = np.flatnonzero(at.is_valid().to_numpy(zero_copy_only=False))
    keep = np.ones(fresh.num_rows, dtype=bool)
    if not len(known):
        return others, keep
    keep[known] = False
    where = at.take(pa.array(known)).to_numpy(zero_copy_only=False).astype(np.int64)
    if declared.name != "parties":
        names = others["loader"].combine_chunks().take(pa.array(where)).to_pylist()
        for name in sorted(set(names)):
            rows = known[[i for i, n in enumerate(names) if n == name]]
            reason = (
                f"{' + '.join(declared.key)} was brought by loader {name} already, now again by {loader}: "
                "one of them must leave it out"
            )
            rejects.append(Reject(table=declared.name, reason=reason, rows=rows, columns=declared.key))
        return others, keep
    refused: dict[tuple[str, str], list[int]] = {}
    replaced: dict[int, dict[str, Any]] = {}
    theirs = others.take(pa.array(where)).to_pylist()
    ours = fresh.take(pa.array(known)).to_pylist()
    for row, position, old, mine in zip(known.tolist(), where.tolist(), theirs, ours, strict=True):
        differ = [n for n in declared.names if n != "source" and None not in (old[n], mine[n]) and old[n] != mine[n]]
        if differ:
            refused.setdefault((old["loader"], differ[0]), []).append(row)
            continue
        said = json.loads(old["parts"]) if old["parts"] else {old["loader"]: _said(declared, old)}
        parts = {name: _from_json(part) for name, part in said.items()}
        replaced[position] = _from_parts({**parts, loader: _said(declared, mine)})
    for (name, column), rows_ in sorted(refused.items()):
        reason = (
            f"{column} is not what loader {name} says of the same party ({loader} against {name}): correct one of "
            "them; the earlier row was kept"
        )
        rows = np.array(sorted(rows_), dtype=np.int64)
        rejects.append(Reject(table=declared.name, reason=reason, rows=rows, columns=(column,)))
    if replaced:
        positions = sorted(replaced)
        patch = pa.Table.from_pylist([replaced[p] for p in positions], others.schema)
        index = np.arange(others.num_rows)
        index[positions] = others.num_rows + np.arange(len(positions))
        others = pa.concat_tables([others, patch]).take(pa.array(index))
    return others, keep


def _said(declared: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (*declared.names, *PLACE) if row[name] is not None}
