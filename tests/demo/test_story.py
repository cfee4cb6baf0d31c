"""The planted stories: their known answers, found by the analyzers in the midst of the whole bank."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.plots import plant
from graphrisk.demo.sectors import OWN_MARKET
from graphrisk.demo.story import Story
from graphrisk.demo.world import bank_parts, write_bank
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent

PLOTS = {plot.name: plot for plot in plant()[1]}
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def graph() -> RiskGraph:
    parts = list(bank_parts(clients=400, seed=11))
    tables = {name: pa.concat_tables([part[name] for part in parts]) for name in CATALOG}
    return build_graph(tables, as_of=AS_OF)


@pytest.fixture(scope="module")
def run(graph: RiskGraph) -> Run:
    def result(name: str, shocks: tuple[str, ...] = (), **params: Any) -> Result:
        analyzer = find_analyzer(name)
        settings = parse_params(analyzer.Params, params, where=name)
        inputs = Inputs(shocks=dict.fromkeys(shocks, 1.0))
        return analyzer.run(graph, settings, inputs=inputs, progress=silent)

    return result


def _own(frame: Any, prefix: str, column: str = "party_id") -> Any:
    return frame[frame[column].str.startswith(prefix)].set_index(column)


@pytest.mark.parametrize("name", PLOTS)
def test_nobody_else_in_the_bank_touches_a_story(name: str, graph: RiskGraph) -> None:
    own = set(PLOTS[name].parties)
    own |= {f"{party}-O" for party in own}
    for table in ("ownership", "control", "guarantees", "supplies", "exposures", "dependencies", "ties", "fund_flows"):
        declared = CATALOG[table]
        for row in graph.table(table).to_pylist():
            ends = {row[declared.source], row[declared.target]}
            assert not ends & own or ends <= own, (table, row)


@pytest.mark.parametrize("clients", [50, 51, 90])
@pytest.mark.parametrize("seed", [0, 3])
def test_the_stories_are_in_every_bank(tmp_path: Path, clients: int, seed: int) -> None:
    story = write_bank(tmp_path, clients=clients, seed=seed)
    text = (tmp_path / "parties.csv").read_text("utf-8")
    for plot in story.plots:
        assert [] == [party for party in plot.parties if f"\n{party}," not in text]


def test_the_circle_is_found_with_its_bottleneck(run: Run) -> None:
    expected = PLOTS["circle"].expected
    circles = run("chains").circles
    (row,) = [r for r in circles.to_dict("records") if "ST-CIRCLE-1" in list(r["parties"])]
    assert (expected["circle"], expected["circle_length"]) == (list(row["parties"]), row["length"])
    assert (expected["bottleneck_amount"], expected["total_amount"]) == (row["bottleneck_amount"], row["total_amount"])
    ratios = _own(run("chains").parties, "ST-CIRCLE")["over_guarantee_ratio"]
    assert [expected["over_guarantee_ratio"]] * 4 == pytest.approx(ratios.tolist())


def test_the_circle_falls_one_after_another(run: Run) -> None:
    expected = PLOTS["circle"].expected
    result = run("contagion", PLOTS["circle"].shock)
    assert expected["default_round"] == _rounds(result, "ST-CIRCLE")
    _check_money(result, "ST-CIRCLE-F", expected)


def test_the_hub_has_guaranteed_twice_what_it_has(run: Run) -> None:
    expected = PLOTS["hub"].expected
    hub = _own(run("chains").parties, "ST-HUB").loc["ST-HUB"]
    assert [expected[c] for c in ("guaranteed_out", "net_assets", "over_guarantee_ratio")] == [
        hub["guaranteed_out"],
        hub["net_assets"],
        hub["over_guarantee_ratio"],
    ]


def test_four_defaults_leave_the_hub_standing_and_six_the_bank_with_a_loss(run: Run) -> None:
    plot = PLOTS["hub"]
    four = run("contagion", plot.shock[:4])
    assert not bool(_own(four.parties, "ST-HUB").loc["ST-HUB", "defaulted"])
    six = run("contagion", plot.shock)
    hub = _own(six.parties, "ST-HUB").loc[plot.expected["fails"]]
    assert (True, 1) == (bool(hub["defaulted"]), int(hub["default_round"]))
    assert plot.expected["six_defaults"]["unmet"] == pytest.approx(hub["guarantee_unmet"])
    _check_money(six, "ST-HUB", plot.expected["six_defaults"])


def test_the_building_brings_half_of_each_loan(run: Run) -> None:
    plot = PLOTS["pledge"]
    result = run("contagion", plot.shock)
    loans = _own(result.facilities, "ST-PLEDGE", "facility_id")
    for column in ("collateral_recovery", "shortfall"):
        assert plot.expected[column] == pytest.approx(loans[column].to_dict())
    assert plot.expected["bank_loss"] == pytest.approx(loans["bank_loss"].sum())


def test_quality_finds_the_asset_pledged_twice(run: Run) -> None:
    plot = PLOTS["pledge"]
    (row,) = run("quality").collateral.to_dict("records")
    assert plot.expected["asset"] == row["collateral_id"]
    assert [plot.expected[c] for c in ("value", "pledged", "beyond_value")] == [
        row["value"],
        row["pledged"],
        row["excess"],
    ]


def test_the_buyers_cannot_replace_the_supplier_nor_bear_the_loss(graph: RiskGraph) -> None:
    plot = PLOTS["supplier"]
    market = [r["party_id"] for r in graph.table("parties").to_pylist() if r["industry"] == OWN_MARKET]
    assert ["ST-SUPPLIER"] == market
    earned = graph.latest("sales") - graph.latest("material_cost")
    at = [graph.position(party) for party in plot.parties[1:]]
    assert [plot.expected["loss_supplies_each"]] * 3 == earned[at].tolist()
    assert (graph.equity[at] < earned[at]).all()
    due = [r["outstanding"] for r in graph.table("facilities").to_pylist() if r["borrower_id"] in plot.parties]
    assert plot.expected["bank_loss"] == sum(due)


def test_the_supplier_brings_three_clients_down(run: Run) -> None:
    plot = PLOTS["supplier"]
    result = run("contagion", plot.shock)
    parties = _own(result.parties, "ST-SUPPLIER")
    assert plot.expected["default_round"] == _rounds(result, "ST-SUPPLIER")
    for party in plot.parties[
        1:
    ]:  # what missing deliveries took from it, and what it lost by failing then, are one profit
        lost = parties.loc[party, ["loss_supplies", "loss_own_stop"]].sum()
        assert plot.expected["loss_supplies_each"] == pytest.approx(lost)
        assert f"supplies:ST-SUPPLIER-{party}" == parties.loc[party, "cause"]
    assert plot.expected["bank_loss"] == pytest.approx(
        _own(result.facilities, "ST-SUPPLIER", "facility_id")["bank_loss"].sum()
    )


def test_no_story_moves_without_its_shock(run: Run) -> None:
    result = run("contagion", ("ST-TRIP-1",))
    assert {"ST-TRIP-1": 0} == _rounds(result, "ST-")
    touched = {party for party in result.parties["party_id"] if party.startswith("ST-")}
    assert touched <= {"ST-TRIP-1", "ST-TRIP-1-O"}


def test_the_hidden_controller_holds_the_stakes_told(graph: RiskGraph) -> None:
    """Integrated shares (I - W)^-1 W of Brioschi, Buzzacchi, Colombo (1989), by numpy's own solver."""
    plot = PLOTS["pyramid"]
    rows = [r for r in graph.table("ownership").to_pylist() if r["owned_id"] in plot.parties]
    at = {party: k for k, party in enumerate(plot.parties)}
    direct = np.zeros((len(at), len(at)))
    for row in rows:
        if row["owner_id"] in at:
            direct[at[row["owner_id"]], at[row["owned_id"]]] += row["share_min"]
    integrated = np.linalg.solve(np.eye(len(at)) - direct, direct)
    found = {
        party: integrated[at[plot.expected["controller"]], at[party]] for party in plot.expected["integrated_share"]
    }
    assert plot.expected["integrated_share"] == pytest.approx(found)


