"""Classic scores of distress: Altman's Z and its variants, Ohlson, Zmijewski, Merton's distance to default.

Sources and conventions: docs/methods/scores.md.
"""

from graphrisk.analyze.scores.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
