"""Months as numbers: month 0 is January of year 0, and a day is a number since 1970 as everywhere in the demo."""

from __future__ import annotations

from datetime import date, timedelta

from graphrisk.demo.filling import AS_OF, day

LAST = AS_OF.year * 12 + AS_OF.month - 1
"""The month at whose end the bank stands today."""


def first_day(month: int) -> int:
    """Return the day number of a month's first day."""
    return day(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> int:
    """Return the day number of a month's last day."""
    return first_day(month + 1) - 1


def as_date(number: int) -> date:
    """Return the date of a day number."""
    return date(1970, 1, 1) + timedelta(days=number)
