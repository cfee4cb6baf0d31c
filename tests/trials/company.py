"""Bad company: readers beside writers, a full disk, a slow disk, a clock set back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from graphrisk.errors import BusyError, GraphRiskError, StoreError
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.verifying import faults_of
from tests.stores.test_contract import a_result
from tests.trials.kills import LEFTOVER, prepared
from tests.trials.outcome import Outcome
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

WRITER = """
import sys
from datetime import date, timedelta
from pathlib import Path
from graphrisk.errors import BusyError
from graphrisk.stores.files.store import FilesStore
from tests.stores.test_contract import a_result
from tests.worlds.build import ring, tables_of
store, number, times = FilesStore(Path(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
for turn in range(times):
    day = date(2027, 1, 1) + timedelta(days=1000 * number + turn)
    while True:
        try:
            snapshot = store.load(tables_of(**ring(3 + turn % 5)), as_of=day)
            store.write_scores(a_result(), default=True, snapshot=snapshot)
            if turn % 3 == 2:
                store.remove(snapshot)
            break
        except BusyError:
            pass
"""


def _whole(outcome: Outcome, root: Path, where: str) -> None:
    store = FilesStore(root)
    store.remember([])
    for info in store.snapshots():
        faults = faults_of(store, info)
        outcome.check(not faults, f"{where}: {info.id}: {faults}")
    left = [path for path in root.rglob("*") if LEFTOVER.fullmatch(path.name)]
    outcome.check(not left, f"{where}: left over {left}")


def crowd(folder: Path, writers: int, times: int) -> list[Outcome]:
    """Let several processes write at once while this one reads."""
    outcome = Outcome(what=f"{writers} writers at once and a reader", expected="0 lost, 0 torn reads")
    root = prepared(folder / "crowd")
    running = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(root), str(number), str(times)], stderr=subprocess.PIPE)
        for number in range(writers)
    ]
    reads = 0
    while any(one.poll() is None for one in running):
        store = FilesStore(root)
        for info in store.snapshots():
            try:
                rows = store.table("parties", info.id).num_rows
                outcome.check(rows == info.rows["parties"], f"{info.id}: {rows} rows")
                kept = store.scores("chains", a_result().digest, info.id)
                outcome.check(kept is None or kept.version == 3, f"{info.id}: a torn result")
            except StoreError as error:  # it was removed between two looks
                outcome.check(info.id not in {one.id for one in FilesStore(root).snapshots()}, f"{info.id}: {error}")
            reads += 1
    for number, one in enumerate(running):
        said = one.communicate()[1].decode()
        outcome.check(one.returncode == 0, f"writer {number}: {said[-300:]}")
    held = {info.id for info in FilesStore(root).snapshots()}
    for number in range(writers):
        for turn in range(times):
            day = date(2027, 1, 1) + timedelta(days=1000 * number + turn)
            outcome.check((f"{day}.1" in held) == (turn % 3 != 2), f"{day}: lost, or not removed")
            outcome.tried += 1
    _whole(outcome, root, "after the crowd")
    outcome.counts["reads beside"] = reads
    return [outcome]


FILLER = """
import os, sys
from pathlib import Path
from graphrisk.errors import StoreError
from graphrisk.stores.files.store import FilesStore
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of
from datetime import date
store = FilesStore(Path(sys.argv[1]))
room = int(sys.argv[2])
stat = os.statvfs(sys.argv[1])
with open(Path(sys.argv[1]).parent / "ballast", "wb") as out:
    try:
        out.write(b"x" * max(stat.f_bavail * stat.f_frsize - room, 0)); out.flush()
    except OSError:
        pass
for act in (
    lambda: store.load(tables_of(**ring(200)), as_of=date(2026, 11, 30)),
    lambda: store.write_scores(a_result(notes=("x" * 5000,)), default=True),
    lambda: store.remove("2026-09-30.2"),
):
    try:
        act(); print("done")
    except StoreError as error:
        print("full" if "disk is full" in error.hint else f"WRONG {error}")
"""


def full_disk(folder: Path, rooms: int, part: int = 0, parts: int = 1) -> list[Outcome]:
    """Write to a disk that is full after so many bytes; the disk is a tmpfs of its own, which needs root."""
    outcome = Outcome(what="disk full after 0 to 60 kB", expected="said as a full disk, 0 lost, torn or left over")
    place = folder / "full"
    place.mkdir(parents=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if sys.platform != "linux" or libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"size=1m"):
        outcome.note = "not tried: a disk of its own needs root on Linux"
        return [outcome]
    try:
        for step in range(part, rooms, parts):
            for old in place.iterdir():
                subprocess.run(["rm", "-rf", str(old)], check=True)
            root = prepared(place / "store")
            before = {info.id: info for info in FilesStore(root).snapshots()}
            room = step * 60_000 // max(rooms - 1, 1)
            ran = subprocess.run(
                [sys.executable, "-c", FILLER, str(root), str(room)], capture_output=True, text=True, check=False
            )
            said = ran.stdout.split("\n")[:3]
            outcome.check(
                ran.returncode == 0 and set(said) <= {"done", "full"}, f"{room} bytes: {said} {ran.stderr[-300:]}"
            )
            (place / "ballast").unlink(missing_ok=True)
            after = {info.id for info in FilesStore(root).snapshots()}
            lost = set(before) - after - ({"2026-09-30.2"} if said[2:] == ["done"] else set())
            outcome.check(not lost, f"{room} bytes: {lost} lost")
            _whole(outcome, root, f"{room} bytes")
            outcome.tried += 3
    finally:
        libc.umount(os.fsencode(place))
    return [outcome]


def slow_disk(folder: Path, delay: float) -> list[Outcome]:
    """Do everything on files of which each call takes `delay` seconds more, as on a network; two writers meet."""
    outcome = Outcome(
        what=f"each call of a file takes {delay * 1000:.0f} ms more", expected="the same answers, 0 lost or torn"
    )
    root = folder / "slow" / "store"

    def late(call: Any) -> Any:
        def waiting(*args: Any, **options: Any) -> Any:
            time.sleep(delay)
            return call(*args, **options)

        return waiting

    names = ("open", "rename", "replace", "mkdir", "unlink", "rmdir", "stat", "scandir", "fsync", "listdir", "chmod")
    with contextlib.ExitStack() as patched:
        for name in names:
            patched.enter_context(mock.patch.object(os, name, late(getattr(os, name))))
        store = FilesStore(root)
        days = [AS_OF + timedelta(days=one) for one in range(6)]
        errors: list[Exception] = []

        def write(mine: list[date]) -> None:
            own = FilesStore(root)
            for day in mine:
                while True:
                    try:
                        own.write_scores(a_result(), default=True, snapshot=own.load(whole_world(), as_of=day))
                        break
                    except BusyError:
                        continue
                    except GraphRiskError as error:
                        errors.append(error)
                        break

        threads = [threading.Thread(target=write, args=(days[at::2],)) for at in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outcome.check(not errors, f"{errors}")
        held = store.snapshots()
        outcome.check([f"{day}.1" for day in days] == [info.id for info in held], f"{[info.id for info in held]}")
        for info in held:
            outcome.check(not faults_of(store, info), f"{info.id}: torn")
            outcome.check(store.scores("chains", a_result().digest, info.id) is not None, f"{info.id}: no scores")
        outcome.check(((24,),) == store.query("MATCH (p:Party) RETURN count(p) AS n").rows, "another answer")
        store.remove(held[0].id)
        store.close()
        _whole(outcome, root, "slow")
        outcome.tried = len(days)
    return [outcome]


def clock_back(folder: Path, times: int) -> list[Outcome]:
    """Work while the clock jumps back a day at every look at it."""
    outcome = Outcome(what="clock set back a day at every look", expected="ids in order, 0 lost or torn")
    root = folder / "clock" / "store"
    now = time.time()
    looks = iter(range(1, 10_000_000))

    def earlier() -> float:
        return now - 86_400.0 * next(looks)

    with (
        mock.patch.object(time, "time", side_effect=earlier),
        mock.patch.object(time, "time_ns", side_effect=lambda: int(earlier() * 1e9)),
    ):
        store = FilesStore(root)
        for turn in range(times):
            snapshot = store.load(tables_of(**ring(3 + turn)), as_of=AS_OF)
            outcome.check(snapshot == f"2026-09-30.{turn + 1}", f"{snapshot} is version {turn + 1}")
            store.write_scores(a_result(), default=True)
            outcome.check(store.table("parties").num_rows == 3 + turn, f"{snapshot} is not the latest")
            outcome.tried += 1
        store.remove(store.snapshots()[0].id)
    _whole(outcome, root, "clock")
    return [outcome]
