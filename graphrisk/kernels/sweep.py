"""One synchronous sweep of the unified contagion map, pushed from the parties that changed in the last one.

Source: the map is stated in docs/methods/contagion.md. Its loss fractions are linear DebtRank (Bardoscia, Battiston,
Caccioli, Caldarelli, "DebtRank: a microscopic foundation for shock propagation", PLoS ONE 10, 2015), its
non-linear form (the same and Perotti, "Distress propagation in complex networks: the case of non-linear DebtRank",
PLoS ONE 11, 2016) and the threshold rule of Furfine ("Interbank exposures: quantifying the risk of contagion",
J. Money Credit Bank. 35, 2003).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from graphrisk.kernels.calls import settle
from graphrisk.kernels.ledger import (
    ACTIVE,
    ASKED,
    ASSETS,
    BATCH,
    BEFORE,
    BY_PARTY,
    CALLED,
    CAPACITY,
    CHANGED,
    CLAIMS,
    CLUSTER,
    COLLATERAL,
    CONTRACT,
    DIRTY,
    EQUITY,
    EXPOSURES,
    FAILED,
    FALLEN,
    FIRST,
    FIRST_EQUITY,
    FIXED,
    FLOOR,
    FOLLOWING,
    FRESH,
    GUARANTOR,
    IS_CALLED,
    IS_DIRTY,
    IS_REACHED,
    IS_TOUCHED,
    JOINT,
    KNOWN,
    LATE,
    LENDER,
    LENDING,
    LINE_PAID,
    LINES,
    LOANS,
    LOSS,
    N_CALLED,
    N_LATE,
    N_REACHED,
    NOTHING,
    OWED,
    OWNERSHIP,
    PAID,
    PLEDGES,
    REACHED,
    SCALE,
    SHOCK,
    SHORTFALL,
    SIGMA,
    STAKES,
    SUPPLIES,
    TOUCHED,
    UNMET,
    UNMET_PART,
    UNPAID,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)


@njit(cache=True, nogil=True, error_model="numpy")
def loss_fraction(rule: Rule, party: Floats, i: int, equity: float, failed: bool, fixed: float) -> float:
    """Return the part of a claim on party `i` that is lost while it stands at `equity`.

    `fixed` is the loss fraction of a party whose equity is unknown.
    """
    if rule.code == 0:
        return 1.0 - rule.recovery if failed else 0.0
    if rule.code == 3:
        owed = party[i, OWED]
        if equity >= -NOTHING * party[i, SCALE] or owed <= 0.0:
            return 0.0
        return float(min(1.0, max(0.0, 1.0 - (party[i, FLOOR] + rule.slope * max(equity + owed, 0.0)) / owed)))
    if rule.code == 4:
        assets, sigma = party[i, ASSETS], party[i, SIGMA]
        if equity >= assets:
            return 0.0
        if assets <= 0.0:
            return 1.0 - rule.recovery
        reach = (sigma * sigma / 2.0 + math.log(1.0 - equity / assets)) / (math.sqrt(2.0) * sigma)
        return float((1.0 - rule.recovery) * 0.5 * (1.0 + math.erf(reach)))
    if failed:
        return 1.0
    if party[i, KNOWN] > 0.0:
        fraction = min(1.0, max(0.0, (party[i, FIRST_EQUITY] - equity) / party[i, FIRST_EQUITY]))
    else:
        fraction = fixed
    if rule.code == 2:
        return float(fraction * math.exp(rule.alpha * (fraction - 1.0)))
    return float(fraction)


@njit(cache=True, nogil=True, error_model="numpy")
def losses_now(rule: Rule, party: Floats, money: Floats, failed: Flags) -> Floats:
    """Return the loss fraction of claims on each party (parties,) as it stands."""
    loss = np.zeros(party.shape[0])
    for i in range(len(loss)):
        loss[i] = loss_fraction(rule, party, i, money[i, EQUITY], failed[i], money[i, FIXED])
    return loss


@njit(cache=True, nogil=True, error_model="numpy")
def called_part(recourse: float, joint: int, loss: float) -> float:
    """Return the part of a facility's uncovered amount that falls short when its borrower's loss fraction is `loss`.

    What recourse does not recover counts only where there is a loss beyond the rounding of a sweep that has settled.
    """
    if loss > UNMET_PART and joint:
        return loss + (1.0 - recourse) * (1.0 - loss)
    return loss


@njit(cache=True, nogil=True, error_model="numpy")
def capacity_of(rule: Rule, party: Floats, money: Floats, k: int) -> float:
    """Return what guarantor k can pay: equity after the shock and all losses but its guarantees."""
    if rule.unlimited:
        return math.inf
    if party[k, KNOWN] == 0.0:
        return math.inf if rule.caps else 0.0
    lost = money[k, EXPOSURES] + money[k, LENDING] + money[k, OWNERSHIP] + money[k, COLLATERAL] + money[k, SUPPLIES]
    return float(max(0.0, party[k, FIRST_EQUITY] - money[k, SHOCK] - lost))


@njit(cache=True, nogil=True, error_model="numpy")
def mark(state: State, i: int, as_changed: bool) -> None:
    """Put party `i` on the list of those whose change the next sweep passes on, or of those this one computes anew."""
    if as_changed:
        _note_change(state.party_list, state.party_flag, state.counts, i)
    else:
        _put_on_list(state.party_list, state.party_flag, state.counts, i)


@njit(cache=True, nogil=True, error_model="numpy")
def _note_change(lists: Ints, flags: Flags, counts: Ints, i: int) -> None:
    lists[CHANGED, counts[CHANGED]] = i
    counts[CHANGED] += 1
    if not flags[i, IS_TOUCHED]:
        flags[i, IS_TOUCHED] = True
        lists[TOUCHED, counts[TOUCHED]] = i
        counts[TOUCHED] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _put_on_list(lists: Ints, flags: Flags, counts: Ints, i: int) -> None:
    if not flags[i, IS_DIRTY]:
        flags[i, IS_DIRTY] = True
        lists[DIRTY, counts[DIRTY]] = i
        counts[DIRTY] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _push(
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


@njit(cache=True, nogil=True, error_model="numpy")
def start(ledger: Ledger, rule: Rule, state: State) -> None:
    """Apply the shocks in `state` to the undistressed state: sweep 0."""
    for i in range(ledger.party.shape[0]):
        if ledger.party[i, KNOWN] > 0.0:
            state.money[i, EQUITY] = ledger.party[i, FIRST_EQUITY] - state.money[i, SHOCK]
            if state.money[i, EQUITY] <= NOTHING * ledger.party[i, SCALE]:
                state.party_flag[i, FAILED] = True
            if state.money[i, SHOCK] > 0.0 or state.party_flag[i, FAILED] or rule.code == 4:
                mark(state, i, True)
        elif state.money[i, FIXED] > 0.0:
            state.party_flag[i, FAILED] = state.money[i, FIXED] >= 1.0
            mark(state, i, True)


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(ledger: Ledger, rule: Rule, state: State) -> float:
    """Make one sweep; return the largest change of a party's equity over max(|E0|, 1).

    Before it the list CHANGED holds the parties whose change is to be passed on, DIRTY those that lose from outside;
    after it CHANGED those that changed now and FRESH those that failed now.
    """
    counts, parties = state.counts, state.party_list
    counts[FRESH] = 0
    if counts[CHANGED] > 1_000:  # in memory order the processor keeps up
        parties[CHANGED, : counts[CHANGED]].sort()
    for i in range(counts[CHANGED]):
        _pass_on(ledger, rule, state, parties[CHANGED, i])
    for i in range(counts[CHANGED]):
        _call(state, ledger.cluster_of[parties[CHANGED, i]])
    for i in range(counts[DIRTY]):
        _call(state, ledger.cluster_of[parties[DIRTY, i]])
    counts[CHANGED] = 0
    for i in range(counts[N_CALLED]):  # what each guarantor can pay, before any call of this sweep is settled
        f = state.cluster[FIRST, state.cluster[CALLED, i]]
        while f >= 0:
            for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                state.money[k, CAPACITY] = capacity_of(rule, ledger.party, state.money, k)
            f = state.facility_list[FOLLOWING, f]
    for i in range(counts[N_CALLED]):
        _settle_cluster(ledger, state, state.cluster[CALLED, i])
        state.cluster[IS_CALLED, state.cluster[CALLED, i]] = 0
    counts[N_CALLED] = 0
    for i in range(counts[N_LATE]):
        f = state.facility_list[LATE, i]
        before = state.facility_money[UNPAID, f]
        state.facility_money[UNPAID, f] = state.facility_money[SHORTFALL, f]
        _lose_as_lender(state, ledger.facility[LENDER, f], state.facility_money[UNPAID, f] - before)
    counts[N_LATE] = 0
    return float(_stand(ledger.party, state.money, parties, state.party_flag, counts))


@njit(cache=True, nogil=True, error_model="numpy")
def _pass_on(ledger: Ledger, rule: Rule, state: State, j: int) -> None:
    """Pass the change of party j on to its creditors, owners, facilities and pledgers."""
    money, equity = state.money, state.money[j, EQUITY]
    loss = loss_fraction(rule, ledger.party, j, equity, state.party_flag[j, FAILED], money[j, FIXED])
    more = loss - money[j, LOSS]
    if more != 0.0:
        money[j, LOSS] = loss
        _push(
            ledger.start[CLAIMS, j], ledger.start[CLAIMS, j + 1], ledger.creditor, ledger.claim, more,
            money, EXPOSURES, state.party_list, state.party_flag, state.counts,
        )  # fmt: skip
        for e in range(ledger.start[LOANS, j], ledger.start[LOANS, j + 1]):
            f = ledger.loan[e]
            shortfall = ledger.uncovered[f] * called_part(rule.recourse, ledger.facility[JOINT, f], loss)
            if shortfall != state.facility_money[SHORTFALL, f]:
                state.facility_money[SHORTFALL, f] = shortfall
                fall_short(state, f, ledger.facility[CLUSTER, f])
            _push(
                ledger.facility_start[PLEDGES, f], ledger.facility_start[PLEDGES, f + 1], ledger.pledger,
                ledger.pledged, more, money, COLLATERAL, state.party_list, state.party_flag, state.counts,
            )  # fmt: skip
    if ledger.party[j, KNOWN] > 0.0:
        fallen = max(ledger.party[j, FIRST_EQUITY], 0.0) - max(equity, 0.0)
        more = fallen - money[j, FALLEN]
        if more != 0.0:
            money[j, FALLEN] = fallen
            _push(
                ledger.start[STAKES, j], ledger.start[STAKES, j + 1], ledger.owner, ledger.stake, more,
                money, OWNERSHIP, state.party_list, state.party_flag, state.counts,
            )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def fall_short(state: State, f: int, cluster: int) -> None:
    """Note that the shortfall of facility f changed; its calls are settled, or its lender loses, later in the sweep."""
    if not state.facility_flag[IS_REACHED, f]:
        state.facility_flag[IS_REACHED, f] = True
        state.facility_list[REACHED, state.counts[N_REACHED]] = f
        state.counts[N_REACHED] += 1
    if cluster < 0:
        state.facility_list[LATE, state.counts[N_LATE]] = f
        state.counts[N_LATE] += 1
        return
    if not state.facility_flag[ACTIVE, f]:
        state.facility_flag[ACTIVE, f] = True
        state.facility_list[FOLLOWING, f] = state.cluster[FIRST, cluster]
        state.cluster[FIRST, cluster] = f
    _call(state, cluster)


@njit(cache=True, nogil=True, error_model="numpy")
def _call(state: State, cluster: int) -> None:
    """Put `cluster` on the list of those settled anew in this sweep, where it has a shortfall."""
    if cluster >= 0 and state.cluster[FIRST, cluster] >= 0 and not state.cluster[IS_CALLED, cluster]:
        state.cluster[IS_CALLED, cluster] = 1
        state.cluster[CALLED, state.counts[N_CALLED]] = cluster
        state.counts[N_CALLED] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _settle_cluster(ledger: Ledger, state: State, cluster: int) -> None:
    """Settle all calls of a cluster anew; bring its guarantors and lenders up to date."""
    batch, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    by_party, unmet = state.money[:, BY_PARTY], state.money[:, CAPACITY]  # both are free once the calls are settled
    count = 0
    f = state.cluster[FIRST, cluster]
    while f >= 0:
        batch[count] = f
        count += 1
        state.facility_money[BEFORE, f] = state.facility_money[UNPAID, f]
        if not state.facility_flag[IS_REACHED, f]:
            state.facility_flag[IS_REACHED, f] = True
            state.facility_list[REACHED, state.counts[N_REACHED]] = f
            state.counts[N_REACHED] += 1
        f = state.facility_list[FOLLOWING, f]
    settle(ledger, state, count)
    for step in range(4):
        for i in range(count):
            f = batch[i]
            if step == 0:
                more = state.facility_money[UNPAID, f] - state.facility_money[BEFORE, f]
                _lose_as_lender(state, ledger.facility[LENDER, f], more)
            for line in range(first_line[f], first_line[f + 1]):
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                if step == 0:
                    unmet[k] = 0.0
                    by_party[k] = 0.0
                elif step == 1:
                    by_party[k] += state.line_money[LINE_PAID, line]
                    unmet[k] += state.line_money[ASKED, line] - state.line_money[LINE_PAID, line]
                elif step == 2:
                    if by_party[k] != state.money[k, PAID] or unmet[k] != state.money[k, UNMET]:
                        state.money[k, PAID] = by_party[k]
                        state.money[k, UNMET] = unmet[k]
                        mark(state, k, False)
                else:
                    by_party[k] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _lose_as_lender(state: State, lender: int, more: float) -> None:
    """Pass the change of what stays unpaid of a facility on to its lender."""
    if lender >= 0 and more != 0.0:
        state.money[lender, LENDING] += more
        mark(state, lender, False)


@njit(cache=True, nogil=True, error_model="numpy")
def _stand(party: Floats, money: Floats, lists: Ints, flags: Flags, counts: Ints) -> float:
    """Compute the equity of all on the list anew, note who changed or failed; return the largest relative change."""
    largest = 0.0
    if counts[DIRTY] > 1_000:
        lists[DIRTY, : counts[DIRTY]].sort()
    for place in range(counts[DIRTY]):
        i = lists[DIRTY, place]
        flags[i, IS_DIRTY] = False
        equity = money[i, EQUITY]
        fails = money[i, UNMET] > UNMET_PART * (money[i, UNMET] + money[i, PAID])
        if party[i, KNOWN] > 0.0:
            lost = money[i, EXPOSURES] + money[i, LENDING] + money[i, OWNERSHIP] + money[i, COLLATERAL]
            lost += money[i, SUPPLIES]
            equity = party[i, FIRST_EQUITY] - money[i, SHOCK] - lost - money[i, PAID]
            fails = fails or equity <= NOTHING * party[i, SCALE]
        fails = fails and not flags[i, FAILED]
        largest = max(largest, abs(equity - money[i, EQUITY]) / party[i, SCALE])
        if fails:
            flags[i, FAILED] = True
            lists[FRESH, counts[FRESH]] = i
            counts[FRESH] += 1
        if fails or equity != money[i, EQUITY]:
            money[i, EQUITY] = equity
            _note_change(lists, flags, counts, i)
        elif not flags[i, IS_TOUCHED]:
            flags[i, IS_TOUCHED] = True
            lists[TOUCHED, counts[TOUCHED]] = i
            counts[TOUCHED] += 1
    counts[DIRTY] = 0
    return largest
