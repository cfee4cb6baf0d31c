"""From stored tables to a RiskGraph: what holds on the day, in key order, in base currency."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.graph.riskgraph import RiskGraph
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
    tables: Mapping[str, pa.Table],
    *,
    as_of: date,
    configured_base: str | None = None,
    snapshot: str = "",
    digest: str | None = None,
    loads: Sequence[PastLoad] = (),
    settings: Mapping[str, str | None] | None = None,
    read_places: Callable[[str], pa.Table] | None = None,
) -> RiskGraph:
    """Return the graph of `tables` (canonical, checked) as of a day.

    `digest` is the fingerprint if it is known already, `loads` what past loads rejected of the data, `settings` what
    else of the project answers depend on, `read_places` reads where the rows of a table were read. Raises DataError
    where an amount has no rate or no base currency is decided.
    """
    notes: list[Note] = []
    given = {name: _conform(CATALOG[name], tables.get(name)) for name in CATALOG}
    base = base_currency(given, configured_base)
    rates = rates_on(given["fx"], as_of, base)
    kept: dict[str, pa.Table] = {}
    for name, table in given.items():
        kept[name] = _prepared(CATALOG[name], table, as_of, kept, rates, base, notes)
    return RiskGraph(
        as_of=as_of,
        base_currency=base,
        snapshot=snapshot,
        fingerprint=digest or fingerprint(given),
        tables=kept,
        notes=tuple(notes),
        loads=tuple(loads),
        settings={**(settings or {}), "base_currency": base},
        read_places=read_places,
    )


def prepare_table(
    declared: Table,
    table: pa.Table,
    as_of: date,
    kept: Mapping[str, pa.Table],
    rates: Mapping[str, float],
    base: str | None,
    notes: list[Note],
) -> pa.Table:
    """Return a table as a graph holds it: what holds on the day, linked to the tables `kept`, in key and base currency.

    `notes` gets what was left out. Raises DataError where an amount has no rate.
    """
    return _prepared(declared, _conform(declared, table), as_of, kept, rates, base, notes)


def _prepared(
    declared: Table,
    table: pa.Table,
    as_of: date,
    kept: Mapping[str, pa.Table],
    rates: Mapping[str, float],
    base: str | None,
    notes: list[Note],
) -> pa.Table:
    table = _holding(declared, table, as_of, notes)
    table = _linked(declared, table, kept, notes)
    return _in_base(declared, table, rates, base)


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


def _holding(declared: Table, table: pa.Table, as_of: date, notes: list[Note]) -> pa.Table:
    """Keep the rows that hold on `as_of`; say how many do not."""
    if table.num_rows == 0:
        return table
    day = pa.scalar(as_of, pa.date32())
    true = pa.scalar(True)
    if "from_on" in declared.names:
        begun = pc.fill_null(pc.less_equal(table["from_on"], day), true)
        open_ = pc.fill_null(pc.less(day, table["to_on"]), true)
        keep = pc.and_(begun, open_)
        reason = (f"do not hold on {as_of}", f"在 {as_of} 不生效")
    elif declared.name in _OBSERVED_ON:
        keep = pc.less_equal(table[_OBSERVED_ON[declared.name]], day)
        reason = (f"are later than {as_of}", f"晚于 {as_of}")
    elif declared.name == "facilities":
        repaid = pc.and_(
            pc.equal(table["outstanding"], 0.0),
            pc.fill_null(pc.less_equal(table["maturity_on"], day), pa.scalar(False)),
        )
        keep = pc.invert(repaid)
        reason = ("are past maturity with nothing outstanding", "已到期且无余额")
    else:
        return table
    return _keep(declared.name, table, keep, reason, notes)


def _linked(declared: Table, table: pa.Table, kept: Mapping[str, pa.Table], notes: list[Note]) -> pa.Table:
    """Leave out rows whose facility was left out."""
    if declared.name in ("facilities", "events", "fund_flows") or "facility_id" not in declared.names:
        return table
    known = pc.is_in(table["facility_id"], value_set=kept["facilities"]["facility_id"].combine_chunks())
    keep = pc.or_(known, pc.is_null(table["facility_id"]))
    return _keep(declared.name, table, keep, ("belong to a facility left out", "所属融资已被剔除"), notes)


def _keep(name: str, table: pa.Table, keep: pa.Array, reason: tuple[str, str], notes: list[Note]) -> pa.Table:
    if not table.num_rows or pc.all(keep, skip_nulls=False).as_py():
        return table  # no copy
    left = table.filter(keep)
    many, of = table.num_rows - left.num_rows, table.num_rows
    notes.append(
        Note(
            f"{name}_left_out",
            f"{name}: {many:,} of {of:,} rows left out: they {reason[0]}",
            f"{table_zh(name)}表：{of:,} 行中有 {many:,} 行未计入：{reason[1]}",
        )
    )
    return left


def _in_base(declared: Table, table: pa.Table, rates: Mapping[str, float], base: str | None) -> pa.Table:
    """Convert the amounts to base currency; refuse a currency without a rate."""
    if not declared.money or "currency" not in declared.names or table.num_rows == 0:
        return table
    currencies = table["currency"].combine_chunks().dictionary_encode()
    names = currencies.dictionary.to_pylist()
    missing = sorted(name for name in names if name not in rates)
    if missing:
        raise DataError(
            f"no exchange rate for {', '.join(missing)} on or before the as-of date",
            hint="add it to table fx (currency, as_of_on, rate) and load again",
            where=declared.name,
        )
    if names == [base]:
        return table
    factors = np.array([rates[name] for name in names] + [1.0])  # no currency stated: base
    factor = pa.array(factors[currencies.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)])
    for column in declared.money:
        at = table.column_names.index(column)
        table = table.set_column(at, column, pc.multiply(table[column], factor))
    at = table.column_names.index("currency")
    stated = pc.if_else(pc.is_valid(table["currency"]), pa.scalar(base, pa.string()), pa.scalar(None, pa.string()))
    return table.set_column(at, "currency", stated)  # a missing currency stays missing, so that quality can see it
