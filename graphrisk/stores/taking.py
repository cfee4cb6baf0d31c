"""Takes what a load brought into a store: the union is written, and what the load rejected is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from graphrisk.errors import StoreError
from graphrisk.model.loads import PastLoad
from graphrisk.progress import Progress
from graphrisk.stores.base import SnapshotInfo, Store
from graphrisk.stores.memory import remember


def take_load(
    store: Store, tables: Mapping[str, pa.Table], load: PastLoad, before: Sequence[SnapshotInfo], progress: Progress
) -> tuple[SnapshotInfo, tuple[str, ...]]:
    """Write the union `tables` of what stood `before` and what a load brought; return what it is now, and notes.

    Raises StoreError where another process loaded since `before` was read.
    """
    if [info.id for info in store.snapshots()] != [info.id for info in before]:
        raise StoreError(
            "another process loaded meanwhile, so the union would lack what it brought",
            where=store.url,
            hint="run the load again: nothing was changed",
        )
    snapshot = store.load(tables, as_of=load.as_of, progress=progress)
    left = {info.id: info for info in store.snapshots()}
    gone = [info.id for info in before if info.id not in left and info.as_of != load.as_of]
    return left[snapshot], (*remember(store, load), *(f"{one} is gone: this store holds one snapshot" for one in gone))
