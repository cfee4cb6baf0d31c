"""Who reads: the language, the currency, and the names that stand beside ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphrisk.answers.coded_words import worded
from graphrisk.answers.column_words import column_word, table_word, value_word
from graphrisk.model.figures import count, money_cell, money_en, money_zh
from graphrisk.model.table import Column, Table

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.model.result import Result

_INDICES = frozenset({"hhi"})
"""Numbers between 0 and 1 that nobody reads as per cent."""
LONGEST_LIST = 8
"""Items of a list that are written out."""
LONGEST_NAMED = 5
"""Parties of a list that are written out with their names."""
ROUNDING = 1e-8
"""A number closer to 0 is what rounding leaves of it, and is read as that; JSON and CSV hold its digits."""
_DIRECTED = ("path", "chain", "circle")
"""Lists whose order is a direction wherever they stand."""


def _names_in(graph: RiskGraph, ids: list[str | None]) -> list[str | None]:
    names = graph.texts("parties", "name")
    return [None if k < 0 or names[k] is None else str(names[k]) for k in graph.locate("parties", ids).tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Puts values into words of one language; `tables` are the declared tables of what is read.

    `graph` gives names and the book's size; None where there is no data to name. `before`: an earlier snapshot that is
    compared with it, which names who is gone.
    """

    lang: str = "en"
    graph: RiskGraph | None = None
    before: RiskGraph | None = None
    tables: Mapping[str, Table] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The base currency; that of the earlier snapshot where the later one holds no amount; "" where there is none."""
        sides = (self.graph, self.before)
        return next((one.base_currency for one in sides if one is not None and one.base_currency), "")

    @property
    def zh(self) -> bool:
        """Whether the reader reads Chinese."""
        return self.lang == "zh"

    def pick(self, english: str, chinese: str) -> str:
        """Return the text in the reader's language."""
        return chinese if self.zh else english

    def money(self, amount: Any) -> str:
        """Return an amount with its currency: 38.1 m CNY, or 3,810万元."""
        if _missing(amount):
            return self.pick("an unknown amount", "金额不详")
        return (money_zh if self.zh else money_en)(float(amount), self.currency)

    def count(self, number: Any, one: str, many: str = "") -> str:
        """Return a number of things in English: "1 party", "2 parties"."""
        return f"{count(float(number))} {one if number == 1 else many or one + 's'}"

    def number(self, value: Any) -> str:
        """Return a whole number with separators."""
        return count(float(value))

    def percent(self, fraction: Any) -> str:
        """Return a fraction as per cent, about three digits."""
        return percent_of(fraction)

    def name(self, party_id: Any) -> str | None:
        """Return the name of a party; None where it has none or is not known."""
        found = self.names([party_id])[0]
        return None if found == party_id else found

    def names(self, ids: Any) -> list[str | None]:
        """Return the names of many parties at once."""
        given = [None if _missing(one) else str(one) for one in ids]
        if self.graph is None:
            return [None] * len(given)
        found = _names_in(self.graph, given)
        if self.before is not None and None in found:
            earlier = _names_in(self.before, given)
            found = [old if new is None else new for new, old in zip(found, earlier, strict=True)]
        return found

    def party(self, party_id: Any) -> str:
        """Return "name (id)" of a party, or its id where it has no name."""
        name = self.name(party_id)
        if name is None:
            return str(party_id)
        return f"{name}（{party_id}）" if self.zh else f"{name} ({party_id})"

    def _book_ead(self) -> float | None:
        """Return what is outstanding at our own bank; None where nothing is."""
        if self.graph is None or not self.graph.rows("facilities"):
            return None
        from graphrisk.credit.loan_book import own_book

        total = float(own_book(self.graph).ead.sum())
        return total if total > 0.0 else None

    def of_book(self, amount: Any) -> str:
        """Return the amount as a part of our loans, in brackets with a space before it; "" where that says nothing."""
        whole = self._book_ead()
        if whole is None or _missing(amount):
            return ""
        part = self.percent(float(amount) / whole)
        return self.pick(f" ({part} of its loans)", f"（占贷款余额的 {part}）")

    def heading(self, table: str, column: str) -> str:
        """Return the heading of a column in words."""
        return column_word(column, self.lang, table)

    def title(self, table: str) -> str:
        """Return the title of a table in words."""
        return table_word(table, self.lang)

    def cell(self, column: Column | None, value: Any, unit: str | None = None) -> str:
        """Return a value as a person reads it in a table: money with k, m, bn, fractions as per cent, "" for null."""
        if _missing(value):
            return ""
        kind = column.kind if column is not None else ""
        if isinstance(value, bool) or kind == "bool":
            return self.pick("yes" if value else "no", "是" if value else "否")
        if isinstance(value, list | tuple) or type(value).__name__ == "ndarray":
            return self._list(column, list(value))
        if isinstance(value, dict):
            return ", ".join(
                f"{self.cell(None, item)} {value_word(str(key), self.lang)}" for key, item in value.items()
            )
        if kind == "money" or unit == "base currency":
            return money_cell(float(value), self.lang)
        part = column is not None and column.is_fraction and column.name not in _INDICES
        if isinstance(value, int | float) and (kind == "fraction" or unit == "fraction" or part):
            return percent_of(value)
        return worded(column, value, self.lang) if isinstance(value, str) else _plain(value)

    def page_of(self, result: Result) -> str:
        """Return what a result says, as HTML for a notebook."""
        from graphrisk.answers.base import answer_of
        from graphrisk.answers.html import answer_html

        return answer_html(answer_of(result, self), self)

    def _member(self, item: Any, ordered: bool) -> str:
        """Return a party of a list: with its id where the list is a way, by name where it is a set."""
        return self.party(item) if ordered else self.name(item) or str(item)

    def _item(self, column: Column | None, item: Any) -> str:
        """Return an item of a list of no parties."""
        return worded(column, item, self.lang) if isinstance(item, str) else self.cell(None, item)

    def _list(self, column: Column | None, items: list[Any]) -> str:
        ordered = column is not None and (column.ordered or column.name in _DIRECTED)
        named = column is not None and column.name in ("parties", *_DIRECTED)
        most = LONGEST_NAMED if named else LONGEST_LIST
        said = [self._member(item, ordered) if named else self._item(column, item) for item in items[:most]]
        if len(items) > most:
            said.append(f"+{len(items) - most}")
        return (" → " if ordered else self.pick(", ", "、")).join(said)


def percent_of(fraction: Any) -> str:
    """Return a fraction as per cent with about three digits; a small one is never written as nothing."""
    if _missing(fraction):
        return "–"
    number = 100.0 * float(fraction)
    size = abs(number)
    if size == 0.0:
        return "0%"
    if size < 0.005:
        return "<0.01%" if number > 0 else ">-0.01%"
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
    text = f"{number:,.{digits}f}"
    return f"{text}%"


def _plain(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value == 0:
            return "0"
        if abs(value) < ROUNDING:
            return "~0"
        if value == round(value) and abs(value) < 1e15:
            return f"{value:,.0f}"
        return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def _missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
