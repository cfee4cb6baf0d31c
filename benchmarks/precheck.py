"""The check before signing at 100,000 parties: four runs of contagion, groups, limits, circles and chains.

    python -m benchmarks.precheck [DISTRICTS]

The book is five or more guarantee networks of the published shape (18,711 parties each) with holdings between firms.
Target: 1 second of CPU, warm, from the proposed files on; the graph of the book is there already, as in a session that
checks one proposal after another.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.contagion_books import _graph, _table, guarantee_book
from graphrisk.analyze.base import find_analyzer
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.proposing import with_proposal

TARGET_S = 1.0
DISTRICTS = 6


def book(districts: int, seed: int = 1) -> RiskGraph:
    """Return the book: guarantee networks, and a firm in three that another holds 30 to 100 % of."""
    nets = guarantee_book(districts, "several", seed)
    dice, ids = np.random.default_rng(seed), nets.party_ids
    owned = np.flatnonzero(dice.random(nets.size) < 1 / 3)
    owner = owned - dice.integers(1, 40, len(owned))
    owner, owned = owner[owner >= 0], owned[owner >= 0]
    share = dice.uniform(0.3, 1.0, len(owned))
    tables = {name: table for name, table in nets.tables.items() if table.num_rows}
    tables["ownership"] = _table(
        "ownership", owner_id=ids[owner], owned_id=ids[owned], share_min=share, share_max=share
    )
    tables["ratings"] = _table(
        "ratings", party_id=ids, as_of_on=np.full(nets.size, nets.as_of, dtype=object), model=np.full(nets.size, "m"),
        pd=dice.uniform(0.001, 0.05, nets.size),
    )  # fmt: skip
    return _graph(**tables)


def proposal(graph: RiskGraph, folder: Path) -> None:
    """Write a new loan with a guarantee, and one that leads back."""
    a, b = (str(graph.texts("guarantees", name)[17]) for name in ("guarantor_id", "debtor_id"))
    (folder / "facilities.csv").write_text(f"facility_id,borrower_id,currency,outstanding\nNEW,{b},CNY,5\n")
    (folder / "guarantees.csv").write_text(
        "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
        f"NEW1,{a},{b},NEW,5,CNY,several\nNEW2,{b},{a},,3,CNY,several\n"
    )


def check(graph: RiskGraph, folder: Path) -> Result:
    analyzer: Any = find_analyzer("precheck")
    after, said = with_proposal(graph, lambda name: graph.tables[name], folder, "CNY", silent)
    found: Result = analyzer.run(
        after, analyzer.Params(tier1=1e6, limits=True), inputs=Inputs(proposed=said), progress=silent
    )
    return found


def main(districts: int = DISTRICTS) -> None:
    graph = book(districts)
    print(f"{graph.size:,} parties, {graph.rows('guarantees'):,} guarantees, {graph.rows('ownership'):,} holdings")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proposal(graph, folder)
        took = []
        for _ in range(4):
            begin, used = time.perf_counter(), time.process_time()
            found = check(graph, folder)
            took.append((time.process_time() - used, time.perf_counter() - begin))
        cpu, wall = min(took[1:])
        print(f"precheck: {cpu:.2f} s of CPU ({wall:.2f} s), first time {took[0][1]:.1f} s")
        print(f"  target {TARGET_S} s: {'met' if cpu <= TARGET_S else 'missed'}")
        print(found.summary[["measure", "before", "after", "broken"]].to_string(index=False))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
