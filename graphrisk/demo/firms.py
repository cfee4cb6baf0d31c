"""The clients of one district: who they are, their accounts and their ratings."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pyarrow as pa

from graphrisk.demo.dice import Dice, Flags, Floats, Ints, fraction, rounded
from graphrisk.demo.filling import TODAY, day, fill, where, words
from graphrisk.demo.names import company_names, credit_codes, lei_codes, numbered, person_names
from graphrisk.demo.network import Network
from graphrisk.demo.sectors import (
    GRADE_PD,
    GRADE_SHARES,
    GRADES,
    INDUSTRIES,
    PROVINCES,
    SIZE_ASSETS,
    SIZE_WEIGHTS,
    SIZES,
)

STATUS = ("active", "watch", "defaulted", "closed")
_WATCH = np.array([0.0, 0.0, 0.005, 0.01, 0.03, 0.12, 0.45])
"""Chance of being watched, by grade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The clients of one district as columns (n,). `layer` are the clients in the guarantee layer, by node.

    `number` is unique in the whole bank; amounts in CNY; `assets` and `equity` are NaN for persons and where the bank
    has no accounts.
    """

    seed: int
    district: int
    ids: pa.Array
    number: Ints
    person: Flags
    guarantor: Flags
    industry: Ints
    province: Ints
    size: Ints
    status: Ints
    grade: Ints
    assets: Floats
    equity: Floats
    sales: Floats
    material: Floats
    ebit: Floats
    bank_debt: Floats
    wallet: Floats
    layer: Ints

    @property
    def count(self) -> int:
        """The number of clients."""
        return len(self.number)

    def dice(self, purpose: str) -> Dice:
        """Return the district's own stream for one purpose."""
        return Dice(self.seed, self.district, purpose)


def make_block(seed: int, district: int, first: int, count: int, network: Network) -> Block:
    """Return `count` clients numbered from `first`, of whom `network.nodes` firms are in the guarantee layer."""
    dice = Dice(seed, district, "firms")
    number = first + np.arange(count)
    person = dice.flags(count, 0.04)
    order = dice.order(count)
    layer = np.concatenate([order[~person[order]], order[person[order]]])[: network.nodes]
    person[layer] = False
    industry = dice.pick(count, [one.weight for one in INDUSTRIES])
    size = dice.pick(count, SIZE_WEIGHTS)
    guarantor = np.zeros(count, dtype=bool)
    if network.hubs:
        size[layer[list(network.hubs)]] = 3
        guarantor[layer[network.hubs[0]]] = True
    turnover, material, margin = (
        np.array([getattr(one, ratio) for one in INDUSTRIES])[industry] for ratio in ("turnover", "material", "margin")
    )
    health, luck, noise = dice.normal(count), dice.normal(count), dice.normal(count)
    assets = rounded(SIZE_ASSETS[size] * dice.lognormal(count, 0.7), 1000.0)
    equity = rounded(assets * np.clip(0.42 + 0.17 * health, -0.3, 0.85), 1000.0)
    sales = rounded(assets * turnover * dice.lognormal(count, 0.3), 1000.0)
    costs = rounded(sales * np.clip(material + 0.04 * noise, 0.1, 0.93), 1000.0)
    ebit = rounded(np.minimum(sales * (margin + 0.04 * luck), 0.8 * (sales - costs)), 1000.0)
    bank_debt = rounded((assets - equity) * dice.uniform(count, 0.25, 0.65), 1000.0)
    grade, status = _standing(dice, 0.6 * health + 0.45 * luck + 0.66 * dice.normal(count))
    status[layer] = np.where(status[layer] == 3, 0, status[layer])  # a guarantee keeps the account open
    unknown = person | dice.flags(count, 0.02)
    bank_debt[person] = rounded(4e5 * dice.lognormal(count, 0.7), 1000.0)[person]
    for column in (assets, equity, sales, costs, ebit):
        column[unknown] = np.nan
    return Block(
        seed=seed,
        district=district,
        ids=numbered("C", number),
        number=number,
        person=person,
        guarantor=guarantor,
        industry=industry,
        province=dice.pick(count, list(PROVINCES.values())),
        size=np.where(person, 0, size),
        status=status,
        grade=grade,
        assets=assets,
        equity=equity,
        sales=sales,
        material=costs,
        ebit=ebit,
        bank_debt=bank_debt,
        wallet=fraction(dice.uniform(count, 0.2, 0.9), 2),
        layer=layer,
    )


