"""All that is wrong with rows that were refused: so that a source is corrected once, not once for each fault.

A row stands or falls by the first rule it breaks (`graphrisk.model.check`). Here the refused rows are held against the
other rules: those of one row alone, and against the rows that stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.catalog import CATALOG
from graphrisk.model.check import declared_columns, refuse_strangers, refuse_unrated
from graphrisk.model.co_debtors import refuse_shareless
from graphrisk.model.guarantors import refuse_other_debtors
from graphrisk.model.merge import joined_keys
from graphrisk.model.rejects import Reject
from graphrisk.model.sieve import Sieve, flags, whole
from graphrisk.model.values import check_values


def faults_of(
    refused: Mapping[str, pa.Table],
    standing: Mapping[str, pa.Table],
    *,
    as_of: date,
    base_currency: str | None,
    nodes: Mapping[str, Sequence[tuple[str, pa.Array]]],
) -> tuple[Reject, ...]:
    """Return every fault of the rows in `refused` (tables of refused rows), by their positions there.

    `standing` are the tables that stand; `nodes[table]` the ids of refused nodes with the reason. A value that could
    not be read is null in `refused` and shows as empty: who knows better leaves that fault out.
    """
    sieves = {
        name: Sieve(CATALOG[name], declared_columns(name, table), every=True)
        for name, table in refused.items()
        if table.num_rows
    }
    for sieve in sieves.values():
        check_values(sieve)
        _check_key(sieve, standing.get(sieve.name))
    if base_currency is not None:
        refuse_unrated(sieves, standing.get("fx"), as_of, base_currency)
    for target in ("parties", "facilities", "collateral"):
        refuse_strangers(target, sieves, _column(standing, target, CATALOG[target].key[0]), nodes.get(target, ()))
    if "guarantees" in sieves:
        ids, borrowers = (_column(standing, "facilities", name) for name in ("facility_id", "borrower_id"))
        refuse_other_debtors(sieves["guarantees"], ids, borrowers)
    if "co_borrowers" in sieves:
        refuse_shareless(sieves["co_borrowers"])
    return tuple(reject for sieve in sieves.values() for reject in sieve.rejects)


def _check_key(sieve: Sieve, standing: pa.Table | None) -> None:
    key = sieve.declared.key
    if not key or standing is None or standing.num_rows == 0:
        return
    given = sieve.table
    whole_key = np.logical_and.reduce([flags(pc.is_valid(sieve.column(name))) for name in key])
    known = flags(pc.is_in(joined_keys(sieve.declared, given), value_set=whole(joined_keys(sieve.declared, standing))))
    one = "an id names" if len(key) == 1 else "such a key names"
    reason = f"{' + '.join(key)} is that of another row, which was kept: {one} one row, remove or correct one of them"
    sieve.refuse(known & whole_key, reason, key)


def _column(standing: Mapping[str, pa.Table], table: str, name: str) -> pa.Array:
    if table not in standing:
        return pa.array([], pa.string())
    return whole(standing[table][name])
