"""Step 5: the calls on guarantors, exactly as the definition states the procedure.

For rank r ascending, over all facilities at once: base_f is what is still unpaid of S_f. Round 1: each `several`
guarantor k of f is asked min(cap_kf, share_kf base_f); the rest, base_f less those asks, is asked of the
`joint_several` guarantors that have cap and capacity left: min(cap left_kf, rest x share_kf / sum of the shares of
those). A guarantor pays its asks in full if they fit its capacity, else each pro rata. Unpaid amounts, caps left and
capacities are brought up to date. Further rounds ask the `joint_several` guarantors alone, for all that is unpaid of
f, until a round moves nothing. What is then unpaid goes to the next rank. A share that is null is cap_kf over the sum
of the caps of the same facility and rank. A guarantee without a facility has one cap: its full amount counts in the
shares' denominators, and in each round its asks over its facilities are cut pro rata to the cap left. A cap, capacity
or unpaid rest below 1e-12 of the largest amount in the calls counts as none.

Left open and chosen: the several asks are cut to a blanket cap before the rest is taken; "the largest amount in the
calls" is the largest shortfall.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.reference.book import Book, Guarantee

SMALL = 1e-12
Pair = tuple[str, str]  # guarantee, facility


@dataclass
class Calls:
    asked: dict[Pair, float]
    paid: dict[Pair, float]


def shares(contracts: list[Guarantee]) -> dict[Pair, float]:
    """Return the share of each guarantee in each facility behind which it stands."""
    caps: dict[tuple[str, int], float] = {}
    for contract in contracts:
        for facility in contract.facilities:
            caps[facility, contract.rank] = caps.get((facility, contract.rank), 0.0) + contract.cap
    result = {}
    for contract in contracts:
        for facility in contract.facilities:
            whole = caps[facility, contract.rank]
            by_cap = contract.cap / whole if whole > 0 else 0.0
            result[contract.id, facility] = by_cap if contract.share is None else contract.share
    return result


def cut_to_cap(asks: dict[Pair, float], cap_left: dict[str, float]) -> None:
    """Cut the asks of each guarantee over its facilities pro rata to the cap that is left."""
    for guarantee in sorted({guarantee for guarantee, _ in asks}):
        own = [pair for pair in asks if pair[0] == guarantee]
        whole = sum(asks[pair] for pair in own)
        if whole > cap_left[guarantee]:
            for pair in own:
                asks[pair] *= cap_left[guarantee] / whole


def call(book: Book, shortfall: dict[str, float], capacity: dict[str, float]) -> Calls:
    """Return what each guarantee is asked and pays for each facility; `capacity` is what each guarantor can pay."""
    contracts = [guarantee for guarantee in book.guarantees if guarantee.facilities]
    share = shares(contracts)
    small = SMALL * max(shortfall.values(), default=0.0)
    result = Calls(asked={}, paid={})
    unpaid = dict(shortfall)
    capacity = dict(capacity)
    cap_left = {contract.id: contract.cap for contract in contracts}

    for rank in sorted({contract.rank for contract in contracts}):
        several = [c for c in contracts if c.rank == rank and c.mode == "several"]
        joint = [c for c in contracts if c.rank == rank and c.mode == "joint_several"]
        first = True
        while True:
            asks = ask_several(several, share, unpaid, cap_left, small) if first else {}
            rest = {f: amount - sum(asks[pair] for pair in asks if pair[1] == f) for f, amount in unpaid.items()}
            asks |= ask_joint(joint, share, rest, cap_left, capacity, small)
            moved = pay(asks, {c.id: c.guarantor for c in contracts}, result, unpaid, cap_left, capacity)
            if moved <= small:
                break
            first = False
    return result


def ask_several(
    contracts: list[Guarantee],
    share: dict[Pair, float],
    unpaid: dict[str, float],
    cap_left: dict[str, float],
    small: float,
) -> dict[Pair, float]:
    """Return what the several guarantors are asked: their share, at most their cap."""
    asks = {}
    for contract in contracts:
        for facility in contract.facilities:
            if unpaid[facility] > small and cap_left[contract.id] > small:
                part = share[contract.id, facility] * unpaid[facility]
                asks[contract.id, facility] = min(cap_left[contract.id], part)
    cut_to_cap(asks, cap_left)
    return asks


def ask_joint(
    contracts: list[Guarantee],
    share: dict[Pair, float],
    rest: dict[str, float],
    cap_left: dict[str, float],
    capacity: dict[str, float],
    small: float,
) -> dict[Pair, float]:
    """Return what the joint-several guarantors with cap and capacity left are asked for the rest."""
    able = [c for c in contracts if cap_left[c.id] > small and capacity[c.guarantor] > small]
    asks = {}
    for facility, amount in rest.items():
        behind = [contract for contract in able if facility in contract.facilities]
        whole = sum(share[contract.id, facility] for contract in behind)
        if amount <= small or whole <= 0:
            continue
        for contract in behind:
            part = amount * share[contract.id, facility] / whole
            asks[contract.id, facility] = min(cap_left[contract.id], part)
    cut_to_cap(asks, cap_left)
    return asks


def pay(
    asks: dict[Pair, float],
    guarantor: dict[str, str],
    result: Calls,
    unpaid: dict[str, float],
    cap_left: dict[str, float],
    capacity: dict[str, float],
) -> float:
    """Let each guarantor pay its asks, pro rata where they do not fit its capacity; return what was paid in all."""
    moved = 0.0
    for party in sorted({guarantor[guarantee] for guarantee, _ in asks}):
        own = [pair for pair in asks if guarantor[pair[0]] == party]
        whole = sum(asks[pair] for pair in own)
        part = 1.0 if whole <= capacity[party] else capacity[party] / whole
        for pair in own:
            paid = asks[pair] * part
            result.asked[pair] = result.asked.get(pair, 0.0) + asks[pair]
            result.paid[pair] = result.paid.get(pair, 0.0) + paid
            unpaid[pair[1]] -= paid
            cap_left[pair[0]] -= paid
            moved += paid
        capacity[party] = capacity[party] - whole if part == 1.0 else 0.0
    return moved