def _standing(dice: Dice, score: Floats) -> tuple[Ints, Ints]:
    """Return grade and status (positions): defaults come at 1.3 times the grade's PD of the year before."""
    bounds = [float(f"{NormalDist().inv_cdf(share):.6g}") for share in np.cumsum(GRADE_SHARES[::-1])[:-1].round(6)]
    grade = 6 - np.searchsorted(bounds, score / 1.003)
    status = np.where(dice.flags(len(score), _WATCH[grade]), 1, 0)
    status = np.where(dice.flags(len(score), 1.3 * GRADE_PD[grade]), 2, status)
    status = np.where(dice.flags(len(score), 0.004) & (status == 0), 3, status)
    return np.where(status == 2, 7, grade), status


def parties(block: Block) -> pa.Table:
    """Return the rows of `parties`."""
    dice, n = block.dice("parties"), block.count
    firm = ~block.person
    names = where(firm, company_names(dice, block.industry), person_names(dice, dice.whole(n, 1000)))
    kinds = words(
        ("company", "person", "guarantee_company"), np.where(block.person, 1, np.where(block.guarantor, 2, 0))
    )
    age = dice.whole(n, 9000) + 700
    client = np.minimum(dice.whole(n, 5400) + 60, age - 30)
    listed = (block.size == 3) & firm & dice.flags(n, 0.08)
    return fill(
        "parties",
        n,
        party_id=block.ids,
        name=names,
        kind=kinds,
        is_client=True,
        country="CN",
        region=words(list(PROVINCES), block.province),
        industry=where(firm, words([one.code for one in INDUSTRIES], block.industry)),
        size=where(firm, words(SIZES, block.size)),
        status=words(STATUS, block.status),
        lei=where(listed, lei_codes(block.number)),
        national_id=where(firm, credit_codes(block.number)),
        incorporated_on=TODAY - age - np.where(block.person, 9000, 0),
        client_since_on=TODAY - client,
        listed=listed,
        source="demo",
    )


def financials(block: Block) -> pa.Table:
    """Return annual accounts of 2024 and 2025 whose identities hold to the yuan; what micro firms leave out is null."""
    known = np.flatnonzero(~np.isnan(block.assets))
    dice, n = block.dice("financials"), len(known)
    growth = 1.0 / (1.0 + np.clip(dice.normal(n, 0.05, 0.12), -0.3, 0.6))
    listed = (block.size[known] == 3) & dice.flags(n, 0.5)
    mix = [dice.uniform(n) for _ in range(8)]
    tables = []
    for period, factor in ((day(2024, 12, 31), growth), (day(2025, 12, 31), np.ones(n))):
        scale = rounded(factor, 0.001)
        assets = rounded(block.assets[known] * scale)
        equity = rounded(block.equity[known] * scale)
        sales = rounded(block.sales[known] * scale)
        ebit = rounded(block.ebit[known] * scale)
        liabilities = assets - equity
        current = rounded(assets * (0.35 + 0.4 * mix[0]))
        short = rounded(liabilities * (0.55 + 0.4 * mix[1]))
        interest = rounded(block.bank_debt[known] * scale * 0.046)
        depreciation = rounded((assets - current) * 0.07)
        income = rounded((ebit - interest) * np.where(ebit > interest, 0.75, 1.0))
        micro = block.size[known] == 0
        tables.append(
            fill(
                "financials",
                n,
                party_id=block.ids.take(pa.array(known)),
                period_end_on=period,
                currency="CNY",
                total_assets=assets,
                current_assets=current,
                cash=rounded(current * (0.08 + 0.2 * mix[2])),
                inventory=rounded(current * (0.1 + 0.25 * mix[3])),
                receivables=rounded(current * (0.2 + 0.2 * mix[4])),
                total_liabilities=liabilities,
                current_liabilities=short,
                long_term_debt=rounded((liabilities - short) * 0.9),
                equity=equity,
                retained_earnings=rounded(equity * (0.2 + 0.5 * mix[5])),
                sales=sales,
                material_cost=rounded(block.material[known] * scale),
                ebit=ebit,
                ebitda=ebit + depreciation,
                interest_expense=interest,
                net_income=income,
                operating_cash_flow=np.where(
                    micro & (mix[6] < 0.3), np.nan, income + depreciation + rounded((mix[7] - 0.5) * sales * 0.08)
                ),
                market_value_equity=np.where(listed & (equity > 0), rounded(equity * (0.8 + 1.4 * mix[6])), np.nan),
                equity_volatility=np.where(listed & (equity > 0), fraction(0.2 + 0.4 * mix[7], 3), np.nan),
                audited=block.size[known] >= 2,
            )
        )
    return pa.concat_tables(tables)


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
