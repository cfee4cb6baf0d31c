"""The whole reference: canonical tables in, the tables of contagion out."""

from __future__ import annotations

from tests.reference import importance, run, tables, walk2012
from tests.reference.book import Book, Tables, read
from tests.reference.settings import Settings, Shock


def price_changes(book: Book, changes: list[tuple[dict, float]]) -> dict[str, float]:
    """Return the summed change of price by asset, from (columns of `collateral` and their values, change)."""
    result: dict[str, float] = {}
    for where, change in changes:
        for asset in book.assets:
            if all(asset.row.get(column) == value for column, value in where.items()):
                result[asset.id] = result.get(asset.id, 0.0) + change
    return result


def contagion(
    data: Tables,
    day: str,
    settings: Settings,
    fraction: dict[str, float] | None = None,
    amount: dict[str, float] | None = None,
    price: list[tuple[dict, float]] | None = None,
) -> dict[str, list[dict]]:
    """Return the tables by name: of a run where anything is shocked, else importance."""
    book = read(data, day, settings.layers)
    shock = Shock(fraction or {}, amount or {}, price_changes(book, price or []))
    by_status = settings.start_from_status and "defaulted" in book.status.values()
    if not shock.parties and not price and not by_status:
        return {"contagion_importance": importance.importance(book, settings)}
    if settings.rule == "debtrank2012":
        base = walk2012.walk(book, settings, Shock())
        result = run.Result(shock, shock.parties, base, walk2012.walk(book, settings, shock))
        return {"contagion_parties": tables.parties(book, settings, result)}
    result = run.run(book, settings, shock)
    return {
        "contagion_parties": tables.parties(book, settings, result),
        "contagion_facilities": tables.facilities(book, settings, result),
        "contagion_calls": tables.calls(book, settings, result),
    }
