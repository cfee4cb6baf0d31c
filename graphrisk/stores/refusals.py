"""What stores refuse of a query: one that takes too long, names that nobody knows, scores of other settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

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


_ANY_PROPERTY = re.compile(r"\b(keys|properties)\s*\(", re.IGNORECASE)


def refuse_scores(cypher: str, params: Mapping[str, Any], others: Sequence[str]) -> None:
    """Refuse a statement that could read scores which the analyzers `others` computed under other settings."""
    said = f"{cypher}\n{list(params.values())}"
    named = [one for one in others if f"{SCORE_PREFIX}{one}_" in said]
    if others and not named and _ANY_PROPERTY.search(cypher):
        named = list(others)
    if named:
        raise StoreError(
            f"the scores of {', '.join(named)} in this database were computed under other settings (base currency)",
            where="statement",
            hint=f"compute them under yours first: graphrisk analyze {named[0]}",
        )


def without_scores(value: Any, others: Sequence[str]) -> Any:
    """Return a plain value without the properties that the analyzers `others` computed."""
    if not others:
        return value
    if isinstance(value, dict):
        marks = tuple(f"{SCORE_PREFIX}{one}_" for one in others)
        return {key: without_scores(item, others) for key, item in value.items() if not key.startswith(marks)}
    return [without_scores(item, others) for item in value] if isinstance(value, list) else value
