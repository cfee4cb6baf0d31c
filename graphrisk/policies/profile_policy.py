"""The policy of the profile: what makes a dimension, how each indicator is scored, what dimensions weigh by segment."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest

DIMENSIONS = ("credit_history", "repayment_ability", "stability", "prospects", "basics", "relationship")
SIZES = ("micro", "small", "medium", "large")
_TOP = ("version", "valid_from", "author", "weights", "segment", *DIMENSIONS)
_KEYS = ("weight", "bad", "good", "peers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How an indicator is scored: 0 at `bad`, 100 at `good`, linear between; with `peers` by its percentile."""

    weight: float
    bad: float
    good: float
    peers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePolicy:
    """`scales`: dimension -> indicator -> scale; `weights` of the dimensions, `segments` those that a size changes."""

    version: str
    where: str
    weights: Mapping[str, float]
    segments: Mapping[str, Mapping[str, float]]
    scales: Mapping[str, Mapping[str, Scale]]

    def weights_of(self, size: str | None) -> dict[str, float]:
        """Return what the dimensions weigh for a party of this size; they sum to 1."""
        found = {**self.weights, **self.segments.get(size or "", {})}
        whole = sum(found.values())
        return {name: found[name] / whole for name in DIMENSIONS}


def find_profile_policy(path: str | None, indicators: Mapping[str, bool]) -> ProfilePolicy:
    """Return the policy of a file; None: the shipped one. `indicators`: all there are, and whether peers can score it.

    Raises UsageError, with the key, for an unknown key or indicator, a weight below 0, or anchors that are equal.
    """
    file = Path(__file__).parent / "profile.toml" if path is None else Path(path)
    where = "policy profile" if path is None else str(file)
    try:
        given = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is no TOML file: {error}", where=where) from error
    _known(given, _TOP, where)
    if not isinstance(given.get("version"), str) or not given["version"].strip():
        raise UsageError("a policy has a version", hint='version = "2026.1"', where=where)
    scales = {name: _scales(given.get(name, {}), indicators, f"{where}: [{name}]") for name in DIMENSIONS}
    segments = _table(given.get("segment", {}), f"{where}: [segment]")
    _known(segments, SIZES, f"{where}: [segment]")
    weights = _weights(given.get("weights", {}), f"{where}: [weights]")
    missing = [name for name in DIMENSIONS if name not in weights]
    if missing:
        raise UsageError(f"no weight is given for {', '.join(missing)}", where=f"{where}: [weights]")
    found = ProfilePolicy(
        version=given["version"].strip(),
        where=where,
        weights=weights,
        segments={size: _weights(rows, f"{where}: [segment.{size}]") for size, rows in segments.items()},
        scales=scales,
    )
    for size in (None, *segments):
        if sum({**weights, **found.segments.get(size or "", {})}.values()) <= 0.0:
            raise UsageError("the weights of the dimensions sum to 0", where=where)
    return found


def _scales(given: Any, indicators: Mapping[str, bool], where: str) -> dict[str, Scale]:
    found = {}
    rows = _table(given, where)
    _known(rows, tuple(indicators), where)
    for name, row in rows.items():
        at = f"{where}.{name}"
        row = _table(row, at)
        _known(row, _KEYS, at)
        peers = row.get("peers", False)
        if not isinstance(peers, bool):
            raise UsageError("peers is true or false", where=at)
        if peers and not indicators[name]:
            raise UsageError("only ratios are compared with peers", hint="give bad and good", where=at)
        bad, good = (math.nan, math.nan) if peers else (_number(row, key, at) for key in ("bad", "good"))
        if bad == good:
            raise UsageError("bad and good are the same", where=at)
        found[name] = Scale(weight=_weight(_number(row, "weight", at), at), bad=bad, good=good, peers=peers)
    return found


def _weights(given: Any, where: str) -> dict[str, float]:
    rows = _table(given, where)
    _known(rows, DIMENSIONS, where)
    return {name: _weight(_number(rows, name, where), f"{where}.{name}") for name in rows}


def _weight(value: float, where: str) -> float:
    if value < 0.0:
        raise UsageError(f"a weight is at least 0, not {value:g}", where=where)
    return value


def _number(row: Mapping[str, Any], key: str, where: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UsageError(f"{key} is a number, not {value!r}", where=where)
    return float(value)


def _table(given: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise UsageError("is a table", where=where)
    return given


def _known(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in given:
        if key not in known:
            raise UsageError(f"has no key {key!r}", hint=nearest(key, known), where=where)
