"""What the others of a group that fails at once cost a member, the shock left aside (see `starts.together`)."""

from __future__ import annotations

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.engine import How
from graphrisk.kernels.contagion.ledger import EQUITY, LOST_SUPPLIES, Ledger, State
from graphrisk.kernels.contagion.production import want_of_inputs, want_of_orders
from graphrisk.kernels.contagion.rooms import SupplyChannel
from graphrisk.kernels.contagion.supply_losses import BY_LOSS
from graphrisk.kernels.contagion.valuation import lost_by_layers


@njit(cache=True, nogil=True, error_model="numpy")
def cost_by_others(
    how: How, ledger: Ledger, base: State, state: State, supplies: SupplyChannel | None, p: int
) -> float:
    """Return at most what a shocked party would lose beyond `base` if it had not been shocked and all others were so.

    Nobody loses more than it has, and all of that counts of a guarantor, which is asked for less once it is shocked,
    and where firms stop by part with their losses. Else what its own stop costs it does not count: it stops when all
    is lost.
    """
    whole = float(max(base.money[p, EQUITY], 0.0))
    if ledger.cluster_of[p] >= 0:
        return whole
    if supplies is not None and how.stops == BY_LOSS:
        return whole
    cost = lost_by_layers(state.money, p) - state.money[p, LOST_SUPPLIES]
    cost -= lost_by_layers(base.money, p) - base.money[p, LOST_SUPPLIES]
    if supplies is not None:
        supply, seen = supplies.supply, supplies.made.seen
        rows = supply.buyer_start
        down = want_of_inputs(rows[p], rows[p + 1], supply.supplier, supply.group, supply.weight, seen[0])
        rows = supply.supplier_start
        up = want_of_orders(rows[p], rows[p + 1], supply.buyer, supply.order, seen[1])
        cost += max(0.0, max(down, up) * supplies.profit[p] - base.money[p, LOST_SUPPLIES])
    return float(min(max(cost, 0.0), whole))
