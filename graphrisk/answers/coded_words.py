"""Codes that stand in columns of text, in Chinese: causes, segments, places in the data, formulas, scales."""

from __future__ import annotations

import re
from collections.abc import Callable

from graphrisk.answers.column_words import column_word, table_word, value_word
from graphrisk.model.table import Column

_CAUSES = {
    "shock": "冲击",
    "initial": "期初净资产不为正",
    "guarantee": "担保",
    "exposure": "债权",
    "supplies": "供货",
    "ownership": "持股",
    "collateral": "抵质押物",
}
_NAME = re.compile(r"[a-z][a-z_0-9]*[a-z0-9]")
_SCALE = re.compile(r"0 at (\S+), 100 at (\S+)")
_FORMULA = {"mean": "平均", "a year before": "（上年）", "where cash is spent": "（现金净流出时）", " or ": "或"}


def cause(text: str) -> str:
    """Return the name of a cause in Chinese: its kind in words, the contract or the parties as they are.

    >>> cause("guarantee:G1"), cause("initial")
    ('担保 G1', '期初净资产不为正')
    """
    kind, colon, which = text.partition(":")
    return f"{_CAUSES.get(kind, kind)}{' ' if colon else ''}{which}"


def _parts(text: str) -> str:
    return " / ".join(value_word(part, "zh") for part in text.split(" / "))


def _place(text: str) -> str:
    table, dot, column = text.partition(".")
    return f"{table_word(table, 'zh')}{dot}{column_word(column, 'zh', table) if column else ''}"


def _told(text: str) -> str:
    """Return a text whose names of categories are in words: "arrears 0 → 100", "missing 32"."""
    return _NAME.sub(
        lambda found: value_word(found[0], "zh") if "_" in found[0] or found.start() == 0 else found[0], text
    )


def _formula(text: str) -> str:
    for english, chinese in _FORMULA.items():
        text = text.replace(english, chinese)
    return _NAME.sub(lambda found: column_word(found[0].replace(" ", "_"), "zh"), text)


def _scale(text: str) -> str:
    found = _SCALE.fullmatch(text)
    if found is None:
        return "同业百分位" if text == "percentile among peers" else text
    return f"{found[1]} 得 0 分，{found[2]} 得 100 分"


def _severity(text: str) -> str:
    return {"high": "高", "medium": "中", "low": "低"}.get(text, text)


_OF: dict[str, Callable[[str], str]] = {
    "cause": cause,
    **dict.fromkeys(
        ("signal_a", "signal_b", "indicator", "segment", "segment_a", "segment_b", "rule_segment", "record"), _parts
    ),
    **dict.fromkeys(("table", "source", "fact"), _place),
    **dict.fromkeys(("evidence", "codes"), _told),
    "definition": _formula,
    "scale": _scale,
    "severity": _severity,
    "ratio": lambda text: "现金比率" if text == "cash" else text,
}


def in_chinese(column: str, text: str) -> str:
    """Return the text of a cell with its codes in Chinese, as it is where the column holds none."""
    known = _OF.get(column)
    return text if known is None else known(text)


def worded(column: Column | None, text: str, lang: str) -> str:
    """Return the text of a cell: a category in words, and in Chinese the codes that stand in columns of text."""
    if column is None:
        return text
    if lang == "zh" and (said := in_chinese(column.name, text)) != text:
        return said
    return value_word(text, lang) if column.kind == "category" or column.name == "group" else text
