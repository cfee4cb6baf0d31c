"""Who is a beneficial owner of whom under a legal regime of a day, and whom a list reaches.

A regime (amlr, fatf, psc, cn; ofac, eu, bis for lists) is data with versions, days and sources; each owner has its
share as a least and a most, its ground, where it is written, and the way down to the party. Definitions: docs/methods.
"""

from graphrisk.analyze.owners.analysis import TABLES, VERSION, Params, run

__all__ = ["TABLES", "VERSION", "Params", "run"]
