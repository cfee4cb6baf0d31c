"""The score tables of limits."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, words
from graphrisk.credit.ladder import LADDER, LEVELS
from graphrisk.model.columns import category, flag, money, party, text
from graphrisk.model.table import Table

CAPITALS = ("tier1", "net_capital")
USE = Table(
    name="limits_use",
    meaning="use of each line by each client that owes us or guarantees to us, and by each group; breaches first, by "
    "the ladder, then by use",
    role="score",
    key=("subject_id", "subject", "measure", "capital"),
    columns=(
        text("subject_id", "the client, or the group as in groups_groups"),
        category("subject", "whose use it is", "client", "group"),
        money("exposure", "drawn and undrawn of our facilities and our claims; for loans what is drawn and lent"),
        money("recognised_mitigation", "cash collateral after haircut, up to the facility"),
        money("exposure_after", "exposure less mitigation; with guarantees given where the regime substitutes"),
        money("indirect", "guarantees given to us for debtors outside the subject, each up to what it has drawn"),
        money("capital_base", "our capital against which it is measured; null = not known"),
        category(
            "measure",
            "what is limited; exposure_others: of the members of a group that are no institutions",
            "exposure",
            "loan",
            "exposure_others",
        ),
        real("use", "exposure_after over capital_base; null where the capital is not known", "fraction"),
        real("limit", "the legal line; null where it is an amount and the capital is not known", "fraction"),
        real("internal_limit", "our own line", "fraction"),
        category("ladder", "the step of the warning ladder; null where the capital is not known", *LADDER),
        category("level", "ok, watch (blue), near (yellow), breach_internal (orange, red), breach_legal", *LEVELS),
        words("legal_basis", "where the line is written"),
        category("capital", "which capital is the base", *CAPITALS),
        money("headroom", "what may be added before the legal line is met; negative: by how much it is broken"),
        flag("large", "true where the exposure before mitigation is large under the regime"),
        flag("check_dependency", "true where it is so large that economic dependency must be looked into"),
    ),
)
RELATED = Table(
    name="limits_related_parties",
    meaning="credit to the bank's own related parties against the lines on one, on its group, and on all of them; all "
    "first, then by use",
    role="score",
    key=("subject_id", "subject"),
    columns=(
        text("subject_id", "the party or the group; `all` for all of them"),
        category("subject", "whose use it is", "party", "group", "all"),
        words("why", "why it is related to the bank"),
        money("exposure", "as in limits_use; for all each contract once"),
        money("recognised_mitigation", "cash collateral after haircut, up to the facility"),
        money("exposure_after", "exposure less mitigation"),
        money("capital_base", "our capital against which it is measured; null = not known"),
        real("use", "exposure_after over capital_base; null where the capital is not known", "fraction"),
        real("limit", "the legal line; null where the regime has none", "fraction"),
        category(
            "level", "ok, watch, near, breach_internal, breach_legal; null where use or limit is not known", *LEVELS
        ),
        words("legal_basis", "where the line is written"),
        several("parties", "the related parties in it"),
    ),
)
MEMBERS = Table(
    name="limits_members",
    meaning="the clients whose debts make up the use of each group; the largest first",
    role="score",
    key=("group_id", "party_id"),
    columns=(
        text("group_id", "the group, as in limits_use and groups_groups"),
        party("party_id", "the client"),
        money("exposure", "drawn and undrawn of our facilities to it and our claims on it"),
    ),
)
TABLES = (USE, RELATED, MEMBERS)
