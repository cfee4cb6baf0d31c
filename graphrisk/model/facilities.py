"""Loans, who owes them jointly, and what secures them: facilities, co-borrowers, collateral, pledges."""

from __future__ import annotations

from graphrisk.model.columns import (
    FROM_ON,
    KNOWN_ON,
    SOURCE,
    TO_ON,
    amount,
    category,
    count,
    currency,
    day,
    facility,
    fraction,
    identifier,
    number,
    party,
    text,
)
from graphrisk.model.table import Link, Table

FACILITIES = Table(
    name="facilities",
    meaning="loans and lines, each with its first debtor",
    role="node",
    label="Facility",
    key=("facility_id",),
    links=(Link(relation="BORROWS", source="borrower_id", target=None),),
    columns=(
        identifier("facility_id", "id of the contract"),
        party("borrower_id", "the obligor"),
        party("lender_id", "the creditor; null = our bank, outside the system", required=False),
        text("product", "kind of loan"),
        currency(),
        amount("limit_amount", "committed limit"),
        amount("outstanding", "drawn and due today (the EAD of a drawn loan)", required=True),
        fraction("lgd", "loss given default, for expected loss only: contagion computes recovery itself"),
        number("rate", "yearly interest rate as a fraction", "fraction per year"),
        day("start_on", "day on which it was granted"),
        day("maturity_on", "day on which it must be repaid"),
        count("days_past_due", "days of the oldest unpaid amount", "days"),
        text("classification", "the bank's loan class (five-class or stage)"),
        day("renewed_on", "day on which it was last renewed or prolonged"),
        text("renewal_basis", "on what ground it was renewed, as the bank writes it"),
        day("restructured_on", "day on which its terms were last changed for a debtor in difficulty"),
        SOURCE,
    ),
)

CO_BORROWERS = Table(
    name="co_borrowers",
    meaning="who owes a facility beside its borrower",
    role="relation",
    relation="CO_BORROWS",
    source="party_id",
    target="facility_id",
    key=("facility_id", "party_id"),
    columns=(
        facility("the facility owed", required=True),
        party("party_id", "who owes it beside the borrower"),
        category(
            "mode",
            "several: its share only; joint_several: the whole, if the others do not pay",
            "several",
            "joint_several",
            required=True,
        ),
        fraction(
            "share", "part of the debt; required for several; joint_several: part asked first, null = equal parts"
        ),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

COLLATERAL = Table(
    name="collateral",
    meaning="assets that secure facilities",
    role="node",
    label="Collateral",
    key=("collateral_id",),
    links=(Link(relation="HAS_COLLATERAL", source="owner_id", target=None),),
    columns=(
        identifier("collateral_id", "id of the asset"),
        text("name", "what it is, in words"),
        category(
            "kind",
            "class of asset",
            "real_estate",
            "inventory",
            "receivables",
            "equipment",
            "shares",
            "cash",
            "other",
            required=True,
        ),
        party("owner_id", "whose asset it is", required=False),
        amount("value", "appraised value", required=True),
        currency(),
        day("valued_on", "day of the appraisal"),
        fraction("haircut", "part of the value not counted on; null = 0"),
        text("asset_class", "finer class that shares one price"),
        text("region", "where the asset lies"),
        SOURCE,
    ),
)

PLEDGES = Table(
    name="pledges",
    meaning="which asset secures which facility, in which rank",
    role="relation",
    relation="SECURED_BY",
    source="facility_id",
    target="collateral_id",
    columns=(
        facility("the facility secured", required=True),
        identifier("collateral_id", "the asset pledged", references="collateral"),
        count("rank", "order of the claims on the asset, 1 first; null = 1", low=1.0),
        amount("allocated_amount", "most that this facility may take from the asset; null = its due"),
        currency(required=False),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)
