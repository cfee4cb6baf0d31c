"""The whole trial: `python -m tests.trials` prints its table; `--small` is that of CI.

python -m tests.trials [--small] [--write] [--seed N] [--processes N] [--only WORD] [--without-neo4j]

--write puts the table into docs/reliability.md, where nothing went wrong.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.trials import bits, company, kills, rows, servers, settings
from tests.trials.outcome import Outcome, Trial, merged, table, timed

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory: a busy disk would cost more than all the rest."""
ROOM = 4 * 2**30


@dataclass(frozen=True, kw_only=True)
class Size:
    """How often each thing is tried; `parts` is into how many pieces the long ones are cut, for several processes."""

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
    parts: int


WHOLE = Size(
    kills=250, every_bit=1, bits=100_000, rows=2_000_000, settings=100_000, writers=4, turns=30, rooms=60, delay=0.005,
    pushes=60, servers=5, parts=6,
)  # fmt: skip
SMALL = Size(
    kills=4, every_bit=61, bits=300, rows=4_000, settings=500, writers=2, turns=4, rooms=3, delay=0.001,
    pushes=0, servers=0, parts=1,
)  # fmt: skip


def trials(folder: Path, size: Size, seed: int) -> dict[str, list[Trial]]:
    """Return every trial by name, the longest first, each in its parts."""
    parts = [(folder / str(part), part, seed + part) for part in range(size.parts)]
    share = 1 / size.parts

    def at(many: int) -> int:
        return round(many * share)

    return {
        "neo4j": [partial(servers.pushes, folder / "neo4j", size.pushes, size.servers)] if size.pushes else [],
        "kills": [partial(kills.kills, p / "kills", size.kills, seed, part, size.parts) for p, part, _ in parts],
        "other_files": [partial(bits.other_files, p / "other", at(size.bits), own) for p, _, own in parts],
        "settings": [partial(settings.settings, p / "settings", at(size.settings), own) for p, _, own in parts],
        "rows": [partial(rows.rows, p / "rows", at(size.rows), own) for p, _, own in parts],
        "side_files": [partial(bits.side_files, p / "side", size.every_bit, part, size.parts) for p, part, _ in parts],
        "full_disk": [partial(company.full_disk, p / "full", size.rooms, part, size.parts) for p, part, _ in parts],
        "crowd": [partial(company.crowd, folder / "crowd", size.writers, size.turns)],
        "slow_disk": [partial(company.slow_disk, folder / "slow", size.delay)],
        "clock_back": [partial(company.clock_back, folder / "clock", size.turns)],
    }


def main() -> int:
    """Run the trials and print their table; 1 where anything went wrong."""
    reads = argparse.ArgumentParser(prog="python -m tests.trials")
    reads.add_argument("--small", action="store_true")
    reads.add_argument("--write", action="store_true")
    reads.add_argument("--seed", type=int, default=1)
    reads.add_argument("--processes", type=int, default=os.cpu_count())
    reads.add_argument("--only", default="")
    reads.add_argument("--without-neo4j", action="store_true")
    given = reads.parse_args()
    size = SMALL if given.small else WHOLE
    started = time.monotonic()
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(prefix="trial-", dir=MEMORY if roomy else None) as folder:
        chosen = {
            name: parts
            for name, parts in trials(Path(folder), size, given.seed).items()
            if given.only in name and not (given.without_neo4j and name == "neo4j")
        }
        found = _run(chosen, given.processes)
    outcomes = merged([one for name in chosen for part in found[name] for one in part])
    took = (time.monotonic() - started) / 60
    on = f"{given.processes} processes on {os.cpu_count()} cores that had other work"
    head = f"Run on {datetime.now(UTC):%-d %B %Y}, seed {given.seed}, {on}: {took:.0f} minutes."
    print(f"{head}\n\n{table(outcomes)}")
    for one in outcomes:
        for said in one.wrong[:20]:
            print(f"WRONG {one.what}: {said}")
    failed = any(one.wrong for one in outcomes)
    if given.write and not failed:
        write(f"{head}\n\n{table(outcomes)}")
    return int(failed)


def _run(chosen: dict[str, list[Trial]], processes: int) -> dict[str, list[list[Outcome]]]:
    """Return what the parts of each trial found; one that ends by an error of its own went wrong."""
    found: dict[str, list[list[Outcome]]] = {name: [] for name in chosen}
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(timed, part): name for name, parts in chosen.items() for part in parts}
        for done in as_completed(running):
            name = running[done]
            if error := done.exception():
                found[name].append([Outcome(what=name, expected="an end", wrong=[repr(error)])])
            else:
                found[name].append(done.result())
            for one in found[name][-1]:
                said = f"{name}: {one.tried:,} tried, {len(one.wrong)} wrong, {one.seconds:.0f} s"
                print(said, *one.wrong[:3], sep="\n  ", file=sys.stderr, flush=True)
    return found


def write(text: str, docs: Path = DOCS) -> None:
    """Put the table between its two marks."""
    marked = re.compile(r"(<!-- trials -->\n).*?(\n<!-- end of trials -->)", re.DOTALL)
    docs.write_text(marked.sub(lambda m: m[1] + text + m[2], docs.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
