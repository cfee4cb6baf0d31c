"""Parameters of an analyzer: a frozen dataclass with a default and a meaning for each field."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from graphrisk.errors import UsageError, nearest

P = TypeVar("P")


def param(
    default: Any,
    meaning: str,
    *,
    choices: tuple[str, ...] = (),
    aliases: Mapping[str, str] | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """Declare one parameter: its default, its meaning with the unit, and what it may be."""
    metadata = {"meaning": meaning, "choices": choices, "aliases": dict(aliases or {}), "low": low, "high": high}
    return dataclasses.field(default=default, metadata=metadata)


def parse_params(params: type[P], given: Mapping[str, Any], *, where: str) -> P:
    """Return `params` with the values `given` (texts from a command line, or typed values), checked.

    Raises UsageError naming the key, the nearest known key, and what is allowed.
    """
    declared = {f.name: f for f in dataclasses.fields(params)}  # type: ignore[arg-type]
    hints = get_type_hints(params)
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in declared:
            raise UsageError(f"{where} has no parameter {key!r}", hint=nearest(key, declared))
        values[key] = _convert(value, hints[key], declared[key].metadata, f"{where}: parameter {key}")
    return params(**values)


def _convert(value: Any, hint: Any, meta: Mapping[str, Any], where: str) -> Any:
    options = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if type(None) in options and (value is None or value in ("", "none", "null")):
        return None
    wanted = next(o for o in options if o is not type(None))
    if get_origin(wanted) is tuple:
        parts = value.split(",") if isinstance(value, str) else _items(value)
        inner = get_args(wanted)[0]
        return tuple(_scalar(p.strip() if isinstance(p, str) else p, inner, meta, where) for p in parts if p != "")
    return _scalar(value, wanted, meta, where)


def _items(value: Any) -> list[Any]:
    """Return the items of a list, or of a single value."""
    try:
        return [value] if isinstance(value, Mapping) else list(value)
    except TypeError:
        return [value]


def _scalar(value: Any, wanted: type, meta: Mapping[str, Any], where: str) -> Any:
    if wanted is bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if str(value).lower() in words:
            return words[str(value).lower()]
        raise UsageError(f"{where} is true or false, not {value!r}")
    if wanted in (int, float):
        try:
            if isinstance(value, bool):
                raise TypeError
            number = wanted(value)
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"{where} is a number, not {value!r}") from None
        if number != value and not isinstance(value, str):
            raise UsageError(f"{where} is a {'whole' if wanted is int else 'finite'} number, not {value!r}")
        low, high = meta.get("low"), meta.get("high")
        if number != number or number in (float("inf"), float("-inf")):
            raise UsageError(f"{where} is a finite number, not {value!r}")
        if (low is not None and number < low) or (high is not None and number > high):
            bounds = (
                f"at least {low:g}"
                if high is None
                else f"at most {high:g}"
                if low is None
                else f"in [{low:g}, {high:g}]"
            )
            raise UsageError(f"{where} is {bounds}, not {value!r}")
        return number
    text = meta.get("aliases", {}).get(str(value), str(value))
    choices = meta.get("choices") or ()
    if choices and text not in choices:
        raise UsageError(f"{where} is one of {', '.join(choices)}, not {value!r}", hint=nearest(text, choices))
    return text


def date_of(value: str | date | None) -> date | None:
    """Return a day written YYYY-MM-DD as a date; UsageError for any other text."""
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise UsageError(f"{value!r} is not a day", hint="write it as YYYY-MM-DD, e.g. 2026-09-30") from None
