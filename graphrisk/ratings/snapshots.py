"""Samples from a project's snapshots, and ratings written back into them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.config import Config, read_config
from graphrisk.errors import DataError, StoreError, UsageError, without_password
from graphrisk.model.note import Note

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.rating.sheet import Sheet
    from graphrisk.stores.base import SnapshotInfo, Store

_SLACK = timedelta(days=31)
"""Days that the last known default may lie before the end of the year of outcomes, and the year count as known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A day at which clients are looked at: the snapshot that tells of it, and whether it is rebuilt from a later one.

    `partly`: not the whole year of outcomes after it is known.
    """

    day: date
    snapshot: str
    rebuilt: bool
    partly: bool = False


@contextmanager
def project_store(project: Path, store: str | None) -> Iterator[tuple[Config, Store]]:
    """Open the project's store."""
    from graphrisk.stores.open import open_store

    config = read_config(project, store=store)
    opened = open_store(config.store)
    try:
        yield config, opened
    finally:
        opened.close()


def training_sheet(
    project: Path, store: str | None, as_of: date | None, families: Sequence[str] = ("own", "structure"),
    exclude: Sequence[str] = (),
) -> Sheet:  # fmt: skip
    """Return the clients of the days whose year of outcomes is known: features as known then, default within a year.

    Clients in default on the day are left out. Raises DataError where no day has a year of outcomes after it.
    """
    return joined_sheet(looked_at(project, store, as_of), families, exclude)


