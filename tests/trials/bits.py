"""Bits: every single bit of the small files, and random ones of all others, is flipped; noticed or without effect."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphrisk.errors import StoreError
from graphrisk.stores.files.cypher_cache import cache_is_good, cache_stamp
from graphrisk.stores.files.store import FilesStore
from tests.stores.test_contract import a_result
from tests.trials.kills import prepared
from tests.trials.outcome import Outcome

DAY = "2026-09-30.2"
LATEST = "2026-10-31.1"


def _read(root: Path, path: Path) -> Callable[[], Any]:
    """Return what reads a file of the store, as a command would."""
    store = FilesStore(root)
    snapshot = next((part for part in path.parts if part in (DAY, LATEST)), LATEST)
    if path.suffix == ".kgl" or path.parent.name == "cache":
        good = root / "cache" / f"{LATEST}.kgl"
        info = store.snapshots()[-1]
        stamp = cache_stamp(info.content, {"chains": a_result().digest})
        return lambda: cache_is_good(good, stamp)
    if path.name == "snapshot.json":
        return lambda: (store._find(snapshot), store.table("parties", snapshot).num_rows)
    if path.name == "removed.json":
        return store._spent
    if path.name == "loads.json":
        return store.loads
    if path.name == "defaults.json":
        return lambda: store._defaults(snapshot)
    if "scores" in path.parts:
        return lambda: (kept := store.scores("chains", a_result().digest, snapshot)) and kept.to_json()
    return lambda: store.table(path.stem, snapshot).to_pylist()


def _answer(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except StoreError as error:
        return error


def _flip(outcome: Outcome, path: Path, good: bytes, bit: int, read: Callable[[], Any], before: Any) -> bool:
    """Flip a bit, read, put it back; return whether it was noticed."""
    flipped = bytearray(good)
    flipped[bit // 8] ^= 1 << bit % 8
    path.write_bytes(flipped)
    outcome.tried += 1
    try:
        found = _answer(read)
    except Exception as error:
        outcome.wrong.append(f"{path.name}, bit {bit}: {error!r}")
        return True
    finally:
        path.write_bytes(good)
    if isinstance(found, StoreError):
        outcome.check("is damaged" in found.message, f"{path.name}, bit {bit}: told as {found.message}")
        return True
    if (path.name == "defaults.json" or path.parent.name == "cache" or "scores" in path.parts) and not found:
        return True  # computed or made again
    outcome.check(found == before, f"{path.name}, bit {bit}: silent")
    return False


def _files(root: Path, *, small: bool) -> list[Path]:
    found = [path for path in root.rglob("*") if path.is_file() and not path.name.startswith(".")]
    return sorted(path for path in found if (path.suffix == ".json") == small)


def _counted(outcome: Outcome, noticed: int) -> Outcome:
    outcome.counts["noticed"] = noticed
    outcome.counts["without effect"] = outcome.tried - noticed - len(outcome.wrong)
    return outcome


def side_files(folder: Path, every: int = 1, part: int = 0, parts: int = 1) -> list[Outcome]:
    """Flip every bit (each `every`-th) of every small JSON file; of several parts this one."""
    root = prepared(folder / "bits")
    outcome = Outcome(what="single bits of the JSON files", expected="0 silent, 0 told as something else")
    noticed = 0
    for path in _files(root, small=True):
        good, read = path.read_bytes(), _read(root, path)
        before = _answer(read)
        for bit in range(part * every, len(good) * 8, every * parts):
            noticed += _flip(outcome, path, good, bit, read, before)
    return [_counted(outcome, noticed)]


def other_files(folder: Path, times: int, seed: int = 1) -> list[Outcome]:
    """Flip random bits of tables, kept results and the query cache."""
    root = prepared(folder / "bits")
    outcome = Outcome(what="random bits of Parquet files, kept results and the query cache", expected="0 silent")
    chance = random.Random(seed)
    known = []
    for path in _files(root, small=False):
        read = _read(root, path)
        known.append((path, path.read_bytes(), read, _answer(read)))
    noticed = 0
    for _ in range(times):
        path, good, read, before = chance.choice(known)
        noticed += _flip(outcome, path, good, chance.randrange(len(good) * 8), read, before)
    return [_counted(outcome, noticed)]
