"""Random books with everything that the model has a rule for, small enough for the plain reference.

Ties, equity that is unknown, zero or negative, blanket guarantees, ranks, shares given or null, both modes, joint
liability with recourse, lenders in the book, contracts with oneself, accounts above, below and unknown beside the
recorded deliveries, several periods, foreign currency, rows out of force, essential deliveries, shared collateral
with haircuts, ranks and classes of price, scenarios with prices. Same seed, same book.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.reference.book import Tables

DAY = "2026-06-30"
RATES = {"CNY": 1.0, "USD": 7.1, "EUR": 7.75}
RULES = ("threshold",) * 8 + ("debtrank",) * 5 + ("nonlinear",) * 2 + ("en", "en", "rv", "rv", "merton", "debtrank2012")


@dataclass
class Case:
    """A book and what is asked of it; `settings` by the names of the parameters."""

    tables: Tables
    day: str = DAY
    settings: dict = field(default_factory=dict)
    fraction: dict[str, float] = field(default_factory=dict)
    amount: dict[str, float] = field(default_factory=dict)
    price: list = field(default_factory=list)

    def rule_is(self, name: str) -> bool:
        return self.settings.get("rule", "threshold") == name


class Maker:
    """One random book."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.n = self.r.choice((5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60))
        self.ids = [f"P{i:02d}" for i in range(self.n)]
        self.rule = self.r.choice(RULES)
        self.needs_accounts = self.rule in ("en", "rv", "merton", "debtrank2012")
        self.round_numbers = self.r.random() < 0.3
        self.foreign = self.r.random() < 0.4
        self.unit = self.r.choice((1.0, 1.0, 1e4, 1e-2))
        self.tables: Tables = {}

    def money(self, low: float, high: float, currency: str = "CNY") -> float:
        """Return an amount worth low..high units in base currency, round in books with ties."""
        value = self.r.choice((10, 20, 50, 100)) if self.round_numbers else self.r.uniform(low, high)
        return value * self.unit / RATES[currency]

    def currency(self) -> str:
        return self.r.choice(("CNY", "USD", "EUR")) if self.foreign else "CNY"

    def party(self, *other: str) -> str:
        return self.r.choice([party for party in self.ids if party not in other])

    def often(self, chance: float) -> bool:
        return self.r.random() < chance

    def dates(self) -> dict:
        """Return the days between which a row holds: mostly open, now and then over or not begun."""
        draw = self.r.random()
        if draw < 0.04:
            return {"to_on": self.r.choice(("2026-01-01", DAY))}
        if draw < 0.08:
            return {"from_on": self.r.choice(("2026-07-01", DAY)), "to_on": "2027-01-01"}
        return {}

    def make(self) -> Case:
        self.parties()
        if self.foreign:
            self.tables["fx"] = [
                {"currency": name, "as_of_on": day, "rate": rate * factor if name != "CNY" else 1.0}
                for name, rate in RATES.items()
                for day, factor in (("2025-12-31", 0.9), ("2026-06-30", 1.0), ("2026-12-31", 1.2))
            ]
        layers = ("exposures", "guarantees", "ownership", "supplies", "collateral")
        if self.rule == "debtrank2012":
            layers = ("exposures",)
        else:
            self.facilities()
        for layer in layers:
            if self.rule == "debtrank2012" or self.often(0.75):
                getattr(self, layer)()
        self.accounts()
        return self.question()

    def parties(self) -> None:
        industries = [*self.r.sample(("A01", "C10", "C11", "F51", "K70", "E48"), self.r.randint(1, 5)), None]
        self.tables["parties"] = [
            {
                "party_id": party,
                "name": party,
                "kind": "company",
                "industry": self.r.choice(industries),
                "status": "defaulted" if self.often(0.06) else "active",
            }
            for party in self.ids
        ]

    def facilities(self) -> None:
        rows = []
        for i in range(self.r.randint(1, max(2, int(1.3 * self.n)))):
            borrower, currency = self.party(), self.currency()
            row = {"facility_id": f"F{i:02d}", "borrower_id": borrower, "currency": currency, "lender_id": None}
            if self.often(0.25):
                row["lender_id"] = self.party(borrower)
            rows.append(row | {"outstanding": 0.0 if self.often(0.03) else self.money(5, 200, currency)})
        self.tables["facilities"] = rows

    def guarantees(self) -> None:
        """Contracts by debtor: without shares, or with shares on named facilities, or with shares and no facility."""
        rows = []
        by_debtor: dict[str, list[dict]] = {}
        for row in self.tables["facilities"]:
            by_debtor.setdefault(row["borrower_id"], []).append(row)
        for debtor, loans in by_debtor.items():
            if self.often(0.25):
                continue
            style = self.r.choice(("null", "null", "named", "blanket"))
            left: dict[tuple, float] = {}
            for _ in range(self.r.randint(1, 4)):
                loan = self.r.choice(loans)
                guarantor = debtor if self.often(0.05) else self.party(debtor)
                if loan["lender_id"] and self.often(0.2):
                    guarantor = loan["lender_id"]
                named = style == "named" or (style == "null" and self.often(0.6))
                currency = self.currency()
                row = {"guarantee_id": f"G{len(rows):03d}", "guarantor_id": guarantor, "debtor_id": debtor}
                row |= {"facility_id": loan["facility_id"] if named else None, "currency": currency, "share": None}
                row |= {"amount": self.money(5, 150, currency), "mode": self.r.choice(("several", "joint_several"))}
                row |= {
                    "rank": self.r.choice((None, 1, 1, 2, 3)),
                    "liability": self.r.choice((None, "general", "joint")),
                }
                if style != "null":
                    place = (row["facility_id"], row["rank"] or 1)
                    budget = left.get(place, 1.0)
                    row["share"] = round(self.r.uniform(0, budget), 4) if self.often(0.8) else budget
                    row["share"] = min(row["share"], budget)
                    left[place] = budget - row["share"]
                rows.append(row | self.dates() if style == "null" else row)
        if self.often(0.2):
            lonely = [party for party in self.ids if party not in by_debtor]
            if lonely:
                row = {"guarantee_id": "GX", "guarantor_id": self.party(lonely[0]), "debtor_id": lonely[0]}
                rows.append(row | {"amount": self.money(5, 150), "currency": "CNY", "mode": "several"})
        self.tables["guarantees"] = rows

    def exposures(self) -> None:
        rows = []
        for _ in range(self.r.randint(1, 2 * self.n)):
            creditor, currency = self.party(), self.currency()
            row = {"creditor_id": creditor, "debtor_id": self.party(creditor), "currency": currency}
            lgd = self.r.choice((None, None, 1.0, round(self.r.random(), 2)))
            rows.append(row | {"amount": self.money(1, 80, currency), "lgd": lgd})
        self.tables["exposures"] = rows

    def ownership(self) -> None:
        rows, left = [], dict.fromkeys(self.ids, 1.0)
        for _ in range(self.r.randint(1, self.n)):
            owner = self.party()
            owned = self.party(owner)
            share = round(self.r.uniform(0, left[owned]), 3)
            left[owned] -= share
            bounds = self.r.choice(((share, share), (share, share), (round(share / 2, 4), share), (None, None)))
            row = {"owner_id": owner, "owned_id": owned, "share_min": bounds[0], "share_max": bounds[1]}
            rows.append(row | self.dates())
        self.tables["ownership"] = rows

    def supplies(self) -> None:
        rows = []
        for _ in range(self.r.randint(1, 3 * self.n)):
            supplier, currency = self.party(), self.currency()
            row = {"supplier_id": supplier, "buyer_id": self.party(supplier), "currency": currency}
            row |= {"amount": self.money(1, 100, currency), "essential": self.r.choice((None, False, False, True))}
            rows.append(row | self.dates())
        self.tables["supplies"] = rows

    def collateral(self) -> None:
        assets, pledges = [], []
        loans = self.tables["facilities"]
        for i in range(self.r.randint(1, max(2, self.n // 2))):
            loan, currency = self.r.choice(loans), self.currency()
            owner = self.r.choice((loan["borrower_id"], loan["borrower_id"], self.party(), loan["lender_id"]))
            asset = {
                "collateral_id": f"C{i:02d}",
                "kind": self.r.choice(("real_estate", "inventory")),
                "owner_id": owner,
            }
            asset |= {
                "value": self.money(5, 200, currency),
                "currency": currency,
                "region": self.r.choice(("east", "west")),
            }
            asset |= {"haircut": self.r.choice((None, 0.0, 0.2, round(self.r.random(), 2)))}
            assets.append(asset | {"asset_class": self.r.choice((None, None, "offices"))})
            others = [self.r.choice(loans)["facility_id"] for _ in range(self.r.randint(0, 2))]
            for pledged in sorted({loan["facility_id"], *others}):
                currency = self.currency()
                pledge = {"facility_id": pledged, "collateral_id": f"C{i:02d}", "rank": self.r.choice((None, 1, 2))}
                allocated = self.money(5, 150, currency) if self.often(0.5) else None
                pledges.append(pledge | {"allocated_amount": allocated, "currency": currency} | self.dates())
        self.tables["collateral"] = assets
        self.tables["pledges"] = sorted(pledges, key=lambda row: (row["collateral_id"], row["facility_id"]))

    def accounts(self) -> None:
        """Equity and accounts: of one or two periods, sales above, below or equal to what is recorded, or unknown."""
        sold = dict.fromkeys(self.ids, 0.0)
        bought = dict.fromkeys(self.ids, 0.0)
        for row in self.tables.get("supplies", []):
            sold[row["supplier_id"]] += row["amount"] * RATES[row["currency"]]
            bought[row["buyer_id"]] += row["amount"] * RATES[row["currency"]]
        rows = []
        for party in self.ids:
            if not self.needs_accounts and self.often(0.05):
                continue
            currency = self.currency()
            row: dict = {"party_id": party, "period_end_on": "2025-12-31", "currency": currency}
            row["equity"] = self.equity(currency)
            row["total_liabilities"] = self.money(0, 600, currency)
            if self.needs_accounts and self.often(0.1):
                row["total_liabilities"] = 0.0
            row["equity_volatility"] = round(self.r.uniform(0.1, 0.6), 3)
            factor = self.r.choice((None, 0.0, 0.5, 1.0, 1.5, 4.0))
            months = self.r.choice((None, None, 12, 6, 3))
            yearly = (months or 12) / 12 / RATES[currency]
            row["period_months"] = months
            if factor is not None:
                row["sales"] = (sold[party] * factor or self.money(10, 300)) * yearly
                row["material_cost"] = None if self.often(0.2) else row["sales"] * self.r.uniform(0.4, 1.05)
                if row["material_cost"] is not None and self.often(0.5):
                    row["material_cost"] = bought[party] * self.r.choice((0.5, 1.0, 2.0)) * yearly
                row["operating_costs"] = self.r.choice((None, row["sales"] * 0.1))
            rows.append(row)
            if self.often(0.15):
                later = {
                    "party_id": party,
                    "period_end_on": self.r.choice(("2026-03-31", "2026-12-31")),
                    "currency": "CNY",
                }
                later["equity"] = self.r.choice((None, self.equity("CNY")))
                later["sales"] = self.r.choice((None, self.money(10, 300)))
                rows.append(later | {"period_months": 3})
        self.tables["financials"] = rows

    def equity(self, currency: str) -> float | None:
        draw = self.r.random()
        if draw < 0.1 and not self.needs_accounts:
            return None
        if draw < 0.15:
            return self.r.choice((0.0, -self.money(1, 50, currency)))
        return self.money(5, 250, currency)

    def question(self) -> Case:
        """Draw the parameters and the shock."""
        case = Case(self.tables)
        case.settings["rule"] = self.rule
        case.settings |= self.parameters()
        draw = self.r.random()
        if draw < 0.25 and self.n <= 30 and self.rule != "debtrank2012":
            return case  # importance
        for party in self.r.sample(self.ids, self.r.randint(1, min(3, self.n))):
            case.fraction[party] = 1.0 if self.often(0.6) else round(self.r.uniform(0.05, 0.95), 2)
        if self.often(0.3):
            case.settings["all_rows"] = True
        if draw > 0.75 and self.rule != "debtrank2012":
            if self.often(0.5):
                case.amount[self.party()] = self.money(1, 100)
            if "collateral" in self.tables:
                where = self.r.choice(
                    ({"kind": "real_estate"}, {"region": "east"}, {"kind": "inventory", "region": "west"})
                )
                case.price.append((where, -round(self.r.uniform(0.1, 1.0), 2)))
                if self.often(0.3):
                    case.price.append(({"region": "west"}, -0.4))
            if self.often(0.3):
                case.fraction = {}
        if not case.fraction and not case.amount and not case.price:
            case.fraction[self.party()] = 1.0
        return case

    def parameters(self) -> dict:
        chosen: dict = {}

        def maybe(chance: float, name: str, *values: object) -> None:
            if self.often(chance):
                chosen[name] = self.r.choice(values)

        if self.rule == "nonlinear":
            maybe(0.8, "alpha", 0.5, 1.0, 2.5)
        if self.rule == "rv":
            maybe(0.8, "alpha", 0.5, 0.8, 0.9)
            maybe(0.8, "beta", 0.5, 0.8, 0.9)
        if self.rule == "merton":
            maybe(0.5, "sigma", 0.2, 0.4)
        if self.rule in ("en", "rv"):
            maybe(0.3, "seniority", "senior", "pari")
        if self.rule in ("threshold", "merton"):
            maybe(0.3, "recovery", 0.25, 0.5)
        if self.rule == "debtrank2012":
            return chosen
        maybe(0.1, "capacity", "unlimited")
        maybe(0.15, "missing_capacity", "caps")
        maybe(0.25, "supply_default", "none", "linear")
        maybe(0.15, "schedule", "staged")
        maybe(0.25, "impact_beta", 0.2, 1.0)
        maybe(0.15, "impact_depth", 1000.0 * self.unit)
        maybe(0.25, "recourse", 0.0, 0.5)
        maybe(0.3, "horizon_months", 3.0, 24.0)
        maybe(0.15, "start_from_status", True)
        if self.often(0.12):
            chosen["layers"] = sorted(
                self.r.sample(("exposures", "guarantees", "ownership", "supplies", "collateral"), 3)
            )
        return chosen


def random_case(seed: int) -> Case:
    """Return the book and the question of this seed."""
    return Maker(seed).make()
