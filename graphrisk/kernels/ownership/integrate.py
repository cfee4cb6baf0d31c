"""Integrated ownership with bounds: what an owner holds of a firm over all ways, each circle counted once.

Corrected: y_ij is the chance that a walk upwards from firm j, to holder k with chance a_kj, ever reaches i (first
passage): y_ij = a_ij + sum over k other than i of y_ik a_kj. Equal to diag(1 / V_ii)(V - I), V = (I - A)^-1, of
Baldone, Brioschi and Paleari (1997) wherever that is defined, and finite for a closed circle. Least: A at its minima.
Most: the least solution of x_j = max over completions of column j of a_ij + sum a_kj x_k: each holder gets its
minimum, the rest of the budget goes to the holders in falling order of x (the owner itself counts as 1), each up to
its maximum.
Walk: y / (1 - r), r = the chance of coming back to i (Brioschi, Buzzacchi, Colombo 1989: C = A V).

Firms are taken in the order of their levels, so that a firm outside circles costs its number of holders; the members of
a circle are solved together (`circles`). Own shares (i, i) are not listed; they are treasury shares: of what others
hold in a firm they raise the part, as first passage says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.ownership.circles import given_out, solve_circle
from graphrisk.kernels.ownership.stakes import Floats, Ints, Stakes

OVER, NULL, CLOSED, LOW_OPEN, HIGH_OPEN, LOW_OPEN_VOTES, HIGH_OPEN_VOTES = 1, 2, 4, 8, 16, 32, 64
"""Marks of a pair: a way runs through an over-subscribed firm, through a part without an answer, through a closed
circle; the least (of capital, of votes) is itself not taken, the most is not reached."""
FAILED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Integrated shares, one entry a pair (owner, owned), by owner, then owned.

    `least`, `most` (2, p): capital and votes. `marks` (p,): see above. `back` (owners, 2, 2): for each owner asked
    (in their order) the least and the most chance of coming back to it, in capital and votes. `residual`: the largest
    difference between the two sides of the equations at the answer.
    """

    owner: Ints
    owned: Ints
    least: Floats
    most: Floats
    marks: Ints
    back: Floats
    residual: float


def integrate(
    stakes: Stakes,
    owners: Ints,
    node_marks: Ints,
    *,
    smallest: float = 0.0,
    unknown: float = 0.0,
) -> Shares:
    """Return what each of `owners` holds of every firm below it.

    `node_marks` (n,): OVER, NULL, CLOSED of each firm. Pairs whose most (of capital and votes) is below `smallest` or 0
    are left out, those marked NULL are not. `unknown` is the value of a holder who holds for nobody known: 0, or 1 for
    the share that the owner would have if it stood behind them all. Raises ConvergenceError where a circle of firms
    could not be solved.
    """
    owners = np.ascontiguousarray(owners, dtype=np.int64)
    n = stakes.size
    slack = (stakes.high - stakes.low) > 0.0
    firm_slack = np.zeros((2, n), dtype=bool)
    for which in (0, 1):
        firm_slack[which][stakes.owned[slack[which]]] = True
    circular = np.zeros(n, dtype=bool)
    members = np.bincount(stakes.part, minlength=n)
    circular[members[stakes.part] > 1] = True
    loops = stakes.live & (stakes.holder == stakes.owned) & (stakes.high.max(axis=0) > 0.0)
    circular[stakes.owned[loops]] = True
    capacity = max(1024, 4 * len(owners))
    pieces: list[tuple[Ints, Ints, Floats, Floats, Ints]] = []
    back = np.zeros((len(owners), 2, 2))
    at, residual = 0, 0.0
    room = _room(n)
    while at < len(owners):
        out = (
            np.empty(capacity, dtype=np.int64),
            np.empty(capacity, dtype=np.int64),
            np.empty((2, capacity)),
            np.empty((2, capacity)),
            np.empty(capacity, dtype=np.int64),
        )
        done, count, worst, failed = _integrate(
            stakes.holder, stakes.owned, stakes.low, stakes.high, stakes.low_open, stakes.high_open, stakes.live,
            stakes.budget, stakes.start, stakes.down_start, stakes.down, stakes.part, stakes.level, circular,
            firm_slack, stakes.split, node_marks, owners, at, smallest, unknown, back, *room, *out,
        )  # fmt: skip
        if failed >= 0:
            raise ConvergenceError(
                f"a circle of firms above {failed} could not be solved to 1e-9",
                hint="its shares sum to 1 but for rounding: correct them",
            )
        residual = max(residual, worst)
        if done == at:
            capacity *= 4
            continue
        pieces.append((out[0][:count], out[1][:count], out[2][:, :count], out[3][:, :count], out[4][:count]))
        at = done
    none = np.empty(0, dtype=np.int64)
    pieces = pieces or [(none, none, np.empty((2, 0)), np.empty((2, 0)), none)]
    return Shares(
        owner=np.concatenate([p[0] for p in pieces]),
        owned=np.concatenate([p[1] for p in pieces]),
        least=np.concatenate([p[2] for p in pieces], axis=1),
        most=np.concatenate([p[3] for p in pieces], axis=1),
        marks=np.concatenate([p[4] for p in pieces]),
        back=back,
        residual=residual,
    )


