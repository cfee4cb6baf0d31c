"""Guarantee chains and circles: who stands behind whom, how far it reaches, and where it returns to its start.

An arc runs from guarantor to debtor and holds the sum of the caps of all contracts of the pair; a guarantee of a party
for itself is left out. The over-guarantee ratio sets the caps given against net assets. Circles are the elementary
circles of this graph (found as `kernels.network.cycles` says); pairs, stars, chains and circles are the shapes by which
studies of guarantee networks describe them. Definitions: docs/methods.
"""

from graphrisk.analyze.chains.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
