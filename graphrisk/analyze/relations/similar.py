"""Names that are nearly equal, by rapidfuzz (MIT), which the extra `er` installs; legal forms are our own table."""

from __future__ import annotations

from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from graphrisk.analyze.relations.addresses import EAST_ASIAN, numbers

INSTALL = 'pip install "graphrisk[er]"'
LARGEST_BLOCK = 2_000
"""Names that are compared with one another at once: 2,000 names are 2 million pairs, a fraction of a second."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_VAGUE = ("", "company")
"""Legal forms that say nothing: none, and a mere "Co."."""


class Similar:
    """Compares names and addresses; `cutoff` is the least similarity (0 to 1) that is told."""

    def __init__(self, cutoff: float) -> None:
        self.cutoff = cutoff

    @staticmethod
    def installed() -> dict[str, str]:
        """Return the version of the package; empty where it is missing."""
        try:
            return {"rapidfuzz": version("rapidfuzz")}
        except PackageNotFoundError:
            return {}

    def pairs(self, bases: list[str], forms: list[str], kinds: list[str]) -> tuple[list[tuple[int, int, float]], int]:
        """Return the pairs of names, without legal form, that are similar, and how many names were not compared.

        Only names that begin or end alike, or share a word of Latin letters, are compared; forms that are both known
        and differ tell two firms apart, persons are compared with persons.
        """
        from rapidfuzz import fuzz, process

        plain = [base if EAST_ASIAN.search(base) else base.translate(_UMLAUTS) for base in bases]
        blocks: dict[tuple[str, bool], list[int]] = defaultdict(list)
        for at, name in enumerate(plain):
            if len(name) < 4:
                continue  # a slip in three characters is another name
            person = kinds[at] == "person"
            keys = {f"^{name[:3]}", f"{name[-3:]}$"}
            keys |= {word for word in name.split(" ")[:3] if len(word) > 3}
            for key in keys:
                blocks[key, person].append(at)
        best: dict[tuple[int, int], float] = {}
        skipped: set[int] = set()
        for _, members in sorted(blocks.items()):
            if len(members) < 2:
                continue
            if len(members) > LARGEST_BLOCK:
                skipped.update(members)
                continue
            names = [plain[at] for at in members]
            scores = process.cdist(names, names, scorer=fuzz.token_sort_ratio, score_cutoff=100 * self.cutoff)
            for i, j in zip(*np.nonzero(np.triu(scores, 1)), strict=True):
                a, b = members[int(i)], members[int(j)]
                if forms[a] != forms[b] and forms[a] not in _VAGUE and forms[b] not in _VAGUE:
                    continue
                if numbers(plain[a]) != numbers(plain[b]):
                    continue
                ratio = float(scores[i, j]) / 100.0
                best[a, b] = max(best.get((a, b), 0.0), ratio)
        return [(a, b, ratio) for (a, b), ratio in sorted(best.items())], len(skipped)
