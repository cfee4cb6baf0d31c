"""What a Neo4j database says of the snapshot in it: whole, or being loaded, and by whom.

`(:Snapshot {id, as_of, fingerprint, complete})` is for everybody to read; `(:SnapshotState)` beside it holds what a
load needs to be resumed: the target's digests and row counts, who loads, and the number of the last step done. A step
and its number are committed together, so that no step is ever done twice, whatever the network does.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from graphrisk.errors import BusyError, GraphRiskError, StoreError
from graphrisk.stores.base import SnapshotInfo
from graphrisk.stores.neo4j.connection import Connection

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

COMPLETE, LOADING = "complete", "loading"
_SILENCE = 60.0
_BEAT = 15.0
_FIELDS = (
    "s.state, s.id, s.as_of, s.fingerprint, s.content, s.rows, s.loaders, s.parts, s.base_currency, s.digests, "
    "s.holder, (timestamp() - s.at) / 1000.0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The state of a database: `content` is the digest of the snapshot in it, or of the one that is being loaded.

    `digests` are those of its tables, `parts` the pieces put aside of it in `:SnapshotPart` nodes, `busy` who loads.
    """

    state: str
    info: SnapshotInfo
    content: str
    parts: int = 0
    digests: Mapping[str, str] = field(default_factory=dict)
    busy: str = ""


def read_marker(connection: Connection) -> Marker | None:
    """Return the state of the database, None where graphrisk never loaded into it."""
    rows = connection.read(f"MATCH (s:SnapshotState {{key: 'graphrisk'}}) WHERE s.id IS NOT NULL RETURN {_FIELDS}")
    if not rows:
        return None
    state, snapshot, as_of, fingerprint, content, counts, loaders, parts, currency, digests, holder, silent = rows[0]
    busy = holder if holder and _alive(holder, silent) else ""
    trouble = "" if state != LOADING else f"is being loaded by {busy}" if busy else "its load did not finish"
    info = SnapshotInfo(
        id=snapshot,
        as_of=date.fromisoformat(as_of),
        fingerprint=fingerprint,
        rows=json.loads(counts),
        loaders=json.loads(loaders),
        base_currency=currency,
        content=content,
        trouble=trouble,
    )
    said = json.loads(digests or "{}")
    return Marker(state=state, info=info, content=content, parts=parts, digests=said, busy=busy)


def require_whole(info: SnapshotInfo, url: str) -> SnapshotInfo:
    """Return a snapshot that is whole; StoreError where its load did not finish, or has not yet."""
    if "being loaded" in info.trouble:
        raise BusyError(
            f"snapshot {info.id} {info.trouble}", where=url, hint="wait until it has finished, then run this again"
        )
    if info.trouble:
        raise StoreError(
            f"the load of snapshot {info.id} did not finish",
            where=url,
            hint="load again: what is there is completed first; or remove it: graphrisk snapshots remove " + info.id,
        )
    return info


