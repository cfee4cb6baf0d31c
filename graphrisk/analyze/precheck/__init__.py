"""Check before signing: what proposed contracts do to circles, chains, guarantors, losses and expected loss.

The book with the proposed rows is set beside the book as it is; losses are whole runs of contagion on both. The rule
on the loans that a chain of guarantees reaches is that of LDBC FinBench (complex read 11, read-write 3). Definitions:
docs/methods.
"""

from graphrisk.analyze.precheck.analysis import TAKES_SCENARIO, VERSION, run
from graphrisk.analyze.precheck.params import Params
from graphrisk.analyze.precheck.tables import TABLES

__all__ = ["TABLES", "TAKES_SCENARIO", "VERSION", "Params", "run"]
