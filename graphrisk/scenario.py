"""A stress scenario: who or what is hit, and how hard. Read from a TOML file; docs/scenarios.md lists the keys."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest

MEASURES = (
    "defaults", "obligors_in_default", "ead_in_default", "parties_touched", "bank_loss", "bank_loss_before_contagion",
    "own_bank_loss", "own_loss_rate", "other_lenders_loss", "equity_lost", "shortfall", "guarantor_paid",
    "guarantee_unmet", "collateral_value", "collateral_cover", "expected_loss", "mean_pd",
)  # fmt: skip
"""What a stress is measured by: the rows of contagion_comparison, in their order."""

LIMITED = tuple(name for name in MEASURES if not name.startswith("collateral_"))
"""The measures that are worse the larger they are, on which a limit can be set."""

MARKET, SECTOR, REGION = "market", "sector", "region"
"""Kinds of systematic factors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyShock:
    """A loss of equity: of the `parties` named, or of those whose columns match `where` (all must hold).

    Exactly one of `loss` (fraction of equity in [0, 1]) and `loss_amount` (base currency, each) is given. `where` may
    ask for a `rating` (of `rating_model`, else of any). `key` is the shock's place in the file.
    """

    parties: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rating_model: str | None = None
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
class PdShock:
    """A factor on the PD of the `parties` named, of those that match `where`, or of every party."""

    parties: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rating_model: str | None = None
    multiplier: float
    key: str = "shock"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorShock:
    """Systematic factors held at `move` standard deviations (below 0 is a bad year).

    `factors`: (kind, name) of each: ("market", ""), ("sector", "C"), ("region", "浙江").
    """

    factors: tuple[tuple[str, str], ...]
    move: float
    key: str = "shock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario. `params` are those of contagion and `portfolio` those of portfolio, as in `--set`.

    `default_above`: parties whose stressed PD is at or above it start in default; `limits`: measure -> largest value.
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    portfolio: Mapping[str, Any] = field(default_factory=dict)
    party_shocks: tuple[PartyShock, ...] = ()
    price_shocks: tuple[PriceShock, ...] = ()
    pd_shocks: tuple[PdShock, ...] = ()
    factor_shocks: tuple[FactorShock, ...] = ()
    default_above: float | None = None
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def moves_pds(self) -> bool:
        """True where PDs are multiplied or factors moved."""
        return bool(self.pd_shocks or self.factor_shocks)

    @property
    def shocks(self) -> int:
        """The number of shocks."""
        return len(self.party_shocks) + len(self.price_shocks) + len(self.pd_shocks) + len(self.factor_shocks)


_TOP = ("name", "contagion", "portfolio", "default_above", "shock", "limits")
_SHOCK = ("parties", "where", "rating_model", "loss", "loss_amount", "collateral", "price", "pd_multiplier", "factor",
          "move")  # fmt: skip
