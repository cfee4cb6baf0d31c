"""Whether a guarantor has given more than it is worth: the class of each, the order in lists, and the notes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.graph.exposure import Arcs
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.model.figures import money_en, money_zh
from graphrisk.model.note import Note

CLASSES = ("no_net_assets", "beyond_net_assets", "unknown", "ok")
"""The classes of guarantors, in the order in which they are listed."""

CLASSES_SAY = (
    "no_net_assets: its net assets are zero or less; beyond_net_assets: it gave more than its net assets; unknown: "
    "nobody knows its net assets; ok: it gave no more than them"
)


ROUNDING = 1e-9
"""Relative excess of a sum of caps over net assets that is rounding."""


def over_guarantee(given: Floats, net_assets: Floats) -> npt.NDArray[np.object_]:
    """Return the class of each party (n,); who gave nothing is ok, whatever its net assets."""
    found = np.full(len(given), "ok", dtype=object)
    gave = given > 0
    found[gave & (given > net_assets * (1.0 + ROUNDING))] = "beyond_net_assets"
    found[gave & (net_assets <= 0)] = "no_net_assets"
    found[gave & np.isnan(net_assets)] = "unknown"
    return found


def by_over_guarantee(
    parties: Positions, classes: npt.NDArray[np.object_], given: Floats, received: Floats
) -> Positions:
    """Return `parties` in the order of the lists.

    Those that gave guarantees by class, then by what they gave; after them the others by what they received; then by
    position, which is the order of the ids.
    """
    rank = np.array([CLASSES.index(name) for name in classes[parties]], dtype=np.int64)
    gave = given[parties] > 0
    rank[~gave] = len(CLASSES)
    amount = np.where(gave, given[parties], received[parties])
    return parties[np.lexsort((parties, -amount, rank))]


def over_guarantee_ratio(given: Floats, net_assets: Floats) -> Floats:
    """Return caps given over net assets (n,), NaN where net assets are unknown, zero or negative."""
    ratio = np.full(len(given), np.nan)
    positive = net_assets > 0
    ratio[positive] = given[positive] / net_assets[positive]
    return ratio


def class_notes(graph: RiskGraph, arcs: Arcs, given: Floats) -> list[Note]:
    """Return a note for each class without a ratio: how many guarantors, and the sum of the caps they gave."""
    guarantors = np.unique(arcs.source)
    equity = graph.equity[guarantors]
    notes = []
    unknown, none = ("no known net assets", "净资产未知"), ("net assets of zero or less", "净资产为零或负")
    for which, what in ((np.isnan(equity), unknown), (equity <= 0, none)):
        count = int(which.sum())
        if count:
            caps = float(given[guarantors[which]].sum())
            notes.append(
                Note(
                    "guarantors_without_ratio",
                    f"{count:,} of {len(guarantors):,} guarantors {'have' if count > 1 else 'has'} {what[0]}, so there "
                    f"is no over-guarantee ratio; the sum of their caps is "
                    f"{money_en(caps, graph.base_currency)}.",
                    f"{len(guarantors):,} 户担保人中 {count:,} 户{what[1]}，因此没有超额担保比率；其担保限额合计 "
                    f"{money_zh(caps, graph.base_currency)}。",
                )
            )
    return notes
