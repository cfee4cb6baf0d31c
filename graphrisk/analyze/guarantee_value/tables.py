"""The score tables of guarantee_value."""

from __future__ import annotations

from graphrisk.analyze.tables import real, share, whole
from graphrisk.model.columns import category, identifier, money, party
from graphrisk.model.table import Table
from graphrisk.standing.relatedness import RELATIONS

WHY = (
    "no_pd_of_debtor",
    "no_pd_of_guarantor",
    "for_oneself",
    "no_loan_of_ours",
    "no_capacity",
    "capacity_not_known",
    "debtor_cannot_default",
)

CONTRACTS = Table(
    name="guarantee_value_contracts",
    meaning="each guarantee: most expected loss saved first, then by id",
    role="score",
    key=("guarantee_id",),
    columns=(
        identifier("guarantee_id", "the contract"),
        party("guarantor_id", "who stands behind"),
        party("debtor_id", "whose debt it is"),
        category("relation", "how near the two stand: under one controller, in one guarantee circle, or apart",
                 *RELATIONS),
        real("rho", "asset correlation taken for that relation"),
        share("pd_debtor", "PD of the debtor; null where it has none"),
        share("pd_guarantor", "PD of the guarantor; null where it has none"),
        share("joint_pd", "probability that both default within a year"),
        share("effectiveness", "1 - joint_pd / pd_debtor: part of the debtor's defaults in which the guarantor stands"),
        money("amount", "cap of the contract"),
        money("exposure", "loans that it stands behind, of all lenders, at its share; null where none is known"),
        money("capacity", "what the guarantor can pay for all its guarantees; null where not known, counted as 0"),
        share("capacity_share", "this cap over all caps that the guarantor gave"),
        money("effective_cover", "least of cap, exposure and its share of the capacity"),
        money("counted_cover", "part of that which covers our own loans, with all covers of a loan at most the loan"),
        money("el_saved", "expected loss of our loans that the contract saves; null where a PD is missing"),
        real("double_default_factor", "0.15 + 160 PD of the guarantor (Basel), of unrelated ones, to compare with"),
        category("why", "why it is worth nothing, or not known", *WHY),
    ),
)  # fmt: skip
FACILITIES = Table(
    name="guarantee_value_facilities",
    meaning="each of our guaranteed loans; most expected loss saved first, then by id",
    role="score",
    key=("facility_id",),
    columns=(
        identifier("facility_id", "the loan", references="facilities"),
        party("borrower_id", "its borrower"),
        money("ead", "exposure at default: what is outstanding"),
        whole("contracts", "guarantees behind it"),
        money("stated_cover", "their caps, each at most the loan"),
        money("effective_cover", "what they cover after capacity, all together at most the loan"),
        money("uncovered", "of a debtor in default: the loan less that; 0 before a default"),
        money("el_without", "expected loss if nobody stood behind it; null without PD"),
        money("el_saved", "of that, saved by guarantees whose worth is known"),
    ),
)
CLIENTS = Table(
    name="guarantee_value_clients",
    meaning="each borrower with guaranteed loans; most expected loss saved first, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the borrower"),
        money("ead", "what it owes us under all loans"),
        money("stated_cover", "caps behind its loans, each at most the loan"),
        money("effective_cover", "what they cover after capacity"),
        share("cover_ratio", "effective_cover over ead"),
        money("el_without", "expected loss of its guaranteed loans if nobody stood behind them; null without PD"),
        money("el_saved", "of that, saved by guarantees whose worth is known"),
    ),
)
GUARANTORS = Table(
    name="guarantee_value_guarantors",
    meaning="each guarantor; most promised beyond its capacity first, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the guarantor"),
        whole("contracts", "guarantees given"),
        money("promised", "sum of their caps"),
        money("capacity", "what it can pay for all of them; null where that is not known"),
        money("beyond", "promised less capacity, 0 where it is able; null where capacity is not known"),
        share("capacity_ratio", "part of what it promised that it can pay; null where it promised nothing"),
        money("el_saved", "expected loss that its guarantees save us"),
    ),
)
TABLES = (CONTRACTS, FACILITIES, CLIENTS, GUARANTORS)
