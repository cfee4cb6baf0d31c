"""Who is related to whom, by law, by contract, or by what two parties share; hints are for review and decide nothing.

Definitions, strengths and sources: docs/methods/relations.md.
"""

from graphrisk.analyze.relations.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
