"""Step 3: prices of assets and what pledges bring.

    price q = exp(-impact_beta sold_c / depth_c) x (1 + the scenario's change of the asset)
    In rank order each pledge takes min(allocated q (1 - haircut), due, what is left of value q (1 - haircut)); equal
    ranks share what is left pro rata to those claims.   K_f = min(due, sum taken).

Left open and chosen: the claims of equal ranks are min(allocated q (1 - haircut), due); where a facility's pledges
bring more than its due, each pays in proportion; `sold_c` is the value, at the scenario's prices and before
haircuts, of what the pledges of the class give, times phi of the borrower; depth without `impact_depth` is the
value of all assets of the class at the scenario's prices.
"""

from __future__ import annotations

import math

from tests.reference.book import Book
from tests.reference.settings import Settings, Shock


def takings(book: Book, price: dict[str, float]) -> list[float]:
    """Return what each pledge of `book.pledges` takes at these prices, if its facility needs it."""
    due = {facility.id: facility.due for facility in book.facilities}
    taken = [0.0] * len(book.pledges)
    for asset in book.assets:
        usable = price[asset.id] * (1 - asset.haircut)
        left = asset.value * usable
        on_it = [i for i, pledge in enumerate(book.pledges) if pledge.asset == asset.id]
        for rank in sorted({book.pledges[i].rank for i in on_it}):
            equal = [i for i in on_it if book.pledges[i].rank == rank]
            claims = {i: min(book.pledges[i].allocated * usable, due[book.pledges[i].facility]) for i in equal}
            wanted = sum(claims.values())
            part = 1.0 if wanted <= left else left / wanted
            for i in equal:
                taken[i] = claims[i] * part
            left = max(0.0, left - wanted)
    return taken


def cover(book: Book, taken: list[float]) -> tuple[dict[str, float], list[float]]:
    """Return K by facility, and what each pledge gives to it."""
    recovery, gives = {}, [0.0] * len(taken)
    for facility in book.facilities:
        own = [i for i, pledge in enumerate(book.pledges) if pledge.facility == facility.id]
        whole = sum(taken[i] for i in own)
        recovery[facility.id] = min(facility.due, whole)
        for i in own:
            gives[i] = taken[i] * recovery[facility.id] / whole if whole > 0 else 0.0
    return recovery, gives


def prices(book: Book, settings: Settings, shock: Shock, phi: dict[str, float]) -> dict[str, float]:
    """Return the price of each asset after the sales that go with `phi`."""
    borrower = {facility.id: facility.borrower for facility in book.facilities}
    asset_class = {asset.id: asset.price_class for asset in book.assets}
    haircut = {asset.id: asset.haircut for asset in book.assets}
    sold = dict.fromkeys(asset_class.values(), 0.0)
    depth = dict.fromkeys(asset_class.values(), 0.0)
    for asset in book.assets:
        depth[asset.price_class] += asset.value * scenario_price(shock, asset.id)
    if settings.impact_beta > 0:
        _, gives = cover(book, takings(book, {asset: scenario_price(shock, asset) for asset in haircut}))
        for pledge, amount in zip(book.pledges, gives, strict=True):
            if amount > 0:
                gross = amount / (1 - haircut[pledge.asset])
                sold[asset_class[pledge.asset]] += gross * phi[borrower[pledge.facility]]
    result = {}
    for asset in book.assets:
        whole = settings.impact_depth or depth[asset.price_class]
        fall = math.exp(-settings.impact_beta * sold[asset.price_class] / whole) if whole > 0 else 1.0
        result[asset.id] = fall * scenario_price(shock, asset.id)
    return result


def scenario_price(shock: Shock, asset: str) -> float:
    """Return 1 + the changes of the scenario, not below 0."""
    return max(0.0, 1.0 + shock.price.get(asset, 0.0))
