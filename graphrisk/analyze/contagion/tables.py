"""The score tables of contagion: what they hold."""

from __future__ import annotations

from typing import NamedTuple

from graphrisk.analyze.contagion.stress_tables import TABLES as STRESS_TABLES
from graphrisk.kernels.contagion.ledger import (
    Flags,
    Floats,
    Ints,
)
from graphrisk.model.columns import money, party
from graphrisk.model.table import Column, Table


class Scores(NamedTuple):
    """Importance per party: what it causes, and between which numbers that lies."""

    loss: Floats
    bank_loss: Floats
    defaults: Ints
    lower: Floats
    upper: Floats
    exact: Flags


PARTIES = Table(
    name="contagion_parties",
    meaning="what the shock does to each party that it moves, beside the same book without it; those that fail only "
    "with the shock first, then by loss_added, falling, then party_id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        Column(name="shocked", kind="bool", meaning="the shock itself hits it"),
        money("equity", "before anything; null where unknown"),
        money("equity_base", "after the run without the shock"),
        money("equity_after", "equity less the losses beside; may be negative"),
        money("loss_added", "equity_base less equity_after: what the shock adds, below 0 where it spares the party"),
        Column(name="loss_fraction", kind="fraction", meaning="part of its equity lost", unit="fraction"),
        Column(name="defaulted", kind="bool", meaning="in default at the end"),
        Column(name="default_added", kind="bool", meaning="in default only with the shock"),
        Column(
            name="default_round",
            kind="integer",
            meaning="sweep in which it failed, counted from the shock; of one that fails without it too, from the "
            "start of the unshocked run; 0 at the start, null never",
        ),
        Column(name="cause", kind="text", meaning="the loss line that the shock added most to when it failed"),
        Column(name="production_lost", kind="fraction", meaning="part of its production lost", unit="fraction"),
        money("loss_shock", "taken at the start"),
        money("loss_exposures", "lost on claims and on facilities it lent"),
        money("loss_ownership", "lost on shares"),
        money("loss_supplies", "profit lost because others stopped"),
        money("loss_own_stop", "profit lost because it stopped itself: in default, or by a shock to its production"),
        money("loss_collateral", "lost by falling prices and by what its assets pay for others"),
        money("guarantee_paid", "paid under guarantees"),
        money("guarantee_unmet", "asked under guarantees and not paid"),
    ),
)
BASE = Table(
    name="contagion_base",
    meaning="parties that fail without the shock too; by default_round, then party_id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        Column(name="default_round", kind="integer", meaning="sweep of the unshocked run in which it failed"),
        Column(name="cause", kind="text", meaning="largest single loss line when it failed, or initial"),
        money("equity", "before anything; null where unknown"),
        money("equity_base", "after the run without the shock"),
        money("bank_loss_base", "what our bank loses on its facilities without the shock"),
    ),
)
FACILITIES = Table(
    name="contagion_facilities",
    meaning="facilities with a shortfall, with the shock or without it; by bank_loss_added, falling, then facility_id",
    role="score",
    key=("facility_id",),
    columns=(
        Column(name="facility_id", kind="id", meaning="the facility", references="facilities"),
        party("borrower_id", "the obligor"),
        party("lender_id", "the creditor; null = our bank", required=False),
        money("outstanding", "due"),
        money("collateral_recovery", "what collateral pays"),
        money("shortfall", "what is asked of guarantors, and else lost"),
        money("guarantor_paid", "what guarantors pay"),
        money("bank_loss", "what stays unpaid: the bank's loss, or the lender's"),
        money("bank_loss_base", "the same without the shock"),
        money("bank_loss_added", "bank_loss less bank_loss_base; below 0 where the shock spares it"),
    ),
)
CALLS = Table(
    name="contagion_calls",
    meaning="guarantees called, with the shock or without it; by paid_added, falling, then guarantee_id, facility_id",
    role="score",
    key=("guarantee_id", "facility_id"),
    columns=(
        Column(name="guarantee_id", kind="id", meaning="the contract", references="guarantees"),
        party("guarantor_id", "who is asked"),
        Column(name="facility_id", kind="id", meaning="for which facility", references="facilities"),
        money("called", "asked, over all rounds"),
        money("paid", "paid"),
        money("unmet", "asked and not paid"),
        money("paid_base", "paid without the shock"),
        money("paid_added", "paid less paid_base"),
        money("unmet_base", "asked and not paid without the shock"),
        money("unmet_added", "unmet less unmet_base"),
    ),
)
IMPORTANCE = Table(
    name="contagion_importance",
    meaning="what each party causes if it alone fails (when no shock is given); by rank",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the seed"),
        money("loss_caused", "equity lost by others and our bank's loss, beyond the unshocked run"),
        money("bank_loss_caused", "our bank's loss in it"),
        money("lower", "loss_caused is not below"),
        money("upper", "loss_caused is not above"),
        Column(name="exact", kind="bool", meaning="true where the cascade was run to its end"),
        Column(name="defaults_caused", kind="integer", meaning="others that fail beyond the unshocked run"),
        Column(name="rank", kind="integer", meaning="by loss_caused, falling, then party_id"),
    ),
)
TABLES = (PARTIES, FACILITIES, CALLS, IMPORTANCE, BASE, *STRESS_TABLES)
