"""The score tables of scores."""

from __future__ import annotations

from graphrisk.analyze.tables import real, share, words
from graphrisk.model.columns import category, day, flag, party
from graphrisk.model.table import Table

ALTMAN = ("altman_z", "altman_z1", "altman_z2", "altman_em")
SCORES = (*ALTMAN, "ohlson", "zmijewski", "merton")
ZONES = ("distress", "grey", "safe")

PARTIES = Table(
    name="scores_parties",
    meaning="the scores of each party's last statement; the zone of distress first, then the lowest distance to "
    "default, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        day("period_end_on", "closing day of its last statement"),
        category("variant", "the variant of Altman's score that fits what is known", *ALTMAN),
        real("altman", "its value; null where no variant has what it needs"),
        category("zone", "zone of that variant; a zone is no probability", *ZONES),
        real("distance_to_default", "standard deviations of the assets' value above the default point"),
        share("merton_pd", "probability that the value of the assets falls below the default point within a year"),
        flag("proxy", "true where book assets and a borrowed volatility stand for market data"),
        share("ohlson_pd", "Ohlson's probability, of his sample"),
        share("zmijewski_pd", "Zmijewski's probability, of his sample"),
    ),
)
VALUES = Table(
    name="scores_values",
    meaning="each score of each statement; by party, latest period first, in the order of the scores",
    role="score",
    key=("party_id", "period_end_on", "score"),
    columns=(
        party("party_id", "the party"),
        day("period_end_on", "closing day of the statement"),
        category("score", "name of the score", *SCORES),
        real("value", "its value; of merton the distance to default; null where variant_reason says why"),
        category("zone", "zone of an Altman score; a zone is no probability", *ZONES),
        flag("chosen", "of Altman's variants: true for the one that fits what is known; of others null"),
        words("variant_reason", "why this variant, how it was obtained, or what is missing"),
        share("pd", "probability of ohlson, zmijewski (of their samples) and merton; null for zones"),
        share("pd_low", "of a proxy: pd with the volatility lower by the band"),
        share("pd_high", "of a proxy: pd with the volatility higher by the band"),
        flag("proxy", "true where book values and a borrowed volatility stand for market data"),
        real("residual", "of merton with market data: by how much the worse of the two equations misses", "fraction"),
        real("asset_value", "of merton: value of the assets, base currency"),
        real("asset_volatility", "of merton: yearly volatility of the assets", "fraction"),
    ),
)  # fmt: skip
