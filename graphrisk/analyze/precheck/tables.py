"""The tables of precheck."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, whole, words
from graphrisk.credit.ladder import LEVELS
from graphrisk.model.columns import category, flag, identifier, money, party, text
from graphrisk.model.table import Table
from graphrisk.standing.guarantee_parts import TYPES
from graphrisk.standing.over_guarantee import CLASSES

MEASURES = (
    "circles", "chain_loans", "loss_added", "over_guarantee", "loss_debtor", "loss_guarantor", "beyond_net_assets",
    "groups", "limits", "expected_loss", "exposure", "guaranteed", "longest_chain", "largest_part",
    "parties_in_circles",
)  # fmt: skip

SUMMARY = Table(
    name="precheck_summary",
    meaning="each measure before and after signing: thresholds that are broken first, then those that hold, then the "
    "others, in the order of the list",
    role="score",
    key=("measure",),
    columns=(
        category("measure", "what is measured", *MEASURES),
        real("before", "without the proposed rows; null where not known"),
        real("after", "with them"),
        real("change", "after less before"),
        real("threshold", "what `after` may not exceed; null where the policy sets none"),
        flag("broken", "true where it does, or where it cannot be shown that it does not; null without a threshold"),
        party("party_id", "whose figure it is, where it is the largest of several parties"),
        words("detail", "in words"),
        words("detail_zh", "the same in Chinese"),
        category("unit", "what the numbers are: money in base currency, ratio, or count", "money", "ratio", "count"),
    ),
)
CIRCLES = Table(
    name="precheck_circles",
    meaning="circles of guarantees that close, the shorter first, then by the ids in order",
    role="score",
    key=("circle_id",),
    columns=(
        several("circle", "parties from guarantor to debtor, smallest id first, not repeated at the end", ordered=True),
        money("amount", "sum of the caps between all neighbours"),
        money("bottleneck_amount", "smallest sum of caps between two neighbours"),
        whole("length", "number of parties"),
        identifier("circle_id", "the id that chains_circles gives it"),
    ),
)
CHAIN = Table(
    name="precheck_chain",
    meaning="the loans that each new guarantee lets its guarantor reach, a row per guarantee, in the order of the file",
    role="score",
    key=("guarantee_id",),
    columns=(
        party("guarantor_id", "the guarantor"),
        party("debtor_id", "the debtor"),
        several("reach", "parties reached from the guarantor along guarantees, by id; itself only in a circle"),
        money("loans_sum", "outstanding of all their facilities, each once"),
        whole("loans_count", "number of these facilities with something outstanding"),
        money("threshold", "chain_loans of the policy"),
        flag("ok", "loans_sum is not above it; null without a threshold"),
        flag("closes_circle", "true where a way of guarantees leads from the debtor back to the guarantor"),
        money("loans_before", "loans_sum without the proposed rows"),
        identifier("guarantee_id", "the proposed contract"),
    ),
)
PARTIES = Table(
    name="precheck_parties",
    meaning="parties whose guarantees change: those that get into a worse class first, then by what they give after",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        money("guaranteed_out_before", "sum of the caps given, without the proposed rows"),
        money("guaranteed_out_after", "with them"),
        category("over_guarantee_before", "class as in chains_parties; null: not in the book before", *CLASSES),
        category("over_guarantee_after", "class as in chains_parties", *CLASSES),
        real("ratio_before", "caps given over net assets"),
        real("ratio_after", "caps given over net assets"),
        money("guaranteed_in_before", "sum of the caps received"),
        money("guaranteed_in_after", "sum of the caps received"),
        money("net_assets", "latest known equity, after"),
        flag("in_circle_before", "true where it lay on a circle"),
        flag("in_circle_after", "true where it lies on a circle"),
    ),
)
PARTS = Table(
    name="precheck_parts",
    meaning="connected parts of the guarantee layer that the proposal changes, the largest first",
    role="score",
    key=("part_id",),
    columns=(
        party("part_id", "smallest party id of the part, after"),
        several("joined", "part ids of the parts before that are in it; none: it is new"),
        whole("parties_before", "parties of the largest of them"),
        whole("parties_after", "parties, after"),
        whole("depth_before", "most guarantees in a row in any of them"),
        whole("depth_after", "most guarantees in a row, after"),
        money("loans_after", "outstanding of its parties"),
        category("type_after", "type as in chains_parts", *TYPES),
    ),
)
LOSSES = Table(
    name="precheck_losses",
    meaning="what the default of each debtor and guarantor costs, each alone, before and after; the largest rise first",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "who defaults"),
        category("role", "its role in the proposal", "debtor", "guarantor", "both"),
        money("bank_loss_before", "bank_loss_added of contagion without the proposed rows"),
        money("bank_loss_after", "bank_loss_added of contagion with them"),
        money("change", "after less before"),
        whole("defaults_before", "defaults_added"),
        whole("defaults_after", "defaults_added"),
        money("equity_lost_before", "equity_lost_added"),
        money("equity_lost_after", "equity_lost_added"),
    ),
)
GROUPS = Table(
    name="precheck_groups",
    meaning="groups of connected clients that the proposal makes, joins, changes or ends; the largest after first",
    role="score",
    key=("group_id", "change"),
    columns=(
        text("group_id", "the group as in groups_groups: after, or before where it ends"),
        category("change", "what happens to it", "new", "merged", "changed", "gone"),
        whole("clients_before", "clients of the largest group before that it comes from"),
        whole("clients_after", "clients, after"),
        money("exposure_before", "exposure of the groups before that it comes from"),
        money("exposure_after", "exposure, after"),
        several("joined", "groups before that share a client with it"),
        several("added", "clients that the largest of them had not"),
        several("left", "clients that it has no longer"),
    ),
)
LIMITS = Table(
    name="precheck_limits",
    meaning="use of limits by the parties that the proposal names and by their groups: breaches after first",
    role="score",
    key=("subject_id", "subject", "measure", "capital"),
    columns=(
        text("subject_id", "the client, or the group after"),
        category("subject", "whose use it is", "client", "group"),
        category("measure", "what is limited, as in limits_use", "exposure", "loan", "exposure_others"),
        category("capital", "which capital is the base", "tier1", "net_capital"),
        money("exposure_before", "exposure_after of limits_use, without the proposed rows"),
        money("exposure_after", "the same with them"),
        real("use_before", "over the capital", "fraction"),
        real("use_after", "over the capital; null where it is not known", "fraction"),
        real("limit", "the legal line", "fraction"),
        category("level_before", "as in limits_use", *LEVELS),
        category("level_after", "as in limits_use; null where the capital is not known", *LEVELS),
        money("headroom_after", "what may be added before the legal line is met"),
        words("legal_basis", "where the line is written"),
    ),
)
TABLES = (SUMMARY, CIRCLES, CHAIN, GROUPS, LIMITS, PARTIES, PARTS, LOSSES)
