"""Financial ratios, each with its definition, the direction that is better, and why it is null where it is.

Definitions are those that textbooks share (S. Penman, "Financial Statement Analysis and Security Valuation"; for roe,
roa and turnover over the mean of opening and closing balance): docs/methods/ratios.md. Missing is coded, never zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.credit.statements import MONTHS, Statements
from graphrisk.graph.riskgraph import Floats

OK, CLOSING, MATERIAL, MISSING, NO_DENOMINATOR, NO_YEAR_BEFORE, NOT_BURNING = (
    "ok", "closing_value", "material_cost", "missing", "denominator", "no_year_before", "no_outflow",
)  # fmt: skip
CODES = (OK, CLOSING, MATERIAL, MISSING, NO_DENOMINATOR, NO_YEAR_BEFORE, NOT_BURNING)
"""How a value was obtained, or why there is none."""
WITH_VALUE = (OK, CLOSING, MATERIAL)
YEAR_DAYS = 365.0

Words = npt.NDArray[np.object_]
Column = Callable[[Statements], Floats]
Computed = Callable[[Statements], tuple[Floats, Words]]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio: `better` 1 where more is better, -1 where less is; `family` what it tells of; `unit` of its value."""

    name: str
    family: str
    better: int
    unit: str
    definition: str
    compute: Computed


def _quotient(top: Floats, bottom: Floats, code: Words | None = None) -> tuple[Floats, Words]:
    """Return top / bottom and how it was obtained: null where a part is missing or the denominator is <= 0."""
    known = ~(np.isnan(top) | np.isnan(bottom))
    good = known & (bottom > 0.0)
    value = np.divide(top, bottom, out=np.full(len(top), np.nan), where=good)
    said = np.full(len(top), OK, dtype=object) if code is None else code.copy()
    said[~known] = MISSING
    said[~np.isnan(bottom) & (bottom <= 0.0)] = NO_DENOMINATOR
    finite = np.isfinite(value)
    said[good & ~finite] = NO_DENOMINATOR
    return np.where(finite, value, np.nan), said


def _mean(given: Statements, column: str) -> tuple[Floats, Words]:
    """Return the mean of a balance and that of a year before; the closing one, coded, where that is missing."""
    closing = given.balance(column)
    opening = given.a_year_before(closing)
    code = np.where(np.isnan(opening), CLOSING, OK).astype(object)
    return np.where(np.isnan(opening), closing, 0.5 * (closing + opening)), code


def _cost(given: Statements) -> tuple[Floats, Words]:
    """Return the yearly cost of sales; cost of materials, coded, where that is missing."""
    cost, material = given.flow("cost_of_sales"), given.flow("material_cost")
    code = np.where(np.isnan(cost), MATERIAL, OK).astype(object)
    return np.where(np.isnan(cost), material, cost), code


def _over_mean(flow: str, balance: str) -> Computed:
    def compute(given: Statements) -> tuple[Floats, Words]:
        bottom, code = _mean(given, balance)
        return _quotient(given.flow(flow), bottom, code)

    return compute


def _over(top: Column, bottom: Column) -> Computed:
    return lambda given: _quotient(top(given), bottom(given))


def _balance(column: str) -> Column:
    return lambda given: given.balance(column)


def _flow(column: str) -> Column:
    return lambda given: given.flow(column)


def _gross_margin(given: Statements) -> tuple[Floats, Words]:
    cost, code = _cost(given)
    sales = given.flow("sales")
    return _quotient(sales - cost, sales, code)


def _inventory_days(given: Statements) -> tuple[Floats, Words]:
    cost, code = _cost(given)
    return _quotient(YEAR_DAYS * given.balance("inventory"), cost, code)


def _sales_growth(given: Statements) -> tuple[Floats, Words]:
    sales = given.flow("sales")
    before = given.a_year_before(sales)
    value, code = _quotient(sales - before, before)
    code[np.isnan(before) & ~np.isnan(sales)] = NO_YEAR_BEFORE
    return value, code


def _cash_runway(given: Statements) -> tuple[Floats, Words]:
    cash, flow = given.balance("cash"), given.flow("operating_cash_flow")
    value, code = _quotient(MONTHS * cash, -flow)
    code[code == NO_DENOMINATOR] = NOT_BURNING
    return value, code


RATIOS = (
    Ratio("current", "liquidity", 1, "", "current_assets / current_liabilities",
          _over(_balance("current_assets"), _balance("current_liabilities"))),
    Ratio("quick", "liquidity", 1, "", "(current_assets - inventory) / current_liabilities",
          _over(lambda g: g.balance("current_assets") - g.balance("inventory"), _balance("current_liabilities"))),
    Ratio("cash", "liquidity", 1, "", "cash / current_liabilities",
          _over(_balance("cash"), _balance("current_liabilities"))),
    Ratio("debt_to_assets", "leverage", -1, "fraction", "total_liabilities / total_assets",
          _over(_balance("total_liabilities"), _balance("total_assets"))),
    Ratio("debt_to_equity", "leverage", -1, "", "total_liabilities / equity",
          _over(_balance("total_liabilities"), _balance("equity"))),
    Ratio("interest_cover", "coverage", 1, "", "ebit / interest_expense",
          _over(_flow("ebit"), _flow("interest_expense"))),
    Ratio("roe", "profitability", 1, "fraction", "net_income / mean equity", _over_mean("net_income", "equity")),
    Ratio("roa", "profitability", 1, "fraction", "net_income / mean total_assets",
          _over_mean("net_income", "total_assets")),
    Ratio("roi", "profitability", 1, "fraction", "ebit / (equity + long_term_debt)",
          _over(_flow("ebit"), lambda g: g.balance("equity") + g.balance("long_term_debt"))),
    Ratio("gross_margin", "profitability", 1, "fraction", "(sales - cost_of_sales) / sales", _gross_margin),
    Ratio("net_margin", "profitability", 1, "fraction", "net_income / sales",
          _over(_flow("net_income"), _flow("sales"))),
    Ratio("asset_turnover", "activity", 1, "", "sales / mean total_assets", _over_mean("sales", "total_assets")),
    Ratio("inventory_days", "activity", -1, "days", "365 inventory / cost of sales", _inventory_days),
    Ratio("receivable_days", "activity", -1, "days", "365 receivables / sales",
          _over(lambda g: YEAR_DAYS * g.balance("receivables"), _flow("sales"))),
    Ratio("ocf_to_debt", "coverage", 1, "", "operating_cash_flow / total_liabilities",
          _over(_flow("operating_cash_flow"), _balance("total_liabilities"))),
    Ratio("sales_growth", "growth", 1, "fraction", "sales / sales a year before - 1", _sales_growth),
    Ratio("cash_runway_months", "liquidity", 1, "months", "12 cash / -operating_cash_flow where cash is spent",
          _cash_runway),
)  # fmt: skip
NAMES = tuple(ratio.name for ratio in RATIOS)
