"""PDs of grades in which hardly anybody has defaulted: the most prudent estimate of Pluto and Tasche.

Source: Pluto and Tasche, "Thinking positively", Risk (August 2005), and "Estimating probabilities of default for low
default portfolios" (2005), section 2 (no defaults) and 3 (few): independent defaults; with k defaults among the N
clients of a grade and all worse ones the PD solves P(at most k | N, PD) = 1 - confidence.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]


def most_prudent(clients: npt.ArrayLike, defaults: npt.ArrayLike | None = None, *, confidence: float = 0.9) -> Floats:
    """Return the PD of each grade (best first), never falling from a grade to a worse one.

    `clients` (g,) and `defaults` (g,; default none) are counts. Raises DataError where the worst grade is empty.
    """
    n = np.asarray(clients, dtype=np.float64)
    k = np.zeros(len(n)) if defaults is None else np.asarray(defaults, dtype=np.float64)
    if n.shape != k.shape or (n < 0).any() or (k < 0).any() or (k > n).any():
        raise DataError("each grade has a number of clients, and no more defaults than that")
    if not 0.0 < confidence < 1.0:
        raise DataError(f"a confidence lies strictly between 0 and 1, not {confidence:g}")
    below, bad = np.cumsum(n[::-1])[::-1], np.cumsum(k[::-1])[::-1]
    if not len(n) or below[-1] == 0:
        raise DataError("the worst grade holds nobody", hint="leave it out, or join it with the one before")
    none = 1.0 - (1.0 - confidence) ** (1.0 / below)
    some = betaincinv(bad + 1.0, np.maximum(below - bad, 1.0), confidence)
    found = np.where(bad == 0, none, np.where(bad >= below, 1.0, some))
    return np.asarray(np.maximum.accumulate(found))
