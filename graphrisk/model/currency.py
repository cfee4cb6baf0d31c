"""The base currency and the rates into it, by the rules stated in the data model."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.model.catalog import CATALOG


def currencies_in(tables: Mapping[str, pa.Table]) -> list[str]:
    """Return the currencies of the rows of all tables but `fx`, sorted."""
    found: set[str] = set()
    for name, table in tables.items():
        if name != "fx" and name in CATALOG and "currency" in table.column_names:
            found.update(v for v in pc.unique(table["currency"]).to_pylist() if v is not None)
    return sorted(found)


def base_currency(tables: Mapping[str, pa.Table], configured: str | None = None) -> str | None:
    """Return the base currency: configured, else the one with rate 1 in `fx`, else the only one in the data.

    None where the data holds no amounts at all. Raises DataError where nothing decides.
    """
    if configured:
        return configured
    fx = tables.get("fx")
    if fx is not None and fx.num_rows:
        unit = sorted({c for c, r in zip(fx["currency"].to_pylist(), fx["rate"].to_pylist(), strict=True) if r == 1.0})
        if len(unit) == 1:
            return str(unit[0])
        said = ", ".join(unit) if unit else "none"
        raise DataError(
            f"no single base currency: table fx has rate 1 for {said}",
            hint='set base_currency = "CNY" (or another) in graphrisk.toml',
            where="fx",
        )
    found = currencies_in(tables)
    if len(found) > 1:
        raise DataError(
            f"amounts in {', '.join(found)} and no exchange rates",
            hint="load a table fx (currency, as_of_on, rate), with rate 1 for the base currency",
        )
    return found[0] if found else None


def decided_currency(tables: Mapping[str, pa.Table]) -> str | None:
    """Return the base currency that the data alone decides, None where it decides none."""
    try:
        return base_currency(tables)
    except DataError:
        return None


def rates_on(fx: pa.Table | None, as_of: date, base: str | None) -> dict[str, float]:
    """Return units of base currency for one unit of each currency: the latest rate on or before `as_of`."""
    rates: dict[str, tuple[date, float]] = {}
    if fx is not None:
        for name, day, rate in zip(
            fx["currency"].to_pylist(), fx["as_of_on"].to_pylist(), fx["rate"].to_pylist(), strict=True
        ):
            if day <= as_of and (name not in rates or day > rates[name][0]):
                rates[name] = (day, rate)
    found = {name: rate for name, (_, rate) in rates.items()}
    if base:
        unit = found.get(base, 1.0)
        if unit != 1.0:  # a configured base that fx quotes in another unit
            found = {name: rate / unit for name, rate in found.items()}
        found[base] = 1.0
    return found
