"""Who holds how much of whom, as arrays in two orders: by the firm owned and by its holders.

Bounds are a firm's own business: the minima of its holders and what is left of its budget bound each of them. The
budget is 1, or the sum of the minima where that is more (an over-subscribed firm is computed as it is recorded).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import component_labels, row_starts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
CAPITAL, VOTES = 0, 1
TOLERANCE = 1e-9
"""What a sum of shares may be above 1 without being over-subscribed, and a share off a threshold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """Holdings of `size` parties, one entry a pair (m of them), ordered by the party owned, then by its holder.

    `low`, `high` (2, m): bounds of capital and votes; `low_open`, `high_open` (2, m): the bound itself is not taken.
    `live` (m,): false where the holder holds for somebody unknown: it keeps its part of the budget and counts for
    nobody. `budget` (2, n). `level` (n,): owners stand on lower levels than what they own, a strongly connected part on
    one; `part` (n,): smallest member of it. `split`: whether votes differ from capital anywhere.
    """

    size: int
    holder: Ints
    owned: Ints
    low: Floats
    high: Floats
    low_open: Bools
    high_open: Bools
    live: Bools
    split: bool
    budget: Floats
    start: Ints
    down_start: Ints
    down: Ints
    part: Ints
    level: Ints

    @property
    def over(self) -> Bools:
        """Which parties are over-subscribed, in capital or votes (2, n)."""
        return np.asarray(self.budget > 1.0 + TOLERANCE)


def make_stakes(
    size: int,
    holder: Ints,
    owned: Ints,
    low: Floats,
    high: Floats,
    *,
    live: Bools | None = None,
    low_open: Bools | None = None,
    high_open: Bools | None = None,
    split: bool = True,
) -> Stakes:
    """Return the stakes of pairs in any order, each pair once; NaN in `high` (2, m) is the remainder of the firm.

    Maxima are cut to what the minima of a firm's other holders leave of its budget.
    """
    order = np.lexsort((holder, owned))
    holder, owned, low, high = holder[order], owned[order], low[:, order], high[:, order]
    none = np.zeros(low.shape, dtype=bool)
    low_open = none if low_open is None else low_open[:, order]
    high_open = none if high_open is None else high_open[:, order]
    live = np.ones(len(holder), dtype=bool) if live is None else live[order]
    total = np.stack([sum_by(owned, row, size) for row in low])
    budget = np.maximum(1.0, total)
    budget[budget <= 1.0 + TOLERANCE] = 1.0
    room = np.maximum(budget[:, owned] - (total[:, owned] - low), low)
    cut = np.fmin(high, room)
    high_open = high_open & (cut == high)
    held = live & (cut.max(axis=0) > 0.0) if len(holder) else live
    part = component_labels(size, holder[held], owned[held], "strong")
    down = np.flatnonzero(held)
    down = down[np.lexsort((owned[down], holder[down]))]
    return Stakes(
        size=size,
        holder=holder,
        owned=owned,
        low=np.ascontiguousarray(low),
        high=np.ascontiguousarray(cut),
        low_open=np.ascontiguousarray(low_open),
        high_open=np.ascontiguousarray(high_open),
        live=live,
        split=split,
        budget=budget,
        start=row_starts(size, owned),
        down_start=row_starts(size, holder[down]),
        down=down,
        part=part,
        level=levels(size, holder[held], owned[held], part),
    )


def levels(size: int, source: Ints, target: Ints, part: Ints) -> Ints:
    """Return for each node the most steps between parts on a way that ends in its part (size,)."""
    between = part[source] != part[target]
    tail, head = part[source[between]], part[target[between]]
    order = np.argsort(tail, kind="stable")
    found = _levels(size, row_starts(size, tail[order]), head[order], np.bincount(head, minlength=size))
    levelled: Ints = found[part]
    return levelled


@njit(cache=True, nogil=True)
def _levels(size, start, head, waiting):  # type: ignore[no-untyped-def]
    level = np.zeros(size, dtype=np.int64)
    queue = np.empty(size, dtype=np.int64)
    end = 0
    for node in range(size):
        if waiting[node] == 0:
            queue[end] = node
            end += 1
    at = 0
    while at < end:
        node = queue[at]
        at += 1
        for e in range(start[node], start[node + 1]):
            other = head[e]
            level[other] = max(level[other], level[node] + 1)
            waiting[other] -= 1
            if waiting[other] == 0:
                queue[end] = other
                end += 1
    return level


def closure(stakes: Stakes, seeds: Ints, *, upward: bool, extra: tuple[Ints, Ints] | None = None) -> Ints:
    """Return the parties that `seeds` reach along holdings, themselves among them, in order.

    `extra` are further links (from, to) in the direction of holdings, such as control.
    """
    keep = stakes.live & (stakes.high.max(axis=0) > 0.0) if len(stakes.holder) else stakes.live
    source, target = stakes.holder[keep], stakes.owned[keep]
    if extra is not None:
        source, target = np.concatenate([source, extra[0]]), np.concatenate([target, extra[1]])
    if upward:
        source, target = target, source
    order = np.argsort(source, kind="stable")
    seen = _reached(stakes.size, row_starts(stakes.size, source[order]), target[order], seeds)
    found: Ints = np.flatnonzero(seen)
    return found


@njit(cache=True, nogil=True)
def _reached(size, start, head, seeds):  # type: ignore[no-untyped-def]
    seen = np.zeros(size, dtype=np.bool_)
    queue = np.empty(size, dtype=np.int64)
    end = 0
    for node in seeds:
        if not seen[node]:
            seen[node] = True
            queue[end] = node
            end += 1
    at = 0
    while at < end:
        node = queue[at]
        at += 1
        for e in range(start[node], start[node + 1]):
            if not seen[head[e]]:
                seen[head[e]] = True
                queue[end] = head[e]
                end += 1
    return seen


def inside_matrix(stakes: Stakes, which: int, members: Ints) -> csr_array[np.float64, tuple[int, int]]:
    """Return the minima among `members` (in order) as a sparse matrix, entry (a, b) = share that a holds in b."""
    entries = np.concatenate([np.arange(stakes.start[k], stakes.start[k + 1]) for k in members.tolist()])
    place = np.minimum(np.searchsorted(members, stakes.holder[entries]), len(members) - 1)
    keep = stakes.live[entries] & (members[place] == stakes.holder[entries])
    at = (place[keep], np.searchsorted(members, stakes.owned[entries[keep]]))
    return csr_array((stakes.low[which][entries[keep]], at), shape=(len(members), len(members)))


def restrict(stakes: Stakes, members: Ints) -> Stakes:
    """Return the stakes in `members` (in order), numbered by their place; a holder outside holds for nobody."""
    place = np.full(stakes.size, -1, dtype=np.int64)
    place[members] = np.arange(len(members))
    keep = np.flatnonzero(place[stakes.owned] >= 0)
    holder = place[stakes.holder[keep]]
    outside = holder < 0
    return make_stakes(
        len(members),
        np.where(outside, len(members) + stakes.holder[keep], holder),  # still one entry a pair, in the same order
        place[stakes.owned[keep]],
        stakes.low[:, keep],
        stakes.high[:, keep],
        live=stakes.live[keep] & ~outside,
        low_open=stakes.low_open[:, keep],
        high_open=stakes.high_open[:, keep],
        split=stakes.split,
    )
