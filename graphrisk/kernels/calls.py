"""The guarantee-call procedure: who is asked for how much of each shortfall, who pays, and what stays unpaid.

Source: our own, stated in docs/methods/contagion.md. Ranks in turn, over all facilities of a cluster at once; in a rank
first the several guarantors for their shares and the joint-several ones for the rest, then the joint-several ones
alone for all that is still unpaid, until a round moves nothing. Several calls on one guarantor beyond its capacity are
paid pro rata.
"""

from __future__ import annotations

from numba import njit

from graphrisk.kernels.ledger import (
    ASK,
    ASKED,
    BATCH,
    BY_CONTRACT,
    BY_PARTY,
    CAP_LEFT,
    CAPACITY,
    CONTRACT,
    GUARANTOR,
    JOINT_SEVERAL,
    LINE_PAID,
    LINES,
    NOTHING,
    RANK,
    SHORTFALL,
    SPREAD,
    UNPAID,
    Ledger,
    State,
)


@njit(cache=True, nogil=True, error_model="numpy")
def settle(ledger: Ledger, state: State, count: int) -> None:
    """Settle the calls behind the first `count` facilities of the batch: all that fall short in their cluster.

    Reads the shortfalls and the capacity of every guarantor behind them (used up here); writes what is asked and paid
    per line and unpaid per facility. Amounts below 1e-12 of the largest shortfall count as none.
    """
    facilities, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    unpaid, cap_left = state.facility_money[UNPAID], state.contract_money[CAP_LEFT]
    largest = 0.0
    for i in range(count):
        f = facilities[i]
        unpaid[f] = state.facility_money[SHORTFALL, f]
        largest = max(largest, unpaid[f])
        for line in range(first_line[f], first_line[f + 1]):
            state.line_money[ASKED, line] = 0.0
            state.line_money[LINE_PAID, line] = 0.0
            cap_left[ledger.line[CONTRACT, line]] = ledger.cap[ledger.line[CONTRACT, line]]
    none = NOTHING * largest
    for rank in range(ledger.ranks):
        for turn in range(ledger.line.shape[1] + ledger.contract.shape[1] + 3):  # each ends a cap or a capacity
            moved = _one_round(ledger, state, count, rank, turn, none)
            if turn > 0 and moved <= none:
                break
    for i in range(count):
        if unpaid[facilities[i]] <= none:
            unpaid[facilities[i]] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _one_round(ledger: Ledger, state: State, count: int, rank: int, turn: int, none: float) -> float:
    """Ask and pay once in a rank, for the first time where `turn` is 0; return what was paid in all."""
    facilities, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    ask, by_contract = state.line_money[ASK], state.contract_money[BY_CONTRACT]
    by_party, capacity = state.money[:, BY_PARTY], state.money[:, CAPACITY]
    unpaid, cap_left = state.facility_money[UNPAID], state.contract_money[CAP_LEFT]
    for i in range(count):
        for line in range(first_line[facilities[i]], first_line[facilities[i] + 1]):
            ask[line] = 0.0
            by_contract[ledger.line[CONTRACT, line]] = 0.0
            by_party[ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]] = 0.0

    for mode in range(2):
        if mode == 0 and turn == 0:
            _ask_several(ledger, state, count, rank, none)
        elif mode == 1:
            _ask_joint_several(ledger, state, count, rank, none)
        _cut_to_caps(ledger, state, count, mode)

    # a guarantor pays in full what fits its capacity, else each call pro rata
    for i in range(count):
        for line in range(first_line[facilities[i]], first_line[facilities[i] + 1]):
            by_party[ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]] += ask[line]
    moved = 0.0
    for i in range(count):
        f = facilities[i]
        for line in range(first_line[f], first_line[f + 1]):
            if ask[line] > 0.0:
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                pay = ask[line] if by_party[k] <= capacity[k] else ask[line] * (capacity[k] / by_party[k])
                state.line_money[ASKED, line] += ask[line]
                state.line_money[LINE_PAID, line] += pay
                c = ledger.line[CONTRACT, line]
                cap_left[c] = max(0.0, cap_left[c] - pay)
                unpaid[f] = max(0.0, unpaid[f] - pay)
                moved += pay
    for i in range(count):
        for line in range(first_line[facilities[i]], first_line[facilities[i] + 1]):
            k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
            if by_party[k] > 0.0:
                capacity[k] = max(0.0, capacity[k] - by_party[k])
                by_party[k] = 0.0
    return moved


