"""The operating system's lock on an open file: it ends with its holder, however that ends."""

from __future__ import annotations

import os

_FAR = 1 << 30
"""Windows keeps others from reading the bytes locked, so one is locked where nothing is ever written."""


def try_lock(descriptor: int) -> bool:
    """Return whether this process got the lock of an open file; False where another process has it.

    Raises OSError where the file system knows no locks.
    """
    try:
        import fcntl
    except ImportError:
        return _try_lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # EAGAIN, and EACCES on some network file systems
        return False
    return True


def _try_lock_on_windows(descriptor: int) -> bool:
    import msvcrt

    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except PermissionError:  # EACCES: another process has it
        return False
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)
    return True
