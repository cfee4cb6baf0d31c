"""Keeps beside the snapshots what the loads rejected, so that nobody takes what is left for the whole book."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from graphrisk.errors import DataError, StoreError
from graphrisk.model.catalog import CATALOG
from graphrisk.model.loads import PastLoad, after_load, telling
from graphrisk.model.note import Note
from graphrisk.progress import Progress, silent
from graphrisk.stores.base import SnapshotInfo, Store, choose_snapshot


def remember(store: Store, load: PastLoad) -> tuple[str, ...]:
    """Keep what became of a load, in place of what is out of date; return a note where that was not possible."""
    try:
        days = {info.as_of for info in store.snapshots()}
        store.remember(after_load(_past(store), load, days))
    except StoreError as error:
        said = "; what it rejected will not be shown by check" if load.rejected or load.refused else ""
        return (f"the load could not be remembered ({error.message}){said}",)
    return ()


@contextmanager
def remembering(store: Store) -> Iterator[None]:
    """Remember a load that is refused in this block as refused."""
    try:
        yield
    except DataError as error:
        report: Any = getattr(error, "report", None)  # a LoadRefused: it says how far the load came
        if report is not None:
            remember(store, report.past())
        raise


def concerning(store: Store, day: date) -> tuple[PastLoad, ...]:
    """Return what past loads rejected of the data of the snapshot of `day`, and loads that were refused."""
    past = _past(store)
    return telling(past, day, {info.as_of for info in store.snapshots()}) if past else ()


def forgotten(store: Store) -> tuple[Note, ...]:
    """Return a warning where what past loads rejected cannot be read; nothing otherwise. It stops no analysis."""
    try:
        store.loads()
    except StoreError as error:
        where = f"{error.where} {error.message}; {error.hint}"
        text, chinese = f"what past loads rejected is not known: {where}", f"以往装载所拒收的内容无法得知：{where}"
        return (Note("loads_unreadable", text, chinese, severity="warning"),)
    return ()


def last_loads(store: Store) -> list[PastLoad]:
    """Return the last load of each loader, by name."""
    last = {load.loader: load for load in store.loads()}
    return [last[name] for name in sorted(last)]


def never_taken(store: Store) -> tuple[PastLoad, ...]:
    """Return the loads that were refused where no load was ever taken; nothing otherwise."""
    return tuple(load for load in _past(store) if load.refused) if not store.snapshots() else ()


def chosen_snapshot(store: Store, as_of: date | None) -> SnapshotInfo:
    """Return the latest snapshot on or before `as_of` (None = the latest of all).

    Raises StoreError where there is none; where no load was taken yet it says why the last one was not.
    """
    refused = never_taken(store)
    if refused:
        hint = "correct it and load again; graphrisk check shows what was rejected"
        raise StoreError(f"no snapshot: {refused[-1].sentence()}", hint=hint, where=store.url)
    return choose_snapshot(store.snapshots(), as_of, store.url)


def copy_snapshot(store: Store, other: Store, info: SnapshotInfo, progress: Progress = silent) -> str:
    """Copy a snapshot, and what was rejected of its data, from one store into another; return its id there."""
    copied = other.load({name: store.table(name, info.id) for name in CATALOG}, as_of=info.as_of, progress=progress)
    for load in concerning(store, info.as_of):
        if load.as_of == info.as_of and not load.refused:
            remember(other, load)
    return copied


def _past(store: Store) -> tuple[PastLoad, ...]:
    """Return what is remembered; nothing where it cannot be read: `forgotten` says so, and a load writes it anew."""
    try:
        return store.loads()
    except StoreError:
        return ()
