"""The score tables that compare a stressed book with the unstressed one: what they hold."""

from __future__ import annotations

from graphrisk.analyze.tables import real, share, whole, words
from graphrisk.model.columns import category, money, party, text
from graphrisk.model.table import Column, Table
from graphrisk.scenario import MEASURES

DIMENSIONS = ("industry", "region", "size", "rating")

COMPARISON = Table(
    name="contagion_comparison",
    meaning="what a shock does to the book, measure by measure, beside the book without it or under a second scenario",
    role="score",
    key=("measure",),
    columns=(
        category("measure", "what is measured", *MEASURES),
        words("unit", "parties, base currency or fraction"),
        real("baseline", "without the scenario, or under the one compared with; null where it cannot be said"),
        real("stressed", "under the scenario; null where it cannot be said"),
        real("change", "stressed less baseline"),
        real("limit", "largest value that the scenario's [limits] allow; null where none is set"),
        Column(name="breached", kind="bool", meaning="true where stressed is above limit; null without either"),
    ),
)
GROUPS = Table(
    name="contagion_groups",
    meaning="the same by group: in each dimension the largest bank_loss first, those without a group last",
    role="score",
    key=("dimension", "group"),
    columns=(
        category("dimension", "by what the parties are divided", *DIMENSIONS),
        text("group", "industry, region, size, or grade of the latest rating; null where unknown"),
        whole("parties", "parties in it"),
        whole("shocked", "of them, that the shock itself takes equity from or puts in default"),
        whole("defaults_baseline", "in default without the scenario"),
        whole("defaults", "in default under it"),
        money("ead", "outstanding at our own bank"),
        money("bank_loss_baseline", "unpaid to our bank by its borrowers without the scenario"),
        money("bank_loss", "unpaid to our bank by its borrowers under it; sums to bank_loss of the comparison"),
        money("expected_loss_baseline", "sum of PD x EAD x LGD without the scenario; null where no party has a PD"),
        money("expected_loss", "sum of PD x EAD x LGD under it"),
    ),
)
PDS = Table(
    name="contagion_pd",
    meaning="where PDs are moved, the borrowers that have one or are left without equity; by rise of expected_loss",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the borrower"),
        share("pd", "probability of default within a year, without the scenario"),
        share("pd_stressed", "under it; 1 where the scenario's losses leave no equity"),
        money("ead", "outstanding at our own bank"),
        share("lgd", "loss before guarantors pay, over ead, at the scenario's prices"),
        money("expected_loss", "PD x EAD x LGD without the scenario, at today's prices"),
        money("expected_loss_stressed", "PD x EAD x LGD under it"),
        Column(
            name="default_at_start",
            kind="bool",
            meaning="left without equity by the shock, its prices, or shares in firms it hits",
        ),
    ),
)
TABLES = (COMPARISON, GROUPS, PDS)