_FARTHEST = 10.0
"""Standard deviations beyond which a move is taken for a slip: a percentage, say."""


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

    Columns, values, party ids and parameters are checked when it meets the data. Raises UsageError.
    """
    try:
        given = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 5,000 digits is a ValueError of its own
        raise UsageError(f"this is not TOML: {error}", where=where) from None
    for key in given:
        if key not in _TOP:
            raise UsageError(f"unknown key {key!r}", hint=nearest(key, _TOP), where=where)
    said = given.get("name", name)
    if not isinstance(said, str):
        raise UsageError(f"name is a text, not {_short(said)}", where=where)
    shocks = given.get("shock", [])
    if not isinstance(shocks, list) or not all(isinstance(shock, dict) for shock in shocks):
        raise UsageError("shock is a list of tables", hint="write [[shock]], with two brackets, for each", where=where)
    parsed = [_shock(shock, f"shock[{number}]", where) for number, shock in enumerate(shocks)]
    above = given.get("default_above")
    if above is not None:
        above = _number(above, "default_above", where, 0.0, 1.0)
        if above == 0.0:
            raise UsageError(
                "default_above is above 0: at 0 every party would be in default", hint="default_above = 0.2",
                where=where,
            )  # fmt: skip
    return Scenario(
        name=said,
        params=_params(given, "contagion", 'rule = "debtrank"', where),
        portfolio=_params(given, "portfolio", 'factors = "sector"', where),
        party_shocks=tuple(shock for shock in parsed if isinstance(shock, PartyShock)),
        price_shocks=tuple(shock for shock in parsed if isinstance(shock, PriceShock)),
        pd_shocks=tuple(shock for shock in parsed if isinstance(shock, PdShock)),
        factor_shocks=tuple(shock for shock in parsed if isinstance(shock, FactorShock)),
        default_above=above,
        limits=_limits(given.get("limits", {}), where),
    )


def _params(given: Mapping[str, Any], key: str, example: str, where: str) -> dict[str, Any]:
    table = given.get(key, {})
    if not isinstance(table, dict):
        raise UsageError(
            f"{key} is a table of parameters", hint=f"write [{key}] and below it {example}", where=where
        )  # fmt: skip
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def _limits(given: Any, where: str) -> dict[str, float]:
    if not isinstance(given, dict):
        raise UsageError(
            "limits is a table of measures and their largest values", hint="write [limits] and below it defaults = 10",
            where=where,
        )  # fmt: skip
    for name in given:
        if name not in MEASURES:
            raise UsageError(f"unknown key limits.{name}", hint=nearest(name, LIMITED), where=where)
        if name not in LIMITED:
            raise UsageError(
                f"limits.{name}: a limit is the largest value allowed, and {name} is worse when it falls",
                hint=f"known: {', '.join(LIMITED)}", where=where,
            )  # fmt: skip
    return {name: _number(value, f"limits.{name}", where, 0.0, None) for name, value in given.items()}


def _shock(given: Mapping[str, Any], key: str, where: str) -> PartyShock | PriceShock | PdShock | FactorShock:
    for name in given:
        if name not in _SHOCK:
            raise UsageError(f"unknown key {key}.{name}", hint=nearest(name, _SHOCK), where=where)
    if "collateral" in given or "price" in given:
        return _price_shock(given, key, where)
    if "factor" in given or "move" in given:
        return _factor_shock(given, key, where)
    if "pd_multiplier" in given:
        return _pd_shock(given, key, where)
    if ("parties" in given) == ("where" in given):
        raise UsageError(
            f"{key} hits either parties or where, one of both",
            hint='parties = ["P1"], or where = {industry = "K70"}, or collateral = {kind = "real_estate"}',
            where=where,
        )
    if ("loss" in given) == ("loss_amount" in given):
        raise UsageError(
            f"{key} takes either loss or loss_amount, one of both",
            hint="loss = 0.5 (of equity), loss_amount = 1e6, or pd_multiplier = 2.0",
            where=where,
        )
    return PartyShock(
        **_whom(given, key, where),
        loss=_number(given["loss"], f"{key}.loss", where, 0.0, 1.0) if "loss" in given else None,
        loss_amount=_number(given["loss_amount"], f"{key}.loss_amount", where, 0.0, None)
        if "loss_amount" in given
        else None,
        key=key,
    )


def _pd_shock(given: Mapping[str, Any], key: str, where: str) -> PdShock:
    other = sorted(set(given) & {"loss", "loss_amount"})
    if other:
        raise UsageError(
            f"{key} takes either pd_multiplier or {other[0]}, one of both",
            hint="write two [[shock]] with the same filter",
            where=where,
        )
    if "parties" in given and "where" in given:
        raise UsageError(
            f"{key} hits either parties or where, or with neither every party",
            hint='parties = ["P1"], or where = {industry = "K70"}',
            where=where,
        )
    return PdShock(
        **_whom(given, key, where),
        multiplier=_number(given["pd_multiplier"], f"{key}.pd_multiplier", where, 0.0, None),
        key=key,
    )


def _whom(given: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    """Return whom a shock hits: the keys parties, where and rating_model."""
    chosen = _filter(given["where"], f"{key}.where", where) if "where" in given else {}
    model = given.get("rating_model")
    if model is not None and not isinstance(model, str):
        raise UsageError(f"{key}.rating_model is a text, not {_short(model)}", where=where)
    if model is not None and "rating" not in chosen:
        raise UsageError(
            f"{key}.rating_model says whose rating is meant, and {key}.where asks for none",
            hint='where = {rating = "BB"}',
            where=where,
        )
    named = _texts(given["parties"], f"{key}.parties", where) if "parties" in given else ()
    return {"parties": named, "where": chosen, "rating_model": model}


def _factor_shock(given: Mapping[str, Any], key: str, where: str) -> FactorShock:
    hint = 'factor = "market"\nmove = -2.0   (standard deviations; or factor = {sector = "C"}, {region = "浙江"})'
    other = sorted(set(given) - {"factor", "move"})
    if other or len(given) != 2:
        raise UsageError(
            f"{key} needs factor and move, and takes nothing else" + (f" ({', '.join(other)})" if other else ""),
            hint=hint,
            where=where,
        )
    factor = given["factor"]
    if factor == MARKET:
        named: list[tuple[str, str]] = [(MARKET, "")]
    elif isinstance(factor, dict) and factor:
        for kind in factor:
            if kind not in (SECTOR, REGION):
                raise UsageError(
                    f"unknown key {key}.factor.{kind}", hint=nearest(kind, (SECTOR, REGION)), where=where
                )  # fmt: skip
        named = [(kind, name) for kind in factor for name in _texts(factor[kind], f"{key}.factor.{kind}", where)]
    else:
        raise UsageError(
            f'{key}.factor is "market", {{sector = ...}} or {{region = ...}}, not {_short(factor)}', hint=hint,
            where=where,
        )  # fmt: skip
    move = _number(given["move"], f"{key}.move", where, -_FARTHEST, _FARTHEST)
    return FactorShock(factors=tuple(named), move=move, key=key)


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
    large = any(isinstance(value, int) and value.bit_length() > 63 for value in values)
    if not values or large or any(isinstance(value, dict | list | float) for value in values):
        raise UsageError(f"{key} is a text or a list of texts, not {_short(given)}", where=where)
    return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _number(given: Any, key: str, where: str, low: float, high: float | None) -> float:
    bounds = f"at least {low:g}" if high is None else f"in [{low:g}, {high:g}]"
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise UsageError(f"{key} is a number {bounds}, not {_short(given)}", where=where)
    try:
        value = float(given)
    except OverflowError:
        value = math.inf
    if not low <= value <= (math.inf if high is None else high) or math.isinf(value):
        raise UsageError(f"{key} is {bounds}, not {_short(given)}", where=where)
    return value


def _short(value: Any) -> str:
    """Return a value as it was written, cut to what a message can hold."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no number of 5,000 digits
        return "a number too large to write"
    return text if len(text) <= 60 else f"{text[:57]}..."
