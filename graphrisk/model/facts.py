"""Dated facts about a party: accounts, behaviour, events, ratings, the relationship, and exchange rates."""

from __future__ import annotations

from graphrisk.model.columns import (
    KNOWN_ON,
    SOURCE,
    amount,
    balance,
    count,
    currency,
    day,
    facility,
    flag,
    fraction,
    identifier,
    number,
    party,
    text,
)
from graphrisk.model.table import Column, Link, Table

FINANCIALS = Table(
    name="financials",
    meaning="annual or interim accounts",
    role="fact",
    label="Financials",
    key=("party_id", "period_end_on"),
    links=(Link(relation="REPORTED", source="party_id", target=None),),
    columns=(
        party("party_id", "whose accounts"),
        day("period_end_on", "last day of the period", required=True),
        count("period_months", "months that sales, costs and flows cover; null = 12", "months", low=1.0),
        currency(),
        balance("total_assets", "total assets"),
        balance("current_assets", "current assets"),
        balance("cash", "cash and equivalents"),
        balance("inventory", "inventory"),
        balance("receivables", "trade receivables"),
        balance("total_liabilities", "total liabilities"),
        balance("current_liabilities", "current liabilities"),
        balance("long_term_debt", "long-term debt"),
        balance("equity", "net assets"),
        balance("retained_earnings", "retained earnings"),
        balance("sales", "sales of the period"),
        balance("cost_of_sales", "cost of what was sold"),
        balance("material_cost", "cost of materials"),
        balance("operating_costs", "running costs besides materials"),
        balance("ebit", "earnings before interest and tax"),
        balance("ebitda", "earnings before interest, tax, depreciation and amortisation"),
        balance("interest_expense", "interest expense"),
        balance("net_income", "net income"),
        balance("operating_cash_flow", "cash flow from operations"),
        balance("investing_cash_flow", "cash flow from investing; negative where more was spent than received"),
        balance("financing_cash_flow", "cash flow from financing; negative where more was repaid than raised"),
        balance("market_value_equity", "market value of the equity"),
        number("equity_volatility", "yearly volatility of the equity's market value", "fraction per year", low=0.0),
        number("employees", "people employed, in working years of full time", "people", low=0.0),
        flag("audited", "true where an auditor signed"),
        KNOWN_ON,
    ),
)

BEHAVIOUR = Table(
    name="behaviour",
    meaning="monthly account behaviour",
    role="fact",
    label="Behaviour",
    key=("party_id", "month_on"),
    links=(Link(relation="BEHAVED", source="party_id", target=None),),
    columns=(
        party("party_id", "whose account"),
        day("month_on", "first day of the month", required=True),
        number("inflow", "money received", "base currency", low=0.0),
        number("outflow", "money paid", "base currency", low=0.0),
        number("limit_utilisation", "drawn over limit", "fraction", low=0.0),
        count("days_past_due", "days past due at the end of the month", "days"),
        count("overdraft_days", "days in overdraft", "days"),
        KNOWN_ON,
    ),
)

EVENTS = Table(
    name="events",
    meaning="dated events about a party",
    role="fact",
    label="Event",
    key=("event_id",),
    links=(Link(relation="HAD_EVENT", source="party_id", target=None),),
    columns=(
        identifier("event_id", "id of the event"),
        party("party_id", "whom it concerns"),
        text("kind", "default, arrears, lawsuit, enforcement, rating_change, news, restructuring, ...", required=True),
        day("occurred_on", "day on which it happened", required=True),
        KNOWN_ON,
        amount("amount", "amount involved"),
        currency(required=False),
        facility("the facility concerned"),
        text("detail", "in words"),
        SOURCE,
    ),
)

RATINGS = Table(
    name="ratings",
    meaning="ratings and default probabilities",
    role="fact",
    label="Rating",
    key=("party_id", "as_of_on", "model"),
    links=(Link(relation="RATED", source="party_id", target=None),),
    columns=(
        party("party_id", "who is rated"),
        day("as_of_on", "day of the rating", required=True),
        text("model", "the model that gave it", required=True),
        fraction("pd", "probability of default within a year"),
        text("grade", "grade on the model's scale"),
        KNOWN_ON,
        SOURCE,
    ),
)

RELATIONSHIP = Table(
    name="relationship",
    meaning="facts of a client's relationship with the bank",
    role="fact",
    label="Profile",
    key=("party_id", "as_of_on"),
    links=(Link(relation="HAS_PROFILE", source="party_id", target=None),),
    columns=(
        party("party_id", "the client"),
        day("as_of_on", "day of the observation", required=True),
        count("products", "products held", "products"),
        number("tenure_months", "length of the relationship", "months", low=0.0),
        number("contact_score", "intensity of contact", "score"),
        fraction("share_of_wallet", "our part of its bank debt"),
        number("owner_credit_score", "credit score of the owner", "score"),
        KNOWN_ON,
    ),
)

FX = Table(
    name="fx",
    meaning="exchange rates into the base currency",
    role="fact",
    label="ExchangeRate",
    key=("currency", "as_of_on"),
    columns=(
        Column(name="currency", kind="category", meaning="ISO 4217 code", required=True),
        day("as_of_on", "day of the rate", required=True),
        number("rate", "units of base currency for one unit", "base currency", low=0.0, required=True),
    ),
)
