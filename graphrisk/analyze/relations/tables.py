"""The tables of relations: pairs, what was too common to be a link, signals that come together, likely duplicates."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, whole, words
from graphrisk.model.columns import category, flag, money, party, text
from graphrisk.model.table import Table

LEGAL = ("control", "co_controlled", "ownership", "co_owned", "family", "same_as")
CONTRACT = ("guarantee", "co_guarantor")
HINTS = (*("officer", "associate", "phone", "device", "same_person", "value", "address", "accountant", "auditor"),)
CHAIN = "chain"
KINDS = (*LEGAL, *CONTRACT, *HINTS, CHAIN)

PAIRS = Table(
    name="relations_pairs",
    meaning="who is related to whom by what; hidden links of clients first, then the strongest, then by what is owed",
    role="score",
    key=("a_id", "b_id", "kind"),
    columns=(
        party("a_id", "one party, the smaller id"),
        party("b_id", "the other"),
        category("kind", "by what they are related; chain: only through others", *KINDS, required=True),
        share(
            "strength",
            "how closely, our ranking (docs/methods/relations.md), no probability; null where a share is unknown",
        ),
        words("evidence", "the rows that show it"),
        words("evidence_zh", "the same in Chinese"),
        party(
            "via_id",
            "the party through which they are related, the first on the way; null where directly",
            required=False,
        ),
        several("path", "ids on the way from the one to the other", ordered=True),
        flag(
            "hint", "true where it rests on something shared that binds nobody: for review, never a reason for a group"
        ),
        flag("hidden", "true where both are clients and nothing but hints relates them"),
        whole("clients", "how many of the two are clients"),
        money("outstanding", "what both owe our bank"),
    ),
)
COMMON = Table(
    name="relations_common",
    meaning="what too many parties share to be a link between them, the most common first",
    role="score",
    key=("source", "value"),
    columns=(
        text("source", "the column, or the kind of tie"),
        text("value", "the value, or the id of the party in the middle"),
        whole("parties", "parties that share it"),
        several("examples", "up to five of them"),
    ),
)
SIGNALS = Table(
    name="relations_signals",
    meaning="risk signals that come together at one client or at two that are related; the largest lift first",
    role="score",
    key=("signal_a", "signal_b", "scope"),
    columns=(
        text("signal_a", "the signal that more often came first"),
        text("signal_b", "the other"),
        category(
            "scope", "client: both at one client; related: one at each of two related clients", "client", "related"
        ),
        real("lift", "how much more often together than if they had nothing to do with one another"),
        share("support", "part of the clients (of the related pairs) that show both"),
        share("before", "part of these in which signal_a came before signal_b; null where no day is known"),
        whole("together", "number of clients (of related pairs) that show both"),
        real("days", "median days from signal_a to signal_b; null where no day is known", "days"),
        whole("parties_a", "clients that show signal_a"),
        whole("parties_b", "clients that show signal_b"),
    ),
)
DUPLICATES = Table(
    name="relations_duplicates",
    meaning="pairs of parties that look like one under two ids: for review, nothing is merged",
    role="score",
    key=("a_id", "b_id"),
    columns=(
        party("a_id", "one party, the smaller id"),
        party("b_id", "the other"),
        share("score", "how alike, our ranking, no probability"),
        words("why", "what is equal or similar"),
        words("why_zh", "the same in Chinese"),
        share("name_similarity", "how alike the names are, without legal form; null where not compared"),
        whole("clients", "how many of the two are clients"),
        money("outstanding", "what both owe our bank"),
    ),
)
