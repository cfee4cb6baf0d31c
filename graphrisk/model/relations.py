"""Relations between parties, read subject - verb - object, and the one statement of which way loss flows."""

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
    flag,
    fraction,
    identifier,
    number,
    party,
    text,
)
from graphrisk.model.table import Table

LOSS_FLOW = {
    "guarantees": ("target", "source"),
    "exposures": ("target", "source"),
    "ownership": ("target", "source"),
    "supplies": ("both", "both"),
}
"""Who fails, who then loses, as ends of the relation: a guarantor pays for its debtor, a creditor and an owner lose
with the debtor and the firm owned; a supplier and a buyer lose with one another (inputs one way, sales the other)."""

OWNERSHIP = Table(
    name="ownership",
    meaning="who owns a share of whom; unknown shares are the interval [0, remainder], never 100 %",
    role="relation",
    relation="OWNS",
    source="owner_id",
    target="owned_id",
    columns=(
        party("owner_id", "the owner"),
        party("owned_id", "the party owned"),
        fraction("share_min", "lower bound of the share of capital; an exact share has both bounds equal"),
        fraction("share_max", "upper bound of the share of capital"),
        fraction("votes_min", "lower bound of the share of votes"),
        fraction("votes_max", "upper bound of the share of votes"),
        party("via", "the nominee through whom it is held", required=False),
        flag("disclosed", "false: declared, but its holder is exempt or unknown and a placeholder; null = true"),
        flag("min_exclusive", "true: more than the lower bound, never the bound itself; null = false"),
        flag("max_exclusive", "true: less than the upper bound, never the bound itself; null = false"),
        text("reason", "the source's code for what is not disclosed"),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

CONTROL = Table(
    name="control",
    meaning="control that does not follow from shares alone",
    role="relation",
    relation="CONTROLS",
    source="controller_id",
    target="controlled_id",
    columns=(
        party("controller_id", "who controls"),
        party("controlled_id", "who is controlled"),
        category(
            "basis", "by what the control is shown", "accounts", "votes", "board", "agreement", "other", required=True
        ),
        category("level", "ultimate: over all ways, never a layer of its own; null = direct", "direct", "ultimate"),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

GUARANTEES = Table(
    name="guarantees",
    meaning="who stands behind whose debt, up to which cap",
    role="relation",
    relation="GUARANTEES",
    source="guarantor_id",
    target="debtor_id",
    key=("guarantee_id",),
    columns=(
        identifier("guarantee_id", "id of the contract"),
        party("guarantor_id", "who pays when called"),
        party("debtor_id", "whose debt it is"),
        facility("the facility guaranteed; null = all facilities of the debtor, with one cap"),
        amount("amount", "cap of the guarantee", required=True),
        currency(),
        fraction("share", "part of the debt asked of this guarantor; null = by caps"),
        category(
            "mode",
            "several: its share only; joint_several: anything up to its cap",
            "several",
            "joint_several",
            required=True,
        ),
        category("liability", "order of claim (null = general)", "general", "joint"),
        count("rank", "order of the calls, 1 first; null = 1", low=1.0),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

SUPPLIES = Table(
    name="supplies",
    meaning="who delivers to whom",
    role="relation",
    relation="SUPPLIES",
    source="supplier_id",
    target="buyer_id",
    columns=(
        party("supplier_id", "the supplier"),
        party("buyer_id", "the buyer"),
        amount("amount", "deliveries in a year", required=True),
        currency(),
        text("product", "what is delivered"),
        flag("essential", "true where the buyer cannot produce without it"),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

EXPOSURES = Table(
    name="exposures",
    meaning="claims between parties: loans, trade credit, bonds",
    role="relation",
    relation="LENDS_TO",
    source="creditor_id",
    target="debtor_id",
    columns=(
        party("creditor_id", "who is owed"),
        party("debtor_id", "who owes"),
        amount("amount", "amount owed", required=True),
        currency(),
        fraction("lgd", "part of the claim lost in default; null = 1 in contagion"),
        category("kind", "form of the claim", "loan", "trade_credit", "bond", "other"),
        KNOWN_ON,
        SOURCE,
    ),
)

DEPENDENCIES = Table(
    name="dependencies",
    meaning="economic dependence of one client on another, as an analyst or a test found it",
    role="relation",
    relation="DEPENDS_ON",
    source="dependent_id",
    target="on_id",
    columns=(
        party("dependent_id", "who depends"),
        party("on_id", "on whom"),
        category(
            "criterion",
            "in what the dependence lies",
            "receipts",
            "expenditure",
            "guarantee",
            "output",
            "repayment_source",
            "funding",
            "insolvency",
            required=True,
        ),
        number("ratio", "measured share, e.g. of yearly receipts", "fraction", low=0.0),
        flag("replaceable", "true where a substitute can be found in time"),
        flag(
            "upstream",
            "true where an analyst flagged that a parent falls with its subsidiary: a label, the row counts as it is",
        ),
        KNOWN_ON,
        SOURCE,
    ),
)

TIES = Table(
    name="ties",
    meaning="personal and administrative links; same_as merges nothing by itself",
    role="relation",
    relation="TIED_TO",
    source="a_id",
    target="b_id",
    columns=(
        party("a_id", "one party"),
        party("b_id", "the other"),
        category(
            "kind",
            "what ties them (same_person: a person of the same name stands in both)",
            "family",
            "director",
            "officer",
            "address",
            "phone",
            "same_as",
            "associate",
            "auditor",
            "accountant",
            "same_person",
            "device",
            required=True,
        ),
        FROM_ON,
        TO_ON,
        KNOWN_ON,
        SOURCE,
    ),
)

FUND_FLOWS = Table(
    name="fund_flows",
    meaning="payments between parties",
    role="relation",
    relation="PAID",
    source="payer_id",
    target="payee_id",
    columns=(
        party("payer_id", "who paid"),
        party("payee_id", "who was paid"),
        amount("amount", "amount paid", required=True),
        currency(),
        day("paid_on", "day of the payment", required=True),
        facility("the loan whose money it was"),
        KNOWN_ON,
        SOURCE,
    ),
)
