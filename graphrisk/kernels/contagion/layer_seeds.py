"""What each party causes if it alone fails, where production spreads, prices fall or own assets count.

The same fixed point as one run per seed of `kernels.contagion.fixed_point.spread` with its layers: the unshocked state
lies above it, so the cascade starts there and falls (Tarski), and only what the seed changes is computed. A rule that
values claims by the debtor's own assets (rv, merton) sees the seed's assets without what the shock took: that lowers
what its claims are worth and nothing else, so the unshocked state still lies above.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from graphrisk.kernels.arrays.fan import fan_out_in
from graphrisk.kernels.contagion.asset_prices import (
    Assets,
    Market,
    assets_of,
    fresh_market,
    price_anew,
    put_prices_back,
)
from graphrisk.kernels.contagion.ledger import (
    ASSETS,
    CHANGED,
    DIRTY,
    FAILED,
    FLOOR,
    FRESH,
    N_CALLED,
    N_LATE,
    TOUCHED,
    UNMET_PART,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)
from graphrisk.kernels.contagion.prices import PriceLayer
from graphrisk.kernels.contagion.production import (
    ANEW_DOWN,
    ANEW_UP,
    Production,
    Standing,
    fresh_production,
    lose_production,
    lose_profit,
    produce,
    put_production_back,
    standing,
    stop_delivering,
)
from graphrisk.kernels.contagion.production import FLOOR as BY_ITSELF
from graphrisk.kernels.contagion.seeds import (
    Caused,
    caused_beyond,
    contracts_of_changed,
    hit,
    joined,
    nothing_caused,
    own_state,
    put_back,
    untouched,
)
from graphrisk.kernels.contagion.supply import BY_LOSS, NEVER, SupplyLayer, lost_by_itself
from graphrisk.kernels.contagion.sweep import sweep


class How(NamedTuple):
    """What takes part in the runs of seeds, and when they end."""

    supplies: bool
    by_production: bool  # the shock takes production instead of equity
    by_loss: bool  # a party stops delivering in proportion to its loss
    settles_first: bool  # production settles once and stays as it is
    own_assets: bool
    beta: float
    tolerance: float
    max_rounds: int


def each_seed_with_layers(
    ledger: Ledger,
    rule: Rule,
    unshocked: State,
    seeds: Ints,
    *,
    supply: SupplyLayer | None = None,
    prices: PriceLayer | None = None,
    shocked_party: Floats | None = None,
    tolerance: float,
    max_rounds: int,
) -> Caused:
    """Return what each of `seeds` causes beyond the unshocked run, with a shock of its whole equity or production.

    `supply`, `prices`: the layers as the unshocked run left them. `shocked_party` (parties, 7): as `ledger.party`,
    where each party has lost its equity to a shock. A seed that is in default in the unshocked state causes nothing,
    but for the production that it loses where defaults do not stop any.
    """
    base, quiet, assets = untouched(unshocked), standing(supply), assets_of(prices, ledger, rule, unshocked)
    by_production = supply is not None and supply.stops == NEVER
    how = How(
        supplies=supply is not None,
        by_production=by_production,
        by_loss=supply is not None and supply.stops == BY_LOSS,
        settles_first=supply is not None and (supply.staged or by_production),
        own_assets=shocked_party is not None and not by_production,
        beta=0.0 if prices is None else prices.beta,
        tolerance=tolerance,
        max_rounds=max_rounds,
    )
    shocked = ledger.party if shocked_party is None else shocked_party

    def room() -> tuple[Ledger, State, Production, Market | None]:
        own = ledger
        if prices is not None:
            own = own._replace(uncovered=own.uncovered.copy(), pledged=own.pledged.copy())
        if how.own_assets:
            own = own._replace(party=own.party.copy())
        return own, own_state(base), fresh_production(quiet), None if prices is None else fresh_market(assets)

    def work(some: Ints, own: tuple[Ledger, State, Production, Market | None]) -> Caused:
        out = nothing_caused(len(some))
        book, state, made, market = own
        _run_seeds(book, rule, how, shocked, base, state, quiet, made, assets, market, some, *out)
        return out

    return joined(fan_out_in(work, room, seeds))


@njit(cache=True, nogil=True, error_model="numpy")
def _run_seeds(
    ledger: Ledger,
    rule: Rule,
    how: How,
    shocked: Floats,
    base: State,
    state: State,
    quiet: Standing,
    made: Production,
    assets: Assets,
    market: Market | None,
    seeds: Ints,
    loss: Floats,
    bank_loss: Floats,
    defaults: Ints,
    rounds: Ints,
    work: Ints,
) -> None:
    counts = state.counts
    for n in range(len(seeds)):
        s = seeds[n]
        if base.party_flag[s, FAILED] and not how.by_production:
            continue
        floor, own_assets = ledger.party[s, FLOOR], ledger.party[s, ASSETS]
        if how.own_assets:
            ledger.party[s, FLOOR], ledger.party[s, ASSETS] = shocked[s, FLOOR], shocked[s, ASSETS]
        if how.by_production:
            lose_production(made, s, 1.0)
        else:
            hit(ledger, rule, state, s)
            if how.supplies:
                stop_delivering(ledger, state, made, s, how.by_loss)
        rounds[n] = _settle(ledger, rule, how, state, quiet, made, assets, market, work[n : n + 1])
        if rounds[n] < 0:  # what was still waiting is flushed, so that it is undone with the rest
            sweep(ledger, rule, state)
        loss[n], bank_loss[n], defaults[n] = caused_beyond(ledger, base, state, s)
        if market is not None:
            put_prices_back(assets, market, ledger, state)
        put_back(ledger, base, state)
        if how.supplies:
            put_production_back(quiet, made)
        if how.own_assets:
            ledger.party[s, FLOOR], ledger.party[s, ASSETS] = floor, own_assets
        counts[:] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(
    ledger: Ledger, rule: Rule, how: How, state: State, quiet: Standing, made: Production, assets: Assets,
    market: Market | None, work: Ints,
) -> int:  # fmt: skip
    """Sweep until nothing changes; return the sweeps, -1 where they do not end. Adds what was followed to `work`.

    Without a market nothing of prices is compiled either: numba drops what stands behind a None.
    """
    counts, done = state.counts, 0
    while True:
        moved = 0.0
        if how.supplies:
            looked_at = produce(quiet, made, how.tolerance, how.max_rounds)
            if looked_at < 0:
                return -1
            work[0] += looked_at
            lose_profit(quiet, made, state)
        if market is not None:
            moved, looked_at = price_anew(assets, market, ledger, rule, state, how.beta)
            work[0] += looked_at
        if counts[CHANGED] + counts[DIRTY] + counts[N_LATE] + counts[N_CALLED] == 0:
            return done
        if done >= how.max_rounds:
            return -1
        work[0] += contracts_of_changed(ledger, state)
        change = sweep(ledger, rule, state)
        done += 1
        waiting = False
        if how.supplies and not how.settles_first:
            for i in range(counts[CHANGED]):
                stop_delivering(ledger, state, made, state.party_list[CHANGED, i], how.by_loss)
            waiting = made.counts[ANEW_DOWN] + made.counts[ANEW_UP] > 0
        if change <= how.tolerance and moved <= how.tolerance and counts[FRESH] == 0 and not waiting:
            return -1 if how.by_loss and not how.settles_first and _stopped_too_far(ledger, how, state, made) else done


@njit(cache=True, nogil=True, error_model="numpy")
def _stopped_too_far(ledger: Ledger, how: How, state: State, made: Production) -> bool:
    """Tell whether a party stopped for a loss that it no longer has: calls shifted onto it and off it again.

    Production is only ever followed downwards here, so such an end is no fixed point; a whole run finds it.
    """
    for i in range(state.counts[TOUCHED]):
        p = state.party_list[TOUCHED, i]
        if made.level[p, BY_ITSELF] > lost_by_itself(ledger, state, p, True) + max(how.tolerance, UNMET_PART):
            return True
    return False
