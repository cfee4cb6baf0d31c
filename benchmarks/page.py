"""Makes docs/benchmarks.md of what the benchmarks measured, with the rows first in which a peer is ahead.

    python -m benchmarks.page [--measure [--peers PYTHON]]

With --measure it runs `benchmarks.propagation`, `benchmarks.structure` and `benchmarks.commands` first, which takes
an hour.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.against import RESULTS
from benchmarks.commands import COMMANDS, SIZES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
BUDGET = {20_000: 5.0, 100_000: 20.0}
"""CPU seconds that no command should need at so many clients."""
PER_CLIENT = 5.0
"""kB at the peak that no command should need a client, beyond what it needs at the smallest bank."""
MILLION = 1_000_000
DEMO = ("demo", "all of a first day", "making fewer tables")


def write() -> None:
    """Write the page."""
    rows, runs = [*_held("propagation"), *_held("structure")], _held("commands")
    text = [
        "# Benchmarks",
        "",
        "Made by `python -m benchmarks.page` of what `benchmarks.propagation`, `benchmarks.structure` and",
        "`benchmarks.commands` measured.",
        "CPU seconds (user and system), never the clock: the machine had other work. Peers get the same arrays, their",
        "graphs built beforehand; igraph and networkit run in an environment of their own, on one thread.",
        "",
        "## Where a peer is ahead",
        "",
        *_peers([row for row in rows if row["theirs"] < row["ours"]]),
        "",
        "## Where ours is ahead or equal",
        "",
        *_peers([row for row in rows if row["theirs"] >= row["ours"]]),
        "",
        "## Every command on the demo bank",
        "",
        "CPU seconds and peak memory, warm: at the smallest size the first use of a kernel may compile.",
        "The exponent is that of CPU between the two largest sizes; below 1 the start of the program still counts.",
        "Rows were measured on different days, those at 100,000 clients and the newest at 20,000 on a machine that",
        "had six times the work it has cores for, which adds up to a third: exponents are rough. A command without",
        "a figure was not measured at that size. Beyond 20 s at 100,000 clients are the first query, which builds",
        "the graph that the query engine reads with every kept score, and `relations`, whose answer has a row for",
        "each of 730,000 pairs.",
        "`export --to xlsx --raw` is refused there: a sheet holds no more than 1,048,575 rows of a table. `view",
        "card` is that of a client in a part of four parties; of one among those who deliver to each other it takes",
        "9.6 s at 20,000 clients.",
        "In **bold** what is beyond a budget: 5 s at 20,000 clients, 20 s at 100,000, and 5 kB more of memory for each",
        "client beyond the smallest bank.",
        "",
        *_commands([run for run in runs if run["clients"] in SIZES]),
        "",
        "## One million clients",
        "",
        "Made by the demo's own generator (17 s of CPU, 0.4 GB): 2.6 million parties, 1.2 million loans, 9.0 million",
        "rows of relations, 11 million months of behaviour, 0.6 GB of Parquet. Each command is a process of its own,",
        "on a virtual machine of 2 cores (AMD EPYC) and 23 GB of memory which had four times the work it has cores",
        "for. The limit is 12 GB each. `python -m benchmarks.commands 1000000 --limit 1500 --only load check` measures",
        "it again. `chains` was stopped after 250 s of CPU, at 7.2 GB: for each cut of a part it copies the state of",
        "the whole book, which is the next thing to mend.",
        "",
        *_million([run for run in runs if run["clients"] == MILLION]),
        "",
    ]
    PAGE.write_text("\n".join(text), "utf-8")


def _held(name: str) -> list[dict[str, Any]]:
    path = RESULTS / f"{name}.json"
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def _peers(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return ["None of those measured."]
    head = ["| what | peer | ours, s | theirs, s | ratio (over 1: ours is faster) |", "|---|---|---|---|---|"]
    rows = sorted(rows, key=lambda row: row["theirs"] / row["ours"])
    return head + [
        f"| {row['what']} | {row['peer']} | {_seconds(row['ours'])} | {_seconds(row['theirs'])} "
        f"| {row['theirs'] / row['ours']:.2f} |"
        for row in rows
    ]


def _seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100.0 else f"{value:.2g}" if value < 0.01 else f"{value:.3f}"


def _commands(runs: list[dict[str, Any]]) -> list[str]:
    sizes = sorted({run["clients"] for run in runs})
    if not sizes:
        return ["Nothing was measured yet."]
    known = {("demo", *DEMO[1:]), *((one.line, one.law, one.beat) for one in COMMANDS)}
    order = ["demo", *(one.line for one in COMMANDS)]
    told = {line: (law, beat) for line, law, beat in known}
    head = "".join(f" {size:,}: s | MB |" for size in sizes)
    out = [f"| command |{head} exponent | grows with | what would beat it |", "|---" * (len(sizes) * 2 + 4) + "|"]
    for line in order:
        found = {run["clients"]: run for run in runs if run["command"] == line}
        cells = "".join(_cells(found.get(size), size, found.get(sizes[0]), sizes[0]) for size in sizes)
        law, beat = told[line]
        out.append(f"| {line.replace('{out}/', '')} |{cells} {_exponent(found, sizes)} | {law} | {beat} |")
    return out


def _million(runs: list[dict[str, Any]]) -> list[str]:
    """Return CPU and memory of the commands that were shown once on a bank of a million clients."""
    out = ["| command | CPU, s | peak, GB |", "|---|---|---|"]
    for run in runs:
        cpu = "stopped" if run["code"] is None else f"{run['cpu']:,.0f}"
        out.append(f"| {run['command']} | {cpu} | {run['peak'] / 1e3:.1f} |")
    return out if runs else ["Nothing was measured yet."]


def _cells(run: dict[str, Any] | None, size: int, least: dict[str, Any] | None, smallest: int) -> str:
    """Return CPU and memory of one run, in bold where they are beyond a budget."""
    if run is None:
        return " | |"
    cpu = "stopped" if run["code"] is None else f"{run['cpu']:.1f}"
    slow = run["command"] != "demo" and (run["code"] is None or run["cpu"] > BUDGET.get(size, math.inf))
    large = False
    if least is not None and size > smallest:
        large = (run["peak"] - least["peak"]) * 1e3 / (size - smallest) > PER_CLIENT
    return f" {_bold(cpu, slow)} | {_bold(format(run['peak'], ',.0f'), large)} |"


def _bold(text: str, heavy: bool) -> str:
    return f"**{text}**" if heavy else text


def _exponent(found: dict[int, dict[str, Any]], sizes: list[int]) -> str:
    done = [found[size] for size in sizes if size in found and found[size]["code"] is not None]
    if len(done) < 2:
        return ""
    low, high = done[-2:]
    return f"{math.log(high['cpu'] / low['cpu']) / math.log(high['clients'] / low['clients']):.2f}"


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--measure", action="store_true")
    given.add_argument("--peers")
    chosen = given.parse_args()
    if chosen.measure:
        peers = ["--peers", chosen.peers] if chosen.peers else []
        subprocess.run([sys.executable, "-m", "benchmarks.propagation"], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.structure", *peers], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.commands"], check=True)
    write()
