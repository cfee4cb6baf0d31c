"""Firms that own one another in circles, solved together: the least exactly, the most by policy iteration.

The most is the least fixed point of x_j = max over completions of column j: sweeps from below (each value only grows)
find who reaches the owner at all; then the completion that is best at the values found is solved exactly, the holders
are ordered anew, and so on until both sides of the equations agree. Sweeping first keeps to completions that end.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit

DENSE = 400
"""Members up to which a circle is solved by elimination; a larger one by sweeps."""
SWEEPS = 200_000
AGREES = 1e-13
ENDLESS = 1e9
"""A value above this grows without end: over-subscribed firms feed one another. It has no answer."""


@njit(cache=True, nogil=True)
def ranked(firm, which, holder, low, high, live, start, value, unknown, order):  # type: ignore[no-untyped-def]
    """Order the holders of `firm` that have room above their minimum by falling value; return how many have.

    Of equal values one from outside comes first (the order of the entries): it ends every walk.
    """
    count = 0
    for e in range(start[firm], start[firm + 1]):
        if high[which, e] > low[which, e]:
            worth = value[which, holder[e]] if live[e] else unknown
            if worth <= 0.0:
                continue
            b = count
            while b > 0:
                other = order[b - 1]
                held = value[which, holder[other]] if live[other] else unknown
                if held >= worth:
                    break
                order[b] = other
                b -= 1
            order[b] = e
            count += 1
    return count


@njit(cache=True, nogil=True)
def given_out(firm, which, holder, low, high, live, budget, start, value, unknown):  # type: ignore[no-untyped-def]
    """Return the largest sum over completions of the firm's column of share times value."""
    total, rest = 0.0, budget[which, firm]
    for e in range(start[firm], start[firm + 1]):
        rest -= low[which, e]
        total += low[which, e] * (value[which, holder[e]] if live[e] else unknown)
    if rest <= 0.0:
        return total
    order = np.empty(start[firm + 1] - start[firm], dtype=np.int64)
    count = ranked(firm, which, holder, low, high, live, start, value, unknown, order)
    for a in range(count):
        e = order[a]
        more = min(rest, high[which, e] - low[which, e])
        total += more * (value[which, holder[e]] if live[e] else unknown)
        rest -= more
        if rest <= 0.0:
            break
    return total


@njit(cache=True, nogil=True)
def _eliminate(matrix, right):  # type: ignore[no-untyped-def]
    """Solve matrix x = right in place by elimination with pivots; False where a pivot vanishes."""
    n = len(right)
    for c in range(n):
        best = c
        for r in range(c + 1, n):
            if abs(matrix[r, c]) > abs(matrix[best, c]):
                best = r
        if abs(matrix[best, c]) < 1e-14:
            return False
        if best != c:
            for k in range(c, n):
                matrix[c, k], matrix[best, k] = matrix[best, k], matrix[c, k]
            right[c], right[best] = right[best], right[c]
        for r in range(c + 1, n):
            factor = matrix[r, c] / matrix[c, c]
            if factor != 0.0:
                for k in range(c, n):
                    matrix[r, k] -= factor * matrix[c, k]
                right[r] -= factor * right[c]
    for c in range(n - 1, -1, -1):
        total = right[c]
        for k in range(c + 1, n):
            total -= matrix[c, k] * right[k]
        right[c] = total / matrix[c, c]
    return True


@njit(cache=True, nogil=True)
def _place_of(firms, firm):  # type: ignore[no-untyped-def]
    """Return where `firm` stands in the ordered `firms`; -1 where it does not."""
    a = np.searchsorted(firms, firm)
    return a if a < len(firms) and firms[a] == firm else -1


@njit(cache=True, nogil=True)
def _solve(firms, which, holder, low, high, live, budget, start, value, unknown, completed, out):  # type: ignore[no-untyped-def]
    """Write to `out` the values of the firms with minima, or with the completion that is best at `value`."""
    n = len(firms)
    matrix = np.zeros((n, n))
    for a in range(n):
        firm = firms[a]
        matrix[a, a] += 1.0
        out[a] = 0.0
        rest = budget[which, firm]
        for e in range(start[firm], start[firm + 1]):
            rest -= low[which, e]
            if live[e]:
                b = _place_of(firms, holder[e])
                if b >= 0:
                    matrix[a, b] -= low[which, e]
                else:
                    out[a] += low[which, e] * value[which, holder[e]]
            else:
                out[a] += low[which, e] * unknown
        if completed and rest > 0.0:
            order = np.empty(start[firm + 1] - start[firm], dtype=np.int64)
            count = ranked(firm, which, holder, low, high, live, start, value, unknown, order)
            for c in range(count):
                e = order[c]
                more = min(rest, high[which, e] - low[which, e])
                b = _place_of(firms, holder[e]) if live[e] else -1
                if b >= 0:
                    matrix[a, b] -= more
                else:
                    out[a] += more * (value[which, holder[e]] if live[e] else unknown)
                rest -= more
                if rest <= 0.0:
                    break
    return _eliminate(matrix, out)


