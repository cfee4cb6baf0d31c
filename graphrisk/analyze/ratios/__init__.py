"""Financial ratios of each statement: value, trend, standing among peers, and identities that do not hold.

Definitions: docs/methods/ratios.md.
"""

from graphrisk.analyze.ratios.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
