"""Numbers as a reader of the page writes them: k, m, bn or 万, 亿; the browser's half is assets/js/words.js."""

from __future__ import annotations

import math

_UNITS = {
    "en": ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k")),
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}


def money(value: float | None, lang: str) -> str:
    """Return an amount in the largest unit that keeps it at or above one; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return "–"
    for size, unit in _UNITS[lang]:
        if abs(value) >= size * 0.99995:
            return f"{_short(value / size)}{unit}"
    return _short(value)


def count(value: float) -> str:
    """Return a whole number with separators."""
    return f"{round(value):,}"


def percent(value: float | None, digits: int = 2) -> str:
    """Return a fraction as per cent; a dash where it is not known."""
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.{digits}f} %"


def _short(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 99.95 or (value == int(value) and size < 1000) else 1 if size >= 9.995 else 2
    return f"{value:,.{digits}f}"
