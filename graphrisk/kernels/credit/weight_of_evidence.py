"""Weight of evidence: how much a bin speaks for the good, its information value, and bins that never change direction.

Source: Siddiqi, "Credit Risk Scorecards" (Wiley, 2006), chapter 6; the half added to each count keeps an empty cell
finite (Anscombe). Bins follow isotonic regression (Barlow et al., "Statistical Inference under Order Restrictions",
1972), so that risk rises or falls with the value throughout.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def weight_of_evidence(goods: npt.ArrayLike, bads: npt.ArrayLike, *, added: float = 0.5) -> Floats:
    """Return ln(part of the goods / part of the bads) of each bin; `added` to each count and total."""
    g, b = (np.asarray(side, dtype=np.float64) for side in (goods, bads))
    return np.asarray(np.log((g + added) / (g.sum() + added)) - np.log((b + added) / (b.sum() + added)))


def information_value(goods: npt.ArrayLike, bads: npt.ArrayLike, *, added: float = 0.5) -> float:
    """Return the sum of (part of the goods - part of the bads) x weight of evidence."""
    g, b = (np.asarray(side, dtype=np.float64) for side in (goods, bads))
    parts = g / max(g.sum(), 1.0) - b / max(b.sum(), 1.0)
    return float((parts * weight_of_evidence(g, b, added=added)).sum())


def monotone_edges(values: Floats, bad: Flags, *, bins: int = 20, smallest: float = 0.05) -> Floats:
    """Return the inner edges of bins in which the default rate only rises or only falls, in the better direction.

    `values` (n,) without missing ones; a value belongs to the bin up to its edge. Quantile bins are pooled by isotonic
    regression, and those smaller than `smallest` of the rows join the neighbour whose rate is nearer.
    """
    from scipy.optimize import isotonic_regression

    if not len(values):
        return np.empty(0)
    cuts = np.unique(np.quantile(values, np.linspace(0.0, 1.0, bins + 1)[1:-1], method="inverted_cdf"))
    cuts = cuts[cuts < values.max()]
    where = np.searchsorted(cuts, values, side="left")
    many: Floats = np.bincount(where, minlength=len(cuts) + 1).astype(np.float64)
    worse: Floats = np.bincount(where, bad.astype(np.float64), minlength=len(cuts) + 1).astype(np.float64)
    rate = worse / many
    fits = [np.asarray(isotonic_regression(rate, weights=many, increasing=up).x) for up in (True, False)]
    errors = [float((many * (rate - fit) ** 2).sum()) for fit in fits]
    fit = fits[0] if errors[0] <= errors[1] else fits[1]
    starts = np.flatnonzero(np.append(True, np.diff(fit) != 0.0))
    edges = cuts[starts[1:] - 1]
    many = np.asarray(np.add.reduceat(many, starts), dtype=np.float64)
    worse = np.asarray(np.add.reduceat(worse, starts), dtype=np.float64)
    least = smallest * len(values)
    while len(edges) and many.min() < least:
        small = int(np.argmin(many))
        rates = worse / many
        left = abs(rates[small] - rates[small - 1]) if small > 0 else np.inf
        right = abs(rates[small] - rates[small + 1]) if small < len(edges) else np.inf
        at = small - 1 if left <= right else small
        many = _joined(many, at)
        worse = _joined(worse, at)
        edges = np.delete(edges, at)
    return np.asarray(edges, dtype=np.float64)


def _joined(counts: Floats, at: int) -> Floats:
    out = np.delete(counts, at)
    out[at] += counts[at]
    return out
