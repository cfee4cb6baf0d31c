"""Which analyzer a score table belongs to: the one whose name it begins with."""

from __future__ import annotations

from collections.abc import Iterable


def owner_of(table: str, analyzers: Iterable[str]) -> str | None:
    """Return the analyzer that a score table belongs to, or None; names of analyzers may hold "_" themselves.

    Of several whose name the table begins with, the longest:

    >>> owner_of("network_pd_parties", ["network", "network_pd"])
    'network_pd'
    >>> owner_of("parties", ["network_pd"]) is None
    True
    """
    owners = [name for name in analyzers if table.startswith(f"{name}_")]
    return max(owners, key=len, default=None)
