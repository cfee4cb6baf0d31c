"""The clients of one district: who they are, what they own, earn and owe."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.dice import Dice, Flags, Floats, Ints, rounded
from graphrisk.demo.filling import TODAY, fill, spread, where, words
from graphrisk.demo.joint import Joint
from graphrisk.demo.names import company_names, credit_codes, guarantor_names, lei_codes, numbered, person_names
from graphrisk.demo.network import Network
from graphrisk.demo.sectors import (
    GRADE_PD,
    GRADE_SHARES,
    INDUSTRIES,
    PROVINCES,
    SIZE_ASSETS,
    SIZE_WEIGHTS,
    SIZES,
)

STATUS = ("active", "watch", "defaulted", "closed")
_WATCH = np.array([0.0, 0.0, 0.005, 0.01, 0.03, 0.12, 0.45])
"""Chance of being watched, by grade."""

STEADIER = np.array([-0.1, 0.0, 0.2, 0.5])
"""How much better a firm stands for its size, in deviations of the score: our judgement."""

_JOINT_WEAKER = 0.5
"""How much worse a member of a joint-guarantee group stands: mutual guarantees and triangles with them are risky
patterns with a high default probability (Wang, Zhang, Yang, arXiv 1806.04351); by how much is our judgement."""

CLIENTS_PER_COMPANY = 700
"""Clients of the bank for each guarantee company beside the layer's own: our judgement."""

_LARGEST_OVER_LIMIT = 4.0
"""Total assets of the largest client over what the bank may lend to one: a small bank has no giants (our judgement)."""

EQUITY, JOINT_EQUITY = (0.42, 0.17, 0.05, 0.85), (0.18, 0.08, 0.05, 0.6)
"""Equity over total assets of who is not in default: mean, deviation, least, most; then of members of joint groups.

Whoever borrows on the word of others has little of its own, and owes most of it to one bank: our judgement, from how
the published cases went (steel traders of 2012, Wenzhou 2011)."""

_JOINT_BANK_DEBT, _JOINT_WALLET = (0.6, 0.85), (0.7, 1.0)
"""Bank debt over liabilities, and our part of it, of members of joint-guarantee groups: our judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The clients of one district as columns (n,).

    `layer`: the clients in the guarantee layer, by node; `members`: those in joint-guarantee lending, by node;
    `companies`: guarantee companies beside the layer's own. `number` is unique in the whole bank; amounts in CNY;
    `assets` and `equity` are NaN for persons and where the bank has no accounts.
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
    members: Ints
    companies: Ints

    @property
    def count(self) -> int:
        """The number of clients."""
        return len(self.number)

    def dice(self, purpose: str) -> Dice:
        """Return the district's own stream for one purpose."""
        return Dice(self.seed, self.district, purpose)


