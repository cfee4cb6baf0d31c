"""A supply network in the form the ESRI cascades need: production functions as groups of inputs.

Source: C. Diem, A. Borsos, T. Reisch, J. Kertesz, S. Thurner, "Quantifying firm-level economic systemic risk from
nation-wide supply networks", Scientific Reports 12, 7719 (2022); essential and non-essential inputs by A. Pichler et
al., "Forecasting the propagation of pandemic shocks with a dynamic input-output model", Journal of Economic Dynamics
and Control 144 (2022). With W_ij what i delivers to j, s_out and s_in its sums, p_i the industry of i, psi_j the output
a shock leaves to j:
    market share  sigma_i(t) = min(1, s_out_i / sum over l in the market of i of s_out_l h^d_l(t))
    downstream    Lambda_d_ij = W_ij / (inputs of j from industry p_i) if essential, W_ij / s_in_j if not
                  h^d_j(t+1) = max(0, min{psi_j, 1 - max over essential industries k of sum_{i in k} sigma_i
                  (1 - h^d_i) Lambda_d_ij, 1 - sum over non-essential i of sigma_i (1 - h^d_i) Lambda_d_ij})
    upstream      Lambda_u_ij = W_ij / s_out_i,  h^u_i(t+1) = max(0, min{psi_i, 1 - sum_j Lambda_u_ij (1 - h^u_j)})
s_in counts all inputs, also those of no use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]


class Layout(NamedTuple):
    """What the compiled loops read. Buyers' inputs fall into groups: the first of each firm holds its non-essential
    inputs, each further one the inputs from one industry it cannot do without. A firm loses what its worst group does.
    """

    sales: Floats  # (n,) s_out
    market: Indices  # (n,) -1 where nobody can stand in
    market_start: Integers  # members of market m: market_firm[market_start[m] : market_start[m + 1]]
    market_firm: Indices
    market_sales: Floats  # (markets,)
    group_start: Integers  # (n + 1,) groups of firm j
    down_start: Integers  # (n + 1,) edges by supplier
    down_buyer: Indices
    down_group: Indices
    down_share: Floats  # Lambda_d, before the market share
    up_start: Integers  # (n + 1,) edges by buyer
    up_supplier: Indices
    up_share: Floats  # Lambda_u


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplyNetwork:
    """n firms and how they depend on each other. `sales` and `inputs` (n,) are sums of the amounts in the network.

    `notes` say which conventions were needed.
    """

    n: int
    sales: Floats
    inputs: Floats
    layout: Layout
    notes: tuple[str, ...]


def supply_network(
    supplier: npt.ArrayLike,
    buyer: npt.ArrayLike,
    amount: npt.ArrayLike,
    industry: npt.ArrayLike,
    classes: npt.ArrayLike,
    *,
    market: npt.ArrayLike | None = None,
    revenue: npt.ArrayLike | None = None,
    costs: npt.ArrayLike | None = None,
) -> SupplyNetwork:
    """Return the network of deliveries `supplier` -> `buyer` worth `amount` (m,); repeated pairs add up.

    `industry` (n,): 0..k-1; `classes` (k, k): inputs from industry a are 2 essential, 1 non-essential, 0 of no use for
    industry b. `market` (n,): firms with one number can stand in for each other by market share (-1: nobody can);
    default none at all, the market share is then 1. `revenue`, `costs` (n,): with sales and purchases outside the
    network (final demand, imports); upstream loss is then over revenue and non-essential loss over costs, which gives
    a closed network the leak without which its cascades hardly end. Where they fall short of the sums in the network,
    those are used, with a note. An essential group is a part of its own inputs, whatever the costs.

    Raises DataError on amounts not above 0 or not finite, on self-supply, and on numbers out of range.
    """
    kind = np.asarray(industry, dtype=np.int64)
    n = len(kind)
    table = np.asarray(classes, dtype=np.int64)
    give, take = np.asarray(supplier, dtype=np.int64), np.asarray(buyer, dtype=np.int64)
    worth = np.asarray(amount, dtype=np.float64)
    _check(n, kind, table, give, take, worth)
    give, take, worth = _merged(n, give, take, worth)
    sales, inputs = _sums(give, worth, n), _sums(take, worth, n)
    notes: list[str] = []
    over_revenue = _at_least(sales, revenue, n, "revenue", "sales in the network", notes)
    over_costs = _at_least(inputs, costs, n, "costs", "inputs in the network", notes)
    link_class = table[kind[give], kind[take]]
    used = np.flatnonzero(link_class > 0)
    # A group is a buyer and an industry it needs; industry -1 stands for all non-essential inputs together.
    essential = link_class[used] == 2
    key = take[used] * (len(table) + 1) + np.where(essential, kind[give[used]] + 1, 0)
    every = np.union1d(key, np.arange(n, dtype=np.int64) * (len(table) + 1))
    group = np.searchsorted(every, key)
    whole = _sums(group, worth[used], len(every))
    under = np.where(essential, whole[group], over_costs[take[used]])
    places, start, members, room = _markets(n, market, sales)
    layout = Layout(
        sales=sales,
        market=places,
        market_start=start,
        market_firm=members,
        market_sales=room,
        group_start=np.searchsorted(every // (len(table) + 1), np.arange(n + 1)).astype(np.int64),
        down_start=np.searchsorted(give[used], np.arange(n + 1)).astype(np.int64),
        down_buyer=take[used].astype(np.int32),
        down_group=group.astype(np.int32),
        down_share=worth[used] / under,
        up_start=np.searchsorted(np.sort(take), np.arange(n + 1)).astype(np.int64),
        up_supplier=give[(order := np.argsort(take, kind="stable"))].astype(np.int32),
        up_share=(worth / over_revenue[give])[order],
    )
    return SupplyNetwork(n=n, sales=sales, inputs=inputs, layout=layout, notes=tuple(notes))


def _check(n: int, kind: Integers, table: Integers, give: Integers, take: Integers, worth: Floats) -> None:
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not np.isin(table, (0, 1, 2)).all():
        raise DataError("classes must be a square table of 0, 1 and 2")
    if n and not (0 <= kind.min() and kind.max() < len(table)):
        raise DataError(f"industry must lie in 0..{len(table) - 1}")
    if not len(give) == len(take) == len(worth):
        raise DataError("supplier, buyer and amount must be of the same deliveries")
    if len(give) and not (min(give.min(), take.min()) >= 0 and max(give.max(), take.max()) < n):
        raise DataError(f"supplier and buyer must lie in 0..{n - 1}")
    bad = ~(np.isfinite(worth) & (worth > 0.0))
    if bad.any():
        where = f"deliveries {np.flatnonzero(bad)[:5].tolist()}"
        raise DataError(f"{int(bad.sum())} deliveries are worth nothing or less", where=where)
    if (give == take).any():
        raise DataError("a firm cannot supply itself", where=f"deliveries {np.flatnonzero(give == take)[:5].tolist()}")


def _merged(n: int, give: Integers, take: Integers, worth: Floats) -> tuple[Integers, Integers, Floats]:
    """Return deliveries sorted by supplier and buyer, one per pair."""
    pair, place = np.unique(give * n + take, return_inverse=True)
    return pair // max(n, 1), pair % max(n, 1), _sums(place, worth, len(pair))


def _sums(place: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(place, values, size).astype(np.float64)


def _at_least(within: Floats, told: npt.ArrayLike | None, n: int, name: str, sums: str, notes: list[str]) -> Floats:
    if told is None:
        return within
    said = np.asarray(told, dtype=np.float64)
    if said.shape != (n,) or not np.isfinite(said).all():
        raise DataError(f"{name} must be one finite amount per firm")
    short = said < within
    if short.any():
        notes.append(f"{int(short.sum())} firms have {name} below their {sums}; the larger is used")
    return np.maximum(said, within)


def _markets(n: int, market: npt.ArrayLike | None, sales: Floats) -> tuple[Indices, Integers, Indices, Floats]:
    place = np.full(n, -1, dtype=np.int64) if market is None else np.asarray(market, dtype=np.int64)
    if place.shape != (n,):
        raise DataError("market must be one number per firm")
    inside = np.flatnonzero(place >= 0)
    _, number = np.unique(place[inside], return_inverse=True)
    count = int(number.max()) + 1 if len(number) else 0
    dense = np.full(n, -1, dtype=np.int64)
    dense[inside] = number
    order = inside[np.argsort(number, kind="stable")]
    start = np.searchsorted(np.sort(number), np.arange(count + 1)).astype(np.int64)
    return dense.astype(np.int32), start, order.astype(np.int32), _sums(number, sales[inside], count)
