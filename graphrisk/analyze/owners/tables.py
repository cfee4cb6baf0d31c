"""The score tables of owners."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, words
from graphrisk.model.columns import category, flag, party
from graphrisk.model.table import Table

BASES = ("ownership", "control", "ownership_and_control", "senior_manager", "undisclosed")
OWNERS = Table(
    name="owners_owners",
    meaning="beneficial owners under the regime in the certificate; by party, certain ones first, then by share",
    role="score",
    key=("party_id", "owner_id"),
    columns=(
        party("party_id", "the party"),
        party("owner_id", "its owner: a person, or a placeholder where the owner is declared and not named"),
        real("capital_min", "least share of capital, as the regime counts chains; null = none is recorded", "fraction"),
        real("capital_max", "most share of capital", "fraction"),
        real("votes_min", "least share of votes", "fraction"),
        real("votes_max", "most share of votes", "fraction"),
        flag("certain", "true where the least share, or certain control, meets the rule; false where only some "
             "completion does, or what nominees hold, and for senior managers"),
        category("basis", "on what ground; senior_manager: the rule's fall-back, no owner; undisclosed: declared, not "
                 "named", *BASES),
        words("legal_basis", "where the ground is written"),
        several("path", "the strongest chain from the owner down to the party", ordered=True),
        several("evidence", "file and row of each step of the path, if one party was asked for; several rows of a step "
                "stand between semicolons", ordered=True),
        words("reason", "the source's code for what is not disclosed"),
    ),
)  # fmt: skip
CHANGES = Table(
    name="owners_changes",
    meaning="who becomes an owner, or ceases to be one, when the second regime takes the place of the first (certain "
    "owners); by party, then owner",
    role="score",
    key=("party_id", "owner_id"),
    columns=(
        party("party_id", "the party"),
        party("owner_id", "the owner"),
        category("change", "what happens", "becomes", "ceases"),
        category("basis", "the ground under the regime in which it is one", *BASES),
        real("capital_min", "least share of capital under that regime", "fraction"),
        words("legal_basis", "where that ground is written"),
    ),
)
LISTED = Table(
    name="owners_listed",
    meaning="firms of which the listed parties hold something, with all they reach; reached first in the order of "
    "derivation, then possible, then red flags, then the rest",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the firm"),
        real("aggregate_min", "least capital that listed parties and firms reached hold of it together", "fraction"),
        real("aggregate_max", "most capital that they may hold", "fraction"),
        flag("reached", "true where the rule reaches it; null where only some completion of what is unknown does"),
        words("requirement", "the most restrictive requirement of the owners, as the list gives it"),
        flag("red_flag", "true where it is not reached and listed parties hold a significant part, or may reach it"),
        several("path", "a chain from a listed party to the firm", ordered=True),
        several("evidence", "file and row of each step of the path", ordered=True),
    ),
)
