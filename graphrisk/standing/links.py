"""Close links (Guideline (EU) 2015/510, Article 138): 20 % or more of capital, direct, indirect, or by a third party.

Shares run over simple paths. A link is certain where the least shares meet the threshold, possible where the most do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.ownership.stakes import TOLERANCE, Bools
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.shares import Integrated, integrated

THRESHOLD = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseLink:
    """A pair a < b: what one holds of the other at least, and the third party that holds most of both (-1 = none)."""

    a: int
    b: int
    ab: float
    ba: float
    via: int
    via_a: float
    via_b: float
    certain: bool


def close_links(
    holdings: Holdings, clients: Bools, *, threshold: float = THRESHOLD, max_paths: int = 1_000_000
) -> tuple[list[CloseLink], Integrated]:
    """Return the close links, and the shares they rest on; third parties count for pairs of `clients` only."""
    found = integrated(holdings, "simple", smallest=threshold, max_paths=max_paths)
    least, most = found.least[0], found.most[0]
    at_most = most >= threshold - TOLERANCE
    direct: dict[tuple[int, int], list[float]] = {}
    for owner, owned, low, high in zip(
        found.owner[at_most].tolist(), found.owned[at_most].tolist(), least[at_most].tolist(), most[at_most].tolist(),
        strict=True,
    ):  # fmt: skip
        pair, side = ((owner, owned), 0) if owner < owned else ((owned, owner), 2)
        shares = direct.setdefault(pair, [0.0, 0.0, 0.0, 0.0])
        shares[side], shares[side + 1] = low, high
    third = _third_parties(holdings, found, at_most, clients)
    links = []
    for pair in sorted({*direct, *third}):
        ab, _, ba, _ = direct.get(pair, [0.0] * 4)
        via = third.get(pair)
        sure = max(ab, ba) >= threshold - TOLERANCE or (via is not None and min(via[1:]) >= threshold - TOLERANCE)
        links.append(
            CloseLink(
                a=pair[0],
                b=pair[1],
                ab=ab,
                ba=ba,
                via=-1 if via is None else via[0],
                via_a=np.nan if via is None else via[1],
                via_b=np.nan if via is None else via[2],
                certain=bool(sure),
            )
        )
    return links, found


def _third_parties(
    holdings: Holdings, found: Integrated, at_most: Bools, clients: Bools
) -> dict[tuple[int, int], tuple[int, float, float]]:
    """Return for each pair of clients the party whose smaller share in the two is largest, and both shares."""
    counts = at_most & clients[found.owned] & ~holdings.placeholder[found.owner] & ~holdings.nominee[found.owner]
    owner, owned, least = found.owner[counts], found.owned[counts], found.least[0][counts]
    best: dict[tuple[int, int], tuple[int, float, float]] = {}
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = np.append(begins[1:], len(owner))[: len(begins)]
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        firms = sorted(zip(owned[first:last].tolist(), least[first:last].tolist(), strict=True))
        via = int(owner[first])
        for at, (a, share_a) in enumerate(firms):
            for b, share_b in firms[at + 1 :]:
                if via in (a, b):
                    continue
                held = best.get((a, b))
                if held is None or min(share_a, share_b) > min(held[1:]) + TOLERANCE:
                    best[a, b] = (via, share_a, share_b)
    return best
