"""The score tables of profile."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, words
from graphrisk.model.columns import category, party, text
from graphrisk.model.table import Table
from graphrisk.policies.profile_policy import DIMENSIONS

PARTIES = Table(
    name="profile_parties",
    meaning="each client's score over all dimensions; lowest first, then by id; those without a score last",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the client"),
        real("score", "weighted mean of the dimensions that are scored, 0 to 100; null without any", "points"),
        share("coverage", "weight of the indicators that are known over that of all"),
        real("trend", "score less that of the earlier snapshot under the same policy; null without it", "points"),
        category("weakest", "dimension with the lowest score", *DIMENSIONS),
        category("strongest", "dimension with the highest score", *DIMENSIONS),
        text("segment", "size whose weights were taken; null: those of everybody"),
    ),
)
SCORES = Table(
    name="profile_dimensions",
    meaning="each client's dimensions; by client as in profile_parties, in the order of the policy",
    role="score",
    key=("party_id", "dimension"),
    columns=(
        party("party_id", "the client"),
        category("dimension", "what is scored", *DIMENSIONS),
        real(
            "score", "weighted mean of its known indicators, 0 (bad) to 100 (good); null where none is known", "points"
        ),
        share("weight", "weight of the dimension for a client of this size"),
        share("coverage", "weight of its known indicators over that of all"),
        real("trend", "score less that of the earlier snapshot under the same policy; null without it", "points"),
        several("evidence", "its known indicators with value and score, the lowest score first"),
    ),
)
INDICATORS = Table(
    name="profile_indicators",
    meaning="each known indicator; by client as in profile_parties, dimension, then the lowest score first",
    role="score",
    key=("party_id", "dimension", "indicator"),
    columns=(
        party("party_id", "the client"),
        category("dimension", "dimension it belongs to", *DIMENSIONS),
        text("indicator", "name of the indicator in the policy"),
        real("value", "its value"),
        real("score", "0 to 100 by the policy", "points"),
        real("weight", "its weight inside the dimension"),
        text("source", "table that it comes from"),
        several("rows", "ids, periods or months of the rows that it comes from"),
        words("scale", "how the policy scores it"),
    ),
)
TABLES = (PARTIES, SCORES, INDICATORS)
