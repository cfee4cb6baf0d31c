"""Loads that crash after some steps, and what a database must hold exactly after a whole one."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from graphrisk.model.catalog import CATALOG
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.neo4j_fixtures import Reachable


def contents(store: Neo4jStore) -> dict[str, pa.Table]:
    return {name: store.table(name) for name in CATALOG}


def assert_exact(store: Neo4jStore, server: Reachable, expected: dict[str, pa.Table]) -> None:
    """Assert that tables, links and labels are exactly those of the world, and nothing is left over."""
    assert expected == contents(store)
    links = {
        "BORROWS": 3, "HAS_COLLATERAL": 1, "REPORTED": 3, "BEHAVED": 1, "HAD_EVENT": 1, "RATED": 2, "HAS_PROFILE": 1,
        "DECLARED_IN": 2,
    }  # fmt: skip
    relations = {CATALOG[name].relation: table.num_rows for name, table in expected.items() if CATALOG[name].relation}
    found = dict(server.run("MATCH ()-[r]->() RETURN type(r), count(r)"))
    whole = {**links, **relations}
    assert whole == found, sorted(whole.items() ^ found.items())
    labels = dict(server.run("MATCH (n) UNWIND labels(n) AS label RETURN label, count(*)"))
    assert 24 == labels["Party"]
    assert 1 == labels["Snapshot"] == labels["SnapshotState"]
    parts = (
        "MATCH (s:SnapshotState) MATCH (p:SnapshotPart) RETURN s.parts, count(p), collect(DISTINCT p.of = s.content)"
    )
    ((wanted, held, whose),) = server.run(parts)
    assert (wanted, [True]) == (held, whose), "what was put aside of this snapshot, and of no other"


class Interrupted(BaseException):
    """Stands for a crash of our process."""


def after(steps: int, act: Callable[[], None]) -> Callable[..., None]:
    """Return a progress that acts once, when that many steps of writing were reported."""
    seen = 0

    def progress(task: str, done: int = 0, total: int | None = None) -> None:
        nonlocal seen
        if task.startswith(("nodes", "relationships", "removing")):
            seen += 1
            if seen == steps:
                act()

    return progress


def crash() -> None:
    raise Interrupted
