"""From stored tables to a RiskGraph: what holds on the day, in key order, in base currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.graph.tables import ColumnSource, HeldTable, HeldTables, RecentColumns
from graphrisk.model.catalog import CATALOG
from graphrisk.model.chinese import table_zh
from graphrisk.model.content import is_ordered
from graphrisk.model.currency import base_currency, rates_on
from graphrisk.model.digest import fingerprint, row_keys
from graphrisk.model.loads import PastLoad
from graphrisk.model.note import Note
from graphrisk.model.table import Table

_OBSERVED_ON = {
    "fund_flows": "paid_on",
    "financials": "period_end_on",
    "behaviour": "month_on",
    "events": "occurred_on",
    "ratings": "as_of_on",
    "relationship": "as_of_on",
    "fx": "as_of_on",
}


def build_graph(
    tables: Mapping[str, pa.Table | ColumnSource],
    *,
    as_of: date,
    configured_base: str | None = None,
    snapshot: str = "",
    digest: str | None = None,
    loads: Sequence[PastLoad] = (),
    settings: Mapping[str, str | None] | None = None,
    read_places: Callable[[str], pa.Table] | None = None,
) -> RiskGraph:
    """Return the graph of `tables` (canonical, checked) as of a day; a ColumnSource is read as it is used.

    `digest` is the fingerprint if it is known already, `loads` what past loads rejected of the data, `settings` what
    else of the project answers depend on, `read_places` reads where the rows of a table were read. Raises DataError
    where an amount has no rate or no base currency is decided.
    """
    notes: list[Note] = []
    given = {name: _given(CATALOG[name], tables.get(name)) for name in CATALOG}
    fx = given["fx"].select(list(CATALOG["fx"].names))
    base = _base(given, fx, configured_base)
    rates = rates_on(fx, as_of, base)
    kept: dict[str, pa.Table | HeldTable] = {}
    recent = RecentColumns()
    for name, source in given.items():
        held = _prepared(CATALOG[name], source, as_of, HeldTables(kept), rates, base, notes, recent)
        kept[name] = held.whole() if isinstance(source, pa.Table) else held
    return RiskGraph(
        as_of=as_of,
        base_currency=base,
        snapshot=snapshot,
        fingerprint=digest or fingerprint({name: one.select(one.column_names) for name, one in given.items()}),
        tables=HeldTables(kept),
        notes=tuple(notes),
        loads=tuple(loads),
        settings={**(settings or {}), "base_currency": base},
        read_places=read_places,
    )


def prepare_table(
    declared: Table,
    table: pa.Table,
    as_of: date,
    kept: HeldTables,
    rates: Mapping[str, float],
    base: str | None,
    notes: list[Note],
) -> pa.Table:
    """Return a table as a graph holds it: what holds on the day, linked to the tables `kept`, in key and base currency.

    `notes` gets what was left out. Raises DataError where an amount has no rate.
    """
    return _prepared(declared, _conform(declared, table), as_of, kept, rates, base, notes, RecentColumns()).whole()


def _given(declared: Table, table: pa.Table | ColumnSource | None) -> pa.Table | ColumnSource:
    return _conform(declared, table) if table is None or isinstance(table, pa.Table) else table


def _base(given: Mapping[str, pa.Table | ColumnSource], fx: pa.Table, configured: str | None) -> str | None:
    """Return the base currency; the currencies of all tables are read only where nothing else decides."""
    said = {"fx": fx}
    if not configured and not fx.num_rows:
        said |= {name: one.select(["currency"]) for name, one in given.items() if "currency" in one.column_names}
    return base_currency(said, configured)


def _prepared(
    declared: Table,
    source: pa.Table | ColumnSource,
    as_of: date,
    kept: HeldTables,
    rates: Mapping[str, float],
    base: str | None,
    notes: list[Note],
    recent: RecentColumns,
) -> HeldTable:
    keep = _holding(declared, source, as_of, notes)
    keep = _linked(declared, source, keep, kept, notes)
    factor = _factor(declared, source, keep, rates, base)
    return HeldTable(declared=declared, source=source, keep=keep, factor=factor, base=base, recent=recent)


def _conform(declared: Table, table: pa.Table | None) -> pa.Table:
    """Return the declared columns, cast, in key order; a missing column is all null.

    Rows of a table without a key have one in `row_key`; elsewhere it would say the key again.
    """
    if table is None:
        table = declared.schema.empty_table()
    columns = {
        column.name: table[column.name].cast(column.arrow_type)
        if column.name in table.column_names
        else pa.nulls(table.num_rows, column.arrow_type)
        for column in declared.columns
    }
    whole = pa.table(columns)
    if not declared.key:
        held = "row_key" in table.column_names
        keys = table["row_key"].cast(pa.string()) if held else row_keys(whole, declared.names)
        whole = whole.append_column("row_key", keys)
    order = declared.key or ("row_key",)
    if is_ordered(whole, order):  # a store's tables are: no copy then
        return whole
    return whole.sort_by([(name, "ascending") for name in order])


def _holding(declared: Table, source: pa.Table | ColumnSource, as_of: date, notes: list[Note]) -> pa.Array | None:
    """Return which rows hold on `as_of`, None where all do; say how many do not."""
    if source.num_rows == 0:
        return None
    day = pa.scalar(as_of, pa.date32())
    true = pa.scalar(True)
    if "from_on" in declared.names:
        table = source.select(["from_on", "to_on"])
        begun = pc.fill_null(pc.less_equal(table["from_on"], day), true)
        open_ = pc.fill_null(pc.less(day, table["to_on"]), true)
        keep = pc.and_(begun, open_)
        reason = (f"do not hold on {as_of}", f"在 {as_of} 不生效")
    elif declared.name in _OBSERVED_ON:
        observed = _OBSERVED_ON[declared.name]
        keep = pc.less_equal(source.select([observed])[observed], day)
        reason = (f"are later than {as_of}", f"晚于 {as_of}")
    elif declared.name == "facilities":
        table = source.select(["outstanding", "maturity_on"])
        repaid = pc.and_(
            pc.equal(table["outstanding"], 0.0),
            pc.fill_null(pc.less_equal(table["maturity_on"], day), pa.scalar(False)),
        )
        keep = pc.invert(repaid)
        reason = ("are past maturity with nothing outstanding", "已到期且无余额")
    else:
        return None
    return _keep(declared.name, None, keep, reason, notes)


def _linked(
    declared: Table, source: pa.Table | ColumnSource, kept: pa.Array | None, others: HeldTables, notes: list[Note]
) -> pa.Array | None:
    """Leave out rows, of those `kept`, whose facility was left out."""
    if declared.name in ("facilities", "events", "fund_flows") or "facility_id" not in declared.names:
        return kept
    given = source.select(["facility_id"])["facility_id"]
    known = pc.is_in(given, value_set=others.column("facilities", "facility_id").combine_chunks())
    keep = pc.or_(known, pc.is_null(given))
    return _keep(declared.name, kept, keep, ("belong to a facility left out", "所属融资已被剔除"), notes)


def _keep(
    name: str, kept: pa.Array | None, keep: pa.ChunkedArray, reason: tuple[str, str], notes: list[Note]
) -> pa.Array | None:
    """Return which of the rows `kept` (None: all) stay; a note says how many do not, None that all rows do."""
    of = len(keep) if kept is None else int(pc.sum(kept).as_py() or 0)
    both = keep if kept is None else pc.and_(kept, keep)
    many = of - int(pc.sum(both).as_py() or 0)
    if not many:
        return kept
    notes.append(
        Note(
            f"{name}_left_out",
            f"{name}: {many:,} of {of:,} rows left out: they {reason[0]}",
            f"{table_zh(name)}表：{of:,} 行中有 {many:,} 行未计入：{reason[1]}",
        )
    )
    return both


def _factor(
    declared: Table,
    source: pa.Table | ColumnSource,
    keep: pa.Array | None,
    rates: Mapping[str, float],
    base: str | None,
) -> pa.Array | None:
    """Return by what the amounts of each row kept are multiplied, None where all are in base currency.

    Refuses a currency without a rate.
    """
    if not declared.money or "currency" not in declared.names or source.num_rows == 0:
        return None
    given = source.select(["currency"])["currency"]
    currencies = (given if keep is None else given.filter(keep)).combine_chunks().dictionary_encode()
    names = currencies.dictionary.to_pylist()
    missing = sorted(name for name in names if name not in rates)
    if missing:
        raise DataError(
            f"no exchange rate for {', '.join(missing)} on or before the as-of date",
            hint="add it to table fx (currency, as_of_on, rate) and load again",
            where=declared.name,
        )
    if names == [base] or not len(currencies):
        return None
    factors = np.array([rates[name] for name in names] + [1.0])  # no currency stated: base
    return pa.array(factors[currencies.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)])
