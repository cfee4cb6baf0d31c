"""What the synthetic bank is calibrated to: a published guarantee network exactly, published magnitudes, and judgement.

The sparse guarantee network is the anonymised guarantee table of a student competition (江苏银行杯), published in the
repository FutureXZC/nxpy-d3js-analysis as `backend/res/guarantee.csv`. Comments of its `backend/guarantee.py` state
18,711 nodes, 13,478 edges and 7,158 components (commit 6ceb12f) and, before repeated pairs are merged, 14,494 contracts
(earlier commits), so 1,016 repeats. The other statistics were measured on that table for our design; we found them in
no paper. None of its rows or ids is used here.

The guarantee network of China's whole credit system is far more reciprocal (Wang, Zhang, Yang, "Evolution of the
Chinese guarantee network under financial crisis and stimulus program", Nature Communications 11, 2693, 2020); mutual
guarantees, formed by small firms above all, 2-out-stars and triangles are its motifs (the same authors, arXiv
1806.04351). So joint-guarantee groups and mutual pairs stand beside the sparse network (`joint`). MAGNITUDES names what
they, guarantee companies, owners and the sizes of firms follow; what is of source JUDGEMENT is nobody's statistic.
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


JUDGEMENT = "our judgement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnitude:
    """One magnitude of the bank: what was published, the range that a bank of 2,000 clients keeps, and who says so."""

    name: str
    published: str
    low: float
    high: float
    source: str


MAGNITUDES: tuple[Magnitude, ...] = (
    Magnitude(
        name="share of EAD lent to obligors above CNY 100 million",
        published="below a fifth: the book is one of small and medium firms",
        low=0.0,
        high=0.2,
        source=JUDGEMENT,
    ),
    Magnitude(
        name="part of EAD that other firms guarantee, by their caps",
        published="about a quarter of all loans at the end of October 2014 (companies and individuals)",
        low=0.2,
        high=0.33,
        source="Wall Street Journal, 24 November 2014, as cited by forexlive.com on that day",
    ),
    Magnitude(
        name="share of the borrowing firms below large whose owner guarantees",
        published="51 % (2005) to 65 % (2011) of Japanese small and medium firms to their main bank",
        low=0.51,
        high=0.65,
        source="I. Uesugi, Competitiveness of SMEs, rieti.go.jp/en/papers/contribution/uesugi/12.html, on the Basic "
        "Survey of Small and Medium Enterprises",
    ),
    Magnitude(
        name="guarantees of a guarantee company over its net assets",
        published="2.4 for the industry at the end of 2010 (1,150 over 479.8 bn); 10 is the legal limit",
        low=2.0,
        high=5.0,
        source="press conference of the Inter-Agency Taskforce on Credit Guarantee Activities, as on lafa.org.cn; the "
        "limit: State Council order 683 of 2017, article 15 (remembered, not read again)",
    ),
    Magnitude(
        name="members of a joint-guarantee group",
        published="3 or more (traders), 3 to 5 (farmers), 5 or more (firms at rural credit cooperatives)",
        low=3.0,
        high=10.0,
        source="Dai, Luo, Modern Management Science 4/2015; sfnews.sh.cn/jr/6947.html",
    ),
    Magnitude(
        name="recorded deliveries over the supplier's sales, median",
        published="24 %: a bank never holds the whole delivery network",
        low=0.19,
        high=0.30,
        source=JUDGEMENT,
    ),
    Magnitude(
        name="recorded deliveries over the buyer's material cost, median",
        published="52 %: a bank never holds the whole delivery network",
        low=0.47,
        high=0.57,
        source=JUDGEMENT,
    ),
)
"""What the bank is held to by a test; `low` and `high` are our range around what was published."""

GROUP_CLIENTS, PAIR_CLIENTS = 0.08, 0.09
"""Part of the clients in joint-guarantee groups and in mutual pairs: our judgement; the sources name no such part."""

GROUP_SIZES = {3: 0.36, 4: 0.25, 5: 0.27, 6: 0.08, 7: 0.03, 8: 0.005, 9: 0.003, 10: 0.002}
"""How often a group has so many members: three to five mostly, as the sources say, weighted by our judgement."""

OWNER_GUARANTEES = 0.58
"""Part of the borrowing firms below large whose owner stands behind the loans in person: the middle of 51 to 65 %."""

COMPANY_MULTIPLE = (2.0, 5.0)
"""Guarantees over net assets of a guarantee company: from the industry's 2.4 to half of the legal limit of 10."""
