"""What a trial found: how often something was tried, and each time that it went wrong."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Outcome:
    """`tried` times `what` was done; `wrong` says of each that failed how; `counts` are what else was counted."""

    what: str
    expected: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    note: str = ""
    seconds: float = 0.0

    def check(self, fine: bool, said: str) -> None:
        """Note what is wrong where something is not fine."""
        if not fine:
            self.wrong.append(said)


Trial = Callable[[], list[Outcome]]


def timed(trial: Trial) -> list[Outcome]:
    """Run a trial and say how long it took."""
    started = time.monotonic()
    outcomes = trial()
    for one in outcomes:
        one.seconds = (time.monotonic() - started) / len(outcomes)
    return outcomes


def merged(outcomes: list[Outcome]) -> list[Outcome]:
    """Return one outcome for each thing that was tried, of all its parts."""
    found: dict[str, Outcome] = {}
    for part in outcomes:
        one = found.setdefault(part.what, Outcome(what=part.what, expected=part.expected))
        one.tried += part.tried
        one.wrong += part.wrong
        one.counts += part.counts
        one.note = part.note
        one.seconds += part.seconds
    return list(found.values())


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as a Markdown table."""
    lines = ["| trial | tried | went wrong | must be | seconds |", "|---|---|---|---|---|"]
    for one in outcomes:
        counted = ", ".join(f"{name} {many:,}" for name, many in one.counts.items())
        note = f" ({counted or one.note})" if counted or one.note else ""
        lines.append(f"| {one.what}{note} | {one.tried:,} | {len(one.wrong):,} | {one.expected} | {one.seconds:.0f} |")
    return "\n".join(lines)
