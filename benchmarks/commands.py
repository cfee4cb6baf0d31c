"""CPU seconds and peak memory of every command on the demo bank, and how both grow.

    python -m benchmarks.commands [CLIENTS ...] [--limit SECONDS] [--banks FOLDER] [--only WORD ...]

Each command is a process of its own, as a user runs it, warm: compiled code is there, and what a command keeps in the
store (scores that later ones read) was kept by the one before it. CPU is user and system time of the process and its
children, never the clock, since other work may share the machine. A command beyond the limit is stopped and
shown so. In the folder `--banks` the banks are kept (bank2000, ...), so that some commands can be measured again. Of a
bank beyond 100,000 clients only the files are made, so that `load` has to come first. What
was measured is kept in benchmarks/results; `python -m benchmarks.page` makes docs/benchmarks.md of it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.against import RESULTS
from graphrisk.demo.world import write_bank

SIZES = (2_000, 20_000, 100_000)
LIMIT = 300.0
FIRM, OTHER = "ST-CIRCLE-1", "ST-CIRCLE-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command line, the law by which its work grows, and what would beat it."""

    line: str
    law: str
    beat: str


N, M = "rows", "contracts"
COMMANDS = (
    Command(line="load bank_csv data", law=N, beat="DuckDB reading without a check"),
    Command(line="check", law=N, beat="counts of each column kept at load"),
    Command(line="snapshots", law="1", beat="a program without Python's imports"),
    Command(line="query party_card --param id=" + FIRM, law=f"{N}, where the cache is new", beat="a server kept open"),
    Command(line="chains", law=f"{M} + circles found", beat="components kept between loads"),
    Command(line="analyze centrality", law=f"{M} x sources, up to a budget", beat="igraph for communities alone"),
    Command(line="analyze concentration", law=N, beat="one pass in SQL"),
    Command(line="analyze ownership", law=f"{M} + rows of the answer", beat="only the owners asked for"),
    Command(line="owners " + FIRM, law=f"{M} above the party", beat="reading the party's part alone"),
    Command(line="groups", law=f"{M} + members", beat="groups kept between loads"),
    Command(line="limits", law=f"{M} + members", beat="one pass in SQL, once the groups are known"),
    Command(line="analyze collateral", law="pledges", beat="one pass in SQL"),
    Command(line="analyze relations", law=f"{N} + pairs that something joins", beat="one signal instead of all"),
    Command(line="analyze ratios", law="statements", beat="percentiles by a sketch"),
    Command(line="analyze scores", law="statements", beat="Z alone, without Merton"),
    Command(line="profile", law="clients x indicators", beat="numbers without their evidence in words"),
    Command(line="profile " + FIRM, law=f"clients x indicators, then {N} of one", beat="that client alone"),
    Command(line="analyze segments", law="clients x clusters x rounds", beat="clusters of a sample"),
    Command(line="analyze guarantee_value", law=M, beat="one pass in SQL"),
    Command(line="analyze migration", law="ratings", beat="counts without intervals"),
    Command(line="analyze contagion", law=f"{M} touched by all seeds", beat="bounds alone, where they decide"),
    Command(line=f"analyze contagion --shock {FIRM}", law=f"{M} + those touched", beat="a loop over one layer"),
    Command(line=f"explain {FIRM} --shock {OTHER}", law=f"{M} + causes followed", beat="no attribution of shares"),
    Command(
        line=f"intervene --shock {OTHER}", law="candidates x contracts touched", beat="one guess instead of a search"
    ),
    Command(
        line="portfolio --set scenarios=1000", law="scenarios x contracts touched", beat="defaults alone, no spread"
    ),
    Command(line="diff", law=N, beat="only the counts"),
    Command(line="view overview -o {out}/o.html", law=f"{M} shown", beat="a drawing made by the browser"),
    Command(line=f"view ego {FIRM} -o {{out}}/e.html", law=f"{N} read + parties shown", beat="reading one part alone"),
    Command(line=f"view card {FIRM} -o {{out}}/f.html", law="clients x indicators", beat="that client's rows alone"),
    Command(line="view circle -o {out}/c.html", law=f"{N} read + circles shown", beat="the largest circle alone"),
    Command(line="view collateral -o {out}/k.html", law=f"{N} read + pledges shown", beat="one asset alone"),
    Command(line="view migration -o {out}/m.html", law="ratings", beat="the table alone"),
    Command(line="view group -o {out}/g.html", law=f"{M} + members", beat="groups kept between loads"),
    Command(line="export --to csv -o {out}/csv", law="cells", beat="pyarrow alone, without the check of ids"),
    Command(line="export --to parquet -o {out}/parquet", law="cells", beat="a copy of the files"),
    Command(line="export --to xlsx -o {out}/book.xlsx", law="cells, at most 5,000 rows a sheet", beat="CSV"),
    Command(line="export --to xlsx --raw -o {out}/raw.xlsx", law="cells", beat="a file without compression"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One command at one size: CPU seconds, peak megabytes, and its exit code (None: stopped at the limit)."""

    command: str
    clients: int
    cpu: float
    peak: float
    code: int | None


def measure(arguments: list[str], folder: Path, limit: float) -> tuple[float, float, int | None]:
    """Return CPU seconds and peak megabytes of one run of the command line, and its exit code."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))

    process = subprocess.Popen(
        [sys.executable, "-m", "graphrisk", *arguments, "-q"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=bound,
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    stopped = process.returncode in (-signal.SIGXCPU, -signal.SIGKILL)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, None if stopped else process.returncode


def main(sizes: list[int], limit: float, banks: Path | None = None, only: list[str] | None = None) -> None:
    chosen = [one for one in COMMANDS if not only or any(word in one.line for word in only)]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        for size in sizes:
            bank = (banks or out) / f"bank{size}"
            if not bank.is_dir() and size > max(SIZES):
                write_bank(bank / "data", clients=size)  # its first day alone would take longer than all commands
            elif not bank.is_dir():
                _keep(_row("demo", size, ["demo", str(bank), "--clients", str(size)], out, limit * 10))
            for one in chosen:
                _keep(_row(one.line, size, one.line.format(out=out).split(), bank, limit))


def _keep(row: Measured) -> None:
    """Put what was measured in the place of what was known of the same command and size."""
    where = RESULTS / "commands.json"
    held = [Measured(**one) for one in json.loads(where.read_text("utf-8"))] if where.is_file() else []
    held = [one for one in held if (one.command, one.clients) != (row.command, row.clients)] + [row]
    where.write_text(json.dumps([asdict(one) for one in held], indent=1) + "\n", "utf-8")


def _row(line: str, size: int, arguments: list[str], folder: Path, limit: float) -> Measured:
    cpu, peak, code = measure(arguments, folder, limit)
    said = "stopped" if code is None else f"exit {code}"
    print(f"{size:>8,} {line:55}{cpu:9.2f} s{peak:8.0f} MB  {said}", flush=True)
    return Measured(command=line, clients=size, cpu=round(cpu, 2), peak=round(peak), code=code)


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("clients", nargs="*", type=int)
    given.add_argument("--limit", type=float, default=LIMIT)
    given.add_argument("--banks", type=Path)
    given.add_argument("--only", nargs="*")
    said = given.parse_args()
    main(said.clients or list(SIZES), said.limit, said.banks and said.banks.resolve(), said.only)
