"""Loss distribution of our own book: correlated first defaults, spread over the guarantee ledger; EL, VaR, ES, parts.

Sources: O. Vasicek, "The distribution of loan portfolio value", Risk, December 2002; G. Gupton, C. Finger, M. Bhatia,
"CreditMetrics Technical Document", 1997; P. Glasserman, J. Li, "Importance Sampling for Portfolio Credit Risk",
Management Science 51(11), 2005; D. Tasche, "Risk contributions and performance measurement", 1999. Conventions:
docs/methods/portfolio.md.
"""

from graphrisk.analyze.portfolio.analysis import COMPARES, TAKES_SHOCKS, VERSION, run
from graphrisk.analyze.portfolio.tables import TABLES
from graphrisk.credit.portfolio_params import Params

__all__ = ["COMPARES", "TABLES", "TAKES_SHOCKS", "VERSION", "Params", "run"]
