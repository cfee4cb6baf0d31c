"""What stores say of a snapshot, and how they find one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.errors import StoreError, UsageError, nearest
from graphrisk.model.catalog import CATALOG
from graphrisk.model.content import ContentSums, stored_schema
from graphrisk.model.currency import decided_currency
from graphrisk.model.table import Table
from graphrisk.stores.base import SnapshotInfo, Store

if TYPE_CHECKING:
    import pandas as pd


def describe(sums: ContentSums, snapshot: str, as_of: date) -> SnapshotInfo:
    """Return what is known of a snapshot whose content comes to this."""
    fingerprint, digest = sums.digests()
    return SnapshotInfo(
        id=snapshot,
        as_of=as_of,
        fingerprint=fingerprint,
        rows=sums.rows,
        loaders=sums.loaders,
        base_currency=decided_currency(sums.currencies),
        content=digest,
    )


def listing(held: Sequence[SnapshotInfo]) -> pd.DataFrame:
    """Return snapshots as a DataFrame, a row each, in their order."""
    import pandas as pd

    rows = {
        "snapshot": pd.Series([info.id for info in held], dtype="str"),
        "as_of": pd.Series(pd.to_datetime([info.as_of for info in held])).astype("datetime64[s]"),
        "fingerprint": pd.Series([info.fingerprint for info in held], dtype="str"),
        "loaders": pd.Series([" ".join(info.loaders) for info in held], dtype="str"),
        "rows": pd.Series([sum(info.rows.values()) for info in held], dtype="Int64"),
        "base_currency": pd.Series([info.base_currency for info in held], dtype="str"),
        "trouble": pd.Series([info.trouble for info in held], dtype="str"),
    }
    return pd.DataFrame(rows)


def chosen_columns(declared: Table, columns: Sequence[str] | None) -> list[str]:
    """Return the columns to read, all of them by default; UsageError naming the nearest for an unknown one."""
    known = stored_schema(declared).names
    for name in columns or ():
        if name not in known:
            raise UsageError(f"table {declared.name} has no column {name!r}", hint=nearest(name, known))
    return list(known if columns is None else columns)


def find_snapshot(held: Sequence[SnapshotInfo], snapshot: str | None, store: str) -> SnapshotInfo:
    """Return the snapshot called `snapshot` (None = the latest of all); StoreError where there is none."""
    if not held:
        raise StoreError("no snapshot", hint="load data first: graphrisk load LOADER FILES...", where=store)
    if snapshot is None:
        return held[-1]
    for info in held:
        if info.id == snapshot:
            return info
    raise StoreError(
        f"no snapshot is called {snapshot!r}", hint=nearest(snapshot, [info.id for info in held]), where=store
    )


def known_ids(held: Sequence[SnapshotInfo], ids: Sequence[str]) -> Sequence[str]:
    """Return ids of snapshots; UsageError for one that is not there."""
    known = [info.id for info in held]
    for one in ids:
        if one not in known:
            raise UsageError(f"no snapshot has the id {one!r}", hint=nearest(one, known))
    return ids


def whole_tables(store: Store, snapshot: str) -> dict[str, pa.Table]:
    """Return every canonical table of a snapshot, with the BOOKKEEPING columns."""
    return {name: store.table(name, snapshot) for name in CATALOG}


def data_tables(store: Store, snapshot: str) -> Mapping[str, Any]:
    """Return the canonical tables without what stores add, but for the keys of rows that have none of their own.

    Of a store that can, they are opened: a column is read when it is asked for.
    """
    wanted = {name: [*table.names, *(() if table.key else ("row_key",))] for name, table in CATALOG.items()}
    opened = getattr(store, "opened", None)
    if opened is not None:
        tables: Mapping[str, Any] = opened(wanted, snapshot)
        return tables
    return {name: store.table(name, snapshot, columns=columns) for name, columns in wanted.items()}
