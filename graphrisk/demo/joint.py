"""Joint-guarantee lending (联保): groups whose members all guarantee one another, and pairs that guarantee each other.

They stand beside the sparse guarantee layer and share no client with it. Sizes and shares: `calibration`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.demo.calibration import GROUP_CLIENTS, GROUP_SIZES, PAIR_CLIENTS
from graphrisk.demo.dice import Dice, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Groups of the joint members 0 .. nodes - 1: `group[i]` is member i's group, members of a group lie together.

    `guarantor[k]` stands behind `debtor[k]`: every ordered pair within a group, once.
    """

    group: Ints
    guarantor: Ints
    debtor: Ints

    @property
    def nodes(self) -> int:
        """The number of clients in joint-guarantee lending."""
        return len(self.group)

    @property
    def sizes(self) -> Ints:
        """The members of each group; a mutual pair is a group of two."""
        return np.bincount(self.group) if self.nodes else np.zeros(0, dtype=np.int64)


def make_joint(clients: int, dice: Dice) -> Joint:
    """Return the groups and pairs of a district of `clients`: their parts of the clients, the sizes as weighted."""
    groups = _sizes(int(clients * GROUP_CLIENTS), dice)
    pairs = np.full(int(clients * PAIR_CLIENTS) // 2, 2, dtype=np.int64)
    sizes = np.concatenate([groups, pairs])
    group = np.repeat(np.arange(len(sizes)), sizes)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    others = sizes[group] - 1
    guarantor = np.repeat(np.arange(len(group)), others)
    step = np.arange(len(guarantor)) - np.repeat(np.cumsum(others) - others, others) + 1
    first = start[guarantor]
    debtor = first + (guarantor - first + step) % sizes[group[guarantor]]
    return Joint(group=group, guarantor=guarantor, debtor=debtor)


def _sizes(members: int, dice: Dice) -> Ints:
    """Return group sizes that come to at most `members`, each as often as GROUP_SIZES says, in random order."""
    weights = np.array(list(GROUP_SIZES.values()))
    possible = np.array(list(GROUP_SIZES), dtype=np.int64)
    count = int(members / float((weights * possible).sum()))
    at = np.searchsorted(np.cumsum(weights), (np.arange(count) + 0.5) / max(count, 1))
    sizes = possible[np.minimum(at, len(possible) - 1)][dice.order(count)]
    return sizes[: np.searchsorted(np.cumsum(sizes), members, side="right")]
