"""Control as a least fixpoint: whom a set of parties commands with all it commands, and what they hold together.

A firm joins where the set's holdings in it meet the threshold, or a member controls it by a recorded fact; what joined
holds for the set from then on. Certain: the holdings at their minima. Possible: the best that some completion gives,
min(sum of the set's maxima, max(sum of its minima, 1 - the minima of all others)), exact because the set's own column
entries are free of one another. Treasury shares do not vote: what is held is set against the rest of the firm.

Sources: the company-control rule of the Bank of Italy's knowledge graph (least model of
control(x, y) if sum of shares in y over z in {x} and whom x controls is more than 1/2); bounds are our own (docs).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import row_starts
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES, Bools, Floats, Ints, Stakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Majority:
    """What lets a firm join: `threshold` of capital or votes (`which`), met above it (`strict`) or at it.

    `also_votes`: beside that, more than this part of the votes (NaN: no). `possible`: some completion is enough.
    """

    threshold: float = 0.5
    strict: bool = True
    which: int = VOTES
    also_votes: float = float("nan")
    possible: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom each set holds a part of, by set; its members first, in the order in which they joined.

    `seed` (p,): the number of the set. `firm` (p,). `step` (p,): place in the order of joining, -1 for a firm that did
    not join. `before` (p,): the member that let it join, the last one that holds of it where it did not. `held_low`,
    `held_high` (2, p): capital and votes that the set holds in the end; `sum_high` (2, p): the sum of its maxima as
    recorded. `by_fact` (p,): a member controls it by a fact.
    """

    seed: Ints
    firm: Ints
    step: Ints
    before: Ints
    held_low: Floats
    held_high: Floats
    sum_high: Floats
    by_fact: Bools


def spread(
    stakes: Stakes, seeds: list[Ints] | Ints, facts: tuple[Ints, Ints], rule: Majority, *, touched: float = np.inf
) -> Reach:
    """Return whom each of `seeds` (sets of parties, or single ones) commands.

    Firms that did not join are listed too where the set may hold at least `touched` of their capital or votes.
    """
    if isinstance(seeds, np.ndarray):
        seed_start, seed_list = np.arange(len(seeds) + 1), seeds.astype(np.int64)
    else:
        seed_start = np.concatenate([[0], np.cumsum([len(s) for s in seeds])]).astype(np.int64)
        seed_list = np.concatenate([*seeds, np.empty(0, dtype=np.int64)]).astype(np.int64)
    n = stakes.size
    own = stakes.holder == stakes.owned
    own_low, own_high, others = np.zeros((2, n)), np.zeros((2, n)), np.zeros((2, n))
    for which in (CAPITAL, VOTES):
        own_low[which][stakes.owned[own]] = stakes.low[which][own]
        own_high[which][stakes.owned[own]] = stakes.high[which][own]
        others[which] = sum_by(stakes.owned[~own], stakes.low[which][~own], n)
    order = np.lexsort((facts[1], facts[0]))
    fact_start, fact_head = row_starts(n, facts[0][order]), np.ascontiguousarray(facts[1][order])
    room = (
        np.zeros((4, n)),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.bool_),
        np.empty((3, n), dtype=np.int64),
    )
    capacity, at = max(1024, 4 * len(seed_start)), 0
    pieces: list[tuple[Ints, Ints, Ints, Ints, Floats, Floats, Floats, Bools]] = []
    while at < len(seed_start) - 1:
        out = (
            np.empty((4, capacity), dtype=np.int64),
            np.empty((6, capacity)),
            np.empty(capacity, dtype=np.bool_),
        )
        done, count = _spread(
            stakes.owned, stakes.low, stakes.high, stakes.down_start, stakes.down, own_low, own_high, others,
            seed_start, seed_list, fact_start, fact_head, at, rule.threshold, rule.strict, rule.which, rule.also_votes,
            rule.possible, touched, *room, *out,
        )  # fmt: skip
        if done == at:
            capacity *= 4
            continue
        ints, held, fact = out[0][:, :count], out[1][:, :count], out[2][:count]
        pieces.append((ints[0], ints[1], ints[2], ints[3], held[:2], held[2:4], held[4:], fact))
        at = done
    none, no = np.empty(0, dtype=np.int64), np.empty((2, 0))
    pieces = pieces or [(none, none, none, none, no, no, no, np.empty(0, dtype=bool))]
    return Reach(
        seed=np.concatenate([p[0] for p in pieces]),
        firm=np.concatenate([p[1] for p in pieces]),
        step=np.concatenate([p[2] for p in pieces]),
        before=np.concatenate([p[3] for p in pieces]),
        held_low=np.concatenate([p[4] for p in pieces], axis=1),
        held_high=np.concatenate([p[5] for p in pieces], axis=1),
        sum_high=np.concatenate([p[6] for p in pieces], axis=1),
        by_fact=np.concatenate([p[7] for p in pieces]),
    )


