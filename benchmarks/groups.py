"""Groups of connected clients and limits on the synthetic bank, warm, and the groups around one party.

    python -m benchmarks.groups [CLIENTS]

Target: analyzer `groups` at most 2 seconds for 100,000 parties (a bank of 38,000 clients has about as many), warm. The
time of `limits` and of one party's groups is shown beside it; the part is compared with the whole.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyarrow as pa

from benchmarks.networks import once
from graphrisk.analyze.groups import Params, run
from graphrisk.analyze.limits import Params as LimitParams
from graphrisk.analyze.limits import run as run_limits
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.world import bank_parts
from graphrisk.graph.build import build_graph
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.regimes.exposure_rule import find_exposure_regime
from graphrisk.standing.connected import connected, links_of

TARGET = 2.0


def main(clients: int = 38_000) -> None:
    parts: dict[str, list[pa.Table]] = {}
    for part in bank_parts(clients=clients, seed=1):
        for name, table in part.items():
            parts.setdefault(name, []).append(table)
    tables = {name: pa.concat_tables(found, promote_options="default") for name, found in parts.items()}
    graph = build_graph(tables, as_of=AS_OF)
    print(f"{graph.size:,} parties, {graph.rows('guarantees'):,} guarantees, {graph.rows('ownership'):,} holdings")

    run(graph, Params(), inputs=Inputs(), progress=silent)
    begun = time.process_time()
    took, result = once(lambda: run(graph, Params(), inputs=Inputs(), progress=silent))
    spent = time.process_time() - begun
    print(f"groups: {took:.2f} s, {spent:.2f} s of CPU, {len(result.groups):,} groups, {len(result.members):,} members")
    took, result = once(lambda: run_limits(graph, LimitParams(tier1=1e10), inputs=Inputs(), progress=silent))
    print(f"limits: {took:.2f} s, {len(result.use):,} uses")

    rule = find_exposure_regime("basel").on(graph.as_of)[0]
    links = links_of(graph, rule)
    whole = connected(graph, rule, links=links)
    party = whole.groups[len(whole.groups) // 2].members[0]
    took, near = once(lambda: connected(graph, rule, links=links, touching=np.array([party])))
    print(f"groups around one party: {took:.3f} s")
    same = [group.members for group in whole.groups if party in group.members]
    assert same == [group.members for group in near.groups if party in group.members]
    assert spent <= TARGET * graph.size / 100_000, f"{spent:.2f} s of CPU"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
