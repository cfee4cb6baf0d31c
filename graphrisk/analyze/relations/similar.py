"""Names that are nearly equal, and addresses that are one: by rapidfuzz and rigour, which the extra `er` installs.

rapidfuzz (MIT) compares, rigour (MIT) knows legal forms and addresses of many countries. Both are imported here alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version

import numpy as np

INSTALL = 'pip install "graphrisk[er]"'
LARGEST_BLOCK = 2_000
"""Names that are compared with one another at once: 2,000 names are 2 million pairs, a fraction of a second."""


SAME_ADDRESS = 0.8
"""rigour's score from which two addresses with equal numbers are one: "12 High Street" and "12 High St" have 0.975."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_VAGUE = ("", "company")
"""Legal forms that say nothing: none, and a mere "Co."."""


class Similar:
    """Compares names and addresses; `cutoff` is the least similarity (0 to 1) that is told."""

    def __init__(self, cutoff: float) -> None:
        self.cutoff = cutoff

    @staticmethod
    def installed() -> dict[str, str]:
        """Return the versions of the two packages; empty where one is missing."""
        try:
            return {name: version(name) for name in ("rapidfuzz", "rigour")}
        except PackageNotFoundError:
            return {}

    def pairs(self, bases: list[str], forms: list[str], kinds: list[str]) -> tuple[list[tuple[int, int, float]], int]:
        """Return the pairs of names, without legal form, that are similar, and how many names were not compared.

        Only names that begin or end alike, or share a word of Latin letters, are compared; forms that are both known
        and differ tell two firms apart, persons are compared with persons.
        """
        from rapidfuzz import fuzz, process
        from rigour.names import replace_org_types_compare

        plain = [
            base if _EAST_ASIAN.search(base) else replace_org_types_compare(base.translate(_UMLAUTS)) for base in bases
        ]
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
                if not _same_digits(plain[a], plain[b]):
                    continue
                ratio = float(scores[i, j]) / 100.0
                best[a, b] = max(best.get((a, b), 0.0), ratio)
        return [(a, b, ratio) for (a, b), ratio in sorted(best.items())], len(skipped)

    def same_address(self, one: str, other: str) -> bool:
        """Whether two addresses are one: equal numbers, and alike to rigour, which knows streets in many languages."""
        from rigour.addresses import compare_address

        numbers = _digits(one)
        return bool(numbers) and numbers == _digits(other) and compare_address(one, other) >= SAME_ADDRESS


def _same_digits(one: str, other: str) -> bool:
    """Whether two names hold the same numbers: 第一分公司 and 第二分公司, Fund 1 and Fund 2 are two."""
    return _digits(one) == _digits(other)


_NUMERALS = str.maketrans("一二三四五六七八九十", "1234567890")


def _digits(name: str) -> str:
    return "".join(sorted(c for c in name.translate(_NUMERALS) if c.isdigit()))