class Turn:
    """The right to change the database, and the count of the steps done with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._token = uuid.uuid4().hex
        self._step = 0
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{_started(os.getpid())}"
        self._over = Event()

    def take(self) -> None:
        """Take the turn; StoreError where a living process has it."""

        def work(tx: ManagedTransaction) -> list[Any] | None:
            tx.run("MERGE (s:SnapshotState {key: 'graphrisk'}) SET s.lock = true").consume()
            held = tx.run(
                "MATCH (s:SnapshotState {key: 'graphrisk'}) RETURN s.token, s.holder, (timestamp() - s.at) / 1000.0"
            ).single(strict=True)
            token, holder, silent = held.values()
            if token is not None and token != self._token and _alive(holder, silent):
                return [holder, silent]
            tx.run(
                "MATCH (s:SnapshotState {key: 'graphrisk'}) "
                "SET s.token = $token, s.holder = $holder, s.step = 0, s.at = timestamp()",
                token=self._token,
                holder=self._holder,
            ).consume()
            return None

        busy = self._connection.write(work)
        if busy:
            raise BusyError(
                f"another process ({busy[0]}) is writing into this database, last heard {busy[1]:.0f} s ago",
                where=self._connection.url,
                hint=f"wait until it has finished; one that died is given up after {_SILENCE:.0f} s",
            )
        Thread(target=self._beat, daemon=True, name="graphrisk-turn").start()

    def _beat(self) -> None:
        """Say that we are at work, also while nothing is written: what is silent for a minute is taken for dead."""
        while not self._over.wait(_BEAT):
            with contextlib.suppress(GraphRiskError):
                self._connection.write(
                    lambda tx: tx.run(
                        "MATCH (s:SnapshotState {key: 'graphrisk'}) WHERE s.token = $token SET s.at = timestamp()",
                        token=self._token,
                    ).consume()
                )

    def end(self) -> None:
        """Say no more that we are at work."""
        self._over.set()

    def step(self, work: Callable[[ManagedTransaction], Any]) -> Any:
        """Run `work` exactly once, in a transaction of its own; StoreError where the turn was lost."""
        self._step += 1

        def guarded(tx: ManagedTransaction) -> Any:
            claimed = tx.run(
                "MATCH (s:SnapshotState {key: 'graphrisk'}) SET s.lock = true WITH s, s.token AS token, s.step AS step "
                "SET s.step = CASE WHEN token = $token AND step < $step THEN $step ELSE step END, "
                "s.at = CASE WHEN token = $token THEN timestamp() ELSE s.at END RETURN token, step",
                token=self._token,
                step=self._step,
            ).single()
            if claimed is None or claimed[0] != self._token:
                raise StoreError(
                    "another process has taken over this database",
                    where=self._connection.url,
                    hint="load again when it has finished",
                )
            return work(tx) if claimed[1] < self._step else None

        return self._connection.write(guarded)

    def mark(self, marker: Marker) -> None:
        """Write the state of the database."""
        info = marker.info
        self.step(
            lambda tx: tx.run(
                "MATCH (s:SnapshotState {key: 'graphrisk'}) "
                "SET s.state = $state, s.id = $id, s.as_of = $as_of, s.fingerprint = $fingerprint, "
                "s.content = $content, s.rows = $rows, s.loaders = $loaders, s.parts = $parts, "
                "s.base_currency = $currency, s.digests = $digests "
                "WITH s OPTIONAL MATCH (old:Snapshot) WHERE old.complete IS NOT NULL DELETE old "
                "WITH DISTINCT s "
                "CREATE (:Snapshot {id: $id, as_of: $day, fingerprint: $fingerprint, complete: $whole})",
                state=marker.state,
                id=info.id,
                as_of=info.as_of.isoformat(),
                day=info.as_of,
                fingerprint=info.fingerprint,
                content=marker.content,
                rows=json.dumps(dict(info.rows)),
                loaders=json.dumps(dict(info.loaders), ensure_ascii=False),
                parts=marker.parts,
                currency=info.base_currency,
                digests=json.dumps(dict(marker.digests)),
                whole=marker.state == COMPLETE,
            ).consume()
        )

    def unmark(self) -> None:
        """Say that the database holds no snapshot."""
        self.step(
            lambda tx: tx.run(
                "MATCH (s:SnapshotState {key: 'graphrisk'}) REMOVE s.id, s.state WITH s "
                "OPTIONAL MATCH (old:Snapshot) WHERE old.complete IS NOT NULL DELETE old"
            ).consume()
        )

    def give_back(self) -> None:
        """Let others write."""
        self.step(lambda tx: tx.run("MATCH (s:SnapshotState {key: 'graphrisk'}) REMOVE s.token, s.holder").consume())


def complete(marker: Marker) -> Marker:
    """Return the marker of the same snapshot, whole."""
    return replace(marker, state=COMPLETE, info=replace(marker.info, trouble=""), busy="")


def _alive(holder: str | None, silent: float | None) -> bool:
    """Return whether the holder of a turn may still be at work: a process of this machine is looked up."""
    host, pid, started = [*(holder or "").split("/"), "", ""][:3]
    if host == socket.gethostname() and pid.isdigit() and sys.platform != "win32":  # there it would be a signal
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            return False
        except OSError:
            pass  # another user's
        if int(pid) == os.getpid():
            return False  # our own, of a turn that could not be given back
        if started and started != _started(int(pid)):
            return False  # the number was given to another process
    return silent is None or silent < _SILENCE


def _started(pid: int) -> str:
    """Return when a process started, in the system's own count; "" where that cannot be known."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
