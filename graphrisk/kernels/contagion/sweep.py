"""One synchronous sweep of the unified contagion map, pushed from the parties that changed in the last one.

Source: the map is stated in docs/methods/contagion.md; the loss fractions are those of `valuation`.
"""

from __future__ import annotations

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.guarantee_calls import settle
from graphrisk.kernels.contagion.ledger import (
    ACTIVE,
    ASKED,
    BATCH,
    BEFORE,
    BY_PARTY,
    CALLED,
    CAPACITY,
    CHANGED,
    CLAIMS,
    CLUSTER,
    CONTRACT,
    COULD_PAY,
    DIRTY,
    EQUITY,
    FAILED,
    FALLEN,
    FIRST,
    FIRST_EQUITY,
    FIXED,
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
    LINE_PAID,
    LINES,
    LOANS,
    LOSS,
    LOST_COLLATERAL,
    LOST_EXPOSURES,
    LOST_LENDING,
    LOST_OWNERSHIP,
    N_CALLED,
    N_LATE,
    N_REACHED,
    NOTHING,
    PAID,
    PLEDGES,
    REACHED,
    SCALE,
    SHORTFALL,
    STAKES,
    TAKEN,
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
from graphrisk.kernels.contagion.lists import add_up, gather, in_memory_order, is_dense, mark, note_change, push
from graphrisk.kernels.contagion.valuation import called_part, capacity_of, loss_fraction, lost_by_layers


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(ledger: Ledger, rule: Rule, state: State) -> float:
    """Make one sweep; return the largest change of a party's equity over max(|E0|, 1).

    Before it the list CHANGED holds the parties whose change is to be passed on, DIRTY those that lose from outside;
    after it CHANGED those that changed now and FRESH those that failed now.
    """
    counts, parties = state.counts, state.party_list
    counts[FRESH] = 0
    in_memory_order(parties, CHANGED, counts[CHANGED])
    dense = is_dense(ledger.start, parties, counts[CHANGED])
    _pass_on(ledger, rule, state, dense)
    if dense:
        gather(state.money, state.sums, parties, state.party_flag, counts)
    if ledger.clusters > 0:
        _call_where_capacity_changed(ledger, rule, state, CHANGED)
        _call_where_capacity_changed(ledger, rule, state, DIRTY)
    counts[CHANGED] = 0
    for i in range(counts[N_CALLED]):  # what each guarantor can pay, before any call of this sweep is settled
        f = state.cluster[FIRST, state.cluster[CALLED, i]]
        while f >= 0:
            for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                state.money[k, CAPACITY] = capacity_of(rule, ledger.party, state.money, k)
                state.money[k, COULD_PAY] = state.money[k, CAPACITY]
            f = state.facility_list[FOLLOWING, f]
    for i in range(counts[N_CALLED]):
        _settle_cluster(ledger, state, state.cluster[CALLED, i])
        state.cluster[IS_CALLED, state.cluster[CALLED, i]] = 0
    counts[N_CALLED] = 0
    for i in range(counts[N_LATE]):
        f = state.facility_list[LATE, i]
        state.facility_flag[ACTIVE, f] = False
        before = state.facility_money[UNPAID, f]
        state.facility_money[UNPAID, f] = state.facility_money[SHORTFALL, f]
        _lose_as_lender(state, ledger.facility[LENDER, f], state.facility_money[UNPAID, f] - before)
    counts[N_LATE] = 0
    return float(_stand(rule, ledger.party, state.money, parties, state.party_flag, counts))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _pass_on(ledger: Ledger, rule: Rule, state: State, dense: bool) -> None:
    """Steps 1, 3, 6: pass what changed on to creditors, owners, facilities, pledgers; `dense`: claims, stakes by sums.

    One loop over all parties: to hand the book to a function costs more than a party's few contracts.
    """
    party, first_row, money, sums = ledger.party, ledger.start, state.money, state.sums
    creditor, claim, owner, stake = ledger.creditor, ledger.claim, ledger.owner, ledger.stake
    lists, flags, counts = state.party_list, state.party_flag, state.counts
    for i in range(counts[CHANGED]):
        j = lists[CHANGED, i]
        equity = money[j, EQUITY]
        loss = loss_fraction(rule, party, j, equity, flags[j, FAILED], money[j, FIXED])
        more = loss - money[j, LOSS]
        if more != 0.0:
            money[j, LOSS] = loss
            first, last = first_row[CLAIMS, j], first_row[CLAIMS, j + 1]
            if dense:
                add_up(first, last, creditor, claim, more, sums, 0)
            else:
                push(first, last, creditor, claim, more, money, LOST_EXPOSURES, lists, flags, counts)
            if first_row[LOANS, j] < first_row[LOANS, j + 1]:
                _fall_short_of(ledger, rule, state, j, loss, more)
        if party[j, KNOWN] > 0.0:
            fallen = max(party[j, FIRST_EQUITY], 0.0) - max(equity, 0.0)
            more = fallen - money[j, FALLEN]
            if more != 0.0:
                money[j, FALLEN] = fallen
                first, last = first_row[STAKES, j], first_row[STAKES, j + 1]
                if dense:
                    add_up(first, last, owner, stake, more, sums, 1)
                else:
                    push(first, last, owner, stake, more, money, LOST_OWNERSHIP, lists, flags, counts)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _fall_short_of(ledger: Ledger, rule: Rule, state: State, j: int, loss: float, more: float) -> None:
    """Steps 3 and 4: pass a loss fraction of party j on to its facilities and to those who pledged for them."""
    for e in range(ledger.start[LOANS, j], ledger.start[LOANS, j + 1]):
        f = ledger.loan[e]
        set_shortfall(ledger, rule, state, f, loss)
        push(
            ledger.facility_start[PLEDGES, f], ledger.facility_start[PLEDGES, f + 1], ledger.pledger, ledger.pledged,
            more, state.money, LOST_COLLATERAL, state.party_list, state.party_flag, state.counts,
        )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_shortfall(ledger: Ledger, rule: Rule, state: State, f: int, loss: float) -> None:
    """Step 4: bring the shortfall of facility f up to date: what collateral leaves of it, and its borrower's loss."""
    shortfall = ledger.uncovered[f] * called_part(rule.recourse, ledger.facility[JOINT, f], loss)
    if shortfall != state.facility_money[SHORTFALL, f]:
        state.facility_money[SHORTFALL, f] = shortfall
        fall_short(state, f, ledger.facility[CLUSTER, f])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def fall_short(state: State, f: int, cluster: int) -> None:
    """Step 4: note that facility f falls short by another amount; calls are settled, or its lender loses, in step 5."""
    if not state.facility_flag[IS_REACHED, f]:
        state.facility_flag[IS_REACHED, f] = True
        state.facility_list[REACHED, state.counts[N_REACHED]] = f
        state.counts[N_REACHED] += 1
    if cluster < 0:
        if not state.facility_flag[ACTIVE, f]:  # its price and its borrower can both change in one sweep
            state.facility_flag[ACTIVE, f] = True
            state.facility_list[LATE, state.counts[N_LATE]] = f
            state.counts[N_LATE] += 1
        return
    if not state.facility_flag[ACTIVE, f]:
        state.facility_flag[ACTIVE, f] = True
        state.facility_list[FOLLOWING, f] = state.cluster[FIRST, cluster]
        state.cluster[FIRST, cluster] = f
    _call(state, cluster)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _call(state: State, cluster: int) -> None:
    """Step 5: put `cluster` on the list of those settled anew in this sweep, where it has a shortfall."""
    if cluster >= 0 and state.cluster[FIRST, cluster] >= 0 and not state.cluster[IS_CALLED, cluster]:
        state.cluster[IS_CALLED, cluster] = 1
        state.cluster[CALLED, state.counts[N_CALLED]] = cluster
        state.counts[N_CALLED] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _call_where_capacity_changed(ledger: Ledger, rule: Rule, state: State, which: int) -> None:
    """Step 5: settle the calls anew on those of a list that can pay another amount than when they were settled last."""
    for i in range(state.counts[which]):
        k = state.party_list[which, i]
        cluster = ledger.cluster_of[k]
        if cluster >= 0 and capacity_of(rule, ledger.party, state.money, k) != state.money[k, COULD_PAY]:
            _call(state, cluster)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _settle_cluster(ledger: Ledger, state: State, cluster: int) -> None:
    """Step 5: settle all calls of a cluster anew; bring its guarantors and lenders up to date."""
    batch, first_line, money = state.facility_list, ledger.facility_start, state.money
    count = 0
    f = state.cluster[FIRST, cluster]
    while f >= 0:
        batch[BATCH, count] = f
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
            f = batch[BATCH, i]
            if step == 0:
                more = state.facility_money[UNPAID, f] - state.facility_money[BEFORE, f]
                _lose_as_lender(state, ledger.facility[LENDER, f], more)
            for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                if step == 0:  # both columns are free once the calls are settled: what is not met, what is paid
                    money[k, CAPACITY] = 0.0
                    money[k, BY_PARTY] = 0.0
                elif step == 1:
                    money[k, BY_PARTY] += state.line_money[LINE_PAID, line]
                    money[k, CAPACITY] += state.line_money[ASKED, line] - state.line_money[LINE_PAID, line]
                elif step == 2:
                    if money[k, BY_PARTY] != money[k, PAID] or money[k, CAPACITY] != money[k, UNMET]:
                        money[k, PAID] = money[k, BY_PARTY]
                        money[k, UNMET] = money[k, CAPACITY]
                        mark(state, k, False)
                else:
                    money[k, BY_PARTY] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _lose_as_lender(state: State, lender: int, more: float) -> None:
    """Step 5: pass the change of what stays unpaid of a facility on to its lender."""
    if lender >= 0 and more != 0.0:
        state.money[lender, LOST_LENDING] += more
        mark(state, lender, False)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _stand(rule: Rule, party: Floats, money: Floats, lists: Ints, flags: Flags, counts: Ints) -> float:
    """Step 6: compute the equity of all on the list anew, note who changed or failed; return the largest change.

    A guarantor that is called and can now pay another amount than when it was changed too, at whatever equity: it may
    have lost as a lender what it was spared as a guarantor.
    """
    largest = 0.0
    in_memory_order(lists, DIRTY, counts[DIRTY])
    for place in range(counts[DIRTY]):
        i = lists[DIRTY, place]
        flags[i, IS_DIRTY] = False
        equity = money[i, EQUITY]
        fails = money[i, UNMET] > UNMET_PART * (money[i, UNMET] + money[i, PAID])
        if party[i, KNOWN] > 0.0:
            equity = party[i, FIRST_EQUITY] - money[i, TAKEN] - lost_by_layers(money, i) - money[i, PAID]
            fails = fails or equity <= NOTHING * party[i, SCALE]
        fails = fails and not flags[i, FAILED]
        largest = max(largest, abs(equity - money[i, EQUITY]) / party[i, SCALE])
        moved = equity != money[i, EQUITY]
        if money[i, PAID] + money[i, UNMET] > 0.0:
            able = capacity_of(rule, party, money, i)
            if able != money[i, COULD_PAY]:
                moved = True
                largest = max(largest, abs(able - money[i, COULD_PAY]) / party[i, SCALE])
        if fails:
            flags[i, FAILED] = True
            lists[FRESH, counts[FRESH]] = i
            counts[FRESH] += 1
        if fails or moved:
            money[i, EQUITY] = equity
            note_change(lists, flags, counts, i)
        elif not flags[i, IS_TOUCHED]:
            flags[i, IS_TOUCHED] = True
            lists[TOUCHED, counts[TOUCHED]] = i
            counts[TOUCHED] += 1
    counts[DIRTY] = 0
    return largest


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def contracts_of_changed(ledger: Ledger, state: State) -> int:
    """Return how many parties and contracts the next sweep follows."""
    work = 0
    for i in range(state.counts[CHANGED]):
        p = state.party_list[CHANGED, i]
        work += 1
        for row in range(3):
            work += ledger.start[row, p + 1] - ledger.start[row, p]
    return work