@njit(cache=True, nogil=True, error_model="numpy")
def _ask_several(ledger: Ledger, state: State, count: int, rank: int, none: float) -> None:
    """Ask the several guarantors of a rank for their shares, up to their caps; never more than a facility lacks."""
    facilities, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    ask, unpaid, cap_left = state.line_money[ASK], state.facility_money[UNPAID], state.contract_money[CAP_LEFT]
    for i in range(count):
        f = facilities[i]
        total = 0.0
        for line in range(first_line[f], first_line[f + 1]):
            c = ledger.line[CONTRACT, line]
            if ledger.line[RANK, line] != rank or ledger.contract[JOINT_SEVERAL, c] or unpaid[f] <= none:
                continue
            if cap_left[c] > none:
                ask[line] = min(cap_left[c], ledger.share[line] * unpaid[f])
                total += ask[line]
        for line in range(first_line[f], first_line[f + 1]):
            if total > unpaid[f]:
                ask[line] *= unpaid[f] / total
            state.contract_money[BY_CONTRACT, ledger.line[CONTRACT, line]] += ask[line]


@njit(cache=True, nogil=True, error_model="numpy")
def _ask_joint_several(ledger: Ledger, state: State, count: int, rank: int, none: float) -> None:
    """Ask the joint-several guarantors of a rank with cap and capacity left for what the several ones are not asked."""
    facilities, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    ask, capacity, cap_left = state.line_money[ASK], state.money[:, CAPACITY], state.contract_money[CAP_LEFT]
    for i in range(count):
        f = facilities[i]
        rest = state.facility_money[UNPAID, f]
        shares = 0.0
        for line in range(first_line[f], first_line[f + 1]):
            c = ledger.line[CONTRACT, line]
            rest -= ask[line]
            if ledger.line[RANK, line] != rank or not ledger.contract[JOINT_SEVERAL, c]:
                continue
            if cap_left[c] > none and capacity[ledger.contract[GUARANTOR, c]] > none:
                shares += ledger.share[line]
        if rest <= none or shares <= 0.0:
            continue
        for line in range(first_line[f], first_line[f + 1]):
            c = ledger.line[CONTRACT, line]
            if ledger.line[RANK, line] != rank or not ledger.contract[JOINT_SEVERAL, c]:
                continue
            if cap_left[c] > none and capacity[ledger.contract[GUARANTOR, c]] > none:
                ask[line] = min(cap_left[c], rest * ledger.share[line] / shares)
                state.contract_money[BY_CONTRACT, c] += ask[line]


@njit(cache=True, nogil=True, error_model="numpy")
def _cut_to_caps(ledger: Ledger, state: State, count: int, mode: int) -> None:
    """Cut the asks of each contract of a mode that stands behind several facilities pro rata to its cap left."""
    facilities, first_line = state.facility_list[BATCH], ledger.facility_start[LINES]
    for i in range(count):
        for line in range(first_line[facilities[i]], first_line[facilities[i] + 1]):
            c = ledger.line[CONTRACT, line]
            asked, left = state.contract_money[BY_CONTRACT, c], state.contract_money[CAP_LEFT, c]
            if ledger.contract[SPREAD, c] and ledger.contract[JOINT_SEVERAL, c] == mode and asked > left:
                state.line_money[ASK, line] *= left / asked
