"""What people say about groups of connected clients: links that they rebut, and groups as the bank declares them."""

from __future__ import annotations

from graphrisk.model.columns import FROM_ON, SOURCE, TO_ON, category, day, identifier, party, text
from graphrisk.model.table import Link, Table

REBUTTALS = Table(
    name="rebuttals",
    meaning="direct links between two parties that an analyst has shown not to connect them, in either direction",
    role="relation",
    relation="REBUTTED",
    source="a_id",
    target="b_id",
    columns=(
        party("a_id", "one party"),
        party("b_id", "the other"),
        category("kind", "which link is rebutted", "control", "economic", "both", required=True),
        text("reason", "why it does not connect them", required=True),
        text("author", "who decided", required=True),
        day("decided_on", "first day on which it holds", required=True),
        day("expires_on", "first day on which it no longer holds; null = open"),
        SOURCE,
    ),
)

DECLARED_GROUPS = Table(
    name="declared_groups",
    meaning="groups of connected clients as the bank's own books declare them, a row a member",
    role="fact",
    label="GroupMember",
    key=("group_id", "party_id"),
    links=(Link(relation="DECLARED_IN", source="party_id", target=None),),
    columns=(
        identifier("group_id", "id of the declared group"),
        party("party_id", "a member"),
        text("group_name", "its name as the source writes it"),
        FROM_ON,
        TO_ON,
        SOURCE,
    ),
)
