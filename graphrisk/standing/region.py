"""The part of the holdings that an answer on one party needs: what stands above it, and nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphrisk.kernels.ownership.stakes import closure, make_stakes
from graphrisk.standing.holdings import Holdings


def above(holdings: Holdings, party: int) -> Holdings:
    """Return the holdings with only the stakes of `party` and of everybody above it; numbers stay.

    Every share in the party, and every control of it, rests on stakes above it alone: answers on it do not change.
    """
    stakes = holdings.stakes
    members = np.zeros(stakes.size, dtype=bool)
    members[closure(stakes, np.array([party], dtype=np.int64), upward=True, extra=holdings.facts)] = True
    keep = np.flatnonzero(members[stakes.owned])
    small = make_stakes(
        stakes.size,
        stakes.holder[keep],
        stakes.owned[keep],
        stakes.low[:, keep],
        stakes.high[:, keep],
        live=stakes.live[keep],
        low_open=stakes.low_open[:, keep],
        high_open=stakes.high_open[:, keep],
        split=stakes.split,
    )
    inside = members[holdings.facts[1]]
    direct = members[holdings.direct_facts[1]]
    return dataclasses.replace(
        holdings,
        stakes=small,
        unknown=np.where(members, holdings.unknown, 0.0),
        facts=(holdings.facts[0][inside], holdings.facts[1][inside]),
        direct_facts=(holdings.direct_facts[0][direct], holdings.direct_facts[1][direct]),
    )
