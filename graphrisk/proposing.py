"""From a folder of proposed rows to the book with them in it, beside the stored one; nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import DataError, UsageError
from graphrisk.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.model.proposal import Proposal
    from graphrisk.model.result import Inputs
    from graphrisk.scenario import Scenario

Stored = Callable[[str], "pa.Table"]
"""Gives a canonical table as the store holds it: own currencies, all dates, with its bookkeeping columns."""
_NODES = ("parties", "facilities", "collateral")
_OF_FACILITY = ("guarantees", "pledges", "co_borrowers")
"""Relations that are left out of a graph together with their facility."""


def with_proposal(
    graph: RiskGraph, stored: Stored, folder: Path, configured_base: str | None, progress: Progress
) -> tuple[RiskGraph, Proposal]:
    """Return the graph with the rows of `folder` in it, and the proposal; a key that is there already is replaced.

    A proposed row that begins after the day of the snapshot counts as if it held on it (noted). Raises UsageError where
    there is no folder, DataError where a row cannot be read or does not stand beside the book.
    """
    from graphrisk.graph.changed import with_tables
    from graphrisk.loading.proposed import read_proposed
    from graphrisk.model.proposal import Proposal

    progress("reading what is proposed")
    rows, said = read_proposed(folder, as_of=graph.as_of, progress=progress)
    if "fx" in rows:
        raise UsageError("rates are not proposed: load them", where=str(folder / "fx.csv"), hint="graphrisk load")
    notes = list(said)
    rows = {name: _begun(name, table, graph, notes) for name, table in rows.items()}
    whole = _Whole(graph, stored)
    _check(rows, whole, graph, configured_base or graph.base_currency)
    progress("the book with what is proposed")
    changed, replaced = {}, {}
    for name, table in rows.items():
        others = whole.without(name, table)
        replaced[name] = whole.table(name).num_rows - others.num_rows
        changed[name] = _joined(name, others, table)
    if replaced.get("facilities"):
        for name in _OF_FACILITY:  # contracts of a facility that was left out until now
            changed.setdefault(name, whole.table(name))
    said_of = "|".join(f"{name}:{_content(table)}" for name, table in sorted(rows.items()))
    print_ = hashlib.sha256(f"{graph.fingerprint} proposed {said_of}".encode()).hexdigest()[:32]
    after = with_tables(graph, changed, print_)
    return after, Proposal(rows=rows, before=graph, replaced=replaced, notes=_as_notes(notes))


def proposed(
    graph: RiskGraph,
    read: Callable[[str, str], pa.Table],
    folder: str,
    configured_base: str | None,
    scenario: Scenario | None,
    progress: Progress,
) -> tuple[RiskGraph, Inputs]:
    """Return the graph with the rows of `folder`, and as inputs the proposal; `read` gives a stored table."""
    from graphrisk.model.result import Inputs

    def stored(name: str) -> pa.Table:
        return read(name, graph.snapshot)

    after, proposal = with_proposal(graph, stored, Path(folder), configured_base, progress)
    return after, Inputs(proposed=proposal, scenario=scenario)


class _Whole:
    """The stored tables, each read once."""

    def __init__(self, graph: RiskGraph, stored: Stored) -> None:
        self._stored, self._read = stored, dict[str, Any]()
        self.graph = graph

    def table(self, name: str) -> pa.Table:
        if name not in self._read:
            self._read[name] = self._stored(name)
        return self._read[name]

    def without(self, name: str, table: pa.Table) -> pa.Table:
        """Return the stored rows of a table whose key none of the proposed rows has."""
        import pyarrow as pa

        from graphrisk.model.catalog import CATALOG

        declared, whole = CATALOG[name], self.table(name)
        if not declared.key or not whole.num_rows:
            return whole
        keys = [whole[part] for part in declared.key]
        if len(keys) == 1:
            import pyarrow.compute as pc

            return whole.filter(pc.invert(pc.is_in(keys[0], value_set=table[declared.key[0]].combine_chunks())))
        import pyarrow.compute as pc

        likely = pc.is_in(keys[0], value_set=table[declared.key[0]].combine_chunks()).to_numpy(zero_copy_only=False)
        wanted = set(zip(*(table[part].to_pylist() for part in declared.key), strict=True))
        for at in likely.nonzero()[0].tolist():
            likely[at] = tuple(key[at].as_py() for key in keys) in wanted
        return whole.filter(pa.array(~likely.astype(bool)))


def _begun(name: str, table: pa.Table, graph: RiskGraph, notes: list[Any]) -> pa.Table:
    """Let rows that begin later begin by now; say how many do, and how many have ended."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from graphrisk.model.note import Note

    if "from_on" not in table.column_names:
        return table
    day = pa.scalar(graph.as_of, pa.date32())
    later = pc.fill_null(pc.greater(table["from_on"], day), False)
    many = pc.sum(later).as_py() or 0
    if many:
        at = table.column_names.index("from_on")
        table = table.set_column(at, table.schema.field(at), pc.if_else(later, day, table["from_on"]))
        notes.append(
            Note(
                "proposed_rows_begin_later",
                f"{many:,} proposed rows of {name} begin after {graph.as_of}: they count as if they held on it.",
                f"{name} 中有 {many:,} 行拟议合同的起始日晚于 {graph.as_of}：按当日已生效计。",
            )
        )
    ended = pc.sum(pc.fill_null(pc.less_equal(table["to_on"], day), False)).as_py() or 0
    if ended:
        notes.append(
            Note(
                "proposed_rows_ended",
                f"{ended:,} proposed rows of {name} ended by {graph.as_of}: they have no effect.",
                f"{name} 中有 {ended:,} 行拟议合同在 {graph.as_of} 前已终止：没有影响。",
                severity="warning",
            )
        )
    return table


