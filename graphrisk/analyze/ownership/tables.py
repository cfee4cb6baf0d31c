"""The score tables of ownership and how its rows are ordered."""

from __future__ import annotations

from graphrisk.analyze.tables import real, several, share, steps, whole
from graphrisk.model.columns import category, flag, party
from graphrisk.model.table import Table

INTEGRATED = Table(
    name="ownership_integrated",
    meaning="what each owner holds of each firm over all ways, under the semantics in params; largest least capital "
    "first, then largest most, then by ids",
    role="score",
    key=("owner_id", "owned_id"),
    columns=(
        party("owner_id", "the owner"),
        party("owned_id", "the firm"),
        share("direct_min", "least share of capital held directly; 0 where none is"),
        share("direct_max", "most share of capital held directly"),
        real("capital_min", "least integrated share of capital; null = no answer (params, notes)", "fraction"),
        real("capital_max", "most integrated share of capital; null = no answer", "fraction"),
        real("votes_min", "least integrated share of votes; null = no answer", "fraction"),
        real("votes_max", "most integrated share of votes; null = no answer", "fraction"),
        flag("over_subscribed", "true where a way runs through a firm whose known shares add up to more than 1"),
    ),
)
CONTROL = Table(
    name="ownership_control",
    meaning="who controls whom, with all it controls; certain first, then ultimate controllers, by controller, then in "
    "the order of derivation",
    role="score",
    key=("controller_id", "controlled_id"),
    columns=(
        party("controller_id", "the controller; of parties that act together the one with the smallest id"),
        party("controlled_id", "the firm controlled"),
        real("votes_min", "least share of votes that the controller holds with all it controls", "fraction"),
        real("votes_max", "most share of votes that it holds with all it controls", "fraction"),
        flag("certain", "true where the least votes (or a fact) show it, false where only some completion does"),
        steps("proof", "the steps that show it: [holder, held, its least votes; null = a fact of control]"),
        category("basis", "by what it is shown", "votes", "control_fact", "both"),
        several("path", "the shortest way through the proof, from the controller to the firm"),
        flag("ultimate", "true where everybody who controls the controller is controlled by it"),
    ),
)
CLOSE_LINKS = Table(
    name="ownership_close_links",
    meaning="pairs tied by 20 % or more of capital over simple paths, one in the other or a third party in both; "
    "certain first, then by the largest share, then by ids",
    role="score",
    key=("a_id", "b_id"),
    columns=(
        party("a_id", "the party with the smaller id"),
        party("b_id", "the other"),
        real("share_ab", "least share that a holds of b", "fraction"),
        real("share_ba", "least share that b holds of a", "fraction"),
        party("via_id", "the third party that holds most of both; null = none meets the threshold", required=False),
        real("share_via_a", "least share that the third party holds of a", "fraction"),
        real("share_via_b", "least share that the third party holds of b", "fraction"),
        flag("certain", "true where least shares meet the threshold, false where only most shares do"),
    ),
)
INDICATORS = Table(
    name="ownership_indicators",
    meaning="what stands above each party that has owners or controllers; most layers first, then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        whole("layers", "legal entities one above the other on the longest chain of holdings or control above it"),
        whole("height", "steps from the party up to the farthest owner"),
        whole("holders", "legal entities above it"),
        whole("persons", "natural persons above it"),
        whole("nominees", "nominees that hold shares of it or of its owners"),
        whole("arrangements", "trusts, foundations and the like above it that are recorded as such"),
        whole("foreign_layers", "legal entities above it that are registered in another country than it"),
        flag("complex", "complex structure under the AMLA draft of 9 February 2026; null = not known"),
        share("unknown_share", "most of its capital that lies with nominees whose principals are not named"),
    ),
)
CYCLES = Table(
    name="ownership_cycles",
    meaning="groups of parties that own one another in circles; largest first, then by the first id",
    role="score",
    key=("cycle_id",),
    columns=(
        party("cycle_id", "the member with the smallest id"),
        several("cycle", "the members: from owner to owned where they form one ring, else by id"),
        real("spectral_radius", "spectral radius of the least shares inside: 1 = nobody outside holds anything"),
        flag("closed", "true where nobody outside holds anything of any member"),
        flag(
            "no_answer", "true where over-subscribed members bring the radius to 1 or more: shares through it are null"
        ),
    ),
)
POWER = Table(
    name="ownership_power",
    meaning="power among the holders of each firm, and cash flow against control over chains; by firm, largest votes "
    "first, then by weakest link, then by id",
    role="score",
    key=("owned_id", "holder_id"),
    columns=(
        party("owned_id", "the firm"),
        party("holder_id", "a direct holder, or an owner at the top of chains (min_share)"),
        real("votes", "least share of votes held directly; null = none", "fraction"),
        real("relative_control", "squared votes over the sum of squares of all holders; null = holds none", "fraction"),
        real("shapley", "Shapley-Shubik index among recorded holders, a majority wins; null as above", "fraction"),
        real("banzhaf", "normalised Banzhaf index among recorded holders; null as above", "fraction"),
        real("weakest_link", "sum over simple chains of the smallest vote on them", "fraction"),
        real("cash_flow", "sum over simple chains of the product of least capital shares", "fraction"),
        real("wedge", "weakest_link - cash_flow", "fraction"),
        category("role", "dominant: more votes than all others together; circular: owned by the firm in turn",
                 "dominant", "circular", "dominant_circular"),
    ),
)  # fmt: skip
