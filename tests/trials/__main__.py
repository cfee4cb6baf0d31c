"""The whole trial: `python -m tests.trials` prints its table (about half an hour on 2 cores); `--small` is that of CI.

python -m tests.trials [--small] [--seed N] [--only WORD] [--without-neo4j]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.trials import bits, company, kills, rows, settings
from tests.trials.outcome import Outcome, table, timed


@dataclass(frozen=True, kw_only=True)
class Size:
    """How often each thing is tried."""

    kills: int
    every_bit: int
    bits: int
    rows: int
    settings: int
    writers: int
    turns: int
    rooms: int
    delay: float
    pushes: int
    servers: int


WHOLE = Size(
    kills=250, every_bit=1, bits=100_000, rows=1_000_000, settings=100_000, writers=4, turns=30, rooms=60, delay=0.005,
    pushes=60, servers=5,
)  # fmt: skip
SMALL = Size(
    kills=4, every_bit=61, bits=300, rows=4_000, settings=500, writers=2, turns=4, rooms=3, delay=0.001,
    pushes=0, servers=0,
)  # fmt: skip


def trials(folder: Path, size: Size, seed: int) -> dict[str, Callable[[], Outcome]]:
    """Return every trial of the embedded store by name."""
    return {
        "kills": lambda: kills.kills(folder / "kills", size.kills, seed),
        "side_files": lambda: bits.side_files(folder / "side", size.every_bit),
        "other_files": lambda: bits.other_files(folder / "other", size.bits, seed),
        "rows": lambda: rows.rows(folder / "rows", size.rows, seed),
        "settings": lambda: settings.settings(folder / "settings", size.settings, seed),
        "crowd": lambda: company.crowd(folder / "crowd", size.writers, size.turns),
        "full_disk": lambda: company.full_disk(folder / "full", size.rooms),
        "slow_disk": lambda: company.slow_disk(folder / "slow", size.delay),
        "clock_back": lambda: company.clock_back(folder / "clock", size.turns),
    }


def main() -> int:
    """Run the trials and print their table; 1 where anything went wrong."""
    reads = argparse.ArgumentParser(prog="python -m tests.trials")
    reads.add_argument("--small", action="store_true")
    reads.add_argument("--seed", type=int, default=1)
    reads.add_argument("--only", default="")
    reads.add_argument("--without-neo4j", action="store_true")
    given = reads.parse_args()
    size = SMALL if given.small else WHOLE
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="trial-") as folder:
        for name, trial in trials(Path(folder), size, given.seed).items():
            if given.only in name:
                outcomes.append(timed(trial))
                print(f"{name}: {outcomes[-1].tried:,} tried, {len(outcomes[-1].wrong)} wrong", file=sys.stderr)
    if not given.without_neo4j and given.only in "neo4j" and size.pushes:
        outcomes += company.pushes(size.pushes, size.servers)
    print(table(outcomes))
    for one in outcomes:
        for said in one.wrong[:20]:
            print(f"WRONG {one.what}: {said}")
    return int(any(one.wrong for one in outcomes))


if __name__ == "__main__":
    sys.exit(main())
