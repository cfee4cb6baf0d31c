"""A folder of this process alone, for a query cache that the store cannot hold; gone when the process is.

A process that is killed cannot remove it: the next one that needs a folder removes those of processes that are gone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import weakref
from pathlib import Path

_NAME = re.compile(r"graphrisk-(\d+)-.+")


class Scratch:
    """A folder that only its owner can read."""

    def __init__(self) -> None:
        _remove_left_behind(Path(tempfile.gettempdir()))
        self.folder = Path(tempfile.mkdtemp(prefix=f"graphrisk-{os.getpid()}-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)  # also after an error

    def remove(self) -> None:
        """Remove it now."""
        self._end()


def _remove_left_behind(parent: Path) -> None:
    """Remove the folders of our own processes that are gone."""
    for folder in parent.glob("graphrisk-*-*"):
        found = _NAME.fullmatch(folder.name)
        with contextlib.suppress(OSError):
            own = folder.stat().st_uid == os.getuid() if hasattr(os, "getuid") else True
            if found and own and folder.is_dir() and not folder.is_symlink() and not _is_running(int(found[1])):
                shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    if os.name == "nt":  # a signal would end it there
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):  # a number that no process can have
        return False
    except OSError:
        return True
    return True
