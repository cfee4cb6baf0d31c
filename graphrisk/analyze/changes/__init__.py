"""What changed between two snapshots: contracts, parties, circles and networks of guarantees, scores, findings; why.

Rows are matched by their key; those of tables without one by the parties at their ends. An amount that moved by the
exchange rate alone is told as that. Definitions: docs/methods/changes.md.
"""

from graphrisk.analyze.changes.analysis import VERSION, Params, run
from graphrisk.analyze.changes.tables import TABLES

TWO_SNAPSHOTS = True
"""It is given the graph of an earlier snapshot, too; its results are not kept, since they are of two."""

__all__ = ["TABLES", "TWO_SNAPSHOTS", "VERSION", "Params", "run"]
