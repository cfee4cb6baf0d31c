"""How the guarantee layer of the synthetic bank compares with the published network: target, source, what came out.

The network is the anonymised guarantee table of a student competition (江苏银行杯), published in the repository
FutureXZC/nxpy-d3js-analysis as `backend/res/guarantee.csv`. Comments of its `backend/guarantee.py` state 18,711 nodes,
13,478 edges and 7,158 components (commit 6ceb12f) and, before repeated pairs are merged, 14,494 contracts (earlier
commits), so 1,016 repeats. The other statistics were measured on that table for our design; we found them in no paper.
None of its rows or ids is used here.

For comparison, not matched: the guarantee network of China's whole credit system is far more reciprocal (Wang, Zhang,
Yang, "Evolution of the Chinese guarantee network under financial crisis and stimulus program", Nature Communications
11, 2693, 2020; mutual guarantees, 2-out-stars and triangles are its motifs, the same authors, arXiv 1806.04351).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.demo.dice import Ints

_STATED = "FutureXZC/nxpy-d3js-analysis, comments of backend/guarantee.py"
_MEASURED = "FutureXZC/nxpy-d3js-analysis, backend/res/guarantee.csv, measured for our design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One statistic of the published network: `tolerance` is the relative error allowed at its size, 0 = exact."""

    name: str
    value: float
    source: str
    tolerance: float = 0.0


TARGETS: tuple[Target, ...] = (
    Target(name="nodes", value=18_711, source=_STATED),
    Target(name="contracts", value=14_494, source=_STATED),
    Target(name="edges", value=13_478, source=_STATED),
    Target(name="repeat_contracts", value=1_016, source=_STATED),
    Target(name="components", value=7_158, source=_STATED),
    Target(name="largest_component", value=464, source=_MEASURED),
    Target(name="largest_scc", value=7, source=_MEASURED),
    Target(name="reciprocity", value=0.0013, source=_MEASURED, tolerance=0.05),
    Target(name="most_in", value=89, source=_MEASURED),
    Target(name="most_out", value=75, source=_MEASURED),
)
"""`most_in` and `most_out` count distinct partners; reciprocity is the share of edges whose opposite exists."""


def measure(guarantor: Ints, debtor: Ints) -> dict[str, float]:
    """Return the statistics named in TARGETS of contracts `guarantor[k]` -> `debtor[k]` (any whole-number ids)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids, ends = np.unique(np.concatenate([guarantor, debtor]), return_inverse=True)
    n, k = len(ids), len(guarantor)
    if n == 0:
        return {target.name: 0.0 for target in TARGETS}
    pairs = np.unique(ends[:k] * n + ends[k:])
    tail, head = pairs // n, pairs % n
    matrix = coo_array((np.ones(len(pairs)), (tail, head)), shape=(n, n)).tocsr()
    components, weak = connected_components(matrix, connection="weak")
    _, strong = connected_components(matrix, connection="strong")
    return {
        "nodes": n,
        "contracts": k,
        "edges": len(pairs),
        "repeat_contracts": k - len(pairs),
        "components": int(components),
        "largest_component": int(np.bincount(weak).max()),
        "largest_scc": int(np.bincount(strong).max()),
        "reciprocity": float(np.isin(head * n + tail, pairs).mean()),
        "most_in": int(np.bincount(head).max()),
        "most_out": int(np.bincount(tail).max()),
    }


def compare(achieved: dict[str, float]) -> list[tuple[str, float, float, str]]:
    """Return (statistic, target, achieved, source) for each target: the calibration table."""
    return [(target.name, target.value, achieved[target.name], target.source) for target in TARGETS]
