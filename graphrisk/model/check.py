"""The rules of the data model, checked over all tables at once: what stands, and what is refused with its reason.

Whole columns are checked at a time. A row is refused once, for the first rule it breaks, in this order: its own
values, its currency, its key, the rows it refers to, the rows it stands beside. Tables are taken in the order of the
catalog, so that a row that refers to a refused one is refused too. Which further rules a refused row breaks is told
by `graphrisk.model.faults`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.model.catalog import CATALOG
from graphrisk.model.co_debtors import check_co_borrowers
from graphrisk.model.currency import base_currency, rates_on
from graphrisk.model.guarantors import check_guarantees
from graphrisk.model.rejects import Reject, brief
from graphrisk.model.sieve import Flags, Sieve, flags, whole
from graphrisk.model.values import check_values


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTables:
    """`tables`: what stands, in the order given. `rejects`: what does not. `base_currency`: None without amounts."""

    tables: Mapping[str, pa.Table]
    rejects: tuple[Reject, ...]
    base_currency: str | None


def check_tables(
    tables: Mapping[str, pa.Table],
    *,
    as_of: date,
    configured_base: str | None = None,
    settled: Mapping[str, int] | None = None,
    refused: Mapping[str, Sequence[tuple[str, pa.Array]]] | None = None,
) -> CheckedTables:
    """Return the rows of canonical `tables` that keep the rules of the data model, and why the others do not.

    Columns beyond the declared ones are kept unread; a declared column that is absent counts as empty. The first
    `settled[table]` rows of a table stood before: where rows break a rule only together, the others are refused.
    `refused[table]` are ids of nodes refused before (with the reason), so that rows that refer to them say why.
    Raises DataError where the tables as a whole cannot be read: an unknown table, a column of the wrong type, no
    base currency.
    """
    sieves = {name: Sieve(CATALOG[name], declared_columns(name, tables[name])) for name in CATALOG if name in tables}
    unknown = sorted(set(tables) - set(CATALOG))
    if unknown:
        raise DataError(f"no table is called {', '.join(unknown)}", hint=f"known: {', '.join(CATALOG)}")
    for sieve in sieves.values():
        check_values(sieve)
        _check_key(sieve)
    base = _check_currencies(sieves, as_of, configured_base)
    for target in ("parties", "facilities", "collateral"):  # facilities and collateral refer to parties themselves
        _check_references(target, sieves, (refused or {}).get(target, ()))
    if "guarantees" in sieves:
        check_guarantees(sieves["guarantees"], sieves.get("facilities"), as_of, (settled or {}).get("guarantees", 0))
    if "co_borrowers" in sieves:
        check_co_borrowers(sieves["co_borrowers"], as_of)
    for name in ("pledges", "events"):
        if name in sieves:
            _check_unstated_currency(sieves[name], sieves, base)
    return CheckedTables(
        tables={name: sieves[name].standing(tables[name]) for name in sieves},
        rejects=tuple(reject for sieve in sieves.values() for reject in sieve.rejects),
        base_currency=base,
    )


def declared_columns(name: str, table: pa.Table) -> pa.Table:
    """Return the declared columns of `table`, absent ones empty."""
    columns = {}
    for column in CATALOG[name].columns:
        if column.name not in table.column_names:
            columns[column.name] = pa.nulls(table.num_rows, column.arrow_type)
            continue
        given = table[column.name]
        if given.type != column.arrow_type:
            if not (pa.types.is_null(given.type) or pa.types.is_large_string(given.type)):
                raise DataError(
                    f"column {column.name} is of type {given.type}, not {column.arrow_type}",
                    hint="cast it before the check",
                    where=name,
                )
            given = given.cast(column.arrow_type)
        columns[column.name] = whole(given)
    return pa.table(columns)


_MOST_CODES = 2**62
"""Beyond it a number for all columns of a key does not fit."""


def _check_key(sieve: Sieve) -> None:
    """Refuse each row whose business key stood in an earlier row that is not refused, also when the rows are equal."""
    key = sieve.declared.key
    if not key or sieve.rows == 0:
        return
    rows = np.flatnonzero(sieve.alive)
    repeated = np.zeros(sieve.rows, dtype=bool)
    columns = [sieve.column(name) for name in key]
    repeated[rows] = _repeats(columns if len(rows) == sieve.rows else [one.take(pa.array(rows)) for one in columns])
    sieve.refuse(
        repeated,
        f"{' + '.join(key)} repeats an earlier row: {'an id names' if len(key) == 1 else 'such a key names'} one row; "
        "the first was kept, remove or correct the others",
        key,
    )


def _repeats(columns: list[pa.Array]) -> Flags:
    """Return which rows repeat an earlier one in all `columns`."""
    codes, most = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        encoded = column.dictionary_encode()
        many = max(len(encoded.dictionary), 1)
        if most * many >= _MOST_CODES:
            codes, most = np.unique(codes, return_inverse=True)[1], len(codes)
        codes, most = codes * many + encoded.indices.to_numpy(zero_copy_only=False), most * many
    order = np.argsort(codes, kind="stable")  # the first of equal ones first
    in_order = codes[order]
    repeated = np.zeros(len(codes), dtype=bool)
    repeated[order[1:][in_order[1:] == in_order[:-1]]] = True
    return repeated


def _check_currencies(sieves: Mapping[str, Sieve], as_of: date, configured: str | None) -> str | None:
    """Refuse rows in a currency without a rate on the day; return the base currency."""
    standing = {name: sieve.standing(sieve.table) for name, sieve in sieves.items()}
    try:
        base = base_currency(standing, configured)
    except DataError as error:
        raise DataError(error.message, hint=error.hint, where=error.where or _tables_by_currency(standing)) from error
    refuse_unrated(sieves, standing.get("fx"), as_of, base)
    return base


def refuse_unrated(sieves: Mapping[str, Sieve], fx: pa.Table | None, as_of: date, base: str | None) -> None:
    """Refuse rows in a currency for which the rates in `fx` say nothing on the day."""
    known = pa.array(sorted(rates_on(fx, as_of, base)), pa.string())
    has_rates = fx is not None and fx.num_rows > 0
    for name, sieve in sieves.items():
        if name == "fx" or "currency" not in sieve.declared.names:
            continue
        column = sieve.column("currency")
        unrated = flags(pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, value_set=known))))
        if has_rates:
            reason = f"currency has no rate on or before {as_of} in table fx: add the rate (currency, as_of_on, rate)"
        else:
            reason = f"currency is not the base currency {base} and there is no table fx: load one with its rate"
        sieve.refuse(unrated, reason, ("currency",))


def check_rows(tables: Mapping[str, pa.Table]) -> CheckedTables:
    """Return the rows that keep the rules which concern one table alone: values and keys."""
    sieves = {name: Sieve(CATALOG[name], declared_columns(name, table)) for name, table in tables.items()}
    for sieve in sieves.values():
        check_values(sieve)
        _check_key(sieve)
    return CheckedTables(
        tables={name: sieve.standing(tables[name]) for name, sieve in sieves.items()},
        rejects=tuple(reject for sieve in sieves.values() for reject in sieve.rejects),
        base_currency=None,
    )


def _tables_by_currency(tables: Mapping[str, pa.Table]) -> str:
    """Return in words in which tables each currency occurs."""
    found: dict[str, list[str]] = {}
    for name, table in tables.items():
        if "currency" in table.column_names:
            for code in pc.unique(table["currency"]).to_pylist():
                found.setdefault(code, []).append(name)
    return "; ".join(f"{code} in {', '.join(found[code])}" for code in sorted(c for c in found if c))


def _check_references(target: str, sieves: Mapping[str, Sieve], before: Sequence[tuple[str, pa.Array]]) -> None:
    """Refuse rows that refer to a node of table `target` that is not there, or was refused (then with its reason)."""
    node = sieves.get(target)
    ids = pa.array([], pa.string()) if node is None else node.accepted_ids()
    refuse_strangers(target, sieves, ids, (*before, *(node.refused_ids() if node else ())))


def refuse_strangers(
    target: str, sieves: Mapping[str, Sieve], ids: pa.Array, refused: Sequence[tuple[str, pa.Array]]
) -> None:
    """Refuse rows that name a node of table `target` which is none of `ids`; one of `refused` gives its reason."""
    referring = [
        (sieve, column)
        for sieve in sieves.values()
        for column in sieve.declared.columns
        if column.references == target and sieve.column(column.name).null_count < sieve.rows
    ]
    if not referring:
        return
    columns = [sieve.column(column.name) for sieve, column in referring]
    known = flags(pc.is_in(pa.chunked_array(columns), value_set=ids))  # all at once: the ids are hashed once
    thing, begin = _singular(target), 0
    for (sieve, column), given in zip(referring, columns, strict=True):
        missing = flags(pc.is_valid(given)) & ~known[begin : begin + sieve.rows]
        missing &= sieve.alive | sieve.every
        begin += sieve.rows
        if not missing.any():
            continue
        for reason, names in refused:
            through = flags(pc.is_in(given, value_set=names)) & missing
            said = f"{column.name} names a {thing} that was rejected ({brief(reason)})"
            sieve.refuse(through, said, (column.name,))
            missing &= ~through
        sieve.refuse(
            missing,
            f"{column.name} names no {thing} that is loaded: add it to {target} or correct the id",
            (column.name,),
        )


def _singular(table: str) -> str:
    return {"parties": "party", "facilities": "facility", "collateral": "collateral"}.get(table, table)


def _check_unstated_currency(sieve: Sieve, sieves: Mapping[str, Sieve], base: str | None) -> None:
    """Refuse an amount without a currency where the data leaves a doubt which one is meant.

    No currency means the base currency: for a pledge beyond doubt only if its facility and asset are in it, for an
    event only if all amounts are.
    """
    amount = "allocated_amount" if sieve.name == "pledges" else "amount"
    unstated = flags(pc.and_(pc.is_valid(sieve.column(amount)), pc.is_null(sieve.column("currency"))))
    if not unstated.any():
        return
    if sieve.name == "pledges":
        foreign = np.zeros(sieve.rows, dtype=bool)
        for end, key in (("facilities", "facility_id"), ("collateral", "collateral_id")):
            node = sieves[end]
            other = node.column(key).filter(pc.not_equal(node.column("currency"), pa.scalar(base, pa.string())))
            foreign |= flags(pc.is_in(sieve.column(key), value_set=other))
        reason = f"{amount} has no currency, and its facility or asset is not in {base}: fill in the column currency"
    else:
        said = {v for s in sieves.values() if "currency" in s.declared.names and s.name != "fx" for v in s.currencies()}
        foreign = np.full(sieve.rows, bool(said - {base}))
        reason = f"{amount} has no currency, and the data holds several: fill in the column currency"
    sieve.refuse(unstated & foreign, reason, (amount, "currency"))