def make_block(
    seed: int, district: int, first: int, count: int, network: Network, joint: Joint, *, untroubled: bool = False
) -> Block:
    """Return `count` clients numbered from `first`: of the firms, some are in the guarantee layer, some in `joint`.

    `untroubled`: nobody is watched or in default yet, for a bank whose years are still to come (`past`).
    """
    dice = Dice(seed, district, "firms")
    number = first + np.arange(count)
    person = dice.flags(count, 0.04)
    layer, members, companies = _places(dice, person, network, joint)
    person[layer] = False
    industry = dice.pick(count, [one.weight for one in INDUSTRIES])
    size = dice.pick(count, SIZE_WEIGHTS)
    province = dice.pick(count, list(PROVINCES.values()))
    guarantor = np.zeros(count, dtype=bool)
    guarantor[companies] = True
    if network.hubs:
        size[layer[list(network.hubs)]] = 3
        guarantor[layer[network.hubs[0]]] = True
    size[companies] = 2
    alike = _alike(joint, dice)
    industry[members], province[members], size[members] = alike.industry, alike.province, alike.size
    health, luck, noise = dice.normal(count), dice.normal(count), dice.normal(count)
    standing = 0.6 * health + 0.45 * luck + 0.66 * dice.normal(count) + STEADIER[size]
    standing[members] -= _JOINT_WEAKER
    grade, status = _standing(dice, standing)
    if untroubled:
        grade, status = np.minimum(grade, 6), np.where(status == 3, 3, 0)
    status[layer] = np.where(status[layer] == 3, 0, status[layer])  # a guarantee keeps the account open
    status[members] = np.where(status[members] == 3, 0, status[members])
    grade[guarantor], status[guarantor] = np.minimum(grade[guarantor], 3), 0

    spread = np.where(size == 3, dice.lognormal(count, 0.4), dice.lognormal(count, 0.7))
    spread[members] = alike.scale * dice.lognormal(len(members), 0.3)
    limit = lending_limit(count)
    assets = np.clip(rounded(SIZE_ASSETS[size] * spread, 1000.0), 300_000.0, _LARGEST_OVER_LIMIT * limit)
    mean, deviation, least, most = (
        np.where(np.isin(np.arange(count), members), one, other)
        for one, other in zip(JOINT_EQUITY, EQUITY, strict=True)
    )
    part = np.clip(mean + deviation * health, least, most)
    part = np.where(status == 2, np.maximum(part - 0.25, -0.3), part)  # only who is in default has lost all it had
    equity = rounded(np.where(status == 2, assets * part, np.maximum(assets * part, 50_000.0)), 1000.0)
    turnover, material, margin = (
        np.array([getattr(one, ratio) for one in INDUSTRIES])[industry] for ratio in ("turnover", "material", "margin")
    )
    sales = rounded(assets * turnover * dice.lognormal(count, 0.3), 1000.0)
    costs = rounded(sales * np.clip(material + 0.04 * noise, 0.1, 0.93), 1000.0)
    ebit = rounded(np.minimum(sales * (margin + 0.04 * luck), 0.8 * (sales - costs)), 1000.0)
    bank_part, wallet = dice.uniform(count, 0.35, 0.7), dice.uniform(count, 0.3, 0.95)
    bank_part[members] = dice.uniform(len(members), *_JOINT_BANK_DEBT)
    wallet[members] = dice.uniform(len(members), *_JOINT_WALLET)
    bank_debt = rounded((assets - equity) * bank_part, 1000.0)
    bank_debt[person] = rounded(4e5 * dice.lognormal(count, 0.7), 1000.0)[person]
    together = np.ones(count)
    together[members] = joint.sizes[joint.group]  # a group is one obligor: its members stand and fall together
    wallet = np.minimum(wallet, limit / together / np.maximum(bank_debt, 1.0))
    unknown = (person | dice.flags(count, 0.02)) & ~guarantor & ~_called(status, network, joint, layer, members)
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
        province=province,
        size=np.where(person, 0, size),
        status=status,
        grade=grade,
        assets=assets,
        equity=equity,
        sales=sales,
        material=costs,
        ebit=ebit,
        bank_debt=bank_debt,
        wallet=np.floor(wallet * 1e4) / 1e4,
        layer=layer,
        members=members,
        companies=companies,
    )


def lending_limit(clients: int) -> float:
    """Return what a bank of so many clients lends to one at most, CNY: a tenth of its capital, and never above 250 m.

    A loan to one client may not exceed 10 % of net capital (China's rules on large exposures, 2018); capital is taken
    as a ninth of a book of CNY 4.5 million per client, and of 600 clients at least.
    """
    return min(50_000.0 * max(clients, 600), 2.5e8)


