"""The accounts and the ratings of a district's clients, year by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphrisk.demo.dice import Dice, Flags, Floats, Ints, fraction, rounded
from graphrisk.demo.filling import day, fill, words
from graphrisk.demo.firms import Block
from graphrisk.demo.sectors import GRADE_PD, GRADES


def financials(block: Block) -> pa.Table:
    """Return annual accounts of 2024 and 2025 whose identities hold to the yuan; what micro firms leave out is null.

    Sales less material cost and operating costs are EBITDA; cost of sales is material cost and 40 % of those. Cash at
    the start and the three cash flows are cash at the end.
    """
    known = np.flatnonzero(~np.isnan(block.assets))
    dice, n = block.dice("financials"), len(known)
    growth = 1.0 / (1.0 + np.clip(dice.normal(n, 0.05, 0.12), -0.3, 0.6))
    mix = Mix.drawn(block, known, dice)
    before, cash = statement(block, known, mix, day(2024, 12, 31), growth, None)
    latest, _ = statement(block, known, mix, day(2025, 12, 31), np.ones(n), cash)
    return pa.concat_tables([before, latest])


@dataclass(frozen=True, slots=True)
class Mix:
    """What makes one firm's balance sheet differ from another's of the same size: its parts, and who is listed."""

    parts: list[Floats]
    listed: Flags

    @staticmethod
    def drawn(block: Block, known: Ints, dice: Dice) -> Mix:
        """Return the draws for the firms `known`."""
        listed = (block.size[known] == 3) & dice.flags(len(known), 0.5)
        return Mix([dice.uniform(len(known)) for _ in range(8)], listed)


def statement(
    block: Block, known: Ints, mixed: Mix, period: int, factor: Floats, opening: Floats | None
) -> tuple[pa.Table, Floats]:
    """Return the accounts of the firms `known` at the end of a period, scaled by `factor`, and their cash.

    `opening`: cash at the end of the period before; None where that is not written.
    """
    n, mix, listed = len(known), mixed.parts, mixed.listed
    scale = rounded(factor, 0.001)
    assets = rounded(block.assets[known] * scale)
    equity = rounded(block.equity[known] * scale)
    sales = rounded(block.sales[known] * scale)
    ebit = rounded(block.ebit[known] * scale)
    liabilities = assets - equity
    current = rounded(assets * (0.35 + 0.4 * mix[0]))
    short = rounded(liabilities * (0.55 + 0.4 * mix[1]))
    interest = rounded(block.bank_debt[known] * scale * 0.046)
    material = rounded(block.material[known] * scale)
    depreciation = rounded(np.minimum((assets - current) * 0.07, 0.15 * (sales - material)))
    income = rounded((ebit - interest) * np.where(ebit > interest, 0.75, 1.0))
    running = sales - material - ebit - depreciation
    micro = block.size[known] == 0
    cash = rounded(current * (0.08 + 0.2 * mix[2]))
    operating = np.where(micro & (mix[6] < 0.3), np.nan, income + depreciation + rounded((mix[7] - 0.5) * sales * 0.08))
    investing = np.where(np.isnan(operating), np.nan, -depreciation)
    start = rounded(cash * 0.95) if opening is None else opening
    table = fill(
        "financials",
        n,
        party_id=block.ids.take(pa.array(known)),
        period_end_on=period,
        currency="CNY",
        total_assets=assets,
        current_assets=current,
        cash=cash,
        inventory=rounded(current * (0.1 + 0.25 * mix[3])),
        receivables=rounded(current * (0.2 + 0.16 * mix[4])),
        total_liabilities=liabilities,
        current_liabilities=short,
        long_term_debt=rounded((liabilities - short) * 0.9),
        equity=equity,
        retained_earnings=rounded(equity * (0.2 + 0.5 * mix[5])),
        sales=sales,
        cost_of_sales=material + rounded(0.4 * running),
        material_cost=material,
        operating_costs=running,
        period_months=12,
        ebit=ebit,
        ebitda=ebit + depreciation,
        interest_expense=interest,
        net_income=income,
        operating_cash_flow=operating,
        investing_cash_flow=investing,
        financing_cash_flow=cash - start - operating - investing,
        market_value_equity=np.where(listed & (equity > 0), rounded(equity * (0.8 + 1.4 * mix[6])), np.nan),
        employees=np.where(
            np.isnan(operating), np.nan, np.maximum(1.0, np.floor(sales / (600_000 + 800_000 * mix[4])))
        ),
        equity_volatility=np.where(listed & (equity > 0), fraction(0.2 + 0.4 * mix[7], 3), np.nan),
        audited=block.size[known] >= 2,
    )
    return table, cash


def ratings(block: Block) -> pa.Table:
    """Return two ratings of each client by the bank's model; PD lies within its grade's band."""
    dice, n = block.dice("ratings"), block.count
    before = np.clip(np.where(block.grade == 7, 6, block.grade) + dice.pick(n, (0.12, 0.76, 0.12)) - 1, 0, 6)
    tables = []
    for on, grade in ((day(2025, 6, 30), before), (day(2026, 6, 30), block.grade)):
        pd = np.where(grade == 7, 1.0, fraction(GRADE_PD[grade] * dice.uniform(n, 0.75, 1.3), 5))
        tables.append(
            fill(
                "ratings",
                n,
                party_id=block.ids,
                as_of_on=on,
                model="内部评级",
                pd=pd,
                grade=words(GRADES, grade),
                source="demo",
            )
        )
    return pa.concat_tables(tables)
