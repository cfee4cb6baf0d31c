"""The score tables of explain."""

from __future__ import annotations

from graphrisk.cascade.contract_lines import LAYERS
from graphrisk.model.columns import money, party
from graphrisk.model.table import Column, Table

KINDS = ("party", "feedback", "prices", "shock", "initial", "scenario_price", "unexplained")
CONTRACTS_OF = ("guarantee", "exposure", "lending", "ownership", "pledge", "supplies")


def _layer(meaning: str) -> Column:
    return Column(name="layer", kind="category", meaning=meaning, choices=LAYERS)


_CONTRACT = Column(name="contract_id", kind="id", meaning="guarantee, facility, asset or row_key of the relation")
_FACILITY = Column(name="facility_id", kind="id", meaning="the facility called or not repaid", references="facilities")
_SENTENCE = Column(name="sentence", kind="text", meaning="the row in plain words")

LINES = Table(
    name="explain_lines",
    meaning="what the shock adds to the party's loss, contract by contract; by rank",
    role="score",
    key=("rank",),
    columns=(
        Column(name="rank", kind="integer", meaning="by amount, falling"),
        _layer("by what kind of contract"),
        Column(name="other_id", kind="id", meaning="the party it came from, or the asset; null for a shock"),
        _CONTRACT,
        _FACILITY,
        money("amount", "lost by it, beyond the unshocked run"),
        Column(name="share", kind="fraction", meaning="of the party's loss", unit="fraction"),
        money("unmet", "asked under it and not paid, beyond the unshocked run"),
        _SENTENCE,
    ),
)
FLOWS = Table(
    name="explain_flows",
    meaning="through whom the party's loss flowed, from the shocks down to it; by target, source, layer, contract",
    role="score",
    key=("source_id", "target_id", "layer", "contract_id", "facility_id"),
    columns=(
        Column(name="source_id", kind="id", meaning="a party, or KIND:ID of an origin"),
        Column(name="source_kind", kind="category", meaning="what the source is", choices=KINDS),
        Column(name="target_id", kind="id", meaning="who loses; the party itself at the end"),
        Column(name="target_kind", kind="category", meaning="what the target is", choices=KINDS),
        _layer("by what kind of contract; null from an origin or into a price"),
        _CONTRACT,
        _FACILITY,
        money("amount", "part of the party's loss that took this way"),
    ),
)
ORIGINS = Table(
    name="explain_origins",
    meaning="how much of the party's loss goes back to each shock; by amount, falling, then origin_id",
    role="score",
    key=("origin_id", "kind"),
    columns=(
        Column(name="origin_id", kind="id", meaning="the party shocked or broken at the start, or the asset"),
        Column(name="kind", kind="category", meaning="what began there", choices=KINDS[3:]),
        money("amount", "of the party's loss"),
        Column(name="share", kind="fraction", meaning="of the party's loss", unit="fraction"),
    ),
)
PATH = Table(
    name="explain_path",
    meaning="the main way of the losses from a shock to the party; by step",
    role="score",
    key=("step",),
    columns=(
        Column(name="step", kind="integer", meaning="0 at the origin"),
        Column(name="round", kind="integer", meaning="sweep in which the party of the step failed, null if it did not"),
        party("party_id", "who is hit in the step; null for a price", required=False),
        Column(name="from_id", kind="id", meaning="by whom"),
        _layer("by what kind of contract"),
        _CONTRACT,
        _FACILITY,
        money("amount", "lost by it in the step"),
        _SENTENCE,
    ),
)
CONTRACTS = Table(
    name="explain_contracts",
    meaning="what contracts on a way into the party (without a party: of the book) do to what the shock adds, each "
    "checked by a run without it; by rank",
    role="score",
    key=("rank",),
    columns=(
        Column(
            name="rank",
            kind="integer",
            meaning="by the size of effect_on_party, then of effect_on_loss, then of effect_on_bank_loss",
        ),
        Column(name="kind", kind="category", meaning="what kind of contract", choices=CONTRACTS_OF),
        _CONTRACT,
        party("from_id", "guarantor, creditor, owner or supplier; of a pledge the owner of the asset", required=False),
        party("to_id", "debtor, firm owned or buyer"),
        money("flow", "that ran over it under the shock"),
        money("party_loss_without", "what the shock adds to the party's loss without it; null without a party"),
        money("effect_on_party", "what the shock adds to the party's loss with it, less the same without it"),
        money("loss_without", "what the shock adds to equity lost and bank loss in the run without it"),
        money("effect_on_loss", "the same with it less without it: above 0 it adds to the loss"),
        money("adjoint_effect", "effect_on_loss as expected by the adjoint of the run, by which it was chosen"),
        money("bank_loss_without", "what the shock adds to the bank loss in the run without it"),
        money("effect_on_bank_loss", "bank loss with it less bank loss without it: below 0 it protects the bank"),
        Column(
            name="defaults_without",
            kind="integer",
            meaning="parties that the shock brings down without it",
        ),
        _SENTENCE,
    ),
)
TABLES = (LINES, FLOWS, ORIGINS, PATH, CONTRACTS)
