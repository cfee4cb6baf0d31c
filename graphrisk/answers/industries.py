"""Names of industries beside their codes: the divisions of GB/T 4754-2017, as Chinese banks report them.

The Chinese names are those of the standard (GB/T 4754-2017, National Bureau of Statistics of China, in force since
2017-10-01): codes and names alone, no other text of it. Compared on 2026-11-28 with public transcriptions, which state
no licence and of which nothing is copied: all 97 with one, 51 to 97 with two more, 01 to 07 with src/utils/category.js
of github.com/zmshe/capital at 0b8f1ae. None differed. The English names are ours, short for a picture. Codes of other
classifications mean something else, so that a name is given only where the book's codes are those of the standard and
most parties with one are Chinese.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph

if TYPE_CHECKING:
    import pandas as pd

_SOME = 500
"""Parties with an industry that are looked at to tell the classification."""


@cache
def _names() -> dict[str, tuple[str, str]]:
    text = resources.files("graphrisk.answers").joinpath("industries.csv").read_text("utf-8")
    return {row["code"]: (row["english"], row["chinese"]) for row in csv.DictReader(text.splitlines())}


def industry_names(graph: RiskGraph, lang: str) -> Mapping[str, str]:
    """Return "C17 Textiles" for each code of the book; nothing where the codes are not those of the standard.

    A longer code (C1711) is named after its division.
    """
    given, country = graph.texts("parties", "industry"), graph.texts("parties", "country")
    with_one = [(str(code), country[k]) for k, code in enumerate(given) if code]
    looked_at = (
        [with_one[k] for k in np.unique(np.linspace(0, len(with_one) - 1, _SOME).astype(int))] if with_one else []
    )
    where = Counter(place for _, place in looked_at)
    known = sum(code[:3] in _names() for code, _ in looked_at)
    if not looked_at or known < 0.9 * len(looked_at) or 2 * where["CN"] <= len(looked_at):
        return {}
    out = {}
    for code in {code for code, _ in with_one}:
        found = _names().get(code[:3])
        if found is not None and code[3:].isdigit() | (code[3:] == ""):
            out[code] = f"{code} {found[lang == 'zh']}"
    return out


def with_industry_names(groups: pd.DataFrame, graph: RiskGraph | None, lang: str) -> pd.DataFrame:
    """Return a table of `group` by `dimension` whose industries have their name beside the code."""
    if graph is None or groups.empty:
        return groups
    names = industry_names(graph, lang)
    there = (groups["dimension"] == "industry") & groups["group"].isin(list(names))
    return groups.assign(group=groups["group"].mask(there, groups["group"].map(names)))