def _places(dice: Dice, person: Flags, network: Network, joint: Joint) -> tuple[Ints, Ints, Ints]:
    """Return who is in the guarantee layer, who in joint-guarantee lending (by node), and the guarantee companies."""
    order = dice.order(len(person))
    places = np.concatenate([order[~person[order]], order[person[order]]])
    ends = np.cumsum([network.nodes, joint.nodes, (len(person) + CLIENTS_PER_COMPANY // 2) // CLIENTS_PER_COMPANY])
    layer, members, companies = np.split(places[: ends[-1]], ends[:-1])
    return layer, members, companies


@dataclass(frozen=True, slots=True, kw_only=True)
class _InCommon:
    """What the members of a joint-guarantee group have in common: line of business, place, size."""

    industry: Ints
    province: Ints
    size: Ints
    scale: Floats


def _alike(joint: Joint, dice: Dice) -> _InCommon:
    """Return what each member shares with its group: half of the groups are of traders, all are micro or small."""
    groups = len(joint.sizes)
    weights = [one.weight for one in INDUSTRIES]
    traders = [weight if one.code.startswith("F") else 0.0 for one, weight in zip(INDUSTRIES, weights, strict=True)]
    industry = np.where(dice.flags(groups, 0.5), dice.pick(groups, traders), dice.pick(groups, weights))
    return _InCommon(
        industry=industry[joint.group],
        province=dice.pick(groups, list(PROVINCES.values()))[joint.group],
        size=dice.pick(groups, (0.4, 0.6))[joint.group],
        scale=dice.lognormal(groups, 0.5)[joint.group],
    )


def _called(status: Ints, network: Network, joint: Joint, layer: Ints, members: Ints) -> Flags:
    """Return who stands behind somebody in default: the bank has called it and knows its accounts."""
    found = np.zeros(len(status), dtype=bool)
    for places, one in ((layer, network), (members, joint)):
        found[places[one.guarantor[status[places[one.debtor]] == 2]]] = True
    return found


def _standing(dice: Dice, score: Floats) -> tuple[Ints, Ints]:
    """Return grade and status (positions): defaults come at 1.3 times the grade's PD of the year before."""
    bounds = [float(f"{NormalDist().inv_cdf(share):.6g}") for share in np.cumsum(GRADE_SHARES[::-1])[:-1].round(6)]
    grade = 6 - np.searchsorted(bounds, score / 1.003)
    status = np.where(dice.flags(len(score), _WATCH[grade]), 1, 0)
    status = np.where(dice.flags(len(score), 1.3 * GRADE_PD[grade]), 2, status)
    status = np.where(dice.flags(len(score), 0.004) & (status == 0), 3, status)
    return np.where(status == 2, 7, grade), status


AGENT = 40
"""One micro firm in so many gave the number of a bookkeeping agent: shared by many, it links nobody."""


def _phones(block: Block) -> pa.Array:
    """Return phone numbers, each firm's own but for those of the agent, in an area (0099) that does not exist."""
    agent = (block.size == 0) & (block.number % AGENT == 7)
    return numbered("0099-", np.where(agent, 10_000_000, 50_000_000 + block.number), width=8)


def _addresses(block: Block) -> pa.Array:
    """Return addresses, each firm's own, on a road that does not exist."""
    numbers = pa.array(block.number).cast(pa.string())
    return pc.binary_join_element_wise(words(list(PROVINCES), block.province), "云安大道", numbers, "号", "")


def parties(block: Block) -> pa.Table:
    """Return the rows of `parties`."""
    dice, n = block.dice("parties"), block.count
    firm = ~block.person
    names = where(firm, company_names(dice, block.industry), person_names(dice, dice.whole(n, 1000)))
    companies = spread(block.guarantor, guarantor_names(dice, int(block.guarantor.sum())))
    industries = where(firm, words([one.code for one in INDUSTRIES], block.industry))
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
        name=pc.coalesce(companies, names),
        kind=kinds,
        is_client=True,
        country="CN",
        region=words(list(PROVINCES), block.province),
        industry=where(block.guarantor, pa.repeat("J66", n), industries),
        size=where(firm, words(SIZES, block.size)),
        status=words(STATUS, block.status),
        lei=spread(listed, lei_codes(block.number[listed])),
        national_id=where(firm, credit_codes(block.number)),
        phone=where(firm, _phones(block)),
        address=where(firm, _addresses(block)),
        incorporated_on=TODAY - age - np.where(block.person, 9000, 0),
        client_since_on=TODAY - client,
        listed=listed,
        source="demo",
    )
