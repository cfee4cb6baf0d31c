"""Values of a query as plain JSON-like values, the same from both engines."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from typing import Any

from graphrisk.model.catalog import BOOKKEEPING
from graphrisk.model.shapes import DIGEST

_NODE = {"id", "labels", "properties"}
_EDGE = {"id", "start", "end", "type", "properties"}
_PATH = {"nodes", "relationships"}
_DURATION = {"months", "days", "seconds"}
_HIDDEN = (*BOOKKEEPING, DIGEST)
_ENGINE_OWN = ("title", "type")


def from_kglite(value: Any) -> Any:
    """Return a KGLite value as a plain one."""
    if isinstance(value, dict):
        keys = set(value)
        if keys == _NODE and isinstance(value["labels"], list):
            return _shown({k: v for k, v in value["properties"].items() if k not in _ENGINE_OWN}, from_kglite)
        if keys == _EDGE and isinstance(value["properties"], dict):
            return _shown(value["properties"], from_kglite)
        if keys in (_DURATION, _DURATION | {"nanoseconds"}):
            return duration(value["months"], value["days"], value["seconds"], value.get("nanoseconds", 0))
        if keys == _PATH:
            return {"nodes": from_kglite(value["nodes"]), "relationships": from_kglite(value["relationships"])}
        return {key: from_kglite(item) for key, item in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [from_kglite(item) for item in value]
    return scalar(value)


def from_neo4j(value: Any) -> Any:
    """Return a value of the Neo4j driver as a plain one."""
    from neo4j.graph import Node, Path, Relationship
    from neo4j.time import Date, DateTime, Duration, Time

    if isinstance(value, Node | Relationship):
        return _shown(dict(value), from_neo4j)
    if isinstance(value, Path):
        return {
            "nodes": [from_neo4j(node) for node in value.nodes],
            "relationships": [from_neo4j(edge) for edge in value.relationships],
        }
    if isinstance(value, dict):
        return {key: from_neo4j(item) for key, item in sorted(value.items())}
    if isinstance(value, Duration):
        return duration(value.months, value.days, value.seconds, value.nanoseconds)
    if isinstance(value, list | tuple):
        return [from_neo4j(item) for item in value]
    if isinstance(value, Date | DateTime | Time):
        return scalar(value.to_native())
    return scalar(value)


def _shown(properties: dict[str, Any], convert: Any) -> dict[str, Any]:
    """Return the properties of a node or relationship by name, without missing ones and bookkeeping."""
    return {
        name: convert(value) for name, value in sorted(properties.items()) if value is not None and name not in _HIDDEN
    }


def scalar(value: Any) -> Any:
    """Return a scalar as JSON knows it: dates and times as ISO text, what is not finite as None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def duration(months: int, days: int, seconds: int, nanoseconds: int) -> str:
    """Return a duration in ISO 8601, as it is kept: months, days and seconds do not turn into one another."""
    whole = seconds + nanoseconds / 1e9 if nanoseconds else seconds
    return f"P{months}M{days}DT{whole}S"
