"""The score tables of groups."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, whole, words
from graphrisk.model.columns import category, day, flag, money, party, text
from graphrisk.model.table import Table
from graphrisk.standing.dependence import REASONS
from graphrisk.standing.rebuttals import STATUSES
from graphrisk.standing.sme import LINKED, PARTNER, SELF
from graphrisk.standing.sme_status import MEDIUM, MICRO, NOT_SME, SMALL

BASES = ("control", "economic", "both")
EQUAL, DIFFERENT, NOT_FOUND, UNDECLARED = "equal", "different", "not_found", "undeclared"
JOINS, LEAVES, NEW, GONE = "joins", "leaves", "new_group", "gone_group"
CRITERIA = ("receipts", "expenditure", "guarantee", "output", "repayment_source", "funding", "insolvency")

MEMBERS = Table(
    name="groups_members",
    meaning="clients of each group of connected clients and what joins them; groups as in groups_groups, in each the "
    "head first, then by party; a client may stand in several groups",
    role="score",
    key=("group_id", "party_id"),
    columns=(
        text("group_id", "the group: its smallest client, `#2`, `#3` where that repeats"),
        party("party_id", "the client"),
        category("basis", "by which kinds of link it is connected", *BASES),
        several(
            "path",
            "the way from the head of the group to the client, which may begin with no client; the last 100 steps, "
            "after the head and …, where it is longer",
            ordered=True,
        ),
        words("evidence", "the last link of that way: what joins the client"),
        words("evidence_zh", "the same in Chinese"),
        words("recorded_in", "file and row of that link, if one party was asked for"),
    ),
)
GROUPS = Table(
    name="groups_groups",
    meaning="groups of connected clients, the largest exposure first",
    role="score",
    key=("group_id",),
    columns=(
        text("group_id", "the group: its smallest client, `#2`, `#3` where that repeats"),
        whole("clients", "number of clients in it"),
        money("exposure", "what they owe us, each contract once, before mitigation"),
        category("basis", "kinds of link in it", *BASES),
        party("head_id", "on whom all the others hang; may be no client"),
        category("reported_as", "a: control alone; b: interconnected, also where both kinds of link occur", "a", "b"),
        several("parties", "its clients"),
    ),
)
DEPENDENCIES = Table(
    name="groups_dependencies",
    meaning="economic dependencies, declared and derived, those that count first; derived ones below the threshold are "
    "left out, those whose denominator is not known are listed and count for nothing",
    role="score",
    key=("dependent_id", "on_id", "criterion", "derived", "number"),
    columns=(
        party("dependent_id", "who depends"),
        party("on_id", "on whom"),
        category("criterion", "in what", *CRITERIA),
        real("ratio", "measured share; null = not stated, or the denominator is not known", "fraction"),
        real("coverage", "recorded receipts over sales, or purchases over the cost of materials; null = not known",
             "fraction"),
        flag("derived", "true where it follows from payments, guarantees or joint debts, false where it was declared"),
        flag("counts", "true where it joins the two"),
        category("why_not", "why it joins nobody", *REASONS),
        whole("number", "1; 2, 3 where the same is stated again"),
        flag("upstream", "an analyst flagged that a parent falls with its subsidiary"),
    ),
)  # fmt: skip
REBUTTALS = Table(
    name="groups_rebuttals",
    meaning="rebuttals and what became of them; expired ones first, then those without a link, then applied",
    role="score",
    key=("a_id", "b_id", "kind", "decided_on", "number"),
    columns=(
        party("a_id", "one party"),
        party("b_id", "the other"),
        category("kind", "which link is rebutted", "control", "economic", "both"),
        category(
            "status", "applied: a direct link was taken away; no_link: there was none; expired, not_yet", *STATUSES
        ),
        several("together_in", "groups in which the two still stand together, by other ways"),
        words("reason", "why it does not connect them"),
        words("author", "who decided"),
        day("decided_on", "first day"),
        day("expires_on", "first day on which it no longer holds"),
        whole("number", "1; 2, 3 where the same is stated again"),
    ),
)
DECLARED = Table(
    name="groups_declared",
    meaning="groups that the bank's books declare against the computed group that shares most members; different first",
    role="score",
    key=("declared_id", "group_id"),
    columns=(
        text("declared_id", "the declared group; null for a computed group that none declares"),
        text("group_id", "the computed group; null where no computed group shares a member"),
        category("status", "how they compare", EQUAL, DIFFERENT, NOT_FOUND, UNDECLARED),
        several("missing", "clients of the computed group that are not declared"),
        several("extra", "declared clients that the computed group does not hold"),
        several("not_clients", "declared members that are no clients: they cannot be in a computed group"),
    ),
)
SME = Table(
    name="groups_sme",
    meaning="who counts with each client for its SME status (2003/361/EC); by client, itself first, then by weight",
    role="score",
    key=("subject_id", "party_id"),
    columns=(
        party("subject_id", "the client whose status is asked"),
        party("party_id", "an enterprise that counts with it"),
        share("weight", "with which part of its figures: 1 for linked ones, the share for partners"),
        category("relation", "how it stands to the client", SELF, LINKED, PARTNER),
    ),
)
SME_STATUS = Table(
    name="groups_sme_status",
    meaning="whether each client is a small or medium-sized enterprise (2003/361/EC) with all that count with it",
    role="score",
    key=("subject_id",),
    columns=(
        party("subject_id", "the client"),
        flag("sme", "true where it is one; null where what is known does not decide it"),
        category("size", "its class; null where that is open", MICRO, SMALL, MEDIUM, NOT_SME),
        real("employees", "people employed, with their weights; null where not all are known", "people"),
        money("turnover", "yearly sales, with their weights; null where not all are known"),
        money("balance_sheet", "total assets, with their weights; null where not all are known"),
        whole("enterprises", "enterprises that count, itself among them"),
        whole("missing", "of them those of which staff, sales or total assets are not known"),
        flag("public", "true where public bodies together hold 25 % or more: no small enterprise whatever its size"),
    ),
)
CHANGES = Table(
    name="groups_changes",
    meaning="what changed against the other day (`before`), group by group; groups are matched by shared members",
    role="score",
    key=("group_id", "before_id", "party_id", "change"),
    columns=(
        text("group_id", "the group of the later day; null where it is gone"),
        text("before_id", "the group of the earlier day; null where it is new"),
        party("party_id", "the client"),
        category("change", "what happened to it", JOINS, LEAVES, NEW, GONE),
        words("reason", "the link that came or went"),
        words("reason_zh", "the same in Chinese"),
    ),
)
