"""The ledger of a book as arrays: who loses to whom, by which contract, and the state of a run over it.

Tables are stored by the party that fails (compressed rows), because a loss is pushed from there. Indices are row
numbers; -1 is "none". Columns of one kind lie as rows of one array, named by the constants below: a compiled kernel
that takes sixty arrays takes half a minute to compile. Nothing here knows where the numbers come from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_MANY = 5_000
"""From so many rows on, sorting by counting pays for what it needs."""

NOTHING = 1e-12
"""Default is equity <= NOTHING x max(|E0|, 1); amounts below NOTHING x the largest in a call count as none."""
UNMET_PART = 1e-9
"""A call is unmet above this part of what was asked."""

# columns of Ledger.party: E0 (0 where unknown), 1 where it is known, max(|E0|, 1), and what the valuations need: pbar,
# value of a defaulted party's claims at no assets, external assets, their volatility
FIRST_EQUITY, KNOWN, SCALE, OWED, FLOOR, ASSETS, SIGMA = range(7)
# rows of Ledger.start: first claim on, stake in, facility of each party
CLAIMS, STAKES, LOANS = range(3)
# rows of Ledger.facility; lender -1 is our bank, cluster -1: nobody stands behind it, joint 1: a guarantor is jointly
# liable
BORROWER, LENDER, CLUSTER, JOINT = range(4)
# rows of Ledger.facility_start: first pledge of others behind, first guarantee line of each facility
PLEDGES, LINES = range(2)
# rows of Ledger.line
CONTRACT, RANK = range(2)
# rows of Ledger.contract; spread 1: it stands behind several facilities with one cap
GUARANTOR, JOINT_SEVERAL, SPREAD = range(3)


class Ledger(NamedTuple):
    """The book. Amounts in one currency; a claim is already scaled by its loss given default.

    Guarantee lines (one per contract and facility) run by facility, rank, contract. A cluster is a set of facilities
    tied by common guarantors: calls never leave it, and a party is a guarantor in one cluster only.
    """

    party: Floats  # (parties, 7)
    start: Ints  # (3, parties + 1)
    creditor: Ints  # (claims,) by debtor
    claim: Floats
    owner: Ints  # (stakes,) by firm owned
    stake: Floats
    loan: Ints  # (facilities,) by borrower
    facility: Ints  # (4, facilities)
    uncovered: Floats  # (facilities,) due less what collateral pays
    facility_start: Ints  # (2, facilities + 1)
    pledger: Ints  # (pledges of others,) by facility
    pledged: Floats
    line: Ints  # (2, lines)
    share: Floats  # (lines,)
    contract: Ints  # (3, contracts)
    cap: Floats  # (contracts,)
    cluster_of: Ints  # (parties,) the cluster in which the party is a guarantor, or -1
    ranks: int
    clusters: int

    @property
    def known(self) -> Flags:
        """Which parties have a known equity."""
        known: Flags = self.party[:, KNOWN] > 0.0
        return known

    @property
    def ours(self) -> Flags:
        """Which facilities are our own bank's; what is not paid of the others is in their lenders' equity."""
        ours: Flags = self.facility[LENDER] < 0
        return ours

    @property
    def equity(self) -> Floats:
        """Equity before any shock, 0 where unknown."""
        equity: Floats = self.party[:, FIRST_EQUITY]
        return equity


THRESHOLD, DEBTRANK, NONLINEAR, CLEARING, MERTON = range(5)


class Rule(NamedTuple):
    """How much of a claim is lost at a given equity, and what a guarantor can pay."""

    code: int
    recovery: float = 0.0  # threshold, merton: part of a claim on a defaulted party that is recovered
    alpha: float = 0.0  # nonlinear: exponent
    recourse: float = 1.0  # part of its payment that a joint guarantor recovers from a debtor not in default
    slope: float = 1.0  # clearing: part of the remaining assets that a defaulted party passes on
    unlimited: bool = False  # a guarantor pays whatever is asked
    caps: bool = False  # a guarantor of unknown equity pays up to its caps


# columns of State.money, per party: loss fraction of a party of unknown equity, money lost at the start, equity, loss
# fraction and fall of equity already passed on, money lost by layer, paid and not paid under guarantees, working space,
# what it could pay when its calls were last settled
FIXED, TAKEN, EQUITY, LOSS, FALLEN = range(5)
LOST_EXPOSURES, LOST_LENDING, LOST_OWNERSHIP, LOST_COLLATERAL, LOST_SUPPLIES = range(5, 10)
PAID, UNMET, CAPACITY, BY_PARTY, COULD_PAY = range(10, 15)
# rows of State.party_list (lengths in State.counts): parties to pass on, to compute anew, ever changed, failed now
CHANGED, DIRTY, TOUCHED, FRESH = range(4)
# columns of State.party_flag
FAILED, IS_DIRTY, IS_TOUCHED = range(3)
# rows of State.facility_money
SHORTFALL, UNPAID, BEFORE = range(3)
# rows of State.facility_list: next active one of the cluster, changed and without guarantor, being settled, ever
# changed
FOLLOWING, LATE, BATCH, REACHED = range(4)
# rows of State.facility_flag: among the active ones of its cluster, or listed in LATE; in REACHED
ACTIVE, IS_REACHED = range(2)
# rows of State.line_money
ASKED, LINE_PAID, ASK = range(3)
# rows of State.contract_money
BY_CONTRACT, CAP_LEFT = range(2)
# rows of State.cluster: first active facility, clusters to settle, whether it is among them
FIRST, CALLED, IS_CALLED = range(3)
# further places in State.counts
N_LATE, N_REACHED, N_CALLED = 4, 5, 6


class State(NamedTuple):
    """Where a run stands."""

    money: Floats  # (parties, 15)
    sums: Floats  # (2, parties) working space of a dense sweep, 0 between sweeps
    party_list: Ints  # (4, parties)
    party_flag: Flags  # (parties, 3)
    facility_money: Floats  # (3, facilities)
    facility_list: Ints  # (4, facilities)
    facility_flag: Flags  # (2, facilities)
    line_money: Floats  # (3, lines)
    contract_money: Floats  # (2, contracts)
    cluster: Ints  # (3, clusters)
    counts: Ints  # (7,)

    @property
    def failed(self) -> Flags:
        """Which parties are in default."""
        failed: Flags = self.party_flag[:, FAILED]
        return failed


def fresh_state(ledger: Ledger, money: Floats | None = None) -> State:
    """Return the undistressed state of a book: nothing lost, nobody shocked; `money`: the parties' as it stands."""
    parties, facilities = ledger.party.shape[0], ledger.facility.shape[1]
    state = State(
        money=np.zeros((parties, 15)) if money is None else money.copy(),
        sums=np.zeros((2, parties)),
        party_list=np.zeros((4, parties), dtype=np.int64),
        party_flag=np.zeros((parties, 3), dtype=np.bool_),
        facility_money=np.zeros((3, facilities)),
        facility_list=np.zeros((4, facilities), dtype=np.int64),
        facility_flag=np.zeros((2, facilities), dtype=np.bool_),
        line_money=np.zeros((3, ledger.line.shape[1])),
        contract_money=np.zeros((2, ledger.contract.shape[1])),
        cluster=np.zeros((3, ledger.clusters), dtype=np.int64),
        counts=np.zeros(7, dtype=np.int64),
    )
    if money is None:
        state.money[:, EQUITY] = ledger.equity
    state.cluster[FIRST] = -1
    return state