def _room(n: int) -> tuple[npt.NDArray[np.generic], ...]:
    """Return what a search writes into: values, marks, whether reached, the list of the reached."""
    return (
        np.zeros((2, n)),
        np.zeros((2, n)),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=np.bool_),
        np.empty(n, dtype=np.int64),
    )


@njit(cache=True, nogil=True)
def _below(owner, owned, down_start, down, part, level, reached, found):  # type: ignore[no-untyped-def]
    """List the firms below `owner` by level, then part, then number; return how many. The owner is not among them."""
    count = 0
    for place in range(down_start[owner], down_start[owner + 1]):
        firm = owned[down[place]]
        if firm != owner and not reached[firm]:
            reached[firm] = True
            found[count] = firm
            count += 1
    at = 0
    while at < count:
        node = found[at]
        at += 1
        for place in range(down_start[node], down_start[node + 1]):
            firm = owned[down[place]]
            if firm != owner and not reached[firm]:
                reached[firm] = True
                found[count] = firm
                count += 1
    if count <= 24:
        for a in range(1, count):
            one = found[a]
            b = a
            while b > 0:
                other = found[b - 1]
                if (level[other], part[other], other) <= (level[one], part[one], one):
                    break
                found[b] = other
                b -= 1
            found[b] = one
    else:
        chosen = np.sort(found[:count])
        chosen = chosen[np.argsort(part[chosen], kind="mergesort")]
        found[:count] = chosen[np.argsort(level[chosen], kind="mergesort")]
    return count


