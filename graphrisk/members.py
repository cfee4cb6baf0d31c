"""The members of a room: modules that say of themselves what they are, and those that other packages add.

An analyzer has a `VERSION`, a view a `TITLE`, an export a function `write`. A module without it is a part that members
share; nobody lists which is which.
"""

from __future__ import annotations

import ast
import functools
import importlib
import pkgutil
from importlib.metadata import entry_points
from importlib.util import find_spec
from types import ModuleType

from graphrisk.errors import UsageError, nearest


def member_names(room: str, mark: str, group: str) -> list[str]:
    """Return the names of all modules of package `room` that define `mark`, and of entry points `group`; imports none.

    >>> member_names("graphrisk.export", "write", "graphrisk.exports")[:2]
    ['csv', 'gexf']
    """
    return sorted({*_own_names(room, mark), *(point.name for point in entry_points(group=group))})


def find_member(kind: str, name: str, room: str, mark: str, group: str) -> ModuleType:
    """Return the member called `name`; UsageError naming the nearest where no `kind` has the name."""
    for point in entry_points(group=group):
        if point.name == name:
            found: ModuleType = point.load()
            return found
    if not _is_own(name, room, mark):
        raise UsageError(f"no {kind} is called {name!r}", hint=nearest(name, member_names(room, mark, group)))
    return importlib.import_module(f"{room}.{name}")


def is_member(name: str, room: str, mark: str, group: str) -> bool:
    """True where `find_member` finds `name`; reads that module alone."""
    return _is_own(name, room, mark) or any(point.name == name for point in entry_points(group=group))


@functools.cache
def _is_own(name: str, room: str, mark: str) -> bool:
    inside = pkgutil.iter_modules(importlib.import_module(room).__path__)
    return any(found.name == name and _is(room, found, mark) for found in inside)


@functools.cache
def _own_names(room: str, mark: str) -> tuple[str, ...]:
    """Return the modules of a room that define `mark`; read once, because every command asks several times."""
    inside = pkgutil.iter_modules(importlib.import_module(room).__path__)
    return tuple(found.name for found in inside if _is(room, found, mark))


def _is(room: str, found: pkgutil.ModuleInfo, mark: str) -> bool:
    """True where the source of a module defines `mark`; a package may also have it from a module of its own."""
    spec = find_spec(f"{room}.{found.name}")
    source = getattr(spec.loader, "get_source", lambda _: None)(spec.name) if spec is not None else None
    if source is None:  # a package without sources
        return hasattr(importlib.import_module(f"{room}.{found.name}"), mark)
    return mark in source and mark in _names(ast.parse(source), imported=found.ispkg)


def _names(tree: ast.Module, *, imported: bool) -> set[str]:
    """Return the names that a module defines, with those it imports where `imported`."""
    names: set[str] = set()
    for item in tree.body:
        if isinstance(item, ast.FunctionDef):
            names.add(item.name)
        elif isinstance(item, ast.Assign):
            names |= {target.id for target in item.targets if isinstance(target, ast.Name)}
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            names.add(item.target.id)
        elif imported and isinstance(item, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in item.names}
    return names