def copy_state(state: State) -> State:
    """Return a copy of a state for another run."""
    copies = {name: array.copy() for name, array in state._asdict().items()}
    return State(**copies)


def untouched(unshocked: State) -> State:
    """Return the unshocked state from which seeds start: nothing in it counts as touched. It is only read."""
    base = unshocked._replace(
        party_flag=unshocked.party_flag.copy(),
        facility_flag=unshocked.facility_flag.copy(),
        counts=np.zeros_like(unshocked.counts),
    )
    base.party_flag[:, IS_TOUCHED] = False
    base.facility_flag[IS_REACHED] = False
    return base


def own_state(base: State) -> State:
    """Return a state to run seeds in; what is only room to work in is not copied."""
    own = copy_state(base._replace(party_list=base.party_list[:, :0], sums=base.sums[:, :0]))
    return own._replace(party_list=np.empty_like(base.party_list), sums=np.zeros_like(base.sums))


def rows_by(key: Ints, size: int) -> tuple[Ints, Ints]:
    """Return (starts (size + 1,), order): rows whose `key` is k are order[starts[k]:starts[k + 1]], in row order.

    Raises ValueError for a key outside 0 to `size` - 1.
    """
    if len(key) and not (0 <= int(key.min()) and int(key.max()) < size):
        raise ValueError(f"a key lies outside 0 to {size - 1}")
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=size), out=starts[1:])
    if len(key) < _MANY:
        return starts, np.argsort(key, kind="stable").astype(np.int64)
    from graphrisk.kernels.arrays.places import place_by  # numba: for long tables alone

    return starts, place_by(np.ascontiguousarray(key, dtype=np.int64), starts)
