"""From the start to rest: the base run of the unshocked book, and the run that the shock makes of it.

The base run starts in the undistressed state. The shocked run starts where the base run ended; where the run from
the undistressed state ends elsewhere that one stands, and with schedule=staged always. Parties whose status is
`defaulted` belong to the base run where start_from_status is set, unless they are the only shock.

`default_round` and `cause` of who fails only with the shock count from the shock, and the cause is its largest
line of added loss; of all others they are those of the base run. A party that fails by a call that it did not
meet, without known equity, has that guarantee as its cause. What it loses because it stopped itself is never a
cause. Ties (1e-9) go to the smallest key.

Left open and chosen: a party that fails, recovers and fails again has the round of the last time; where a shock
takes production (supply_default=none), who fails by that alone has the cause `shock`; who stops at the start
delivers nothing from the start, as ESRI begins; who has no line but its own stop in the sweep in which it fails
has the cause of its last sweep that had one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tests.reference import production
from tests.reference.book import Book
from tests.reference.settings import Settings, Shock
from tests.reference.sweep import (
    Lines,
    State,
    in_default,
    stopped,
    sweep,
    taken_at_the_start,
    takes_production,
    undistressed,
)

TIE = 1e-9
REST = 1e-13
MOST = 5_000
APART = 1e-7


class NeverAtRestError(Exception):
    """The sweeps swing, or need too many rounds."""


@dataclass
class Outcome:
    """A run at rest; who was in default in which sweep, and by what lines (beyond those of the base run)."""

    state: State
    rounds: int
    default_round: dict[str, int] = field(default_factory=dict)
    cause: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Result:
    shock: Shock
    shocked: set[str]
    base: Outcome
    hit: Outcome


def run(book: Book, settings: Settings, shock: Shock) -> Result:
    """Return the base run and the shocked run."""
    by_status = Shock()
    if settings.start_from_status:
        by_status = Shock(fraction={p: 1.0 for p in book.parties if book.status[p] == "defaulted"})
    if not shock.parties and not shock.price:
        shock, by_status = by_status, Shock()
    base = to_rest(book, settings, by_status, None)
    both = combined(shock, by_status)
    return Result(shock, shock.parties, base, shocked_run(book, settings, both, base))


def shocked_run(book: Book, settings: Settings, shock: Shock, base: Outcome) -> Outcome:
    """Return the run from the base state; where the one from the undistressed state ends elsewhere, that one."""
    cold = to_rest(book, settings, shock, base, undistressed_start=True)
    if settings.schedule == "staged":
        return cold
    try:
        warm = to_rest(book, settings, shock, base)
    except NeverAtRestError:
        return cold
    apart = any(
        warm.state.equity[party] is not None
        and abs(warm.state.equity[party] - cold.state.equity[party]) > APART * max(abs(book.equity[party]), 1.0)
        for party in book.parties
    )
    return cold if apart or warm.state.failed != cold.state.failed else warm


def combined(first: Shock, second: Shock) -> Shock:
    """Return both shocks at once; fractions of one party add up to 1 at most."""
    fraction = dict(first.fraction)
    for party, part in second.fraction.items():
        fraction[party] = min(1.0, fraction.get(party, 0.0) + part)
    return replace(first, fraction=fraction)


def start(book: Book, settings: Settings, shock: Shock, base: State | None) -> State:
    """Return the state of round 0: the undistressed state, or the base state, less the shock."""
    state = undistressed(book)
    if base is not None:
        state = replace(base, equity=dict(base.equity), failed=set(base.failed), lines=dict(base.lines))
    state.lines = {party: dict(lines) for party, lines in state.lines.items()}
    for party in book.parties:
        taken = taken_at_the_start(book, settings, shock, party)
        already = state.lines[party].get("shock", 0.0)
        if taken > already:
            state.equity[party] -= taken - already
            state.lines[party]["shock"] = taken
        if in_default(book, settings, shock, party, state.equity[party]):
            state.failed.add(party)
    if book.deliveries:
        stop_at_once(book, settings, shock, state)
    return state


def stop_at_once(book: Book, settings: Settings, shock: Shock, state: State) -> None:
    """Let those who stop at the start deliver nothing from the start (h = 1 - psi, as ESRI begins)."""
    psi = {party: stopped(book, settings, shock, state, party) for party in book.parties}
    before = state.production
    state.production = replace(
        before,
        down={party: min(before.down[party], 1 - psi[party]) for party in book.parties},
        up={party: min(before.up[party], 1 - psi[party]) for party in book.parties},
    )


def to_rest(
    book: Book, settings: Settings, shock: Shock, base: Outcome | None, *, undistressed_start: bool = False
) -> Outcome:
    """Sweep until nothing changes any more, from the base state where there is one and it is wanted."""
    state = start(book, settings, shock, base.state if base and not undistressed_start else None)
    before = base.state.lines if base else {party: {} for party in book.parties}
    known = set(base.state.failed) if base else set()
    result = Outcome(state, 0)
    for party in sorted(state.failed - known):
        result.default_round[party] = 0
        first = book.equity[party]
        result.cause[party] = "initial" if first is not None and first <= 0 else "shock"
    fixed = settings.schedule == "staged"
    if fixed and book.deliveries:
        psi = {party: stopped(book, settings, shock, state, party) for party in book.parties}
        state.production = production.settle(book, state.production, psi)
    earlier: dict[str, str] = {}
    for number in range(1, MOST + 1):
        after = sweep(book, settings, shock, state, fixed_production=fixed)
        for party in sorted(after.failed - state.failed):
            result.default_round[party] = number
            result.cause[party] = cause_of(book, settings, shock, after, before, party)
            if result.cause[party] is None:  # its own stop alone is left: what it lost just before
                result.cause[party] = earlier.get(party)
        for party in book.parties:
            line = cause_of(book, settings, shock, after, before, party)
            if line is not None:
                earlier[party] = line
        for party in state.failed - after.failed:
            result.default_round.pop(party, None)
            result.cause.pop(party, None)
        moved = change(book, state, after)
        same = after.failed == state.failed
        state = after
        if same and moved <= REST:
            result.state, result.rounds = state, number
            return result
    raise NeverAtRestError(f"{moved} after {MOST} sweeps")


def change(book: Book, old: State, new: State) -> float:
    """Return the largest change of anything that the next sweep reads, relative to its size."""
    worst = 0.0
    for party in book.parties:
        scale = max(abs(book.equity[party] or 0.0), 1.0)
        if new.equity[party] is not None:
            worst = max(worst, abs(new.equity[party] - old.equity[party]) / scale)
        worst = max(worst, abs(new.lost_as_lender[party] - old.lost_as_lender[party]) / scale)
        worst = max(worst, abs(new.production.down[party] - old.production.down[party]))
        worst = max(worst, abs(new.production.up[party] - old.production.up[party]))
    return max([worst, *(abs(new.price[asset] - old.price[asset]) for asset in new.price)])


def cause_of(book: Book, settings: Settings, shock: Shock, after: State, base_lines: Lines, party: str) -> str | None:
    """Return the largest line of added loss; without known equity the largest call that was not met."""
    if book.equity[party] is None:
        lines = {f"guarantee:{g}": amount for g, amount in after.unmet(book, party).items()}
    else:
        now, then = after.lines[party], base_lines[party]
        lines = {key: now.get(key, 0.0) - then.get(key, 0.0) for key in set(now) | set(then)}
        lines.pop(f"own_stop:{party}", None)
    largest = max(lines.values(), default=0.0)
    if largest <= TIE * max(abs(book.equity[party] or 0.0), 1.0):
        return "shock" if takes_production(book, settings) and party in shock.parties else None
    return min(key for key, amount in lines.items() if amount >= largest - TIE * abs(largest))
