"""What a cell of a spreadsheet holds, as text."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from graphrisk.loading.delimited import WHITE

MARK = "\ue000"
"""Begins the text of a cell that cannot be used, before the reason: private use, never in a cell's own text."""
NO_VALUE = f"{MARK}a formula without a stored value: open and save the file in Excel"
_EXACT = 10**15  # Excel keeps 15 digits of a number: longer ids typed as numbers have lost their end
_ROUNDED = f"{MARK}a number of more than 15 digits, which Excel has rounded: format the column as text"
_ERROR = f"{MARK}an error value of Excel: correct the formula"
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')  # of a number format: what is shown as it stands


def text_of(value: Any, data_type: str) -> str | None:
    """Return a cell's value as text, None where it is empty."""
    if data_type == "e":
        return _ERROR
    if isinstance(value, str):
        return value.strip(WHITE).lstrip(MARK) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if value == int(value) if abs(value) < float("inf") else False:
            return str(int(value)) if abs(value) < _EXACT else _ROUNDED
        return repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def percent_of(value: Any, number_format: str) -> str:
    """Return a number that its cell shows in percent as such (0.45 is `45%`), "" where it is shown otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or "%" not in _LITERAL.sub("", number_format):
        return ""
    return f"{Decimal(repr(value)).scaleb(2):f}%"
