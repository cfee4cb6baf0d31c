"""Who passes on and who is computed anew in a sweep, and losses pushed: by lists where few changed, else by sums.

Both add the same amounts. A list touches only who loses; but where most parties lose, writes to their rows in the order
of the claims cost more than one short vector of sums and one walk over all rows.
"""

from __future__ import annotations

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import (
    CHANGED,
    CLAIMS,
    DIRTY,
    IS_DIRTY,
    IS_TOUCHED,
    LOST_EXPOSURES,
    LOST_OWNERSHIP,
    STAKES,
    TOUCHED,
    Flags,
    Floats,
    Ints,
    State,
)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def note_change(lists: Ints, flags: Flags, counts: Ints, i: int) -> None:
    """Put party `i` on the list of those whose change the next sweep passes on."""
    lists[CHANGED, counts[CHANGED]] = i
    counts[CHANGED] += 1
    if not flags[i, IS_TOUCHED]:
        flags[i, IS_TOUCHED] = True
        lists[TOUCHED, counts[TOUCHED]] = i
        counts[TOUCHED] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def put_on_list(lists: Ints, flags: Flags, counts: Ints, i: int) -> None:
    """Put party `i` on the list of those whose equity this sweep computes anew."""
    if not flags[i, IS_DIRTY]:
        flags[i, IS_DIRTY] = True
        lists[DIRTY, counts[DIRTY]] = i
        counts[DIRTY] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def mark(state: State, i: int, as_changed: bool) -> None:
    """Put party `i` on the list of those whose change the next sweep passes on, or of those this one computes anew."""
    if as_changed:
        note_change(state.party_list, state.party_flag, state.counts, i)
    else:
        put_on_list(state.party_list, state.party_flag, state.counts, i)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def push(
    first: int, last: int, to: Ints, weight: Floats, more: float, money: Floats, row: int, lists: Ints, flags: Flags,
    counts: Ints,
) -> None:  # fmt: skip
    """Add `more` x weight to a row of losses of each party in `to[first:last]`: the hot loop."""
    for e in range(first, last):
        money[to[e], row] += weight[e] * more
        if not flags[to[e], IS_DIRTY]:
            flags[to[e], IS_DIRTY] = True
            lists[DIRTY, counts[DIRTY]] = to[e]
            counts[DIRTY] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_up(first: int, last: int, to: Ints, weight: Floats, more: float, sums: Floats, row: int) -> None:
    """Add `more` x weight to the sum of each party in `to[first:last]`: the hot loop of a dense sweep."""
    for e in range(first, last):
        sums[row, to[e]] += weight[e] * more


@njit(cache=True, nogil=True, error_model="numpy")
def gather(money: Floats, sums: Floats, lists: Ints, flags: Flags, counts: Ints) -> None:
    """Add the sums of a dense sweep to what each party loses on claims and stakes."""
    for i in range(len(money)):
        if sums[0, i] != 0.0 or sums[1, i] != 0.0:
            money[i, LOST_EXPOSURES] += sums[0, i]
            money[i, LOST_OWNERSHIP] += sums[1, i]
            sums[0, i] = 0.0
            sums[1, i] = 0.0
            put_on_list(lists, flags, counts, i)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def is_dense(start: Ints, lists: Ints, count: int) -> bool:
    """Tell whether so many claims and stakes are followed that summing them party by party is the shorter way."""
    follows, size = 0, start.shape[1] - 1
    for i in range(count):
        j = lists[CHANGED, i]
        follows += start[CLAIMS, j + 1] - start[CLAIMS, j] + start[STAKES, j + 1] - start[STAKES, j]
        if 4 * follows > size:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def in_memory_order(lists: Ints, which: int, count: int) -> None:
    """Sort a long list of parties, unless it is sorted: in memory order the processor keeps up."""
    if count > 1_000:
        for i in range(1, count):
            if lists[which, i] < lists[which, i - 1]:
                lists[which, :count].sort()
                return
