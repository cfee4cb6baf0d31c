"""Which table a file fills and which column each header means, by exact and by near words; the draft of an input."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphrisk.loading.header_words import FILES, tables, words_of
from graphrisk.loading.samples import Sample
from graphrisk.model.catalog import CATALOG

_CLOSE = 0.82
_UNITS = {
    "亿元": 1e8,
    "百万元": 1e6,
    "百万": 1e6,
    "万元": 1e4,
    "万": 1e4,
    "千元": 1e3,
    "元": 1.0,
    "%": 0.01,
    "％": 0.01,
}
_BRACKET = re.compile(r"[(（\[【](.*?)[)）\]】]")
_FILE_HINT = 1.5
_ENOUGH = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a header means: the column, whether the word is known or only near, and the factor that its unit says."""

    header: str
    column: str
    exact: bool
    factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A sample with its table (None: nothing fits) and matches; `rest` are the headers that mean nothing known."""

    sample: Sample
    table: str | None
    matches: tuple[Match, ...] = ()
    rest: tuple[str, ...] = ()
    lacking: tuple[str, ...] = field(default=())


def fold(header: str) -> tuple[str, float]:
    """Return a header without case, width, blanks and unit, and the factor of the unit: 余额（万元） is 余额, 10000."""
    plain = unicodedata.normalize("NFKC", header).strip()
    factor = 1.0
    for inner in _BRACKET.findall(plain):
        factor = next((size for unit, size in _UNITS.items() if unit in inner), factor)
    plain = _BRACKET.sub("", plain)
    for unit, size in _UNITS.items():
        if len(unit) > 1 and plain.endswith(f"_{unit}"):
            plain, factor = plain.removesuffix(f"_{unit}"), size
    return re.sub(r"[\s_\-./:：]+", "", plain).casefold(), factor


def own_unit(header: str) -> bool:
    """Return whether a header says a unit of money itself, in brackets."""
    return any(unit in inner for inner in _BRACKET.findall(unicodedata.normalize("NFKC", header)) for unit in _UNITS)


def unit_above(text: str) -> float:
    """Return the factor of the unit that a line above the header says for the whole table: 单位：万元 is 10000."""
    said = re.search(r"单位\s*[:：]?\s*(?:人民币)?\s*(亿元|百万元|万元|千元|元)", unicodedata.normalize("NFKC", text))
    return _UNITS[said[1]] if said else 1.0


def read_headers(sample: Sample) -> Reading:
    """Return the table that most of a sample's headers fit, with what each of them means there."""
    best: tuple[float, str, list[Match]] = (0.0, "", [])
    name = unicodedata.normalize("NFKC", f"{sample.path.stem} {sample.sheet}").casefold()
    for table in tables():
        matches = _matches(table, sample.header)
        score = sum(_weight(table, match) for match in matches)
        score += _FILE_HINT * any(word in name for word in FILES.get(table, "").split())
        score += 2 * _FILE_HINT * (table in re.split(r"[\W\d]+", name.replace(" ", "|")) or sample.path.stem == table)
        score -= 0.75 * len(_lacking(table, matches))
        if matches and score > best[0]:
            best = (score, table, matches)
    score, table, matches = best
    if score < _ENOUGH or not matches:
        return Reading(sample=sample, table=None, rest=tuple(sample.header))
    taken = {match.header for match in matches}
    return Reading(
        sample=sample,
        table=table,
        matches=tuple(matches),
        rest=tuple(header for header in sample.header if header and header not in taken),
        lacking=tuple(_lacking(table, matches)),
    )


def _matches(table: str, headers: Sequence[str]) -> list[Match]:
    """Return the headers that mean a column of the table; each column and each header once, the surest first."""
    columns = CATALOG[table].names
    pairs: list[tuple[float, int, str, float]] = []
    for at, header in enumerate(headers):
        folded, factor = fold(header)
        if not folded:
            continue
        for column in columns:
            likeness = max((_alike(folded, word) for word in words_of(table, column)), default=0.0)
            if likeness:
                pairs.append((likeness, at, column, factor))
    pairs.sort(key=lambda pair: (-pair[0], pair[1], columns.index(pair[2])))
    found: dict[str, Match] = {}
    used: set[int] = set()
    for likeness, at, column, factor in pairs:
        if column not in found and at not in used:
            found[column] = Match(header=headers[at], column=column, exact=likeness == 1.0, factor=factor)
            used.add(at)
    return [found[column] for column in columns if column in found]


def _alike(folded: str, word: str) -> float:
    """Return 1 for the word itself, less for one that contains it or differs by a slip, 0 for another."""
    if folded == word:
        return 1.0
    if not word.isascii() and len(word) >= 2 and word in folded:
        return 0.5 + 0.4 * len(word) / len(folded)
    if word.isascii() and len(word) >= 5 and len(folded) >= 5:
        ratio = difflib.SequenceMatcher(None, folded, word).ratio()
        return ratio * 0.9 if ratio >= _CLOSE else 0.0
    return 0.0


def _weight(table: str, match: Match) -> float:
    column = CATALOG[table].column(match.column)
    return (1.5 if column.required else 1.0) * (1.0 if match.exact else 0.6)


def _lacking(table: str, matches: Iterable[Match]) -> list[str]:
    held = {match.column for match in matches}
    return [column.name for column in CATALOG[table].columns if column.required and column.name not in held]
