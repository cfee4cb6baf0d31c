"""Numbers as a person writes them: k, m, bn or 万, 亿, and fractions as per cent."""

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


def money_pair(before: float | None, after: float | None, lang: str) -> tuple[str, str]:
    """Return two amounts with so many digits that they differ where the amounts do.

    >>> money_pair(181_580_000_000.0, 181_992_000_000.0, "en")
    ('181.6 bn', '182.0 bn')
    >>> money_pair(5e6, 5e6, "en")
    ('5 m', '5 m')
    """
    said = money(before, lang), money(after, lang)
    if said[0] != said[1] or before == after or before is None or after is None or not math.isfinite(before):
        return said
    largest = max(abs(before), abs(after))
    size, unit = next((one for one in _UNITS[lang] if largest >= one[0] * 0.99995), (1.0, ""))
    for digits in range(1, 16):
        said = f"{before / size:,.{digits}f}{unit}", f"{after / size:,.{digits}f}{unit}"
        if said[0] != said[1]:
            break
    return said


def money_en(value: float | None, currency: str | None) -> str:
    """Return an amount in English with its currency: 38.1 m CNY; a dash where it is not known."""
    return in_currency(money(value, "en"), "en", currency)


def money_zh(value: float | None, currency: str | None) -> str:
    """Return an amount in Chinese with its currency: 3,810万元, 381万 USD; a dash where it is not known."""
    return in_currency(money(value, "zh"), "zh", currency)


def in_currency(said: str, lang: str, currency: str | None) -> str:
    """Return an amount in words with its currency."""
    if lang == "zh" and currency in ("CNY", "", None):
        return f"{said}元"
    return f"{said} {currency or ''}".strip()


def money_cell(value: float, lang: str) -> str:
    """Return an amount to three digits in the largest unit that keeps it at or above one, for a column of amounts."""
    if value == 0:
        return "0"
    for size, unit in _UNITS[lang]:
        if abs(value) >= size * 0.99995:
            return f"{_three(value / size)}{unit}"
    return _three(value)


def count(value: float) -> str:
    """Return a whole number with separators."""
    return f"{round(value):,}"


def percent(value: float | None, digits: int = 2) -> str:
    """Return a fraction as per cent; a dash where it is not known."""
    return "–" if value is None or not math.isfinite(value) else f"{100 * value:.{digits}f} %"


def _three(value: float) -> str:
    size = abs(value)
    return f"{value:,.{0 if size >= 99.95 else 1 if size >= 9.995 else 2}f}"


def _short(value: float) -> str:
    size = abs(value)
    digits = 0 if size >= 99.95 or (value == int(value) and size < 1000) else 1 if size >= 9.995 else 2
    return f"{value:,.{digits}f}"
