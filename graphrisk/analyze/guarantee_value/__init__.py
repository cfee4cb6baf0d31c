"""What each guarantee is worth: joint default of debtor and guarantor, capacity shared over all that it gave, EL saved.

Sources and conventions: docs/methods/guarantee_value.md.
"""

from graphrisk.analyze.guarantee_value.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