@njit(cache=True, nogil=True)
def _most(low, high, others, own_low, own_high):  # type: ignore[no-untyped-def]
    """Return the most that a set with `low` and `high` can hold of what is not treasury shares.

    `others` are the minima of all who are not in the set. The best treasury share is an end of its bounds, or the one
    that leaves the set just its maximum.
    """
    best = 0.0
    for choice in range(3):
        own = own_low
        if choice == 1:
            own = own_high
        elif choice == 2:
            own = min(own_high, max(own_low, 1.0 - others - high))
        if own < 1.0:
            best = max(best, min(high, max(low, 1.0 - others - own)) / (1.0 - own))
    return best


@njit(cache=True, nogil=True)
def _spread(  # type: ignore[no-untyped-def]
    owned, low, high, down_start, down, own_low, own_high, others, seed_start, seed_list, fact_start, fact_head, at,
    threshold, strict, which, also_votes, possible, touched, held, state, fact, lists, out, out_held, out_fact,
):  # fmt: skip
    """Reach from each set in turn; `held` (4, n): minima of capital and votes, maxima of both."""
    capacity, size = out.shape[1], 0
    members, seen, before = lists[0], lists[1], lists[2]
    while at < len(seed_start) - 1:
        count, met = 0, 0
        for a in range(seed_start[at], seed_start[at + 1]):
            z = seed_list[a]
            if state[z] != 2:
                if state[z] == 0:
                    seen[met] = z
                    met += 1
                state[z] = 2
                members[count] = z
                count += 1
        own_count = count
        turn = 0
        while turn < count:
            z = members[turn]
            turn += 1
            for place in range(down_start[z], down_start[z + 1]):
                e = down[place]
                y = owned[e]
                if y == z:
                    continue
                if state[y] == 0:
                    state[y] = 1
                    seen[met] = y
                    met += 1
                held[0, y] += low[0, e]
                held[1, y] += low[1, e]
                held[2, y] += high[0, e]
                held[3, y] += high[1, e]
                if state[y] == 1:
                    before[y] = z
                if state[y] == 1 and (
                    _joins(y, which, threshold, strict, possible, held, others, own_low, own_high)
                    or (also_votes == also_votes
                        and _joins(y, 1, also_votes, True, possible, held, others, own_low, own_high))
                ):  # fmt: skip
                    state[y] = 2
                    members[count] = y
                    count += 1
            for place in range(fact_start[z], fact_start[z + 1]):
                y = fact_head[place]
                if y == z:
                    continue
                fact[y] = True
                if state[y] == 0:
                    seen[met] = y
                    met += 1
                if state[y] != 2:
                    state[y] = 2
                    before[y] = z
                    members[count] = y
                    count += 1
        full = size + met > capacity
        if not full:
            for a in range(own_count, count):
                y = members[a]
                _write(
                    at, y, a - own_count, size, held, others, own_low, own_high, fact, before, out, out_held, out_fact
                )
                size += 1
            for a in range(met):
                y = seen[a]
                if state[y] == 1:
                    _write(at, y, -1, size, held, others, own_low, own_high, fact, before, out, out_held, out_fact)
                    if max(out_held[2, size], out_held[3, size]) >= touched - 1e-9:
                        size += 1
        for a in range(met):
            y = seen[a]
            state[y] = 0
            fact[y] = False
            for k in range(4):
                held[k, y] = 0.0
        if full:
            return at, size
        at += 1
    return at, size


@njit(cache=True, nogil=True)
def _joins(y, which, threshold, strict, possible, held, others, own_low, own_high):  # type: ignore[no-untyped-def]
    if possible:
        rest = others[which, y] - held[which, y]
        share = _most(held[which, y], held[2 + which, y], rest, own_low[which, y], own_high[which, y])
    else:
        own = own_low[which, y]
        share = held[which, y] / (1.0 - own) if own < 1.0 else 0.0
    return share > threshold + TOLERANCE if strict else share >= threshold - TOLERANCE


@njit(cache=True, nogil=True)
def _write(  # type: ignore[no-untyped-def]
    at, y, step, size, held, others, own_low, own_high, fact, before, out, out_held, out_fact
):
    out[0, size] = at
    out[1, size] = y
    out[2, size] = step
    out[3, size] = before[y]
    out_fact[size] = fact[y]
    for which in range(2):
        own = own_low[which, y]
        least = held[which, y] / (1.0 - own) if own < 1.0 else 0.0
        rest = others[which, y] - held[which, y]
        out_held[which, size] = least
        out_held[4 + which, size] = held[2 + which, y]
        out_held[2 + which, size] = max(
            least, _most(held[which, y], held[2 + which, y], rest, own_low[which, y], own_high[which, y])
        )
