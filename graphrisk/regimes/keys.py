"""Keys of a regime's file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphrisk.errors import UsageError, nearest


def refuse_unknown(given: Mapping[str, Any], known: set[str], where: str) -> None:
    """Raise UsageError for the first key that is none of `known`, naming the nearest."""
    for key in given:
        if key not in known:
            raise UsageError(f"unknown key {key!r}", where=where, hint=nearest(key, known))
