"""How each client stands by itself, year by year: its accounts, and the true probability that it defaults by its own.

The true PD follows from what a bank can see of a client (net assets over total assets, margin, size) and from what
nobody sees; where a client stands in the network is no part of it. So whoever finds that the network helps to foretell
defaults has found contagion, or has been deceived. All numbers here are our judgement.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from graphrisk.demo.dice import Dice, Floats, fraction, rounded
from graphrisk.demo.firms import EQUITY, JOINT_EQUITY, STEADIER, Block
from graphrisk.demo.sectors import INDUSTRIES

BY_EQUITY, BY_MARGIN, UNSEEN = 0.50, 0.60, 0.50
"""What a deviation of net assets over total assets, of the margin, and of what nobody sees, adds to the score."""
MIDDLE, STEEPER = 0.016, 1.6
"""The yearly PD of a client of score 0, and by how much its logarithm falls with one point of score."""
LEAST, MOST = 0.0003, 0.35
_KEPT = 0.85
"""Correlation of a deviation with that of the year before."""
_GUARANTOR_PD = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """A year: `block` with the accounts of the end of the year before, and the true yearly PD by one's own (n,)."""

    block: Block
    pd: Floats


def years(block: Block, first: int, last: int) -> dict[int, Year]:
    """Return the years from `first` to `last`; the accounts of `block` are those on which the first one builds."""
    dice, n = block.dice("standing"), block.count
    mean, spread = _usual(block)
    health = np.nan_to_num((_over(block.equity, block.assets) - mean) / spread)
    usual_margin = np.array([one.margin for one in INDUSTRIES])[block.industry]
    luck = np.nan_to_num((_over(block.ebit, block.sales) - usual_margin) / 0.04)
    unseen, scale = dice.normal(n), np.ones(n)
    found: dict[int, Year] = {}
    for number in range(first, last + 1):
        year = Dice(block.seed, block.district, "year", number)
        if number > first:
            health, luck, unseen = (
                _KEPT * old + np.sqrt(1.0 - _KEPT**2) * year.normal(n) for old in (health, luck, unseen)
            )
            scale = scale * np.clip(1.0 + year.normal(n, 0.02, 0.06), 0.85, 1.2)
        now = _accounts(block, mean + spread * health, usual_margin + 0.04 * luck, scale)
        found[number] = Year(block=now, pd=true_pd(now, unseen))
    return found


def true_pd(block: Block, unseen: Floats) -> Floats:
    """Return the true yearly PD of each client by its own (n,), six digits, from accounts and what nobody sees."""
    mean, spread = EQUITY[:2]
    equity = (_over(block.equity, block.assets) - mean) / spread
    margin = (_over(block.ebit, block.sales) - np.array([one.margin for one in INDUSTRIES])[block.industry]) / 0.04
    seen = BY_EQUITY * np.clip(equity, -2.5, 2.5) + BY_MARGIN * np.clip(margin, -2.5, 2.5)
    score = np.where(np.isnan(seen), unseen, seen + UNSEEN * unseen) + STEADIER[block.size]
    pd = np.clip(MIDDLE * np.exp(-STEEPER * score), LEAST, MOST)
    return fraction(np.where(block.guarantor, _GUARANTOR_PD, pd), 6)


def _accounts(block: Block, part: Floats, margin: Floats, scale: Floats) -> Block:
    """Return the block with accounts of these ratios; guarantee companies keep theirs."""
    assets = rounded(block.assets * scale, 1000.0)
    sales, material = rounded(block.sales * scale, 1000.0), rounded(block.material * scale, 1000.0)
    equity = rounded(np.maximum(assets * np.clip(part, 0.05, 0.85), 50_000.0), 1000.0)
    ebit = rounded(np.minimum(sales * margin, 0.8 * (sales - material)), 1000.0)
    keep = block.guarantor
    return dataclasses.replace(
        block,
        assets=np.where(keep, block.assets, assets),
        equity=np.where(keep, block.equity, equity),
        sales=np.where(keep, block.sales, sales),
        material=np.where(keep, block.material, material),
        ebit=np.where(keep, block.ebit, ebit),
    )


def _usual(block: Block) -> tuple[Floats, Floats]:
    """Return mean and deviation of net assets over total assets (n,): members of joint groups have less."""
    joint = np.isin(np.arange(block.count), block.members)
    mean, spread = (np.where(joint, JOINT_EQUITY[k], EQUITY[k]) for k in (0, 1))
    return mean, spread


def _over(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0.0))
