"""Contagion: how one default spreads over loans, guarantees, shares, supplies and collateral, in one conserved ledger.

Sources: linear DebtRank, Bardoscia, Battiston, Caccioli, Caldarelli, PLoS ONE 10 (2015); non-linear DebtRank, the
same with Perotti and Vivaldo, PLoS ONE 11 (2016); DebtRank of 2012, Battiston et al., Sci. Rep. 2; threshold cascade,
Furfine, J. Money Credit Bank. 35 (2003); clearing, Eisenberg and Noe, Manag. Sci. 47 (2001), Rogers and Veraart, Manag.
Sci. 59 (2013); valuations, Barucca et al., Math. Finance 30 (2020); supplies, Diem et al., Sci. Rep. 12 (2022); the
call procedure and the joint ledger are our own. Definitions and conventions: docs/methods/contagion.md.
"""

from graphrisk.analyze.contagion.analysis import VERSION, run
from graphrisk.analyze.contagion.tables import TABLES
from graphrisk.cascade.params import Params

TAKES_SHOCKS = True
COMPARES = True

__all__ = ["COMPARES", "TABLES", "TAKES_SHOCKS", "VERSION", "Params", "run"]