def test_the_hidden_controller_commands_every_majority(graph: RiskGraph) -> None:
    """Control spreads: who commands more than half of the votes of a firm commands the firm's own votes too."""
    plot = PLOTS["pyramid"]
    rows = [r for r in graph.table("ownership").to_pylist() if r["owned_id"] in plot.parties]
    agreed = {r["controlled_id"] for r in graph.table("control").to_pylist() if r["controller_id"] in plot.parties}
    commanded = {plot.expected["controller"]}
    for _ in plot.parties:
        votes: dict[str, float] = {}
        for row in rows:
            if row["owner_id"] in commanded:
                votes[row["owned_id"]] = votes.get(row["owned_id"], 0.0) + row["votes_min"]
        commanded |= {party for party, share in votes.items() if share > 0.5} | agreed
    assert plot.expected["controls"] == sorted(commanded - {plot.expected["controller"]})


def test_the_hidden_controller_makes_a_group_that_breaks_a_limit_which_no_member_breaks_alone(run: Run) -> None:
    expected = PLOTS["pyramid"].expected
    (group,) = [row for row in run("groups").groups.to_dict("records") if row["group_id"] == expected["group"][0]]
    assert expected["group"] == list(group["parties"])
    assert (expected["controller"], expected["outstanding_of_the_group"]) == (group["head_id"], group["exposure"])
    use = run("limits", tier1=expected["tier1"]).use.set_index(["subject", "subject_id"])
    assert expected["use"] == pytest.approx(use.loc[("group", expected["group"][0]), "use"])
    assert "breach_legal" == use.loc[("group", expected["group"][0]), "level"]
    assert all(use.loc[("client", one), "use"] < 0.25 for one in expected["group"])


