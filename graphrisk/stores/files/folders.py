"""Folders that appear whole or not at all, and the lock of those who write them."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from graphrisk.errors import ReadOnlyError, StoreError
from graphrisk.stores.files.locking import try_lock

WINDOWS = sys.platform == "win32"
_UNFINISHED = ".unfinished-"
_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0)  # seconds between tries while another program has a file open, on Windows


@contextmanager
def writing(root: Path, patience: float = 5.0, *, lock: str = ".lock", what: str = "writing to") -> Iterator[None]:
    """Hold the store's lock, or another called `lock` for what takes long.

    StoreError naming the holder where another process has it for longer than `patience` s.
    The system gives the lock back when its holder dies, however it dies.
    """
    path = root / lock
    try:
        root.mkdir(parents=True, exist_ok=True)
        handle = open(path, "a+b")  # noqa: SIM115  (closed below, by hand, to give the lock back)
    except OSError as error:
        raise cannot("write", root, error) from error
    try:
        until = time.monotonic() + patience
        while not _locked(handle.fileno(), root):
            if time.monotonic() >= until:
                handle.seek(0)
                holder = handle.read().decode("ascii", "replace").strip() or "unknown"
                raise StoreError(
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
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = target.parent / f"{_UNFINISHED}{target.name}-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    try:
        yield folder
        for file in folder.iterdir():
            _flush(file)
        _flush(folder)
        discard(target)
        _patiently(lambda: folder.rename(target))
        _flush(target.parent)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def clean(parent: Path) -> None:
    """Remove what writers that died left under `parent`; only for the holder of the lock."""
    if parent.is_dir():
        for folder in parent.iterdir():
            if folder.name.startswith(_UNFINISHED):
                shutil.rmtree(folder, ignore_errors=True)


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
    fresh = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    fresh.write_text(text, "utf-8")
    _flush(fresh)
    _patiently(lambda: fresh.replace(path))


def cannot(verb: str, path: Path, error: Exception) -> StoreError:
    """Return the StoreError of an operating system's error."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    barred = verb == "write" and isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
    return (ReadOnlyError if barred else StoreError)(
        f"cannot {verb}: {reason}", where=str(path), hint="check the folder's permissions and the free space"
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
