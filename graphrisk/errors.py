"""Errors that graphrisk foresees: each says what is wrong, where, and what to do about it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_ADDRESS = re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,30}://\S*@\S*")
"""A url with a user, and perhaps a password, anywhere in a text; bounded, so that a long text takes no long time."""


def without_password(url: str) -> str:
    """Return a store's url as it may be shown: without user, password and parameters, whatever its scheme."""
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() == "files" or len(scheme) == 1:  # a folder, perhaps on a drive of Windows
        return url
    bare = rest.lstrip("/")
    before = bare.partition("?")[0]  # a "?" may also be one of the password
    shown = (before if "@" in before or "@" not in bare else bare).rpartition("@")[2].partition("?")[0]
    return f"{scheme}:{rest[: len(rest) - len(bare)]}{shown}"


def _shown(text: str) -> str:
    return _ADDRESS.sub(lambda found: without_password(found[0]), text) if "://" in text and "@" in text else text


class GraphRiskError(Exception):
    """An error we foresee. `hint` says what to do, `where` names the file, line, table or column."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", where: str = "") -> None:
        message, hint, where = (_shown(text) for text in (message, hint, where))
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class UsageError(GraphRiskError):
    """The call is wrong: an unknown name, key, column or option."""

    exit_code = 2


class DataError(GraphRiskError):
    """The data was refused."""

    exit_code = 3


class StoreError(GraphRiskError):
    """The store cannot be reached, read or written."""

    exit_code = 4


class ReadOnlyError(StoreError):
    """The store may be read and not written: what was computed is right, and is not kept."""


class BusyError(StoreError):
    """Another process writes to the store just now: what was computed is right, and is not kept."""


class ConvergenceError(GraphRiskError):
    """An iteration did not reach its tolerance: there is no answer to show."""

    exit_code = 5


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint naming the known names nearest to `name`, or all of them if none is near."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    shown = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    return f"known: {shown}" if names else "there is none"
