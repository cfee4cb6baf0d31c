"""The score tables of ratios."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, whole, words
from graphrisk.credit.ratios import CODES, NAMES
from graphrisk.model.columns import category, day, money, party, text
from graphrisk.model.table import Table

FAMILIES = ("liquidity", "leverage", "coverage", "profitability", "activity", "growth")

PARTIES = Table(
    name="ratios_parties",
    meaning="how each party's last statement stands among its peers: most ratios in the worst tenth first, then the "
    "lowest mean, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        day("period_end_on", "closing day of its last statement"),
        whole("known", "ratios that have a value"),
        whole("compared", "ratios that have peers"),
        whole("weak", "ratios in the worst tenth of the peers"),
        real("mean_percentile", "mean percentile over the ratios that have peers; null without any", "percentile"),
        category("weakest", "the ratio that stands lowest among its peers", *NAMES),
        real("weakest_percentile", "its percentile", "percentile"),
    ),
)
VALUES = Table(
    name="ratios_values",
    meaning="each ratio of each statement; by party, latest period first, in the order of the definitions",
    role="score",
    key=("party_id", "period_end_on", "ratio"),
    columns=(
        party("party_id", "the party"),
        day("period_end_on", "closing day of the statement"),
        category("ratio", "name of the ratio", *NAMES),
        real("value", "its value, flows over twelve months; null where the code says why"),
        real("trend", "change of the value against the statement a year before; null where either is missing"),
        real("peer_percentile", "0 to 100, 100 = better than all peers; null without peers", "percentile"),
        whole("peers", "other clients with a value of the same year in the peer group; null where the value is"),
        text("peer_group", "the group that was large enough: industry and size, industry, size, or all clients"),
        category("code", "how it was obtained, or why it is null", *CODES),
    ),
)
FINDINGS = Table(
    name="ratios_findings",
    meaning="identities that a statement breaks; largest difference over total assets first, then by party and period",
    role="score",
    key=("party_id", "period_end_on", "identity"),
    columns=(
        party("party_id", "the party"),
        day("period_end_on", "closing day of the statement"),
        category("identity", "balance: assets = liabilities + equity; cash_bridge: opening cash + flows = closing cash",
                 "balance", "cash_bridge"),
        money("stated", "what the statement says: total assets, or closing cash"),
        money("implied", "what its other lines give"),
        money("difference", "stated less implied"),
    ),
)  # fmt: skip
DEFINITIONS = Table(
    name="ratios_definitions",
    meaning="the ratios: what they tell of, which way is better, how they are made",
    role="score",
    key=("ratio",),
    columns=(
        category("ratio", "name of the ratio", *NAMES),
        category("family", "what it tells of", *FAMILIES),
        category("better", "more or less of it is better", "more", "less"),
        text("unit", "unit of the value; empty for a plain quotient"),
        words("definition", "columns of financials that it is made of"),
        whole("values", "statements with a value"),
        real("median", "median of the last statements of clients"),
        several("codes", "what else happened, with how often"),
    ),
)