@njit(cache=True, nogil=True)
def _fixed(firms, which, holder, low, live, start, value, unknown):  # type: ignore[no-untyped-def]
    """Do one sweep with the minima; return the largest change."""
    change = 0.0
    for firm in firms:
        total = 0.0
        for e in range(start[firm], start[firm + 1]):
            total += low[which, e] * (value[which, holder[e]] if live[e] else unknown)
        change = max(change, abs(total - value[which, firm]))
        value[which, firm] = total
    return change


@njit(cache=True, nogil=True)
def _best(firms, which, holder, low, high, live, budget, start, value, unknown):  # type: ignore[no-untyped-def]
    """Do one sweep with the best completions; return the largest change."""
    change = 0.0
    for firm in firms:
        total = given_out(firm, which, holder, low, high, live, budget, start, value, unknown)
        change = max(change, abs(total - value[which, firm]))
        value[which, firm] = total
    return change


@njit(cache=True, nogil=True)
def _off(firms, which, holder, low, high, live, budget, start, value, unknown, completed):  # type: ignore[no-untyped-def]
    """Return the largest difference between the two sides of the equations."""
    off = 0.0
    for firm in firms:
        total = 0.0
        if completed:
            total = given_out(firm, which, holder, low, high, live, budget, start, value, unknown)
        else:
            for e in range(start[firm], start[firm + 1]):
                total += low[which, e] * (value[which, holder[e]] if live[e] else unknown)
        off = max(off, abs(total - value[which, firm]))
    return off


@njit(cache=True, nogil=True)
def solve_circle(  # type: ignore[no-untyped-def]
    members, which, holder, low, high, live, budget, start, least, most, firm_slack, unknown, node_marks
):
    """Set least and most of the members of a circle; return the residual, -1 where it could not be solved.

    The members of a part without an answer (mark 2) stay at 0: their rows are null.
    """
    firms = np.sort(members)
    n = len(firms)
    if node_marks[firms[0]] & 2:
        for firm in firms:  # not 0: the ways through it are marked
            least[which, firm] = 0.0
            most[which, firm] = 1.0
        return 0.0
    found = np.empty(n)
    for firm in firms:
        least[which, firm] = 0.0
    fits = n <= DENSE
    if not (fits and _solve(firms, which, holder, low, high, live, budget, start, least, unknown, False, found)):
        for _ in range(SWEEPS):
            if _fixed(firms, which, holder, low, live, start, least, unknown) <= 1e-15:
                break
    else:
        for a in range(n):
            least[which, firms[a]] = max(0.0, found[a])
    off = _off(firms, which, holder, low, high, live, budget, start, least, unknown, False)
    largest = 1.0
    for firm in firms:
        largest = max(largest, least[which, firm])
    off /= largest  # of over-subscribed firms values may be large
    slack = unknown > 0.0
    for firm in firms:
        slack = slack or firm_slack[which, firm]
    same = True
    for a in range(n):
        for e in range(start[firms[a]], start[firms[a] + 1]):
            k = holder[e]
            if live[e] and low[which, e] > 0.0 and least[which, k] != most[which, k] and _place_of(firms, k) < 0:
                same = False
    for firm in firms:
        most[which, firm] = least[which, firm]
    if not slack and same:
        return off if off <= 1e-9 else -1.0
    for turn in range(60):
        # as many sweeps as members let a value pass through the whole circle before a completion is chosen
        for _ in range(n + 1 if turn == 0 else 2):
            change = _best(firms, which, holder, low, high, live, budget, start, most, unknown)
            if change <= AGREES * 1e-2:
                break
        if not fits:
            break
        gap = _off(firms, which, holder, low, high, live, budget, start, most, unknown, True)
        if gap <= 1e-16:
            break
        if not _solve(firms, which, holder, low, high, live, budget, start, most, unknown, True, found):
            break
        sound = True
        for a in range(n):
            if found[a] < most[which, firms[a]] - 1e-9 or found[a] > ENDLESS:
                sound = False
        if not sound:
            break
        moved = 0.0
        for a in range(n):
            moved = max(moved, found[a] - most[which, firms[a]])
            most[which, firms[a]] = max(most[which, firms[a]], found[a])
        gap = _off(firms, which, holder, low, high, live, budget, start, most, unknown, True)
        if gap <= AGREES and moved <= AGREES:
            break
    gap = _off(firms, which, holder, low, high, live, budget, start, most, unknown, True)
    over, scale = False, 1.0
    for firm in firms:
        over = over or budget[which, firm] > 1.0
    sweep = 0
    while gap > AGREES * scale and sweep < SWEEPS:
        gap = _best(firms, which, holder, low, high, live, budget, start, most, unknown)
        sweep += 1
        for firm in firms:
            scale = max(scale, most[which, firm])
        if scale > ENDLESS:
            break
    if over and (scale > ENDLESS or gap > 1e-9 * scale):
        for firm in firms:  # over-subscribed firms feed one another: there is no most
            most[which, firm] = ENDLESS
        return off
    off = max(off, gap / scale)
    return off if off <= 1e-9 else -1.0