@njit(cache=True, nogil=True)
def _integrate(  # type: ignore[no-untyped-def]
    holder, owned, low, high, low_open, high_open, live, budget, start, down_start, down, part, level, circular,
    firm_slack, split, node_marks, owners, at, smallest, unknown, back, least, most, marks, reached, found,
    out_owner, out_owned, out_least, out_most, out_marks,
):  # fmt: skip
    capacity = len(out_owner)
    size, worst = 0, 0.0
    kinds = 2 if split else 1
    while at < len(owners):
        owner = owners[at]
        count = _below(owner, owned, down_start, down, part, level, reached, found)
        failed = -1
        for which in range(kinds):
            least[which, owner] = 1.0
            most[which, owner] = 1.0
            first = 0
            while first < count:
                last = first + 1
                while last < count and part[found[last]] == part[found[first]]:
                    last += 1
                firm = found[first]
                if not circular[firm]:
                    total, over = 0.0, 0.0
                    for e in range(start[firm], start[firm + 1]):
                        k = holder[e]
                        if live[e]:
                            total += low[which, e] * least[which, k]
                        else:
                            total += low[which, e] * unknown
                    least[which, firm] = total
                    if firm_slack[which, firm] or unknown > 0.0:
                        over = given_out(firm, which, holder, low, high, live, budget, start, most, unknown)
                    else:
                        for e in range(start[firm], start[firm + 1]):
                            if live[e]:
                                over += low[which, e] * most[which, holder[e]]
                    most[which, firm] = max(total, over)
                else:
                    off = solve_circle(
                        found[first:last], which, holder, low, high, live, budget, start, least, most,
                        firm_slack, unknown, node_marks,
                    )  # fmt: skip
                    if off < 0.0:
                        failed = firm
                    else:
                        worst = max(worst, off)
                first = last
        if failed >= 0:
            for a in range(count):
                reached[found[a]] = False
            return at, size, worst, failed
        _mark(
            owner, found, count, kinds, holder, low, high, low_open, high_open, live, start, part, circular, node_marks,
            least, most, marks,
        )  # fmt: skip
        for which in range(kinds):
            low_back, over = 0.0, 0.0
            for e in range(start[owner], start[owner + 1]):
                if live[e]:
                    low_back += low[which, e] * least[which, holder[e]]
            back[at, which, 0] = low_back
            over = given_out(owner, which, holder, low, high, live, budget, start, most, 0.0)
            back[at, which, 1] = max(low_back, over)
        if not split:
            back[at, 1, 0] = back[at, 0, 0]
            back[at, 1, 1] = back[at, 0, 1]
        wanted = 0
        if size + count > capacity:
            for a in range(count):
                if _listed(found[a], kinds, most, marks, smallest):
                    wanted += 1
        full = size + wanted > capacity
        if not full:
            for a in range(count):
                firm = found[a]
                if not _listed(firm, kinds, most, marks, smallest):
                    continue
                out_owner[size] = owner
                out_owned[size] = firm
                for which in range(2):
                    from_ = which if split else 0
                    out_least[which, size] = least[from_, firm]
                    out_most[which, size] = most[from_, firm]
                out_marks[size] = marks[firm]
                size += 1
        for a in range(count):
            firm = found[a]
            reached[firm] = False
            marks[firm] = 0
            for which in range(kinds):
                least[which, firm] = 0.0
                most[which, firm] = 0.0
        for which in range(kinds):
            least[which, owner] = 0.0
            most[which, owner] = 0.0
        if full:
            return at, size, worst, -1
        at += 1
    return at, size, worst, -1


@njit(cache=True, nogil=True)
def _listed(firm, kinds, most, marks, smallest):  # type: ignore[no-untyped-def]
    if marks[firm] & 2:
        return True
    top = most[0, firm]
    if kinds == 2:
        top = max(top, most[1, firm])
    return top > 0.0 and top >= smallest - 1e-12


@njit(cache=True, nogil=True)
def _mark(  # type: ignore[no-untyped-def]
    owner, found, count, kinds, holder, low, high, low_open, high_open, live, start, part, circular, node_marks,
    least, most, marks,
):  # fmt: skip
    """Mark the firms found by what lies on the ways to them; the members of a circle until nothing changes."""
    marks[owner] = 0
    first = 0
    while first < count:
        last = first + 1
        while last < count and part[found[last]] == part[found[first]]:
            last += 1
        changed = True
        while changed:
            changed = False
            for a in range(first, last):
                firm = found[a]
                said = marks[firm] | node_marks[firm]
                for e in range(start[firm], start[firm + 1]):
                    k = holder[e]
                    if not live[e] or (k != owner and most[0, k] <= 0.0 and (kinds == 1 or most[1, k] <= 0.0)):
                        continue
                    if high[0, e] <= 0.0 and high[1, e] <= 0.0:
                        continue
                    if k != owner:
                        said |= marks[k] & 7
                    for which in range(kinds):
                        opened = 8 << (2 * which)
                        sure = least[which, k] > 0.0 or (marks[k] & opened)
                        if sure and (low_open[which, e] or (low[which, e] > 0.0 and marks[k] & opened)):
                            said |= opened
                        short = high_open[which, e] or (high[which, e] > 0.0 and marks[k] & (2 * opened))
                        if short and most[which, k] > 0.0 and most[which, firm] > least[which, firm]:
                            said |= 2 * opened
                if said != marks[firm]:
                    marks[firm] = said
                    changed = True
            if not circular[found[first]]:
                break
        first = last
