"""What the network adds to each party's PD: own PD, PD with contagion, the add-on in points, and who it comes from.

Methods, sources and conventions: docs/methods/network_pd.md.
"""

from graphrisk.analyze.network_pd.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
