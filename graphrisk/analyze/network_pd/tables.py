"""The score tables of network_pd."""

from __future__ import annotations

from graphrisk.analyze.tables import real, share, whole
from graphrisk.model.columns import category, party
from graphrisk.model.table import Table

EXACT, SIMULATED = "exact", "simulated"

PARTIES = Table(
    name="network_pd_parties",
    meaning="each party with a PD, or that can be pulled down by others; largest addition first, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        share("pd_own", "its own PD, as rated (1 where it is in default); null where it has none"),
        share("pd_net", "probability that it is in default within a year, by itself or pulled down by others"),
        share("pd_low", "least of the interval of that; where it has no PD, what others alone bring"),
        share("pd_high", "most of the interval"),
        real("add_on", "pd_net - pd_own", "fraction"),
        real("add_on_points", "20 / ln 2 x (logit pd_net - logit pd_own): 20 points double the odds", "points"),
        real("odds_ratio", "odds of pd_net over odds of pd_own"),
        party("source_1", "the party whose certain survival would lower pd_net most", required=False),
        share("fall_1", "by how much"),
        party("source_2", "the next one", required=False),
        share("fall_2", "by how much"),
        party("source_3", "the next one", required=False),
        share("fall_3", "by how much"),
        category(
            "method", "exact: all outcomes are enumerated; simulated: by draws, with an interval", EXACT, SIMULATED
        ),
        share("frequency", "of simulated parties: part of the draws in which it ends in default"),
        party("part", "smallest id of the part of the book in which it lies; losses pass within parts alone"),
    ),
)
BOUNDS = Table(
    name="network_pd_bounds",
    meaning="method edges: quick bounds beside what they bound; by the order of network_pd_parties",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        share("pd_net", "as in network_pd_parties"),
        share("non_backtracking", "by messages that do not turn back: exact on trees and mutual pairs, else too high"),
        share("noisy_or", "by the noisy-or fixed point: too high wherever there is a circle"),
    ),
)
PARTS = Table(
    name="network_pd_parts",
    meaning="parts of the book with two parties or more; largest addition first, then by id",
    role="score",
    key=("part",),
    columns=(
        party("part", "smallest id in the part"),
        whole("parties", "parties in it"),
        whole("rated", "of them with a PD between 0 and 1"),
        real("defaults_own", "defaults expected by own PDs"),
        real("defaults_net", "defaults expected with contagion"),
        category("method", "how it was computed", EXACT, SIMULATED),
    ),
)
TABLES = (PARTIES, PARTS, BOUNDS)
