"""Columns that many tables share, so that each is worded once."""

from __future__ import annotations

from graphrisk.model.table import Column


def identifier(name: str, meaning: str, *, required: bool = True, references: str | None = None) -> Column:
    return Column(name=name, kind="id", meaning=meaning, required=required, references=references)


def party(name: str, meaning: str, *, required: bool = True) -> Column:
    return identifier(name, meaning, required=required, references="parties")


def facility(meaning: str, *, required: bool = False) -> Column:
    return identifier("facility_id", meaning, required=required, references="facilities")


def text(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, kind="text", meaning=meaning, required=required)


def category(name: str, meaning: str, *choices: str, required: bool = False) -> Column:
    return Column(name=name, kind="category", meaning=meaning, choices=choices, required=required)


def amount(name: str, meaning: str, *, required: bool = False) -> Column:
    """An amount that cannot be negative, in the currency of its row."""
    return Column(name=name, kind="money", meaning=meaning, unit="row currency", low=0.0, required=required)


def balance(name: str, meaning: str) -> Column:
    """An amount of either sign, in the currency of its row."""
    return Column(name=name, kind="money", meaning=meaning, unit="row currency")


def money(name: str, meaning: str) -> Column:
    """An amount in base currency; null where unknown."""
    return Column(name=name, kind="money", meaning=meaning, unit="base currency")


def fraction(name: str, meaning: str) -> Column:
    return Column(name=name, kind="fraction", meaning=meaning, unit="fraction", low=0.0, high=1.0)


def number(name: str, meaning: str, unit: str = "", low: float | None = None, *, required: bool = False) -> Column:
    return Column(name=name, kind="number", meaning=meaning, unit=unit, low=low, required=required)


def count(name: str, meaning: str, unit: str = "", *, low: float = 0.0) -> Column:
    return Column(name=name, kind="integer", meaning=meaning, unit=unit, low=low)


def day(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name=name, kind="date", meaning=meaning, unit="day", required=required)


def flag(name: str, meaning: str) -> Column:
    return Column(name=name, kind="bool", meaning=meaning)


def currency(*, required: bool = True) -> Column:
    return Column(name="currency", kind="category", meaning="ISO 4217 code of the row's amounts", required=required)


FROM_ON = day("from_on", "first day on which it holds; null = since ever")
TO_ON = day("to_on", "first day on which it no longer holds; null = open")
KNOWN_ON = day("known_on", "day on which the bank learned it; null: docs/methods/validate.md")
SOURCE = text("source", "where the fact comes from")
