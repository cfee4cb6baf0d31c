"""A stress scenario: who or what is hit, and how hard. Read from a TOML file; docs name the keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyShock:
    """A loss of equity: of the `parties` named, or of those whose columns match `where` (all must hold).

    Exactly one of `loss` (fraction of equity in [0, 1]) and `loss_amount` (base currency, each) is given. `key` is its
    place in the file.
    """

    parties: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loss: float | None = None
    loss_amount: float | None = None
    key: str = "shock"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceShock:
    """A relative change of value (`price`, -0.3 = falls by 30 %) of the collateral that matches `where`."""

    where: Mapping[str, tuple[str, ...]]
    price: float
    key: str = "shock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario: `params` are those of the analyzer, as in `--set`."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    party_shocks: tuple[PartyShock, ...] = ()
    price_shocks: tuple[PriceShock, ...] = ()


_TOP = ("name", "contagion", "shock")
_SHOCK = ("parties", "where", "loss", "loss_amount", "collateral", "price")


def read_scenario(path: Path) -> Scenario:
    """Return the scenario of a TOML file; UsageError naming the file, the key's path and the nearest right key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError("there is no such scenario file", where=str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the scenario file cannot be read: {error}", where=str(path)) from None
    return parse_scenario(text, where=str(path), name=path.stem)


def parse_scenario(text: str, *, where: str = "scenario", name: str = "scenario") -> Scenario:
    """Return the scenario written in `text` (TOML); `name` where it gives itself none.

    Columns, values and party ids are checked when it meets the data. Raises UsageError.
    """
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"this is not TOML: {error}", where=where) from None
    for key in given:
        if key not in _TOP:
            raise UsageError(f"unknown key {key!r}", hint=nearest(key, _TOP), where=where)
    said = given.get("name", name)
    if not isinstance(said, str):
        raise UsageError(f"name is a text, not {said!r}", where=where)
    params = given.get("contagion", {})
    if not isinstance(params, dict):
        raise UsageError(
            "contagion is a table of parameters", hint='write [contagion] and below it rule = "debtrank"', where=where
        )
    shocks = given.get("shock", [])
    if not isinstance(shocks, list) or not all(isinstance(shock, dict) for shock in shocks):
        raise UsageError("shock is a list of tables", hint="write [[shock]], with two brackets, for each", where=where)
    parsed = [_shock(shock, f"shock[{number}]", where) for number, shock in enumerate(shocks)]
    return Scenario(
        name=said,
        params={key: tuple(value) if isinstance(value, list) else value for key, value in params.items()},
        party_shocks=tuple(shock for shock in parsed if isinstance(shock, PartyShock)),
        price_shocks=tuple(shock for shock in parsed if isinstance(shock, PriceShock)),
    )


def _shock(given: Mapping[str, Any], key: str, where: str) -> PartyShock | PriceShock:
    for name in given:
        if name not in _SHOCK:
            raise UsageError(f"unknown key {key}.{name}", hint=nearest(name, _SHOCK), where=where)
    if "collateral" in given or "price" in given:
        return _price_shock(given, key, where)
    if ("parties" in given) == ("where" in given):
        raise UsageError(
            f"{key} hits either parties or where, one of both",
            hint='parties = ["P1"], or where = {industry = "K70"}, or collateral = {kind = "real_estate"}',
            where=where,
        )
    if ("loss" in given) == ("loss_amount" in given):
        raise UsageError(f"{key} takes either loss or loss_amount, one of both", where=where)
    return PartyShock(
        parties=_texts(given["parties"], f"{key}.parties", where) if "parties" in given else (),
        where=_filter(given["where"], f"{key}.where", where) if "where" in given else {},
        loss=_number(given["loss"], f"{key}.loss", where, 0.0, 1.0) if "loss" in given else None,
        loss_amount=_number(given["loss_amount"], f"{key}.loss_amount", where, 0.0, None)
        if "loss_amount" in given
        else None,
        key=key,
    )


def _price_shock(given: Mapping[str, Any], key: str, where: str) -> PriceShock:
    other = sorted(set(given) - {"collateral", "price"})
    if other or len(given) != 2:
        raise UsageError(
            f"{key} needs collateral and price, and takes nothing else" + (f" ({', '.join(other)})" if other else ""),
            hint='collateral = {kind = "real_estate"}\nprice = -0.3',
            where=where,
        )
    return PriceShock(
        where=_filter(given["collateral"], f"{key}.collateral", where),
        price=_number(given["price"], f"{key}.price", where, -1.0, 0.0),
        key=key,
    )


def _filter(given: Any, key: str, where: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict) or not given:
        raise UsageError(
            f"{key} names columns and their values", hint='{industry = "K70", size = "small"}', where=where
        )
    return {column: _texts(value, f"{key}.{column}", where) for column, value in given.items()}


def _texts(given: Any, key: str, where: str) -> tuple[str, ...]:
    values = given if isinstance(given, list) else [given]
    if not values or any(isinstance(value, dict | list | float) for value in values):
        raise UsageError(f"{key} is a text or a list of texts, not {given!r}", where=where)
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _number(given: Any, key: str, where: str, low: float, high: float | None) -> float:
    bounds = f"at least {low:g}" if high is None else f"in [{low:g}, {high:g}]"
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise UsageError(f"{key} is a number {bounds}, not {given!r}", where=where)
    if not (low <= given <= (float("inf") if high is None else high)) or given == float("inf"):
        raise UsageError(f"{key} is {bounds}, not {given!r}", where=where)
    return float(given)
