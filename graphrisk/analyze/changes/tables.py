"""The tables of changes: what they hold."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, whole, words
from graphrisk.credit.ladder import LEVELS
from graphrisk.model.columns import category, identifier, money, party, text
from graphrisk.model.table import Column, Table

KINDS = ("new", "gone", "changed")
SCORES = ("pd", "over_guarantee", "loss_caused", "bank_loss_caused")


def _change() -> Column:
    return category("change", "new: only in the later snapshot; gone: only in the earlier; changed: in both", *KINDS)


SUMMARY = Table(
    name="changes_summary",
    meaning="the book in one number each, in a fixed order",
    role="score",
    key=("measure",),
    columns=(
        category("measure", "what is measured"),
        text("unit", "base currency, fraction or count"),
        real("before", "in the earlier snapshot; null where it cannot be said"),
        real("after", "in the later one"),
        real("difference", "after less before"),
    ),
)
PARTIES = Table(
    name="changes_parties",
    meaning="parties that are new, gone, or changed in exposure, PD, equity, status or guarantees; by effect, falling",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        _change(),
        money("before", "outstanding at our own bank, in the earlier snapshot"),
        money("after", "the same in the later one"),
        money("difference", "after less before"),
        share("pd_before", "PD of the latest rating; null where there is none"),
        share("pd_after", "the same in the later snapshot"),
        money("equity_before", "latest known equity"),
        money("equity_after", "the same in the later snapshot"),
        money("effect", "size of the change of exposure, and of PD x exposure"),
        words("reason", "the contracts, ratings, accounts and states that moved it"),
        words("reason_zh", "the same in Chinese"),
    ),
)
CONTRACTS = Table(
    name="changes_contracts",
    meaning="contracts, assets and relations that are new, gone or changed; by the amount that moved, falling",
    role="score",
    key=("table", "contract_id"),
    columns=(
        text("table", "canonical table in which it stands"),
        text("contract_id", "its key; for a table without one ONE -> OTHER, the parties at its ends, rows summed"),
        party("party_id", "borrower, guarantor, creditor, owner, ...", required=False),
        party("other_id", "lender, debtor, owned, ...; null = our bank or nobody", required=False),
        _change(),
        real("before", "outstanding, amount, value or share in the earlier snapshot"),
        real("after", "the same in the later one"),
        real("difference", "after less before; a missing side counts as 0"),
        text("unit", "base currency or fraction"),
        words("reason", "which of its columns moved, or when it began or ended"),
        words("reason_zh", "the same in Chinese"),
    ),
)


def _network(name: str, meaning: str) -> Table:
    return Table(
        name=name,
        meaning=meaning,
        role="score",
        key=("group_id",),
        columns=(
            party("group_id", "smallest party id in it, of the later snapshot where it is still there"),
            _change(),
            money("before", "sum of the caps inside, in the earlier snapshot"),
            money("after", "the same in the later one"),
            money("difference", "after less before"),
            whole("parties_before", "parties in it, in the earlier snapshot"),
            whole("parties_after", "the same in the later one"),
            several("joined", "parties that are in it now and were not"),
            several("left", "parties that were in it and are not"),
            words("reason", "the guarantees that made, widened, narrowed or ended it"),
            words("reason_zh", "the same in Chinese"),
        ),
    )


CIRCLES = _network(
    "changes_circles",
    "groups in which every party stands behind every other, matched by the members that they share; by amount moved",
)
GROUPS = _network(
    "changes_groups",
    "connected parts of the guarantee network, matched by the members that they share; by amount moved",
)
SCORE = Table(
    name="changes_scores",
    meaning="scores of parties that moved; losses first, then guarantees, then PD, within each the largest first",
    role="score",
    key=("party_id", "score"),
    columns=(
        party("party_id", "the party"),
        category("score", "pd; guarantees given where over-guarantee begins or ends; losses of contagion", *SCORES),
        _change(),
        real("before", "in the earlier snapshot; null where it had none"),
        real("after", "in the later one"),
        real("difference", "after less before"),
        text("unit", "base currency or fraction"),
        words("reason", "what moved it"),
        words("reason_zh", "the same in Chinese"),
    ),
)
LIMITS = Table(
    name="changes_limits",
    meaning="uses of limits (basel, with the capital of the settings) that moved; those whose step rose first, then by "
    "the amount moved",
    role="score",
    key=("subject_id", "subject", "measure", "capital", "change"),
    columns=(
        text(
            "subject_id",
            "the client, or the group under its id in the later snapshot (of one that is gone, the earlier)",
        ),
        text(
            "before_id", "a group's id in the earlier snapshot, which shares most clients with it; null where it is new"
        ),
        category("subject", "whose use it is", "client", "group"),
        category("measure", "what is limited", "exposure", "loan", "exposure_others"),
        category("capital", "which capital is the base", "tier1", "net_capital"),
        _change(),
        money("before", "exposure after mitigation, in the earlier snapshot"),
        money("after", "the same in the later one"),
        money("difference", "after less before"),
        real("use_before", "over our capital; null where that is not known", "fraction"),
        real("use_after", "the same in the later snapshot", "fraction"),
        category("level_before", "ok, watch, near, breach_internal, breach_legal", *LEVELS),
        category("level_after", "the same in the later snapshot", *LEVELS),
        words("reason", "the contracts, or the capital, that moved it"),
        words("reason_zh", "the same in Chinese"),
    ),
)
FINDINGS = Table(
    name="changes_findings",
    meaning="findings of quality that are new, gone or changed; most severe first, new ones before changed",
    role="score",
    key=("check", "table"),
    columns=(
        identifier("check", "name of the check"),
        text("table", "table in which it was found"),
        category("severity", "high, medium or low", "high", "medium", "low"),
        _change(),
        whole("before", "rows or parties found in the earlier snapshot"),
        whole("after", "the same in the later one"),
        words("reason", "the finding in words"),
    ),
)
TABLES = (SUMMARY, PARTIES, CONTRACTS, CIRCLES, GROUPS, SCORE, LIMITS, FINDINGS)
