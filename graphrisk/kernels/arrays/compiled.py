"""Numba's `njit` with a cache that an upgrade of graphrisk cannot make stale.

Numba keeps compiled code by the file of the function alone, but the code of every function that it calls is compiled
into it: after an upgrade (or an edit) a file that did not change would go on with old code of those that did, to wrong
numbers or a crash. Here compiled code lies in a folder named after the digest of all sources of the kernels and of the
packages that compile them. What was made of other sources is never looked at, also by a process that runs through an
upgrade.

The folder is `compiled` in the user's cache folder (`NUMBA_CACHE_DIR` names another). Where no folder can be written,
code is compiled anew in each process.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from functools import cache as remembered
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.sigutils import normalize_signature
from numba.misc.appdirs import AppDirs

KERNELS = Path(__file__).resolve().parents[1]
KEPT = 8
"""As many folders of compiled code are kept: other versions and other environments use theirs in turn."""


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return numba's decorator `njit` with these options; `cache` keeps the code under the digest of its sources."""

    def compiled(function: Callable[..., Any]) -> Any:
        dispatcher = numba.njit(**options)(function)
        if cache and not config.DISABLE_JIT:
            folder = cache_folder(Path(function.__code__.co_filename).resolve())
            if folder is not None:
                dispatcher._cache = _Cache(function)
        return dispatcher

    return compiled


def cache_folder(source: Path) -> Path | None:
    """Return where the compiled functions of the file `source` are kept, made if need be; None where nowhere."""
    if not source.is_file():  # a notebook's cell: no sources to tell versions apart by
        return None
    inside = source.is_relative_to(KERNELS)
    root = _folder_of(digest_of() if inside else digest_of(source.parent))
    if root is None:
        return None
    place = source.parent.relative_to(KERNELS).as_posix().replace("/", "-") if inside else "others"
    return root / place


@remembered
def digest_of(beside: Path | None = None) -> str:
    """Return a digest of the sources of the kernels, of those in the folder `beside`, and of what compiles them."""
    told = hashlib.blake2b(digest_size=12)
    for version in (numba.__version__, llvmlite.__version__, np.__version__, sys.implementation.cache_tag or ""):
        told.update(version.encode() + b"\0")
    for path in [*sorted(KERNELS.rglob("*.py")), *(sorted(beside.glob("*.py")) if beside else ())]:
        content = path.read_bytes()
        told.update(f"{path.parent.name}/{path.name}\0{len(content)}\0".encode() + content)
    return told.hexdigest()


@remembered
def _folder_of(digest: str) -> Path | None:
    for base in _bases():
        folder = base / digest
        try:
            new = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            os.utime(folder)  # used today; refused where it cannot be written
            if new:
                _remove_oldest(base)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


def _bases() -> list[Path]:
    if config.CACHE_DIR:
        return [Path(config.CACHE_DIR) / "graphrisk"]
    return [Path(AppDirs(appname="graphrisk", appauthor=False).user_cache_dir) / "compiled", KERNELS / "__pycache__"]


def _remove_oldest(base: Path) -> None:
    """Remove what was used longest ago, down to KEPT folders; a process that still uses one compiles again."""
    folders = [path for path in base.iterdir() if path.is_dir() and len(path.name) == 24]
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)


class _Locator(_CacheLocator):  # type: ignore[misc]
    """Where numba finds the code of one function: in the folder of the digest of its sources."""

    def __init__(self, function: Callable[..., Any], source: str) -> None:
        self._py_file = source
        self._line = function.__code__.co_firstlineno

    def get_cache_path(self) -> str:
        return str(cache_folder(Path(self._py_file).resolve()))

    def get_source_stamp(self) -> str:
        return hashlib.blake2b(Path(self._py_file).read_bytes()).hexdigest()

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, function: Callable[..., Any], source: str) -> _Locator:
        return cls(function, source)


class _Kept(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Locator,)


class _Cache(FunctionCache):  # type: ignore[misc]
    """Processes that keep code at once may give one name to code for two types: what was not asked for is not used."""

    _impl_class = _Kept

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        found = super().load_overload(sig, target_context)
        asked = tuple(normalize_signature(sig)[0])
        return found if found is not None and asked == tuple(found.signature.args) else None
