"""Altman, Ohlson and Zmijewski of every statement, and which of Altman's variants fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.analyze.scores.tables import ALTMAN
from graphrisk.credit.statements import Statements
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.credit.altman import EM, Z1, Z2, Z, altman, zones
from graphrisk.kernels.credit.distress_logits import ohlson, zmijewski

Words = npt.NDArray[np.object_]
_VARIANTS = dict(zip(ALTMAN, (Z, Z1, Z2, EM), strict=True))
_ASSETS = ("total_assets", "total_liabilities")
_NEEDS = {
    "altman_z": ("current_assets", "current_liabilities", "retained_earnings", "ebit", "market_value_equity", "sales"),
    "altman_z1": ("current_assets", "current_liabilities", "retained_earnings", "ebit", "equity", "sales"),
    "altman_z2": ("current_assets", "current_liabilities", "retained_earnings", "ebit", "equity"),
    "altman_em": ("current_assets", "current_liabilities", "retained_earnings", "ebit", "equity"),
    "ohlson": ("current_assets", "current_liabilities", "net_income", "operating_cash_flow"),
    "zmijewski": ("current_assets", "current_liabilities", "net_income"),
}
_ABOVE_ZERO = {**dict.fromkeys(ALTMAN, _ASSETS), "ohlson": (*_ASSETS, "current_assets"),
               "zmijewski": ("total_assets", "current_liabilities")}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One score of every statement (k,): NaN and None where there is none; `reason` says why or how."""

    value: Floats
    reason: Words
    zone: Words
    pd: Floats
    chosen: Words
    more: dict[str, Any] = field(default_factory=dict)


def classic_scores(
    given: Statements, *, manufacturing: tuple[str, ...], emerging: tuple[str, ...], price_index: float
) -> dict[str, Scored]:
    """Return the scores by name."""
    found = {name: _altman(given, name) for name in ALTMAN}
    chosen, why = _choice(given, found, manufacturing, emerging)
    for number, name in enumerate(ALTMAN):
        mine = chosen == number
        reason = found[name].reason
        there = ~np.isnan(found[name].value)
        others = np.array([f"not chosen: {ALTMAN[c]} fits" if c >= 0 else "" for c in chosen], dtype=object)
        reason[there] = np.where(mine, why, others)[there]
        found[name].chosen[:] = mine
    score, chance = ohlson(
        total_assets=given.balance("total_assets"),
        total_liabilities=given.balance("total_liabilities"),
        current_assets=given.balance("current_assets"),
        current_liabilities=given.balance("current_liabilities"),
        net_income=given.flow("net_income"),
        net_income_before=given.a_year_before(given.flow("net_income")),
        funds_from_operations=given.flow("operating_cash_flow"),
        price_index=price_index,
    )
    reason = _lacking(given, "ohlson")
    no_year = (reason == "") & np.isnan(given.a_year_before(given.flow("net_income")))
    reason[no_year] = "missing: net_income of the year before"
    reason[~np.isnan(score)] = "operating cash flow stands for funds from operations"
    found["ohlson"] = _scored(score, chance, reason)
    score, chance = zmijewski(
        total_assets=given.balance("total_assets"),
        total_liabilities=given.balance("total_liabilities"),
        current_assets=given.balance("current_assets"),
        current_liabilities=given.balance("current_liabilities"),
        net_income=given.flow("net_income"),
    )
    found["zmijewski"] = _scored(score, chance, _lacking(given, "zmijewski"))
    return found


def _scored(value: Floats, pd: Floats, reason: Words) -> Scored:
    none = np.full(len(value), None, dtype=object)
    reason[reason == ""] = None
    return Scored(value=value, reason=reason, zone=none, pd=pd, chosen=none.copy())


def _altman(given: Statements, name: str) -> Scored:
    variant = _VARIANTS[name]
    value = altman(
        variant,
        working_capital=given.balance("current_assets") - given.balance("current_liabilities"),
        retained_earnings=given.balance("retained_earnings"),
        ebit=given.flow("ebit"),
        equity=given.balance("market_value_equity" if name == "altman_z" else "equity"),
        total_liabilities=given.balance("total_liabilities"),
        sales=given.flow("sales"),
        total_assets=given.balance("total_assets"),
    )
    none = np.full(given.size, np.nan)
    return Scored(
        value=value,
        reason=_lacking(given, name),
        zone=zones(variant, value),
        pd=none,
        chosen=np.zeros(given.size, dtype=object),
    )


def _lacking(given: Statements, name: str) -> Words:
    """Return what a score lacks in words (k,); "" where nothing is."""
    wanted = (*_ASSETS, *_NEEDS[name])
    unknown = np.stack([np.isnan(given.balance(column)) for column in wanted])
    zero = np.stack([given.balance(column) <= 0.0 for column in _ABOVE_ZERO[name]])
    said = np.full(given.size, "", dtype=object)
    for at in np.flatnonzero(unknown.any(axis=0)):
        said[at] = "missing: " + ", ".join(c for c, gone in zip(wanted, unknown[:, at], strict=True) if gone)
    for at in np.flatnonzero(zero.any(axis=0) & (said == "")):
        named = (c for c, low in zip(_ABOVE_ZERO[name], zero[:, at], strict=True) if low)
        said[at] = "zero or less: " + ", ".join(named)
    return said


def _choice(
    given: Statements, found: dict[str, Scored], manufacturing: tuple[str, ...], emerging: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], Words]:
    """Return which variant fits each statement (k,), -1 for none, and why.

    With a market value Z; else with sales Z', but Z'' for who is known not to be a manufacturer, and where sales are
    unknown; the score of emerging markets for Z'' in one of their countries.
    """
    graph = given.graph
    industry, country = graph.texts("parties", "industry")[given.party], graph.texts("parties", "country")[given.party]
    maker = np.array([None if i is None else str(i).startswith(manufacturing) for i in industry], dtype=object)
    other = maker == False  # noqa: E712 - elementwise, and not None
    abroad = np.isin(country.astype(str), emerging)
    there = {name: ~np.isnan(one.value) for name, one in found.items()}
    chosen = np.full(given.size, -1, dtype=np.int64)
    why = np.full(given.size, "", dtype=object)
    rules = (
        (there["altman_z"] & ~other, 0, "chosen: the market value of the equity is known"),
        (there["altman_z1"] & ~other, 1, "chosen: no market value, sales are known"),
        (there["altman_em"] & other & abroad, 3, "chosen: no manufacturer, in an emerging market"),
        (there["altman_z2"] & other, 2, "chosen: no manufacturer"),
        (there["altman_em"] & abroad, 3, "chosen: sales are not known, in an emerging market"),
        (there["altman_z2"], 2, "chosen: sales are not known"),
    )
    for fits, number, said in rules:
        new = fits & (chosen < 0)
        chosen[new], why[new] = number, said
    return chosen, why