def joined_sheet(
    days: Sequence[Seen], families: Sequence[str] = ("own", "structure"), exclude: Sequence[str] = ()
) -> Sheet:
    """Return the clients of the days seen as one sheet, with what came."""
    return _joined([_clients(one, families) for one in days], [note for one in days for note in told(one)], exclude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A day as it was known: its graph, rows not yet known, all defaults that are known now, until when they are."""

    observed: Observed
    graph: RiskGraph
    later: Mapping[str, int]
    defaults: Any
    until: date


def looked_at(project: Path, store: str | None, as_of: date | None, *, quarters: bool = False) -> list[Seen]:
    """Return the days whose year of outcomes is known. Raises DataError where there is none.

    With `quarters` those a quarter apart whose quarter of outcomes is known; none where they are few.
    """
    import pyarrow.compute as pc

    from graphrisk.rating.outcomes import default_days
    from graphrisk.ratings.network_rows import observed_quarters

    with project_store(project, store) as (config, opened):
        held = [info for info in opened.snapshots() if not info.trouble]
        if not held:
            raise StoreError(
                "no snapshot", hint="load data first, or name a file with --data", where=without_password(config.store)
            )
        defaults = default_days(opened.table("events", held[-1].id))
        last = pc.max(defaults["occurred_on"]).as_py()
        until = max(held[-1].as_of, last) if last is not None else held[-1].as_of
        found = []
        days = observed_quarters(held, until, as_of) if quarters else observed_days(held, until, last, as_of)
        for one in days:
            graph, later = graph_on(opened, config, one)
            found.append(Seen(observed=one, graph=graph, later=later, defaults=defaults, until=until))
        return found


def observed_days(
    held: Sequence[SnapshotInfo], until: date, last_default: date | None, as_of: date | None
) -> list[Observed]:
    """Return the days to learn from, the latest first, at least a year apart.

    Days of snapshots whose year of outcomes is known come first; else a snapshot with defaults after it; else the day a
    year before the last, rebuilt from the earliest snapshot. `as_of` names one day. Raises DataError.
    """
    from graphrisk.rating.features.days import a_year_before, a_year_later

    by_day = {info.as_of: info.id for info in held}
    if as_of is not None:
        fitting = [day for day in by_day if day <= as_of]
        day = max(fitting) if fitting else as_of
        full = a_year_later(day) - _SLACK <= until
        if not full and (last_default is None or last_default <= day):
            raise DataError(
                f"no default after {day} is known: its year ends on {a_year_later(day)}, the data on {until}",
                hint=f"--as-of {a_year_before(until)} or earlier",
            )
        snapshot = by_day[day] if fitting else held[0].id
        return [Observed(day=day, snapshot=snapshot, rebuilt=not fitting, partly=not full)]
    full_days = sorted((day for day in by_day if a_year_later(day) - _SLACK <= until), reverse=True)
    found: list[Observed] = []
    for day in full_days:
        if not found or a_year_later(day) <= found[-1].day:
            found.append(Observed(day=day, snapshot=by_day[day], rebuilt=False))
    if found:
        return found
    latest = max(by_day)
    if last_default is not None and last_default > latest:
        return [Observed(day=latest, snapshot=by_day[latest], rebuilt=False, partly=True)]
    return [Observed(day=a_year_before(until), snapshot=held[0].id, rebuilt=True)]


def graph_on(store: Store, config: Config, observed: Observed) -> tuple[RiskGraph, dict[str, int]]:
    """Return the graph of what was known on a day, and how many rows of each table were not yet known."""
    from graphrisk.graph.build import build_graph
    from graphrisk.model.catalog import CATALOG
    from graphrisk.rating.known import known_tables

    stored = {name: store.table(name, observed.snapshot) for name in CATALOG}
    tables, later = known_tables(stored, observed.day, rebuilt=observed.rebuilt)
    graph = build_graph(
        tables, as_of=observed.day, configured_base=config.base_currency, settings=config.of_results
    )  # fmt: skip
    return graph, later


def client_sheet(graph: RiskGraph) -> tuple[Sheet, list[str]]:
    """Return the clients of a graph that are not in default, to be rated, and the ids of those that are."""
    from graphrisk.credit.our_bank import clients as clients_of
    from graphrisk.credit.pd import in_default
    from graphrisk.rating.features import feature_columns
    from graphrisk.rating.sheet import Sheet

    columns = feature_columns(graph)
    ours, down = clients_of(graph), in_default(graph)
    at = np.flatnonzero(ours & ~down)
    sheet = Sheet(
        ids=graph.party_ids[at],
        days=(graph.as_of,) * len(at),
        columns={name: values[at] for name, values in columns.items()},
        bad=None,
        fingerprint=graph.fingerprint,
        source=f"snapshot {graph.snapshot}",
    )
    return sheet, [str(one) for one in graph.party_ids[np.flatnonzero(ours & down)]]


def write_ratings(
    project: Path, store: str | None, snapshot: str, model: str, rows: Sequence[Mapping[str, Any]]
) -> str:
    """Write ratings into a new version of a snapshot's day, in place of the model's earlier ones; return its id.

    Raises UsageError where ratings of a model of this name came from elsewhere.
    """
    import pyarrow as pa

    from graphrisk.model.catalog import CATALOG
    from graphrisk.model.check import check_tables
    from graphrisk.model.merge import merge_tables, with_row_keys

    declared = CATALOG["ratings"]
    new = pa.Table.from_pylist([{name: row.get(name) for name in declared.names} for row in rows], declared.schema)
    with project_store(project, store) as (config, opened), opened.loading():
        opened.recover()
        held = {info.id: info for info in opened.snapshots()}
        info = held[snapshot]
        existing = {name: opened.table(name, info.id) for name in CATALOG}
        merged = merge_tables(existing, {"ratings": new}, f"rate {model}")
        if merged.rejects:
            raise UsageError(
                f"ratings of a model called {model} were loaded already ({merged.rejects[0].reason})",
                hint="train the model under another name",
            )
        checked = check_tables(
            merged.tables, as_of=info.as_of, configured_base=config.base_currency, settled=merged.settled
        )
        if checked.rejects:
            reject = checked.rejects[0]
            raise DataError(f"a row of {reject.table} cannot be written: {reject.reason}")
        whole = {name: with_row_keys(CATALOG[name], table) for name, table in checked.tables.items() if table.num_rows}
        return opened.load(whole, as_of=info.as_of)


def at_risk(seen: Seen, months: int = 12) -> tuple[Any, Any]:
    """Return the positions of the clients not in default on a day, and which default within `months` (both (m,))."""
    from graphrisk.credit.our_bank import clients as clients_of
    from graphrisk.credit.pd import in_default
    from graphrisk.rating.outcomes import defaulted_after, defaulted_before

    graph, one = seen.graph, seen.observed
    ids = graph.party_ids
    already = defaulted_before(seen.defaults, ids, one.day)
    if not one.rebuilt:
        already |= in_default(graph)  # of a later day the status would tell the outcome
    at = np.flatnonzero(clients_of(graph) & ~already)
    return at, defaulted_after(seen.defaults, ids[at], one.day, months).astype(np.float64)


def _clients(seen: Seen, families: Sequence[str]) -> dict[str, Any]:
    from graphrisk.rating.features import feature_columns

    columns = feature_columns(seen.graph, *families)
    at, bad = at_risk(seen)
    return {
        "graph": seen.graph,
        "ids": seen.graph.party_ids[at],
        "days": (seen.observed.day,) * len(at),
        "columns": {name: values[at] for name, values in columns.items()},
        "bad": bad,
    }


def _joined(parts: Sequence[Mapping[str, Any]], notes: Sequence[Note], exclude: Sequence[str]) -> Sheet:
    from graphrisk.errors import nearest
    from graphrisk.rating.sheet import Sheet

    ids = np.concatenate([part["ids"] for part in parts])
    days = tuple(day for part in parts for day in part["days"])
    names = list(parts[0]["columns"])
    for name in exclude:
        if name not in names:
            raise UsageError(f"--exclude {name}: there is no such column", hint=nearest(name, names))
    order = np.array(sorted(range(len(ids)), key=lambda k: (str(ids[k]), days[k])), dtype=np.int64)
    columns = {
        name: np.concatenate([part["columns"][name] for part in parts])[order] for name in names if name not in exclude
    }
    bad = np.concatenate([part["bad"] for part in parts])[order]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{part['graph'].fingerprint} {part['days'][:1]}".encode())
    digest.update(bad.tobytes())
    return Sheet(
        ids=ids[order],
        days=tuple(days[k] for k in order),
        columns=columns,
        bad=bad,
        fingerprint=digest.hexdigest(),
        source="snapshots: " + ", ".join(str(part["graph"].as_of) for part in parts),
        notes=tuple(notes),
    )


def told(seen: Seen) -> list[Note]:
    from graphrisk.rating.features.days import a_year_later

    one, later, until = seen.observed, seen.later, seen.until
    notes = []
    if one.rebuilt:
        notes.append(
            Note(
                "day_rebuilt",
                f"no snapshot of {one.day} with a year of outcomes after it stands: the day was rebuilt from "
                f"{one.snapshot}, with accounts known 120 days after their period, other facts on their own "
                "day, contracts without a first day as if they stood then, and the earliest rates of exchange",
                f"没有 {one.day} 的快照：由 {one.snapshot} 重建当日所知，"
                "财务报表按期末后 120 天、其他事实按发生日视为已知",
                severity="warning",
            )
        )
    if one.partly:
        notes.append(
            Note(
                "outcomes_partly_known",
                f"outcomes are known until {until} only, not to {a_year_later(one.day)}: defaults are counted too low",
                f"结果仅知至 {until}，未满 {a_year_later(one.day)}：违约数偏低",
                severity="warning",
            )
        )
    if later:
        said = ", ".join(f"{rows:,} of {name}" for name, rows in sorted(later.items()))
        notes.append(
            Note("not_yet_known", f"not yet known on {one.day}, left out: {said}", f"{one.day} 尚不知晓：{said}")
        )
    return notes
