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
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.registry import CPUDispatcher
from numba.core.sigutils import normalize_signature
from numba.core.types.misc import unliteral
from numba.misc.appdirs import AppDirs

KERNELS = Path(__file__).resolve().parents[1]
KEPT = 8
"""As many folders of compiled code are kept: other versions and other environments use theirs in turn."""


def njit(*, cache: bool = False, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return numba's decorator `njit` with these options; `cache` keeps the code under the digest of its sources."""

    def compiled(function: Callable[..., Any]) -> Any:
        dispatcher = _Function(function, options)
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


class _Function(CPUDispatcher):  # type: ignore[misc]
    """A function with code of its own where Python calls it; to compiled functions that call it, a part of theirs.

    Numba would make machine code of every function that another one calls, and optimise all it calls once more in it:
    five calls deep, the innermost is optimised five times, and nobody ever calls what came out but the last. A part is
    translated once a process and optimised with whoever Python calls. Numbers in the source of a caller do not make it
    another part.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        options = {"nopython": True, **options}
        super().__init__(function, targetoptions=dict(options))
        options |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
        self._part = CPUDispatcher(function, targetoptions=options, pipeline_class=_PartCompiler)

    def get_call_template(self, args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        return self._part.get_call_template(
            tuple(unliteral(kind) for kind in args), {name: unliteral(kind) for name, kind in kws.items()}
        )

    def get_overload(self, sig: Any) -> Any:
        return self._part.get_overload(sig)


class _PartLibrary(JITCodeLibrary):  # type: ignore[misc]
    """Code to be linked into that of a caller: neither optimised nor handed to the processor by itself."""

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _PartCompiler(Compiler):  # type: ignore[misc]
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        context = self.state.targetctx  # of this compilation alone
        self.state.library = _PartLibrary(context.codegen(), "part")
        context.get_executable = _named


def _named(_library: Any, _description: Any, _environment: Any) -> Any:
    """Return what numba knows a part by: a built-in function that is like no other. Nobody calls it."""
    return {}.popitem


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
