"""The guarantee-call procedure: who is asked for how much of each shortfall, who pays, and what stays unpaid.

Source: our own, stated in docs/methods/contagion.md. Ranks in turn, over all facilities of a cluster at once; in a rank
first the several guarantors for their shares and the joint-several ones for the rest, then the joint-several ones
alone for all that is still unpaid, until a round moves nothing. Several calls on one guarantor beyond its capacity are
paid pro rata.
"""

from __future__ import annotations

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import (
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


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def settle(ledger: Ledger, state: State, count: int) -> None:
    """Settle the calls behind the first `count` facilities of the batch: all that fall short in their cluster.

    Reads the shortfalls and the capacity of every guarantor behind them (used up here); writes what is asked and paid
    per line and unpaid per facility. Amounts below 1e-12 of the largest shortfall count as none.
    """
    lists, first_line = state.facility_list, ledger.facility_start
    lines, amounts, contracts = state.line_money, state.facility_money, state.contract_money
    largest, further, spread, last = 0.0, False, False, -1
    for i in range(count):
        f = lists[BATCH, i]
        amounts[UNPAID, f] = amounts[SHORTFALL, f]
        largest = max(largest, amounts[UNPAID, f])
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            lines[ASKED, line] = 0.0
            lines[LINE_PAID, line] = 0.0
            c = ledger.line[CONTRACT, line]
            contracts[CAP_LEFT, c] = ledger.cap[c]
            further = further or ledger.contract[JOINT_SEVERAL, c] > 0
            spread = spread or ledger.contract[SPREAD, c] > 0
            last = max(last, ledger.line[RANK, line])
    none = NOTHING * largest
    for rank in range(last + 1):
        for turn in range(ledger.line.shape[1] + ledger.contract.shape[1] + 3):  # each ends a cap or a capacity
            moved = _one_round(ledger, state, count, rank, turn, none, spread)
            if (turn > 0 and moved <= none) or not further:
                break
            rest = 0.0
            for i in range(count):
                rest = max(rest, amounts[UNPAID, lists[BATCH, i]])
            if rest <= none:  # nobody would be asked
                break
    for i in range(count):
        if amounts[UNPAID, lists[BATCH, i]] <= none:
            amounts[UNPAID, lists[BATCH, i]] = 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _one_round(ledger: Ledger, state: State, count: int, rank: int, turn: int, none: float, spread: bool) -> float:
    """Ask and pay once in a rank, for the first time where `turn` is 0; return what was paid in all."""
    lists, first_line = state.facility_list, ledger.facility_start
    lines, money = state.line_money, state.money
    amounts, contracts = state.facility_money, state.contract_money
    for i in range(count):
        for line in range(first_line[LINES, lists[BATCH, i]], first_line[LINES, lists[BATCH, i] + 1]):
            lines[ASK, line] = 0.0
            contracts[BY_CONTRACT, ledger.line[CONTRACT, line]] = 0.0
            money[ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]], BY_PARTY] = 0.0

    for mode in range(2):
        if mode == 0 and turn == 0:
            _ask_several(ledger, state, count, rank, none)
        elif mode == 1:
            _ask_joint_several(ledger, state, count, rank, none)
        if spread:
            _cut_to_caps(ledger, state, count, mode)

    # a guarantor pays in full what fits its capacity, else each call pro rata
    for i in range(count):
        for line in range(first_line[LINES, lists[BATCH, i]], first_line[LINES, lists[BATCH, i] + 1]):
            money[ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]], BY_PARTY] += lines[ASK, line]
    moved = 0.0
    for i in range(count):
        f = lists[BATCH, i]
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            if lines[ASK, line] > 0.0:
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                pay = lines[ASK, line]
                if money[k, BY_PARTY] > money[k, CAPACITY]:
                    pay *= money[k, CAPACITY] / money[k, BY_PARTY]
                lines[ASKED, line] += lines[ASK, line]
                lines[LINE_PAID, line] += pay
                c = ledger.line[CONTRACT, line]
                contracts[CAP_LEFT, c] = max(0.0, contracts[CAP_LEFT, c] - pay)
                amounts[UNPAID, f] = max(0.0, amounts[UNPAID, f] - pay)
                moved += pay
    for i in range(count):
        for line in range(first_line[LINES, lists[BATCH, i]], first_line[LINES, lists[BATCH, i] + 1]):
            k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
            if money[k, BY_PARTY] > 0.0:
                money[k, CAPACITY] = max(0.0, money[k, CAPACITY] - money[k, BY_PARTY])
                money[k, BY_PARTY] = 0.0
    return moved


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _ask_several(ledger: Ledger, state: State, count: int, rank: int, none: float) -> None:
    """Ask the several guarantors of a rank for their shares, up to their caps; never more than a facility lacks."""
    lists, first_line = state.facility_list, ledger.facility_start
    lines, amounts, contracts = state.line_money, state.facility_money, state.contract_money
    for i in range(count):
        f = lists[BATCH, i]
        total = 0.0
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            c = ledger.line[CONTRACT, line]
            if ledger.line[RANK, line] != rank or ledger.contract[JOINT_SEVERAL, c] or amounts[UNPAID, f] <= none:
                continue
            if contracts[CAP_LEFT, c] > none:
                lines[ASK, line] = min(contracts[CAP_LEFT, c], ledger.share[line] * amounts[UNPAID, f])
                total += lines[ASK, line]
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            if total > amounts[UNPAID, f]:
                lines[ASK, line] *= amounts[UNPAID, f] / total
            contracts[BY_CONTRACT, ledger.line[CONTRACT, line]] += lines[ASK, line]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _ask_joint_several(ledger: Ledger, state: State, count: int, rank: int, none: float) -> None:
    """Ask the joint-several guarantors of a rank with cap and capacity left for what the several ones are not asked."""
    lists, first_line = state.facility_list, ledger.facility_start
    lines, money, amounts, contracts = state.line_money, state.money, state.facility_money, state.contract_money
    for i in range(count):
        f = lists[BATCH, i]
        rest = amounts[UNPAID, f]
        shares = 0.0
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            c = ledger.line[CONTRACT, line]
            rest -= lines[ASK, line]
            if ledger.line[RANK, line] != rank or not ledger.contract[JOINT_SEVERAL, c]:
                continue
            if contracts[CAP_LEFT, c] > none and money[ledger.contract[GUARANTOR, c], CAPACITY] > none:
                shares += ledger.share[line]
        if rest <= none or shares <= 0.0:
            continue
        for line in range(first_line[LINES, f], first_line[LINES, f + 1]):
            c = ledger.line[CONTRACT, line]
            if ledger.line[RANK, line] != rank or not ledger.contract[JOINT_SEVERAL, c]:
                continue
            if contracts[CAP_LEFT, c] > none and money[ledger.contract[GUARANTOR, c], CAPACITY] > none:
                lines[ASK, line] = min(contracts[CAP_LEFT, c], rest * ledger.share[line] / shares)
                contracts[BY_CONTRACT, c] += lines[ASK, line]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _cut_to_caps(ledger: Ledger, state: State, count: int, mode: int) -> None:
    """Cut the asks of each contract of a mode that stands behind several facilities pro rata to its cap left."""
    lists, first_line = state.facility_list, ledger.facility_start
    lines, contracts = state.line_money, state.contract_money
    for i in range(count):
        for line in range(first_line[LINES, lists[BATCH, i]], first_line[LINES, lists[BATCH, i] + 1]):
            c = ledger.line[CONTRACT, line]
            asked, left = contracts[BY_CONTRACT, c], contracts[CAP_LEFT, c]
            if ledger.contract[SPREAD, c] and ledger.contract[JOINT_SEVERAL, c] == mode and asked > left:
                lines[ASK, line] *= left / asked
