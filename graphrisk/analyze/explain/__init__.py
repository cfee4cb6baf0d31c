"""Explain: why a party loses or fails under a shock, contract by contract, and from which shock each part of it came.

Sources: the run is that of contagion; flows are shared as in J. Bialek, "Tracing the flow of electricity", IEE Proc.
Gener. Transm. Distrib. 143 (1996); the time of failure as the moment of sharing, and the check of each contract by
running again without it, are our own. Definitions and conventions: docs/methods/explain.md.
"""

from graphrisk.analyze.explain.analysis import VERSION, run
from graphrisk.analyze.explain.params import Params
from graphrisk.analyze.explain.tables import TABLES

TAKES_SHOCKS = True

__all__ = ["TABLES", "TAKES_SHOCKS", "VERSION", "Params", "run"]
