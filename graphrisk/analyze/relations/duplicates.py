"""Parties that look like one under two ids: by id, register number, name, phone and address; nothing is merged."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from graphrisk.analyze.relations.addresses import same_address
from graphrisk.analyze.relations.similar import Similar
from graphrisk.analyze.relations.values import plain_value
from graphrisk.graph.riskgraph import RiskGraph, rows_that_say
from graphrisk.model.legal_names import split_legal_form, split_place
from graphrisk.model.note import Note, both

SAME_NUMBER, SAME_ID, SAME_NAME, SAME_BARE_NAME = 1.0, 0.98, 0.9, 0.75
"""What each kind of equality is worth: our ranking. The name alone, without a legal form or with another place, says
less."""
SIMILAR = 0.8
"""Part of the similarity of two names that counts where nothing else is equal."""
SAME_CONTACT = 0.5
"""Part of what is missing to 1 that an equal phone or address adds."""


_DIGITS = frozenset("123456789")
_COLUMNS = {"national_id": "登记号", "lei": "LEI ", "phone": "电话", "address": "地址"}


@dataclass(slots=True)
class _Alike:
    score: float = 0.0
    why: list[Note] = field(default_factory=list)
    similarity: float = float("nan")

    def say(self, score: float, why: Note) -> None:
        self.score = max(self.score, score)
        if why not in self.why:
            self.why.append(why)


def _joined(why: list[Note]) -> Note:
    return both(", ".join(one.text for one in why), "，".join(one.chinese for one in why))


def likely_duplicates(
    graph: RiskGraph, similar: Similar | None, *, most: int
) -> tuple[list[tuple[int, int, float, Note, float]], int]:
    """Return (a, b, score, why, similarity of names) of pairs that look alike, and how many names were left out.

    Values shared by more than `most` parties say nothing. Register numbers, countries or days of birth that differ tell
    two parties apart, whatever their names. `similar` compares names that are not equal; None: it is not installed.
    """
    alike: dict[tuple[int, int], _Alike] = defaultdict(_Alike)
    ids = [unicodedata.normalize("NFKC", str(one)).casefold().strip() for one in graph.party_ids]
    numbers = {column: [_number(v) for v in graph.texts("parties", column)] for column in ("national_id", "lei")}
    country = graph.texts("parties", "country")
    for members in _equal(ids, most):
        for pair in combinations(members, 2):
            alike[pair].say(SAME_ID, both("ids differ only by case, width or space", "编号仅大小写、全半角或空格不同"))
    for column, values in numbers.items():
        for members in _equal(values, most):
            for a, b in combinations(members, 2):
                if column == "lei" or not _differ(country[a], country[b]):
                    alike[a, b].say(SAME_NUMBER, both(f"same {column}", f"{_COLUMNS[column]}相同"))
    apart = _told_apart(graph, numbers)
    kind = graph.texts("parties", "kind")
    names = [split_legal_form(str(name)) if name is not None else ("", "") for name in graph.texts("parties", "name")]
    keys = [
        f"{'person' if kind[k] == 'person' else form}|{base}" if base else "" for k, (base, form) in enumerate(names)
    ]
    for members in _equal(keys, most):
        for a, b in combinations(members, 2):
            if not apart(a, b):
                person, form = kind[a] == "person", names[a][1]
                if person:
                    alike[a, b].say(SAME_NAME, both("same name and day of birth", "姓名和出生日期相同"))
                elif form:
                    alike[a, b].say(SAME_NAME, both("same name and legal form", "名称和法律形式相同"))
                else:
                    alike[a, b].say(SAME_BARE_NAME, both("same name", "名称相同"))
                alike[a, b].similarity = 1.0
    _by_place(graph, names, keys, most, apart, alike)
    left = 0
    if similar is not None:
        pairs, left = similar.pairs([base for base, _ in names], [form for _, form in names], kind.tolist())
        for a, b, ratio in pairs:
            if not apart(a, b):
                held = alike[a, b]
                held.similarity = max(ratio, 0.0 if np.isnan(held.similarity) else held.similarity)
                if keys[a] != keys[b]:
                    held.say(
                        SIMILAR * ratio, both(f"similar names ({100 * ratio:.0f} %)", f"名称相似（{100 * ratio:.0f}%）")
                    )
    _contacts(graph, similar, most, alike)
    rows = [(a, b, found.score, _joined(found.why), found.similarity) for (a, b), found in alike.items()]
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    return rows, left


def _number(value: object) -> str:
    """Return a register number without case, width and separators; "" where it is none."""
    if value is None:
        return ""
    code = unicodedata.normalize("NFKC", str(value)).upper()
    if not code.isalnum():
        code = "".join(c for c in code if c.isalnum())
    return code if len(code) >= 4 and not _DIGITS.isdisjoint(code) else ""


def _equal(keys: list[str], most: int) -> list[list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        if key:
            groups[key].append(at)
    return [members for _, members in sorted(groups.items()) if 1 < len(members) <= most]


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _told_apart(graph: RiskGraph, numbers: dict[str, list[str]]) -> _Apart:
    return _Apart(
        numbers=list(numbers.values()),
        country=graph.texts("parties", "country").tolist(),
        born=graph.tables.column("parties", "incorporated_on").to_pylist(),
        person=rows_that_say(graph, "parties", "kind", "person").tolist(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Apart:
    """Says whether something known tells two parties apart: persons need an equal day of birth to be one."""

    numbers: list[list[str]]
    country: list[str | None]
    born: list[object]
    person: list[bool]

    def __call__(self, a: int, b: int) -> bool:
        if self.person[a] != self.person[b] or _differ(self.country[a], self.country[b]):
            return True
        if self.person[a] and (self.born[a] is None or self.born[a] != self.born[b]):
            return True
        return any(values[a] and values[b] and values[a] != values[b] for values in self.numbers)


def _by_place(
    graph: RiskGraph,
    names: list[tuple[str, str]],
    keys: list[str],
    most: int,
    apart: _Apart,
    alike: dict[tuple[int, int], _Alike],
) -> None:
    """Add names that are equal but for the place in them: 浙江恒力贸易 and 恒力(浙江)贸易 and 恒力贸易."""
    firm = graph.texts("parties", "kind") != "person"
    split = [split_place(base) for base, _ in names]
    bare = [f"{form}|{split[k][0]}" if firm[k] and base else "" for k, (base, form) in enumerate(names)]
    for members in _equal(bare, most):
        for a, b in combinations(members, 2):
            two_places = split[a][1] and split[b][1] and split[a][1] != split[b][1]
            if keys[a] != keys[b] and not two_places and not apart(a, b):
                alike[a, b].say(SAME_BARE_NAME, both("same name but for the place in it", "名称除地名位置外相同"))


def _contacts(graph: RiskGraph, similar: Similar | None, most: int, alike: dict[tuple[int, int], _Alike]) -> None:
    """Raise the score of pairs that have a phone or an address in common."""
    for column in ("phone", "address"):
        given = graph.texts("parties", column).tolist()
        plain = ["" if value is None else plain_value(value, column) for value in given]
        common = _common(plain, most)
        for (a, b), found in alike.items():
            if not plain[a] or not plain[b] or plain[a] in common:
                continue
            same = plain[a] == plain[b]
            if not same and column == "address" and similar is not None:
                same = same_address(str(given[a]), str(given[b]))
            if same:
                found.say(
                    found.score + (1.0 - found.score) * SAME_CONTACT, both(f"same {column}", f"{_COLUMNS[column]}相同")
                )


def _common(values: list[str], most: int) -> set[str]:
    counts: dict[str, int] = defaultdict(int)
    for value in values:
        counts[value] += 1
    return {value for value, count in counts.items() if count > most}
