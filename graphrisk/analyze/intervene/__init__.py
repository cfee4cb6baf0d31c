"""Intervene: the cheapest set of actions found that brings the loss of a shock below a target, each checked by a run.

Sources: greedy choice by effect per cost is that of G. Nemhauser, L. Wolsey, M. Fisher, "An analysis of approximations
for maximizing submodular set functions", Math. Programming 14 (1978); cascades are not submodular, so its bound does
not hold here, and `exact` tries every set of a few candidates. Definitions: docs/methods/intervene.md.
"""

from graphrisk.analyze.intervene.analysis import VERSION, run
from graphrisk.analyze.intervene.params import Params
from graphrisk.analyze.intervene.tables import TABLES

TAKES_SHOCKS = True

__all__ = ["TABLES", "TAKES_SHOCKS", "VERSION", "Params", "run"]
