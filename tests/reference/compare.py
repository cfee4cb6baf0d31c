"""The program held to the reference, row by row: `python -m tests.reference.compare --books 300 --seed 1`."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from graphrisk.errors import GraphRiskError
from tests.reference import engine
from tests.reference.books import Case, random_case
from tests.reference.model import contagion
from tests.reference.run import NeverAtRestError
from tests.reference.settings import Settings

KEYS = {
    "contagion_parties": ("party_id",),
    "contagion_facilities": ("facility_id",),
    "contagion_calls": ("guarantee_id", "facility_id"),
    "contagion_importance": ("party_id",),
}
ORDER = {
    "contagion_parties": "loss_added",
    "contagion_facilities": "bank_loss_added",
    "contagion_calls": "paid_added",
    "contagion_importance": "loss_caused",
}
CLOSE = 1e-7  # of the largest amount in the table; fractions of 1
FRACTIONS = {"loss_fraction", "production_lost"}


def reference_tables(case: Case) -> dict[str, list[dict]]:
    """Return what the reference says of the case."""
    settings = dict(case.settings)
    if "layers" in settings:
        settings["layers"] = set(settings["layers"])
    return contagion(case.tables, case.day, Settings(**settings), case.fraction, case.amount, case.price)


def same(ours: object, theirs: object, scale: float) -> bool:
    """Return whether two cells agree: numbers to CLOSE, all else to the letter."""
    if isinstance(ours, bool) or isinstance(theirs, bool) or ours is None or theirs is None:
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=CLOSE * scale)
    return ours == theirs


def differences(expected: dict[str, list[dict]], found: dict[str, list[dict]]) -> list[str]:
    """Return a line for each cell, row or place in the order that differs."""
    lines = []
    for name, rows in expected.items():
        if name not in found:
            lines.append(f"{name}: the program has no such table")
            continue
        key = KEYS[name]
        ours = {tuple(row[column] for column in key): row for row in rows}
        theirs = {tuple(row[column] for column in key): row for row in found[name]}
        money = [abs(v) for row in rows for v in row.values() if isinstance(v, float)]
        scale = max([1e-9, *money])
        for who, rows_of, others in (("reference", ours, theirs), ("program", theirs, ours)):
            only = sorted(rows_of.keys() - others.keys())
            lines += [f"{name} {'/'.join(one)}: row only in the {who}: {brief(rows_of[one])}" for one in only]
        for one in sorted(ours.keys() & theirs.keys()):
            for column, value in ours[one].items():
                if column == "rank" or (value is None and name == "contagion_importance"):
                    continue  # judged by the order; the reference cannot say
                if column not in theirs[one]:
                    lines.append(f"{name}: the program has no column {column}")
                elif not same(value, theirs[one][column], 1.0 if column in FRACTIONS else scale):
                    lines.append(
                        f"{name} {'/'.join(one)} {column}: program {theirs[one][column]!r}, reference {value!r}"
                    )
        lines += out_of_order(name, [row for row in found[name] if tuple(row[c] for c in key) in ours], scale)
    return list(dict.fromkeys(lines))


def out_of_order(name: str, rows: list[dict], scale: float) -> list[str]:
    """Return a line for each row of the program that stands before one that should precede it."""
    column = ORDER[name]
    lines = []
    if any(column not in row for row in rows):
        return lines
    for first, second in itertools.pairwise(rows):
        a, b = first[column] or 0.0, second[column] or 0.0
        early, late = bool(first.get("default_added")), bool(second.get("default_added"))
        names = [tuple(str(row[key]) for key in KEYS[name]) for row in (first, second)]
        if early != late:
            wrong = late
        elif a == b:
            wrong = names[0] > names[1]
        else:
            wrong = a < b - CLOSE * scale
        if wrong:
            lines.append(f"{name} order: {'/'.join(names[0])} ({a}) before {'/'.join(names[1])} ({b})")
    if name == "contagion_importance" and [row["rank"] for row in rows] != list(range(1, len(rows) + 1)):
        lines.append(f"{name} rank: not 1, 2, 3 ...")
    return lines


def brief(row: dict) -> str:
    return ", ".join(f"{key} {value}" for key, value in row.items() if value not in (None, 0, 0.0, False))


def compare(case: Case, folder: Path | None = None) -> list[str]:
    """Return the differences between the program and the reference on this case."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        try:
            found = engine.ask(case, place)
        except GraphRiskError as error:
            found = error
        if folder is not None:
            shutil.copytree(place / "in", folder / "in", dirs_exist_ok=True)
    try:
        expected = reference_tables(case)
    except NeverAtRestError:
        return []  # no rest by plain sweeps: nothing to hold the program to
    if isinstance(found, GraphRiskError):
        return [f"the program refuses: {found} (exit {found.exit_code})"]
    lines = differences(expected, found["tables"])
    if not found["certificate"].get("converged", True):
        lines.append("certificate: not converged")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=4, help="differences shown per book")
    parser.add_argument("--case", help="a case file (JSON) instead of random books")
    given = parser.parse_args(arguments)
    kinds: Counter[str] = Counter()
    bad = 0
    cases = [("case", read_case(Path(given.case)))] if given.case else None
    for name, case in cases or ((seed, random_case(seed)) for seed in range(given.seed, given.seed + given.books)):
        try:
            lines = compare(case)
        except Exception:  # a crash is a finding like any other, and the other books still count
            lines = ["crash: " + traceback.format_exc().strip().splitlines()[-1]]
        if lines:
            bad += 1
            kinds.update({kind(line) for line in lines})
            said = "\n".join("   " + line for line in lines[: given.lines])
            sys.stdout.write(f"{name} {case.settings} shock {case.fraction} {case.amount} {case.price}\n{said}\n")
            sys.stdout.flush()
    total = len(cases) if cases else given.books
    sys.stdout.write(f"{total - bad} of {total} books agree\n")
    for one, books in kinds.most_common():
        sys.stdout.write(f"{books:5d} books: {one}\n")
    return 1 if bad else 0


def kind(line: str) -> str:
    """Return the line without what is particular to the book."""
    words = line.split(":")[0].split(" ")
    return " ".join([words[0], *words[2:]]) if words[0] in KEYS and len(words) > 1 else line[:90]


def write_case(case: Case, path: Path) -> None:
    path.write_text(json.dumps(asdict(case), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_case(path: Path) -> Case:
    return Case(**json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    sys.exit(main())
