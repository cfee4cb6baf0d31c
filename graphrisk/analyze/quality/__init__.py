"""Data quality: what in the data would make a number wrong, how much of the exposure it touches, and what to do.

Every check counts rows or parties and the share of what is owed that they concern (facilities outstanding and claims
between parties). The checks are those that the methods of this package need: see docs/methods/quality.md.
"""

from graphrisk.analyze.quality.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
