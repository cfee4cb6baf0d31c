"""Power among the holders of each firm, and cash flow against control over chains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.ownership.chains import weakest_links
from graphrisk.kernels.ownership.power import power, relative_control
from graphrisk.kernels.ownership.simple import over_simple_paths
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES, Bools, Ints
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.pairs import among, distinct

DOMINANT, CIRCULAR = "dominant", "circular"
CUTOFF = 0.1
"""Smallest control over chains that is listed whatever the cash flow: Claessens, Djankov and Lang (2000) take 10 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """One holder of one firm; NaN where it holds nothing directly, or where chains were too many to walk."""

    firm: int
    holder: int
    votes: float
    relative: float
    shapley: float
    banzhaf: float
    weakest: float
    cash_flow: float
    role: str | None


def influence(holdings: Holdings, firms: Bools, *, smallest: float, max_paths: int) -> list[Influence]:
    """Return the direct holders of `firms`, and the owners at the top of chains into them.

    An owner at the top is listed from `smallest` of cash flow, or CUTOFF of control, on.

    Power is counted among all recorded holders, nominees among them, on their least votes; a majority of these wins.
    """
    stakes = holdings.stakes
    owns = np.diff(stakes.down_start) > 0
    has_owner = np.zeros(stakes.size, dtype=bool)
    has_owner[stakes.owned[stakes.live & (stakes.holder != stakes.owned)]] = True
    direct_to = stakes.live & firms[stakes.owned] & (stakes.holder != stakes.owned)
    starts = (owns & ~has_owner) | np.isin(np.arange(stakes.size), stakes.holder[direct_to])
    owners = np.flatnonzero(starts)
    weakest = _Pairs(stakes.size, *weakest_links(stakes, stakes.low[VOTES], owners, max_paths=max_paths))
    owner, owned, share, cut = over_simple_paths(stakes, stakes.low[CAPITAL], owners, smallest=0.0, max_paths=max_paths)
    cash = _Pairs(stakes.size, owner, owned, np.where(cut, np.nan, share))
    rows = []
    direct = np.flatnonzero(direct_to)
    links, flows = (
        dict(zip(direct.tolist(), pairs.of(stakes.holder[direct], stakes.owned[direct]).tolist(), strict=True))
        for pairs in (weakest, cash)
    )
    for firm in np.flatnonzero(firms & (np.diff(stakes.start) > 0)).tolist():
        entries = np.arange(stakes.start[firm], stakes.start[firm + 1])
        entries = entries[stakes.holder[entries] != firm]  # nominees vote too; only their power is nobody's
        votes = stakes.low[VOTES][entries]
        relative = relative_control(votes)
        shapley, banzhaf = _power(votes)
        inside = stakes.part[stakes.holder[entries]] == stakes.part[firm]
        for at, e in enumerate(entries.tolist()):
            if not stakes.live[e]:
                continue
            rows.append(
                Influence(
                    firm=firm, holder=int(stakes.holder[e]), votes=float(votes[at]), relative=float(relative[at]),
                    shapley=float(shapley[at]), banzhaf=float(banzhaf[at]), weakest=links[e], cash_flow=flows[e],
                    role=_role(votes[at] > votes.sum() - votes[at] + TOLERANCE, bool(inside[at])),
                )
            )  # fmt: skip
    tops = owns & ~has_owner
    flow = cash.of(weakest.owner, weakest.owned)
    small = (weakest.value < CUTOFF) & (flow < smallest)
    told = distinct(stakes.holder[direct] * np.int64(stakes.size) + stakes.owned[direct])
    over_others = ~small & tops[weakest.owner] & firms[weakest.owned] & ~among(weakest.keys, told)
    rows += [
        Influence(
            firm=int(weakest.owned[k]), holder=int(weakest.owner[k]), votes=np.nan, relative=np.nan, shapley=np.nan,
            banzhaf=np.nan, weakest=float(weakest.value[k]), cash_flow=float(flow[k]), role=None,
        )
        for k in np.flatnonzero(over_others).tolist()
    ]  # fmt: skip
    return rows


def _power(votes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both indices; zeros where nobody has votes; at once where one holder has them or a majority."""
    total = votes.sum()
    if total <= 0.0:
        return np.zeros(len(votes)), np.zeros(len(votes))
    if votes.max() > total / 2 + TOLERANCE:
        alone = np.where(np.arange(len(votes)) == votes.argmax(), 1.0, 0.0)
        return alone, alone
    return power(votes, total / 2)


def _role(dominant: bool, circular: bool) -> str | None:
    said = [word for word, holds in ((DOMINANT, dominant), (CIRCULAR, circular)) if holds]
    return "_".join(said) or None


class _Pairs:
    """Values of pairs (owner, owned), in the order of their `keys`; 0 for a pair that is not there."""

    def __init__(self, size: int, owner: Ints, owned: Ints, value: np.ndarray) -> None:
        self._size = np.int64(size)
        keys = owner * self._size + owned
        order = np.argsort(keys, kind="stable")
        self.keys, self.owner, self.owned, self.value = keys[order], owner[order], owned[order], value[order]

    def of(self, owner: Ints, owned: Ints) -> np.ndarray:
        wanted = owner * self._size + owned
        if not len(self.keys):
            return np.zeros(len(wanted))
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.value[place], 0.0)
