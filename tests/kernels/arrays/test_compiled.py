"""Compiled code is kept by the sources of all kernels: an upgrade leaves no old code in files that did not change."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphrisk.kernels.network.kcore as kcore
from graphrisk.kernels.arrays import compiled
from graphrisk.kernels.arrays.compiled import KEPT, KERNELS, digest_of

ASK = "import graphrisk.kernels.network.outer_of_test as outer; print(outer.outer(1.0), outer.outer.stats.cache_hits)"
OUTER = """
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.inner_of_test import inner


@njit(cache=True, nogil=True)
def outer(x):
    return 10.0 * inner(x)
"""
INNER = """
from graphrisk.kernels.arrays.compiled import njit


@njit(cache=True, nogil=True)
def inner(x):
    return x + {}
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Return a copy of the package with one kernel that calls another."""
    shutil.copytree(KERNELS, tmp_path / "graphrisk/kernels", ignore=shutil.ignore_patterns("__pycache__", "contagion"))
    for name in ("__init__.py", "errors.py"):
        shutil.copy(KERNELS.parent / name, tmp_path / "graphrisk" / name)
    (tmp_path / "graphrisk/kernels/network/outer_of_test.py").write_text(OUTER)
    (tmp_path / "graphrisk/kernels/arrays/inner_of_test.py").write_text(INNER.format(1.0))
    return tmp_path


def _ask(installed: Path, **also: str) -> tuple[float, bool]:
    """Return what `outer(1.0)` is in a process of its own, and whether its code came from the cache."""
    value, hits = _run(ASK, installed, **also).split(" ", 1)
    return float(value), ": 1" in hits


def _run(script: str, installed: Path, **also: str) -> str:
    settings = {"PYTHONPATH": str(installed), "XDG_CACHE_HOME": str(installed / "cache"), "HOME": str(installed)}
    return subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "NUMBA_CACHE_DIR": "", **settings, **also}, cwd=installed,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def test_an_upgrade_of_a_function_reaches_its_callers_in_files_that_did_not_change(installed: Path) -> None:
    assert (20.0, False) == _ask(installed)
    assert (20.0, True) == _ask(installed)
    (installed / "graphrisk/kernels/arrays/inner_of_test.py").write_text(INNER.format(2.0))
    assert (30.0, False) == _ask(installed)
    (installed / "graphrisk/kernels/arrays/inner_of_test.py").write_text(INNER.format(1.0))
    assert (20.0, True) == _ask(installed)  # the code of the version before was not written over


def test_a_function_has_code_of_its_own_only_where_python_calls_it(installed: Path) -> None:
    """To a compiled caller it is a part, one for all numbers that stand in callers' sources."""
    (installed / "graphrisk/kernels/network/outer_of_test.py").write_text(OUTER.replace("inner(x)", "inner(inner(2))"))
    (installed / "graphrisk/kernels/arrays/inner_of_test.py").write_text(INNER.format("(1.0 if x is not None else 0)"))
    assert (40.0, False) == _ask(installed)
    assert ["outer_of_test"] == [path.name.split(".")[0] for path in (installed / "cache").rglob("*.nbc")]
    ask = "from graphrisk.kernels.network.outer_of_test import outer, inner; print("
    ask += "outer(1), inner.signatures, inner(2), inner(x=2.5), [str(one[0]) for one in inner._part.signatures])"
    assert "40.0 [] 3.0 3.5 ['int64', 'float64']" == _run(ask, installed).strip()
    assert 4 == len(list((installed / "cache").rglob("*.nbc"))), "outer of an integer, inner of both"


def test_code_that_lies_under_the_name_of_other_types_is_compiled_again(installed: Path) -> None:
    """Two processes that keep code of one function at once may both take the next free name."""
    ask = "from graphrisk.kernels.arrays.inner_of_test import inner; print(inner(1.5), inner(1), "
    ask += "sum(inner.stats.cache_hits.values()))"
    assert ["2.5 2.0 0", "2.5 2.0 2"] == [_run(ask, installed).strip() for _ in range(2)]
    one, other = sorted((installed / "cache").rglob("inner_of_test.*.nbc"))
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    assert ["2.5 2.0 0", "2.5 2.0 2"] == [_run(ask, installed).strip() for _ in range(2)]


def test_without_a_folder_that_can_be_written_kernels_work_all_the_same(installed: Path) -> None:
    blocked = installed / "a file"
    blocked.write_text("")
    assert (20.0, False) == _ask(installed, NUMBA_CACHE_DIR=str(blocked))
    assert (20.0, False) == _ask(installed, NUMBA_CACHE_DIR=str(blocked))


def test_the_digest_knows_every_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "KERNELS", tmp_path)
    (tmp_path / "room").mkdir()
    (tmp_path / "room/one.py").write_text("x = 1\n")
    (tmp_path / "room/note.txt").write_text("a")
    seen = [digest_of.__wrapped__()]
    for change in ("x = 2\n", "x = 1\n"):
        (tmp_path / "room/one.py").write_text(change)
        seen.append(digest_of.__wrapped__())
    (tmp_path / "room/note.txt").write_text("b")
    seen.append(digest_of.__wrapped__())
    (tmp_path / "room/two.py").write_text("")
    seen.append(digest_of.__wrapped__())
    assert seen[0] == seen[2] == seen[3]
    assert 3 == len(set(seen))


def test_folders_used_long_ago_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "of another program").mkdir()
    for day in range(KEPT + 3):
        folder = tmp_path / f"{day:024d}"
        folder.mkdir()
        os.utime(folder, (1e9 + day * 86400, 1e9 + day * 86400))
    compiled._remove_oldest(tmp_path)
    assert {"of another program", *(f"{day:024d}" for day in range(3, KEPT + 3))} == {
        p.name for p in tmp_path.iterdir()
    }


def test_every_kernel_is_kept_so_and_calls_only_kernels() -> None:
    found = 0
    for path in sorted(KERNELS.rglob("*.py")):
        if path.name == "compiled.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        numba = [node for node in froms if (node.module or "").split(".")[0] == "numba"]
        makers = {"njit", "jit", "vectorize", "guvectorize", "cfunc", "generated_jit"}
        assert not [name for node in numba for name in node.names if name.name in makers], path
        if not any(name.name == "njit" for node in froms for name in node.names):
            continue
        found += 1
        ours = {node.module for node in froms if (node.module or "").startswith("graphrisk.")}
        assert not [name for name in ours if not name.startswith(("graphrisk.kernels.", "graphrisk.errors"))], path
    assert 25 < found
    assert digest_of() in kcore._peel._cache.cache_path
