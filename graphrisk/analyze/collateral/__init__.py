"""Shared collateral: assets pledged more than once, what each rank gets, loans to value under a fall of prices.

What a pledge claims and takes is what contagion counts with (`kernels.contagion.collateral`): appraised value less
haircut, in rank order, equal ranks pro rata. Definitions: docs/methods.
"""

from graphrisk.analyze.collateral.analysis import TAKES_SCENARIO, VERSION, Params, run
from graphrisk.analyze.collateral.tables import TABLES

__all__ = ["TABLES", "TAKES_SCENARIO", "VERSION", "Params", "run"]
