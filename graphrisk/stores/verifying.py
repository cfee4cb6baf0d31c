"""Whether a snapshot is whole: every table is read, and what was read is held against what was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG
from graphrisk.model.content import digests_of
from graphrisk.stores.base import SnapshotInfo, Store
from graphrisk.stores.content import known_ids


def faults_of(store: Store, info: SnapshotInfo) -> list[str]:
    """Return what is wrong with a snapshot, each in a line; nothing where it is whole."""
    if info.trouble:
        return [info.trouble]
    faults, tables = [], {}
    for name in CATALOG:
        try:
            tables[name] = store.table(name, info.id)
        except StoreError as error:
            faults.append(f"{name}: {error.message}" if name not in error.where else f"{error.where}: {error.message}")
    if not faults and info.content:
        fingerprint, content = digests_of(tables)
        if (fingerprint, content) != (info.fingerprint, info.content):
            faults.append("what is in it is not what was written")
    return faults


def verified(store: Store, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return for each snapshot (no ids = all) whether it is whole, and its faults; then what lies beside them."""
    rows = []
    held = store.snapshots()
    known_ids(held, ids)
    for info in held:
        if info.id in ids or not ids:
            faults = faults_of(store, info)
            rows.append({"snapshot": info.id, "as_of": info.as_of.isoformat(), "whole": not faults, "faults": faults})
    if not ids and (beside := store.beside()):
        rows.append({"snapshot": None, "as_of": None, "whole": False, "faults": beside})
    return rows
