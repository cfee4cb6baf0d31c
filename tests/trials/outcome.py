"""What a trial found: how often something was tried, and each time that it went wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Outcome:
    """`tried` times `what` was done; `wrong` says of each that failed how."""

    what: str
    expected: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    note: str = ""
    seconds: float = 0.0

    def check(self, fine: bool, said: str) -> None:
        """Note what is wrong where something is not fine."""
        if not fine:
            self.wrong.append(said)


def timed(trial: Callable[[], Outcome]) -> Outcome:
    """Run a trial and say how long it took."""
    started = time.monotonic()
    outcome = trial()
    outcome.seconds = time.monotonic() - started
    return outcome


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as a Markdown table."""
    lines = ["| trial | tried | went wrong | must be | seconds |", "|---|---|---|---|---|"]
    for one in outcomes:
        note = f" ({one.note})" if one.note else ""
        lines.append(f"| {one.what}{note} | {one.tried:,} | {len(one.wrong):,} | {one.expected} | {one.seconds:.0f} |")
    return "\n".join(lines)
