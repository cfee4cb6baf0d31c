"""How ratings move: cohort and Aalen-Johansen matrices, generators, one to ten years, with intervals.

Sources and conventions: docs/methods/migration.md.
"""

from graphrisk.analyze.migration.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