def test_no_person_is_listed_with_a_majority_of_the_pyramids_clients(graph: RiskGraph) -> None:
    rows = graph.table("ownership").to_pylist()
    listed = [r for r in rows if r["owned_id"] in ("ST-PYRAMID-OP1", "ST-PYRAMID-OP2")]
    assert {"ST-PYRAMID-HOLD", "ST-PYRAMID-MID", "ST-PYRAMID-OWNER"} == {r["owner_id"] for r in listed}
    assert ["ST-PYRAMID-NOMINEE"] == [r["via"] for r in listed if r["owner_id"] == "ST-PYRAMID-OWNER"]


def test_the_loan_money_comes_back(graph: RiskGraph) -> None:
    plot = PLOTS["round_trip"]
    flows: nx.DiGraph[str] = nx.DiGraph()
    for row in graph.table("fund_flows").to_pylist():
        flows.add_edge(row["payer_id"], row["payee_id"], **row)
    path = plot.expected["path"]
    assert [sorted(path[:-1])] == [
        sorted(c) for c in nx.simple_cycles(flows.subgraph(p for p in flows if p.startswith("ST-")))
    ]
    first, last = flows.edges[path[0], path[1]], flows.edges[path[-2], path[-1]]
    loan = next(r for r in graph.table("facilities").to_pylist() if r["facility_id"] == plot.expected["facility"])
    assert plot.expected["facility"] == first["facility_id"]
    assert plot.expected["returned"] == last["amount"]
    assert plot.expected["returned_share"] == last["amount"] / loan["outstanding"]
    assert plot.expected["days"] == (last["paid_on"] - loan["start_on"]).days


def test_the_story_is_written_beside_the_data(tmp_path: Path) -> None:
    story = write_bank(tmp_path, clients=60)
    told = json.loads((tmp_path / "story.json").read_text("utf-8"))
    words = (tmp_path / "STORY.md").read_text("utf-8")
    assert [plot.name for plot in story.plots] == [plot["name"] for plot in told["plots"]]
    for plot in story.plots:
        assert plot.title in words
        assert plot.title_zh in words
        assert plot.told in words
    assert "ST-CIRCLE-1" == story.first_shock
    assert "`bank_loss`: 11,000,000" in words
    assert story.rows == told["rows"]


def test_an_unknown_plot_is_no_plot() -> None:
    with pytest.raises(KeyError):
        Story(clients=50, seed=1, as_of=AS_OF, format="csv", rows={}).plot("circle")


def _rounds(result: Result, prefix: str) -> dict[str, int]:
    """Return the round in which each party of a story fell."""
    fallen = _own(result.parties, prefix)["default_round"].dropna()
    return {str(party): int(number) for party, number in fallen.items()}


def _check_money(result: Result, prefix: str, expected: dict[str, Any]) -> None:
    loans = _own(result.facilities, prefix, "facility_id")
    for column in ("shortfall", "guarantor_paid", "bank_loss"):
        assert expected[column] == pytest.approx(loans[column].sum()), column