def _check(rows: Mapping[str, pa.Table], whole: _Whole, graph: RiskGraph, base: str | None) -> None:
    """Refuse the proposal where a row breaks a rule of the data model beside what is stored.

    Looked at are the proposed rows, the nodes that they name, and the contracts of the facilities that they name.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from graphrisk.model.catalog import CATALOG
    from graphrisk.model.check import check_tables, declared_columns
    from graphrisk.model.rejects import values_of

    beside: dict[str, pa.Table] = {"fx": whole.table("fx")}
    named = dict(rows)
    for name in _OF_FACILITY:
        ids = _named(rows, "facilities")
        if ids and whole.table(name).num_rows:
            others = whole.without(name, rows[name]) if name in rows else whole.table(name)
            beside[name] = others.filter(pc.is_in(others["facility_id"], value_set=pa.array(ids, pa.string())))
            named[f"beside {name}"] = beside[name]
    for target in reversed(_NODES):  # facilities and assets name parties
        ids = _named(named, target)
        others = whole.without(target, rows[target]) if target in rows else whole.table(target)
        key = CATALOG[target].key[0]
        beside[target] = others.filter(pc.is_in(others[key], value_set=pa.array(ids, pa.string())))
        named[f"beside {target}"] = beside[target]
    tables: dict[str, pa.Table] = {}
    settled: dict[str, int] = {}
    for name, declared in CATALOG.items():
        parts = [declared_columns(name, one[name]) for one in (beside, rows) if name in one]
        if parts:
            tables[name] = pa.concat_tables([part.cast(declared.schema) for part in parts])
            settled[name] = beside[name].num_rows if name in beside else 0
    checked = check_tables(tables, as_of=graph.as_of, configured_base=base, settled=settled)
    faults = []
    for reject in checked.rejects:
        for row in reject.rows.tolist():
            names = list(CATALOG[reject.table].key or CATALOG[reject.table].names[:2])
            said = values_of(tables[reject.table], row, [*names, *(c for c in reject.columns if c not in names)])
            faults.append(f"{reject.table} ({said}): {reject.reason}")
    if faults:
        more = f"; and {len(faults) - 5:,} more" if len(faults) > 5 else ""
        raise DataError(
            f"{len(faults):,} proposed row{'s do' if len(faults) > 1 else ' does'} not stand beside the book: "
            f"{'; '.join(faults[:5])}{more}",
            hint="correct them, or put the rows that they name into the same folder",
        )


def _named(tables: Mapping[str, pa.Table], target: str) -> list[str]:
    """Return the ids of a node table that rows name."""
    from graphrisk.model.catalog import CATALOG

    found: set[str] = set()
    for name, table in tables.items():
        for column in CATALOG[name.removeprefix("beside ")].columns:
            if column.references == target and column.name in table.column_names:
                found.update(one for one in table[column.name].to_pylist() if one is not None)
    return sorted(found)


def _joined(name: str, others: pa.Table, rows: pa.Table) -> pa.Table:
    """Return a stored table with the proposed rows behind it, and keys for all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from graphrisk.model.catalog import CATALOG
    from graphrisk.model.check import declared_columns
    from graphrisk.model.digest import row_keys

    declared = CATALOG[name]
    parts = [declared_columns(name, one).cast(declared.schema) for one in (others, rows)]
    if declared.key or "row_key" not in others.column_names:
        return pa.concat_tables(parts)
    fresh = row_keys(parts[1], declared.names)
    if pc.any(pc.is_in(fresh, value_set=others["row_key"].combine_chunks())).as_py():
        return pa.concat_tables(parts)  # the same values again: all keys are counted anew
    keyed = zip(parts, (others["row_key"], fresh), strict=True)
    return pa.concat_tables([part.append_column("row_key", keys.cast(pa.string())) for part, keys in keyed])


def _content(table: pa.Table) -> str:
    from graphrisk.model.digest import row_hashes

    return hashlib.sha256(b"".join(part.tobytes() for part in row_hashes(table, table.column_names))).hexdigest()[:16]


def _as_notes(notes: list[Any]) -> tuple[Any, ...]:
    from graphrisk.model.note import as_notes

    return tuple(as_notes(tuple(notes)))
