"""The connected parts of the guarantee layer as a supervisor counts them, and what a rule pack finds of guarantors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graphrisk.analyze.tables import real, score_frame, share, whole, words
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.columns import category, money, party, text
from graphrisk.model.table import Table
from graphrisk.standing.guarantee_findings import LEVELS
from graphrisk.standing.guarantee_parts import TYPES, Parts

PARTS = Table(
    name="chains_parts",
    meaning="weakly connected parts of the guarantee layer, as supervisors count guarantee circles: by loans, then by "
    "guaranteed amount, then by id",
    role="score",
    key=("part_id",),
    columns=(
        party("part_id", "smallest party id of the part; chains_parties.component names it too"),
        whole("parties", "number of parties"),
        whole("clients", "number of clients among them (where not stated: borrowers of our bank)"),
        whole("contracts", "number of guarantee contracts"),
        money("guaranteed", "sum of the caps"),
        money("loans", "outstanding of all facilities of its parties, those of other lenders too"),
        money("non_performing", "of them more than 90 days overdue, substandard or worse, or of a borrower in default"),
        share("mutual_share", "guaranteed amount between parties that guarantee each other, over guaranteed"),
        share("cyclic_share", "guaranteed amount inside strongly connected groups, over guaranteed"),
        share("top3_share", "loans of the three parties with most loans, over loans"),
        whole("depth_max", "most guarantees in a row, a group of parties in circles counted as one place"),
        real("depth_mean", "mean over its parties of the guarantees in a row below each"),
        whole("regions", "number of different regions of its parties"),
        whole("industries", "number of different industries of its parties"),
        whole("lending_banks", "number of banks that lend to its parties: ours, other lenders, creditors in exposures"),
        whole("beyond_net_assets", "guarantors that gave more than their net assets, those with none among them"),
        category("type", "mutual, chain, star, circle or mixed", *TYPES),
        whole("no_net_assets", "guarantors among them whose net assets are zero or less"),
        whole("unknown_net_assets", "guarantors whose net assets nobody knows"),
        party("core_id", "the party with most loans"),
        money("core_loans", "its loans"),
        money("top3_loans", "loans of the three parties with most"),
        money("guaranteed_loans", "outstanding of facilities that another party guarantees"),
        money("mutual_loans", "of them those of borrowers that stand behind a guarantor of theirs"),
        share("told_share", "part of loans whose days past due, class or status are known: the others may be bad too"),
        money("special_mention", "loans of the class special mention"),
        money("overdue_90", "loans 1 to 90 days overdue"),
        money("off_balance", "limits not drawn"),
        money("total_assets", "sum of what is known; null where nothing is"),
        money("total_liabilities", "sum of what is known; null where nothing is"),
        money("net_assets", "sum of what is known; null where nothing is"),
        text("main_region", "region with most loans"),
        text("main_industry", "industry with most loans"),
    ),
)
FINDINGS = Table(
    name="chains_findings",
    meaning="guarantors that a rule pack finds: breach, unknown, near, watch, exempt; in each the largest value first",
    role="score",
    key=("party_id", "rule"),
    columns=(
        party("party_id", "the guarantor"),
        category("rule", "name of the rule in the pack"),
        category(
            "level",
            "breach: above the line, or no net assets; unknown: net assets not known, never ok; near, watch: a step "
            "below the line is reached; exempt: the rule does not bind it",
            *LEVELS,
        ),
        real("value", "what the rule measures: caps given over net assets, or number of debtors; null where unknown"),
        real("line", "the line that may not be exceeded"),
        money("guaranteed_out", "sum of the caps given"),
        money("net_assets", "latest known equity"),
        whole("debtors", "number of parties that it guarantees"),
        words("legal_basis", "where the rule is written"),
    ),
)


def part_rows(graph: RiskGraph, parts: Parts) -> pd.DataFrame:
    """Return the parts as a table."""
    columns = dict(parts.columns)
    core = np.asarray(columns.pop("core"), dtype=np.int64)
    return score_frame(PARTS, {"part_id": graph.party_ids[parts.first], "core_id": graph.party_ids[core], **columns})
