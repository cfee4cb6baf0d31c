"""Folders that appear whole or not at all, and the lock of those who write them."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graphrisk.errors import BusyError, ReadOnlyError, StoreError
from graphrisk.stores.files.locking import try_lock

WINDOWS = sys.platform == "win32"
CACHING = ".caching"
"""The lock of those who make what Cypher runs on: a query never waits for a load."""
_UNFINISHED = ".unfinished-"
_FRESH = re.compile(r"\.[a-z]+\.json-[0-9a-f]{8}")
_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between tries while another program has a file open, on Windows


@contextmanager
def writing(root: Path, patience: float = 5.0, *, lock: str = ".lock", what: str = "writing to") -> Iterator[None]:
    """Hold the store's lock, or another called `lock` for what takes long.

    StoreError naming the holder where another process has it for longer than `patience` s.
    The system gives the lock back when its holder dies, however it dies.
    """
    path = root / lock
    try:
        make_folder(root)
        handle = open(path, "a+b", opener=_own)  # noqa: SIM115  (closed below, by hand, to give the lock back)
    except OSError as error:
        raise cannot("write", root, error) from error
    try:
        until = time.monotonic() + patience
        while not _locked(handle.fileno(), root):
            if time.monotonic() >= until:
                handle.seek(0)
                holder = handle.read().decode("ascii", "replace").strip() or "unknown"
                raise BusyError(
                    f"another process (pid {holder}) is {what} this store",
                    hint="wait until it has finished, then run the command again",
                    where=str(root),
                )
            time.sleep(0.05)
        handle.truncate(0)
        handle.write(str(os.getpid()).encode("ascii"))
        handle.flush()
        yield
    finally:
        handle.close()


@contextmanager
def appearing(target: Path) -> Iterator[Path]:
    """Give a dot folder to fill; it becomes `target` when all went well, and is removed otherwise.

    Files are flushed to the disk before the folder gets its name, so that a crash leaves either all or nothing.
    """
    make_folder(target.parent)
    folder = target.parent / f"{_UNFINISHED}{target.name}-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=_OWN_FOLDER)
    try:
        yield folder
        for file in folder.iterdir():
            file.chmod(_OWN_FILE)
            _flush(file)
        _flush(folder)
        discard(target)
        _patiently(lambda: folder.rename(target))
        _flush(target.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def clean(parent: Path) -> None:
    """Remove what writers that died left in the folder `parent`; only for the holder of its lock."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        for path in list(parent.iterdir()):
            if path.name.startswith(_UNFINISHED) and path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name.startswith(_UNFINISHED) or _FRESH.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    path.unlink()


def clean_store(root: Path) -> None:
    """Remove all that writers that died left in a store; only for the holder of its lock."""
    clean(root)
    clean(root / "snapshots")
    clean(root / "scores")
    for kept in (root / "scores").glob("*"):
        if (root / "snapshots" / kept.name).exists():
            clean(kept)
        else:  # its snapshot was removed, and then the process died
            discard(kept)
    if any((root / "cache").glob(f"{_UNFINISHED}*")):
        with contextlib.suppress(StoreError), writing(root, 0.0, lock=CACHING, what="making the query cache of"):
            clean(root / "cache")


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, that only its owner can read; one that is there stays as it is."""
    if not folder.is_dir():
        for above in reversed([folder, *folder.parents]):
            if not above.exists():
                above.mkdir(mode=_OWN_FOLDER, exist_ok=True)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def write_own(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    with open(path, "w", encoding="utf-8", newline="", opener=_own) as file:
        file.write(text)


def _own(path: str, flags: int) -> int:
    return os.open(path, flags, _OWN_FILE)


def discard(target: Path) -> None:
    """Remove a folder: it loses its name first, so that nobody sees a part of it."""
    if not target.exists():
        return
    folder = target.parent / f"{_UNFINISHED}{target.name}-{uuid.uuid4().hex[:8]}"
    _patiently(lambda: target.rename(folder))
    shutil.rmtree(folder, ignore_errors=True)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files into `folder`."""
    for name, content in files.items():
        (folder / name).write_bytes(content)


def replace_file(path: Path, text: str) -> None:
    """Write a small file in one step: readers see the old text or the new one."""
    make_folder(path.parent)
    fresh = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        write_own(fresh, text)
        _flush(fresh)
        _patiently(lambda: fresh.replace(path))
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise
    _flush(path.parent)


_WHAT_TO_DO = {
    errno.ENOSPC: "the disk is full: free some space, then run the command again; the store is as it was",
    errno.EDQUOT: "your share of the disk is used up: free some space; the store is as it was",
    errno.EACCES: "this user may not: ask for permission, or use another store (--store files:DIR)",
    errno.EPERM: "this user may not: ask for permission, or use another store (--store files:DIR)",
    errno.EROFS: "the disk may only be read: use another store (--store files:DIR)",
    errno.EIO: "the disk reports an error: copy the store to another disk before anything else",
    errno.EMFILE: "too many files are open: close other programs, or raise the limit (ulimit -n)",
    errno.ENOMEM: "there is not enough memory: close other programs",
    errno.ENAMETOOLONG: "the path is too long: use a store nearer to the top (--store files:DIR)",
    errno.ENOTDIR: "a part of the path is a file, not a folder: name the folder of a store",
}


def cannot(verb: str, path: Path, error: Exception) -> StoreError:
    """Return the StoreError of an operating system's error: what it is, and what to do about that."""
    number = error.errno if isinstance(error, OSError) else errno.ENOMEM if isinstance(error, MemoryError) else None
    reason = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    barred = verb == "write" and number in (errno.EROFS, errno.EACCES, errno.EPERM)
    return (ReadOnlyError if barred else StoreError)(
        f"cannot {verb}: {'not enough memory' if isinstance(error, MemoryError) else reason}",
        where=str(path),
        hint=_WHAT_TO_DO.get(number or 0, "run the command again; if it stays, check the disk"),
    )


def _locked(descriptor: int, root: Path) -> bool:
    try:
        return try_lock(descriptor)
    except OSError as error:
        raise StoreError(
            f"the folder cannot be locked: {error.strerror or error}",
            where=str(root),
            hint="keep the store on a disk of this machine (--store files:DIR)",
        ) from error


def _patiently(act: Callable[[], object]) -> None:
    """Move files; on Windows again for a moment while another program, such as a virus scanner, has one open."""
    for pause in _PAUSES if WINDOWS else ():
        try:
            act()
            return
        except PermissionError:
            time.sleep(pause)
    act()


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk; Windows has no such call for folders."""
    if path.is_dir() and WINDOWS:
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)  # Windows flushes what may be written
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
