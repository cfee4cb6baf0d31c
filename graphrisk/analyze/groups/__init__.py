"""Groups of connected clients under a regime: by control and by economic dependency, each member with its evidence.

What falls with a head is found downstream; groups overlap; rebuttals are applied and listed; declared groups are set
against the computed ones; another day shows what changed and why. Definitions: docs/methods.
"""

from graphrisk.analyze.groups.analysis import AGAINST_SNAPSHOT, TABLES, VERSION, Params, run

__all__ = ["AGAINST_SNAPSHOT", "TABLES", "VERSION", "Params", "run"]
