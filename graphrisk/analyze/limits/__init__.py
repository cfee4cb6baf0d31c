"""Use of the limits on large exposures, per client and per group of connected clients, under a regime.

Breaches first, then what is near, headroom for all; exposures before and after mitigation, guarantees given for others
beside them; the bank's own related parties apart. Definitions: docs/methods.
"""

from graphrisk.analyze.limits.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
