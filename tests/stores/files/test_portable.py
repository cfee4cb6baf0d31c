"""What differs between systems, as far as it can be tried on one: the lock, the moves, the talk with the engine."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import graphrisk
from graphrisk.errors import StoreError
from graphrisk.stores.files import folders
from graphrisk.stores.files.store import FilesStore
from tests.worlds.build import AS_OF, ring, tables_of

WITHOUT_FCNTL = """
import errno, os, sys, types
import fcntl as system
sys.modules["fcntl"] = None          # as on Windows
fake = types.ModuleType("msvcrt")    # its call, on the byte locks of this system, which also end with their holder
fake.LK_NBLCK = 2
def locking(descriptor, mode, count):
    try:
        system.lockf(descriptor, system.LOCK_EX | system.LOCK_NB, count, os.lseek(descriptor, 0, os.SEEK_CUR))
    except OSError as error:
        raise PermissionError(errno.EACCES, "Permission denied") from error
fake.locking = locking
sys.modules["msvcrt"] = fake
from pathlib import Path
from graphrisk.errors import StoreError
from graphrisk.stores.files.folders import writing
"""
HOLD = WITHOUT_FCNTL + "with writing(Path(sys.argv[1])):\n    print('mine', flush=True)\n    sys.stdin.read()\n"
ASK = WITHOUT_FCNTL + (
    "try:\n    with writing(Path(sys.argv[1]), patience=0.1):\n        print('mine')\n"
    "except StoreError as error:\n    print(error.message)\n"
)
UNIX_ONLY = {"fcntl", "grp", "pwd", "resource", "select", "termios", "pty", "signal"}


def ask(root: Path) -> str:
    done = subprocess.run([sys.executable, "-c", ASK, root], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_lock_holds_where_there_is_no_fcntl_and_ends_with_its_holder(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert "mine" == holder.stdout.readline().strip()
        assert f"another process (pid {holder.pid}) is writing to this store" == ask(tmp_path)
        holder.kill()
    assert "mine" == ask(tmp_path)


def test_a_file_that_another_program_holds_for_a_moment_is_moved_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "WINDOWS", True)
    monkeypatch.setattr(folders, "_PAUSES", (0.0, 0.0, 0.0))
    held = [PermissionError(13, "Permission denied"), PermissionError(13, "Permission denied")]
    replace = Path.replace

    def busy(self: Path, target: Path) -> Path:
        if held:
            raise held.pop()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", busy)
    folders.replace_file(tmp_path / "a.json", "{}")
    assert "{}" == (tmp_path / "a.json").read_text("utf-8")
    assert ["a.json"] == [path.name for path in tmp_path.iterdir()]


def test_a_file_that_another_program_keeps_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "WINDOWS", True)
    monkeypatch.setattr(folders, "_PAUSES", (0.0, 0.0))
    store = FilesStore(tmp_path / "store")
    store.load(tables_of(**ring(3)), as_of=AS_OF)

    def kept(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", kept)
    with pytest.raises(StoreError, match="cannot write: Permission denied"):
        store.load(tables_of(**ring(4)), as_of=AS_OF)
    assert ["2026-09-30.1"] == [info.id for info in store.snapshots()]


def test_the_package_imports_nothing_that_only_unix_has() -> None:
    package = Path(graphrisk.__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            found += [f"{path.name}: {name}" for name in names if name.partition(".")[0] in UNIX_ONLY]
    # of signal SIGINT and SIG_DFL alone, which Windows has too; locking has another branch
    assert {"__init__.py: signal", "__main__.py: signal", "locking.py: fcntl"} == set(found)
