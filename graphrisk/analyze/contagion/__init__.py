"""Contagion: how one default spreads over loans, guarantees, shares, supplies and collateral, in one conserved ledger.

Sources: linear DebtRank, Bardoscia, Battiston, Caccioli, Caldarelli, PLoS ONE 10 (2015); non-linear DebtRank, the
same with Perotti and Vivaldo, PLoS ONE 11 (2016); threshold cascade, Furfine, J. Money Credit Bank. 35 (2003); the
call procedure and the joint ledger are our own. Definitions and conventions: docs/methods/contagion.md.
"""

from graphrisk.analyze.contagion.params import Params
from graphrisk.analyze.contagion.tables import TABLES
from graphrisk.analyze.contagion.unified import VERSION, run

TAKES_SHOCKS = True

__all__ = ["TABLES", "TAKES_SHOCKS", "VERSION", "Params", "run"]
