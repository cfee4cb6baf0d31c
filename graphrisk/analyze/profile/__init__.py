"""A client on six dimensions: credit history, repayment ability, stability, prospects, basics, relationship.

Each is scored by indicators with their evidence, under a versioned policy; nothing is scored from missing data.
Conventions: docs/methods/profile.md.
"""

from graphrisk.analyze.profile.analysis import TABLES, VERSION, Params, run

TWO_SNAPSHOTS = True

__all__ = ["TABLES", "TWO_SNAPSHOTS", "VERSION", "Params", "run"]
