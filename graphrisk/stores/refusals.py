"""What every store refuses of a query: one that takes too long, and names that nobody knows."""

from __future__ import annotations

import re

from graphrisk.errors import StoreError, UsageError, nearest
from graphrisk.model.shapes import LABELS, PROPERTIES, RELATIONS, SCORE_PREFIX

_UNKNOWN = (
    (re.compile(r"unknown node label '([^']+)'"), "label", LABELS),
    (re.compile(r"unknown relationship type '([^']+)'"), "relationship type", RELATIONS),
    (re.compile(r"references property '([^']+)' which no"), "property", PROPERTIES),
    (re.compile(r"projects property '([^']+)' which no"), "property", PROPERTIES),
    (re.compile(r"The label `([^`]+)` does not exist"), "label", LABELS),
    (re.compile(r"The relationship type `([^`]+)` does not exist"), "relationship type", RELATIONS),
    (re.compile(r"The property `([^`]+)` does not exist"), "property", PROPERTIES),
)


def too_long(timeout: float, where: str) -> StoreError:
    """Return the error of a query that was stopped."""
    return StoreError(
        f"the query took longer than {timeout:g} s and was stopped",
        where=where,
        hint="start it at one party, bound its paths, or raise `timeout` in graphrisk.toml",
    )


def check_names(warnings: list[str]) -> None:
    """Refuse a label, relationship type or property that is neither in the data nor in the vocabulary: a typing error.

    A name of the vocabulary of which this snapshot holds nothing just matches nothing.
    """
    for text in warnings:
        for pattern, what, known in _UNKNOWN:
            for name in pattern.findall(text):
                if name not in known and not name.startswith(SCORE_PREFIX):
                    raise UsageError(f"no {what} is called {name!r}", where="statement", hint=nearest(name, known))
