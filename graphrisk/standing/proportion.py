"""Proportionality: derived dependencies are looked for only around clients that owe us much.

Source: LEX10.18 and EBA/GL/2017/15 (recalled): economic dependency need be investigated only of clients whose exposure
is above 5 % of Tier 1 capital. What an analyst declared is known already, and counts whatever the two owe.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graphrisk.credit.exposure_values import our_exposures, owed_by_each
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.standing.dependence import BELOW_CHECK
from graphrisk.standing.rebuttals import Bonds


def around_large_ones(graph: RiskGraph, links: Bonds, above: float) -> Bonds:
    """Return the links; a derived dependency counts only where one of the two owes us more than `above`."""
    depends = links.depends
    large = owed_by_each(our_exposures(graph)).exposure > above
    small = depends.counts & depends.derived & ~large[depends.dependent] & ~large[depends.on]
    why = depends.why.copy()
    why[small] = BELOW_CHECK
    return replace(links, depends=depends.saying(np.asarray(why, dtype=object)))
