"""Make a book on which program and reference disagree as small as it can be, row by row.

python -m tests.reference.shrink --seed 476 --line "contagion_importance P19 loss_caused" --into /tmp/small
"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Callable
from pathlib import Path

from graphrisk.errors import GraphRiskError
from tests.reference.books import Case, random_case
from tests.reference.compare import compare, read_case, write_case

ORDER = ("fx", "pledges", "collateral", "supplies", "ownership", "exposures", "guarantees", "facilities", "financials")


def shrunk(case: Case, fails: Callable[[Case], bool]) -> Case:
    """Return a smaller case that still fails: without rows, settings, shocks that it does not need."""
    case = copy.deepcopy(case)
    smaller = True
    while smaller:
        smaller = False
        for table in (*ORDER, "parties"):
            size = max(1, len(case.tables.get(table, [])) // 2)
            while size >= 1:
                start = 0
                while start < len(case.tables.get(table, [])):
                    trial = without(case, table, start, size)
                    if fails(trial):
                        case, smaller = trial, True
                    else:
                        start += size
                size //= 2
        for part in ("settings", "fraction", "amount"):
            for key in list(getattr(case, part)):
                trial = copy.deepcopy(case)
                del getattr(trial, part)[key]
                if fails(trial):
                    case, smaller = trial, True
    return case


def without(case: Case, table: str, start: int, size: int) -> Case:
    """Return the case without some rows of a table; parties go with every row that names them."""
    trial = copy.deepcopy(case)
    gone = {row["party_id"] for row in trial.tables[table][start : start + size]} if table == "parties" else set()
    del trial.tables[table][start : start + size]
    if gone:
        for name, rows in trial.tables.items():
            trial.tables[name] = [row for row in rows if not gone.intersection(map(str, row.values()))]
    return trial


def still(line: str) -> Callable[[Case], bool]:
    """Return whether a case still has a difference that begins like this."""

    def fails(case: Case) -> bool:
        try:
            return any(found.startswith(line) for found in compare(case))
        except (GraphRiskError, AssertionError, KeyError, ValueError, ZeroDivisionError, TypeError):
            return False  # no longer a book that both take

    return fails


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--case", type=Path)
    parser.add_argument("--line", required=True, help="how the difference to keep begins")
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args(arguments)
    case = read_case(given.case) if given.case else random_case(given.seed)
    fails = still(given.line)
    if not fails(case):
        sys.stderr.write("the case has no such difference\n")
        return 2
    small = shrunk(case, fails)
    given.into.mkdir(parents=True, exist_ok=True)
    write_case(small, given.into / "case.json")
    sys.stdout.write("\n".join(compare(small, given.into)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
