"""Kills: a process that writes is killed at every point of its work, and the store is looked at by the next one.

A point is a line of `graphrisk.stores` that is about to run, or a call by which Python opens, makes, renames or
removes a file. The process is a fork that kills itself with SIGKILL there, so nothing of it is cleared up.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from graphrisk.errors import GraphRiskError
from graphrisk.model.loads import PastLoad
from graphrisk.stores.base import SnapshotInfo
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.memory import copy_snapshot
from graphrisk.stores.verifying import faults_of
from tests.stores.test_contract import a_result
from tests.trials.outcome import Outcome
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

LATER = date(2026, 10, 31)
FILE_CALLS = frozenset(
    ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "os.truncate", "shutil.rmtree")
)
LEFTOVER = re.compile(r"\.unfinished-.*|\.[a-z]+\.json-[0-9a-f]{8}")


def prepared(root: Path) -> Path:
    """Make the store that every operation starts from: two days, one removed version, kept results, a query cache."""
    store = FilesStore(root)
    store.remove(store.load(tables_of(**ring(4)), as_of=AS_OF))
    store.load(whole_world(), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    store.load(tables_of(**ring(3)), as_of=LATER)
    store.write_scores(a_result(), default=True)
    store.remember([PastLoad(loader="bank_csv", as_of=AS_OF)])
    store._cypher_cache(store.snapshots()[-1], None)
    store.close()
    return root


def _load(root: Path) -> None:
    FilesStore(root).load(tables_of(**ring(6)), as_of=LATER)


def _score(root: Path) -> None:
    FilesStore(root).write_scores(a_result(notes=("other",)), default=True)


def _remove(root: Path) -> None:
    FilesStore(root).remove("2026-09-30.2")


def _push(root: Path) -> None:
    store = FilesStore(root)
    copy_snapshot(store, FilesStore(root.with_name("other")), store.snapshots()[0])


def _cache(root: Path) -> None:
    store = FilesStore(root)
    store._cypher_cache(store.snapshots()[0], None)


def _remember(root: Path) -> None:
    FilesStore(root).remember([PastLoad(loader="bank_csv", as_of=LATER, refused="所有行")])


OPERATIONS: dict[str, Callable[[Path], None]] = {
    "load": _load,
    "score writing": _score,
    "removal": _remove,
    "push": _push,
    "query cache": _cache,
    "what loads rejected": _remember,
}


def _killed(operation: Callable[[Path], None], root: Path, at: int) -> int | None:
    """Do an operation in a fork that kills itself at its point number `at`; return how many points a whole run has.

    None where it was killed.
    """
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        points = 0

        def point() -> None:
            nonlocal points
            if points == at:
                os.kill(os.getpid(), signal.SIGKILL)
            points += 1

        def audit(event: str, _: Any) -> None:
            if event in FILE_CALLS:
                point()

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            if "graphrisk/stores" not in frame.f_code.co_filename:
                return None
            if event == "line":
                point()
            return trace

        sys.addaudithook(audit)
        sys.settrace(trace)
        try:
            operation(root)
        except BaseException as error:
            os.write(into, repr(error).encode())
            os._exit(1)
        sys.settrace(None)
        os.write(into, str(points).encode())
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    if os.WEXITSTATUS(status):
        raise RuntimeError(f"the operation failed by itself: {said}")
    return int(said)


_FAULTS: dict[str, list[str]] = {}
"""What was found in a snapshot of these very bytes: it is read again only where a byte, a name or a file is another."""


def _faults(store: FilesStore, info: SnapshotInfo) -> list[str]:
    files = sorted((store.root / "snapshots" / info.id).iterdir())
    told = hashlib.sha256(repr((info, [(path.name, path.read_bytes()) for path in files])).encode()).hexdigest()
    if told not in _FAULTS:
        _FAULTS[told] = faults_of(store, info)
    return _FAULTS[told]


def _state(root: Path) -> dict[str, Any]:
    """Return what each snapshot says of itself, and what is wrong with it when all of it is read."""
    store = FilesStore(root)
    return {info.id: (info, _faults(store, info)) for info in store.snapshots()}


def _look(outcome: Outcome, root: Path, before: dict[str, Any], name: str, at: int) -> None:
    """Look at the store after a kill, and again after the next command that writes."""
    where = f"{name}, point {at}"
    try:
        after = _state(root)
        for snapshot, was in before.items():
            if name == "removal" and snapshot == "2026-09-30.2" and snapshot not in after:
                continue
            outcome.check(snapshot in after and after[snapshot] == was, f"{where}: {snapshot} is lost")
        for snapshot, (_, faults) in after.items():
            outcome.check(not faults, f"{where}: {snapshot} is torn: {faults}")
        store = FilesStore(root)
        for snapshot in after:
            kept = store.scores("chains", a_result().digest, snapshot)
            outcome.check(kept is None or kept.analyzer == "chains", f"{where}: a kept result is torn")
        store.loads()
        store.remember([])
        other = root.with_name("other")
        if other.exists():
            copied = FilesStore(other)
            outcome.check(not any(_faults(copied, one) for one in copied.snapshots()), f"{where}: the copy is torn")
            copied.remember([])
        left = [path for one in (root, other) for path in one.rglob("*") if LEFTOVER.fullmatch(path.name)]
        outcome.check(not left, f"{where}: left over: {left}")
        kept_of = {path.name for path in (root / "scores").iterdir()} if (root / "scores").is_dir() else set()
        outcome.check(kept_of <= set(after), f"{where}: results of no snapshot are left over")
    except (GraphRiskError, OSError) as error:
        outcome.wrong.append(f"{where}: {error}")


def kills(folder: Path, most: int | None, seed: int = 1, part: int = 0, parts: int = 1) -> list[Outcome]:
    """Kill every operation at every point; at `most` points of each where that is given, chosen by `seed`.

    Of several parts this one does every `parts`-th operation.
    """
    outcome = Outcome(what="killed while writing (embedded store)", expected="0 lost, torn or left over")
    start = prepared(folder / "start" / "store")
    before = _state(start)
    for name, operation in list(OPERATIONS.items())[part::parts]:
        total = _once(folder, start, lambda root, operation=operation: _killed(operation, root, -1))
        points = list(range(int(total or 0)))
        if most is not None and most < len(points):
            points = sorted(random.Random(seed).sample(points, most))
        for at in points:

            def look(root: Path, name: str = name, operation: Any = operation, at: int = at) -> None:
                _killed(operation, root, at)
                _look(outcome, root, before, name, at)

            _once(folder, start, look)
        outcome.tried += len(points)
        outcome.counts[name] = len(points)
    return [outcome]


def _once(folder: Path, start: Path, act: Callable[[Path], Any]) -> Any:
    place = folder / "work"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(start.parent, place)
    return act(place / start.name)
