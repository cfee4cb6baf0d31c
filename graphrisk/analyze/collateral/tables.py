"""The tables of analyzer `collateral`."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, whole
from graphrisk.model.columns import category, flag, identifier, money, party, text
from graphrisk.model.table import Table

ASSETS = Table(
    name="collateral_assets",
    meaning="pledged assets: those pledged for more than they are worth first, by ratio, then by what is allocated",
    role="score",
    key=("collateral_id",),
    columns=(
        identifier("collateral_id", "the asset", references="collateral"),
        money("value", "appraised value"),
        money(
            "allocated", "sum of what its pledges may take: the allocated amount, where none is stated the loan's due"
        ),
        real(
            "over_pledge_ratio", "allocated over value; above 1 it is promised more than once; null where worth nothing"
        ),
        whole("facilities", "number of facilities that it secures"),
        whole("borrowers", "number of their borrowers"),
        real("ltv", "outstanding of the facilities that it secures, over value; null where worth nothing"),
        real("ltv_fallen", "the same after the fall of prices that the parameters name"),
        money("loans", "outstanding of the facilities that it secures"),
        money("counted", "value less haircut"),
        money("taken", "what the ranks take of it if all its facilities are called"),
        money("free", "counted less taken"),
        money("last_rank_short", "what the pledges claim and do not get"),
        party("owner_id", "whose asset it is; null = not known"),
        text("kind", "class of asset"),
        text("asset_class", "finer class that shares one price"),
        text("region", "where it lies"),
    ),
)
WATERFALL = Table(
    name="collateral_waterfall",
    meaning="pledges of each asset in rank order, assets as in collateral_assets",
    role="score",
    key=("collateral_id", "pledge"),
    columns=(
        identifier("collateral_id", "the asset", references="collateral"),
        identifier("facility_id", "the facility secured", references="facilities"),
        whole("rank", "1 takes first; equal ranks share pro rata"),
        money("claim", "the smaller of the loan's due and the allocated amount less haircut"),
        money("taken", "what it takes of what better ranks left"),
        money("paid", "of that what the loan needs, where several assets secure it"),
        money("short", "claim less taken"),
        party("borrower_id", "the borrower"),
        whole("pledge", "number of the pledge of this asset, in rank order"),
    ),
)
LINKS = Table(
    name="collateral_links",
    meaning="pairs of borrowers that one asset secures, those that nothing else connects first, then by value",
    role="score",
    key=("a_id", "b_id", "collateral_id"),
    columns=(
        party("a_id", "the borrower with the smaller id"),
        party("b_id", "the other"),
        identifier("collateral_id", "the asset", references="collateral"),
        flag("only", "true where no other relation runs between the two"),
        flag("connected", "true where they are connected without shared assets, over however many steps"),
        several("other", "relations that run directly between them"),
        money("value", "appraised value of the asset"),
        party("owner_id", "whose asset it is"),
    ),
)
SINGLE = Table(
    name="collateral_single",
    meaning="facilities whose only security is one asset, the largest part not covered first",
    role="score",
    key=("facility_id",),
    columns=(
        identifier("facility_id", "the facility", references="facilities"),
        party("borrower_id", "the borrower"),
        identifier("collateral_id", "the asset", references="collateral"),
        money("outstanding", "what is due"),
        money("covered", "what the asset pays of it if all its facilities are called"),
        money("uncovered", "outstanding less covered"),
        whole("rank", "its best rank"),
        flag("shared", "true where the asset secures other facilities too"),
        flag("guaranteed", "true where another party guarantees it"),
    ),
)
FALLS = Table(
    name="collateral_falls",
    meaning="what a fall of prices does to the loans secured by one class of assets in one region; by what it uncovers",
    role="score",
    key=("kind", "asset_class", "region", "fall"),
    columns=(
        category("kind", "class of asset"),
        text("asset_class", "finer class; empty where none is stated"),
        text("region", "region; empty where none is stated"),
        share("fall", "relative fall of the prices of this class in this region, and of no others"),
        money("value", "appraised value of its assets"),
        money("loans", "outstanding of the facilities that they secure, each once"),
        real("ltv", "loans over the value of all assets that secure these facilities"),
        real("ltv_fallen", "the same after the fall"),
        money("uncovered_added", "what collateral no longer pays if all facilities are called"),
        whole("facilities", "facilities that they secure"),
        whole("above_value", "of them those that owe more than their assets are worth after the fall"),
    ),
)
SCENARIO = Table(
    name="collateral_scenario",
    meaning="facilities secured by assets whose prices a scenario moves; by what it uncovers. Empty without a scenario",
    role="score",
    key=("facility_id",),
    columns=(
        identifier("facility_id", "the facility", references="facilities"),
        party("borrower_id", "the borrower"),
        money("outstanding", "what is due"),
        money("covered", "what collateral pays of it now, if all facilities are called"),
        money("covered_fallen", "the same under the prices of the scenario"),
        money("uncovered_added", "covered less covered_fallen"),
        real("ltv", "outstanding over the value of all assets that secure it; null where they are worth nothing"),
        real("ltv_fallen", "the same under the prices of the scenario"),
        several("assets", "the assets whose prices move"),
    ),
)
TABLES = (ASSETS, WATERFALL, LINKS, SINGLE, FALLS, SCENARIO)
