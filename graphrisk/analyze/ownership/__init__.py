"""Who owns and controls whom, over all ways and circles, with every share as a least and a most.

Integrated ownership under a named semantics, control with its proof, close links, what stands above each party, circles
of owners, and power among the holders of a firm. Definitions and sources: docs/methods.
"""

from graphrisk.analyze.ownership.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
