"""A book as the reference sees it: the canonical tables read into plain records, in base currency, on one day.

Rules taken from the definition of the data: a row holds on day D if from_on <= D and (to_on null or D < to_on); the
latest rate of `fx` on or before the day; equity is that of the latest period in which it is not null; the accounts of
production (sales, material cost, running costs) are those of ONE period, the latest in which sales is not null, times
12 / period_months.

Contracts with oneself are left out here, so that the rest of the model never meets them: a guarantee for oneself, a
guarantor's own loan among the debts that it guarantees, an asset pledged to its own owner as lender.

Left open by the definition and chosen here: `total_liabilities` and `equity_volatility` are each of the latest
period in which they are not null; a facility with nothing outstanding is listed and owes nothing; a claim on
oneself, a stake in oneself and a delivery to oneself mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Tables = dict[str, list[dict]]


@dataclass
class Facility:
    id: str
    borrower: str
    lender: str | None
    due: float


@dataclass
class Guarantee:
    id: str
    guarantor: str
    debtor: str
    facilities: list[str]
    cap: float
    share: float | None
    mode: str
    liability: str
    rank: int


@dataclass
class Asset:
    id: str
    owner: str | None
    value: float
    haircut: float
    price_class: str
    row: dict


@dataclass
class Pledge:
    facility: str
    asset: str
    rank: int
    allocated: float


@dataclass
class Claim:
    creditor: str
    debtor: str
    amount: float
    lgd: float


@dataclass
class Stake:
    owner: str
    owned: str
    share: float


@dataclass
class Delivery:
    supplier: str
    buyer: str
    amount: float
    essential: bool


@dataclass
class Book:
    parties: list[str] = field(default_factory=list)
    industry: dict[str, str | None] = field(default_factory=dict)
    status: dict[str, str | None] = field(default_factory=dict)
    equity: dict[str, float | None] = field(default_factory=dict)
    liabilities: dict[str, float | None] = field(default_factory=dict)
    volatility: dict[str, float | None] = field(default_factory=dict)
    sales: dict[str, float | None] = field(default_factory=dict)
    material_cost: dict[str, float | None] = field(default_factory=dict)
    running_costs: dict[str, float | None] = field(default_factory=dict)
    facilities: list[Facility] = field(default_factory=list)
    guarantees: list[Guarantee] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    pledges: list[Pledge] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    stakes: list[Stake] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


def holds_on(row: dict, day: str) -> bool:
    """True where the row is in force on `day` (ISO text)."""
    return (row.get("from_on") or "") <= day and (not row.get("to_on") or day < row["to_on"])


def latest(rows: list[dict], day: str, column: str) -> dict | None:
    """Return the row of the latest period on or before `day` in which `column` is not null."""
    usable = [row for row in rows if row["period_end_on"] <= day and row.get(column) is not None]
    return max(usable, key=lambda row: row["period_end_on"], default=None)


def read(tables: Tables, day: str, layers: set[str] | None = None) -> Book:
    """Return the book of `tables` on `day`; of `layers` (default: all) the others are left out."""
    book = Book()
    rates = exchange_rates(tables.get("fx", []), day)

    def money(row: dict, column: str) -> float | None:
        if row.get(column) is None:
            return None
        return float(row[column]) * (rates[row["currency"]] if rates and row.get("currency") else 1.0)

    def takes_part(layer: str) -> bool:
        return layers is None or layer in layers

    for row in sorted(tables["parties"], key=lambda row: row["party_id"]):
        party = row["party_id"]
        book.parties.append(party)
        book.industry[party] = row.get("industry")
        book.status[party] = row.get("status")
        accounts = [line for line in tables.get("financials", []) if line["party_id"] == party]
        for target, column in ((book.equity, "equity"), (book.liabilities, "total_liabilities")):
            line = latest(accounts, day, column)
            target[party] = None if line is None else money(line, column)
        line = latest(accounts, day, "equity_volatility")
        book.volatility[party] = None if line is None else float(line["equity_volatility"])
        line = latest(accounts, day, "sales")
        months = 12.0 if line is None or line.get("period_months") is None else float(line["period_months"])
        yearly = 12.0 / months
        for target, column in (
            (book.sales, "sales"),
            (book.material_cost, "material_cost"),
            (book.running_costs, "operating_costs"),
        ):
            value = None if line is None else money(line, column)
            target[party] = None if value is None else value * yearly

    for row in sorted(tables.get("facilities", []), key=lambda row: row["facility_id"]):
        due = money(row, "outstanding")
        if due is not None:
            book.facilities.append(Facility(row["facility_id"], row["borrower_id"], row.get("lender_id"), due))
    if takes_part("guarantees"):
        read_guarantees(book, tables, day, money)
    if takes_part("collateral"):
        read_collateral(book, tables, day, money)
    if takes_part("exposures"):
        for row in tables.get("exposures", []):
            if row["creditor_id"] != row["debtor_id"]:
                lgd = 1.0 if row.get("lgd") is None else float(row["lgd"])
                book.claims.append(Claim(row["creditor_id"], row["debtor_id"], money(row, "amount"), lgd))
    if takes_part("ownership"):
        for row in tables.get("ownership", []):
            if holds_on(row, day) and row["owner_id"] != row["owned_id"]:
                share = 0.0 if row.get("share_max") is None else float(row["share_max"])
                book.stakes.append(Stake(row["owner_id"], row["owned_id"], share))
    if takes_part("supplies"):
        for row in tables.get("supplies", []):
            if holds_on(row, day) and row["supplier_id"] != row["buyer_id"]:
                essential = row.get("essential") is True
                book.deliveries.append(Delivery(row["supplier_id"], row["buyer_id"], money(row, "amount"), essential))
    return book


def exchange_rates(rows: list[dict], day: str) -> dict[str, float]:
    """Return the units of base currency for one unit of each currency, the latest on or before `day`."""
    rates: dict[str, float] = {}
    for row in sorted((row for row in rows if row["as_of_on"] <= day), key=lambda row: row["as_of_on"]):
        rates[row["currency"]] = float(row["rate"])
    return rates


def read_guarantees(book: Book, tables: Tables, day: str, money) -> None:
    """Add the contracts that can be called: on one facility or on all of the debtor's; none for oneself."""
    by_id = {facility.id: facility for facility in book.facilities}
    for row in sorted(tables.get("guarantees", []), key=lambda row: row["guarantee_id"]):
        if not holds_on(row, day) or row["guarantor_id"] == row["debtor_id"]:
            continue
        named = row.get("facility_id")
        behind = [f.id for f in book.facilities if (f.id == named if named else f.borrower == row["debtor_id"])]
        behind = [f for f in behind if row["guarantor_id"] not in (by_id[f].borrower, by_id[f].lender)]
        book.guarantees.append(
            Guarantee(
                id=row["guarantee_id"],
                guarantor=row["guarantor_id"],
                debtor=row["debtor_id"],
                facilities=behind,
                cap=money(row, "amount"),
                share=None if row.get("share") is None else float(row["share"]),
                mode=row["mode"],
                liability=row.get("liability") or "general",
                rank=int(row.get("rank") or 1),
            )
        )


def read_collateral(book: Book, tables: Tables, day: str, money) -> None:
    """Add assets and pledges; an asset pledged to its owner as lender secures nothing."""
    by_id = {facility.id: facility for facility in book.facilities}
    for row in sorted(tables.get("collateral", []), key=lambda row: row["collateral_id"]):
        haircut = 0.0 if row.get("haircut") is None else float(row["haircut"])
        price_class = row.get("asset_class") or row["kind"]
        asset = Asset(row["collateral_id"], row.get("owner_id"), money(row, "value"), haircut, price_class, row)
        book.assets.append(asset)
    owners = {asset.id: asset.owner for asset in book.assets}
    for row in tables.get("pledges", []):
        facility = by_id.get(row["facility_id"])
        if facility is None or not holds_on(row, day):
            continue
        owner = owners[row["collateral_id"]]
        if owner is not None and owner == facility.lender:
            continue
        allocated = money(row, "allocated_amount")
        allocated = facility.due if allocated is None else allocated
        book.pledges.append(Pledge(facility.id, row["collateral_id"], int(row.get("rank") or 1), allocated))
