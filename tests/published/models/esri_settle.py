"""The upper end of the ESRI bracket: a state that the map does not raise lies above the least fixed point.

Source: A. Tarski, "A lattice-theoretical fixpoint theorem and its applications", Pacific Journal of Mathematics 5(2),
1955: the least fixed point of a monotone map is the meet of all states x with F(x) <= x.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit


@njit(cache=True, nogil=True)
def lift(down, up, floor, margin, limit, layout):  # type: ignore[no-untyped-def]
    """Raise the losses in place until F(down, up) <= (down, up); (found, edges followed).

    Iterates G(x) = min(1, F(x) + margin) from below: once it moves by less than half the margin, F(x) <= x, with room
    for rounding. Firms that the cascade does not reach stay at zero loss, since F(0) = 0 for them: only firms with a
    loss, and those they then reach, are lifted. Every 25 sweeps the last movement is carried on (any state may be
    tried, the test at the end is what counts).
    """
    n = len(down)
    edges = 0
    group = np.empty(layout.group_start[n])
    orders = np.empty(n)
    room = np.empty(len(layout.market_sales))
    reached_d = np.zeros(n, dtype=np.bool_)
    reached_u = np.zeros(n, dtype=np.bool_)
    for sweep in range(1, limit + 1):
        group[:] = 0.0
        orders[:] = 0.0
        room[:] = 0.0
        for i in range(n):
            m = layout.market[i]
            if m >= 0:
                room[m] += layout.sales[i] * (1.0 - down[i])
        for i in range(n):
            if down[i] > 0.0:
                reached_d[i] = True
                m = layout.market[i]
                share = 1.0 if m < 0 or room[m] <= layout.sales[i] else layout.sales[i] / room[m]
                for edge in range(layout.down_start[i], layout.down_start[i + 1]):
                    group[layout.down_group[edge]] += layout.down_share[edge] * share * down[i]
                    reached_d[layout.down_buyer[edge]] = True
                edges += layout.down_start[i + 1] - layout.down_start[i]
            if up[i] > 0.0:
                reached_u[i] = True
                for edge in range(layout.up_start[i], layout.up_start[i + 1]):
                    orders[layout.up_supplier[edge]] += layout.up_share[edge] * up[i]
                    reached_u[layout.up_supplier[edge]] = True
                edges += layout.up_start[i + 1] - layout.up_start[i]
        moved = 0.0
        for i in range(n):
            loss = floor[i]
            for g in range(layout.group_start[i], layout.group_start[i + 1]):
                loss = max(loss, group[g])
            if reached_d[i]:
                loss = min(loss + margin, 1.0)
                step = loss - down[i]
                if step > 0.0:
                    moved = max(moved, step)
                    down[i] = min(1.0, down[i] + 16.0 * step) if sweep % 25 == 0 else loss
            loss = max(floor[i], orders[i])
            if reached_u[i]:
                loss = min(loss + margin, 1.0)
                step = loss - up[i]
                if step > 0.0:
                    moved = max(moved, step)
                    up[i] = min(1.0, up[i] + 16.0 * step) if sweep % 25 == 0 else loss
        if moved <= 0.5 * margin and sweep % 25 != 0:
            return True, edges
    return False, edges
