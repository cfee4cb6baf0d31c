from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import UsageError
from graphrisk.graph.exposure import COMBINED, NETWORK_LAYERS
from graphrisk.model.params import parse_params
from tests.analyze.books import Rows, book
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties, ring

ENDS = {
    "guarantees": ("guarantor_id", "debtor_id"),
    "exposures": ("creditor_id", "debtor_id"),
    "supplies": ("supplier_id", "buyer_id"),
    "ownership": ("owner_id", "owned_id"),
}


def layer_by_hand(rows: Rows, layer: str) -> nx.DiGraph[str]:
    """The layer as NetworkX graph, straight from the rows: parallel rows added up, self-arcs left out."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    start, goal = ENDS[layer]
    for row in rows[layer]:
        a, b = row[start], row[goal]
        if layer == "ownership":
            high, low = row["share_max"], row["share_min"]
            weight = high if high is not None else low if low is not None else 0.0
        else:
            weight = row["amount"]
        if a != b:
            graph.add_edge(a, b, weight=weight + (graph.edges[a, b]["weight"] if graph.has_edge(a, b) else 0.0))
    return graph


def scores(rows: Rows, layer: str, **given: Any) -> pd.DataFrame:
    found = analyze("centrality", graph_of(**rows), layers=(layer,), **given).scores
    assert {layer} == set(found["layer"])
    return found.set_index("party_id")


def close(expected: dict[str, float], actual: pd.Series[float]) -> None:
    assert sorted(expected) == actual.index.tolist()
    np.testing.assert_allclose(actual.to_numpy(dtype=float), [expected[i] for i in actual.index], atol=1e-9, rtol=0)


@given(st.integers(0, 10_000), st.sampled_from(sorted(ENDS)))
@settings(max_examples=25, deadline=None)
def test_every_measure_of_a_layer_is_that_of_networkx(seed: int, layer: str) -> None:
    rows = book(seed, size=9, relations=22)
    graph = layer_by_hand(rows, layer)
    result = analyze("centrality", graph_of(**rows), layers=(layer,))
    found = result.scores.set_index("party_id")
    alpha = result.certificate["layers"][layer]["katz_alpha"]
    close(dict(graph.in_degree()), found["in_degree"])
    close(dict(graph.out_degree()), found["out_degree"])
    close(dict(graph.in_degree(weight="weight")), found["in_strength"])
    close(dict(graph.out_degree(weight="weight")), found["out_strength"])
    close(nx.pagerank(graph, tol=1e-15, max_iter=10_000), found["pagerank"])
    close(nx.katz_centrality_numpy(graph, alpha=alpha, weight="weight"), found["katz"])
    close(nx.betweenness_centrality(graph), found["betweenness"])
    close(nx.harmonic_centrality(graph), found["harmonic"])
    close(nx.core_number(graph), found["core"])
    assert found["betweenness_error"].isna().all()
    inside = found["eigenvector"].dropna()
    if len(inside) > 2:  # NetworkX calls ARPACK, which warns for two
        close(nx.eigenvector_centrality_numpy(graph.subgraph(inside.index), weight="weight"), inside)
    for community, members in found.groupby("community"):
        assert community == min(members.index)
        bound = nx.Graph((a, b) for a, b, w in graph.edges(data="weight") if w > 0)
        bound.add_nodes_from(graph)
        assert nx.is_connected(bound.subgraph(members.index))


def test_the_debtor_of_many_ranks_high_and_their_guarantors_low() -> None:
    rows: Rows = {
        "parties": parties("A", "B", "C", "D"),
        "guarantees": [{"guarantor_id": g, "debtor_id": "D", "amount": 1.0} for g in "ABC"],
    }
    found = scores(rows, "guarantees")
    for measure in ("pagerank", "katz", "harmonic", "in_degree"):
        assert found[measure].idxmax() == "D"
    assert found["eigenvector"].isna().all()


def test_layers_that_hold_nothing_are_left_out_and_asked_for_by_name_are_noted() -> None:
    result = analyze("centrality", graph_of(**ring(3)))
    assert ["guarantees", COMBINED] == list(dict.fromkeys(result.scores["layer"]))
    asked = analyze("centrality", graph_of(**ring(3)), layers="supplies")
    assert 0 == len(asked.scores)
    assert any("supplies holds no relation" in note for note in asked.notes)


def test_the_combined_layer_adds_money_of_all_layers() -> None:
    rows: Rows = {
        "parties": parties("A", "B"),
        "exposures": [{"creditor_id": "A", "debtor_id": "B", "amount": 10.0, "lgd": 0.5}],
        "guarantees": [{"guarantor_id": "A", "debtor_id": "B", "amount": 7.0}],
    }
    assert 12.0 == scores(rows, COMBINED).loc["B", "in_strength"]


def test_outside_the_dominant_group_there_is_no_eigenvector_score_and_a_note_says_so() -> None:
    pairs = [("A", "B", 1.0), ("B", "A", 1.0), ("C", "D", 5.0), ("D", "C", 5.0), ("D", "E", 9.0)]
    rows: Rows = {
        "parties": parties("A", "B", "C", "D", "E"),
        "exposures": [{"creditor_id": a, "debtor_id": b, "amount": x} for a, b, x in pairs],
    }
    result = analyze("centrality", graph_of(**rows), layers="exposures")
    np.testing.assert_allclose(
        result.scores["eigenvector"], [np.nan, np.nan, np.sqrt(0.5), np.sqrt(0.5), np.nan], rtol=1e-12
    )
    assert any("2 parties (of 5)" in note for note in result.notes)


def test_sampled_scores_come_near_the_exact_ones_as_their_error_says() -> None:
    rows = book(3, size=200, relations=1_600, faults=False)
    exact = scores(rows, "exposures")
    sampled = scores(rows, "exposures", exact_visits=0, samples=100)
    for measure in ("betweenness", "harmonic"):
        error = sampled[f"{measure}_error"]
        assert error.notna().all()
        off = (sampled[measure] - exact[measure]).abs()
        assert (error > 0).all()
        assert (off <= 2.0 * error).mean() > 0.9
        assert (off <= error).mean() < 0.9  # an error so wide would say nothing
    again = scores(rows, "exposures", exact_visits=0, samples=100)
    pd.testing.assert_frame_equal(sampled, again)
    other = scores(rows, "exposures", exact_visits=0, samples=100, seed=1)
    assert (other["betweenness"] != sampled["betweenness"]).any()


def test_sampling_is_noted_with_what_to_raise() -> None:
    rows = book(3, size=40, relations=200)
    result = analyze("centrality", graph_of(**rows), exact_visits=0, samples=10, layers="exposures")
    assert any("betweenness of 40 parties is estimated from 10 sources" in n for n in result.notes)
    assert any("raise exact_visits or samples" in n for n in result.notes)
    assert 10 == result.certificate["layers"]["exposures"]["betweenness_sources"]


def test_only_the_connected_parts_that_are_too_large_are_sampled() -> None:
    large = [(f"L{k:02d}", f"L{(k * 7 + s) % 50:02d}") for k in range(50) for s in (1, 2, 3)]
    small = [("A", "B"), ("B", "C"), ("D", "E"), ("E", "F"), ("F", "D")]
    rows: Rows = {
        "parties": parties(*sorted({i for pair in (*large, *small) for i in pair})),
        "exposures": [{"creditor_id": a, "debtor_id": b, "amount": 1.0} for a, b in (*large, *small) if a != b],
    }
    exact = scores(rows, "exposures")
    found = scores(rows, "exposures", exact_visits=100, samples=20)
    few = ["A", "B", "C", "D", "E", "F"]
    pd.testing.assert_frame_equal(exact.loc[few], found.loc[few])
    assert found["betweenness_error"].notna().sum() == 50
    assert (found.drop(index=few)["betweenness"] != exact.drop(index=few)["betweenness"]).any()


def test_the_mean_of_many_samples_is_the_exact_score() -> None:
    rows = book(6, size=40, relations=160, faults=False)
    exact = scores(rows, "exposures")
    runs = [scores(rows, "exposures", exact_visits=0, samples=8, seed=s) for s in range(40)]
    for measure in ("betweenness", "harmonic"):
        values = np.array([run[measure].to_numpy() for run in runs])
        off = np.abs(values.mean(axis=0) - exact[measure].to_numpy())
        error = values.std(axis=0, ddof=1) / np.sqrt(len(runs))
        assert (off <= 4.0 * error + 1e-12).all()
        told = np.sqrt((np.array([run[f"{measure}_error"].to_numpy() for run in runs]) ** 2).mean(axis=0))
        assert 1.0 == pytest.approx(np.median(told / values.std(axis=0, ddof=1)), abs=0.15)


def test_a_sample_of_everybody_is_exact() -> None:
    rows = book(4)
    found = scores(rows, "exposures", exact_visits=0, samples=1_000)
    assert found["betweenness_error"].isna().all()


def test_the_certificate_has_the_largest_residual_and_the_rounds() -> None:
    result = analyze("centrality", graph_of(**book(4)), tolerance=1e-6)
    layers = result.certificate["layers"]
    assert set(layers) == {*NETWORK_LAYERS, COMBINED}
    assert max(c["largest_residual"] for c in layers.values()) == result.certificate["residual"] <= 1e-6
    assert 0 < result.certificate["rounds"]


def test_an_unknown_layer_is_refused() -> None:
    from graphrisk.analyze.centrality import Params

    with pytest.raises(UsageError, match="guarantee"):
        parse_params(Params, {"layers": "guarantee"}, where="centrality")


def test_by_weight_large_claims_are_near_and_an_unknown_one_is_no_way() -> None:
    claims = [("A", "B", 1.0), ("A", "C", 8.0), ("C", "B", 8.0), ("A", "D", None), ("D", "B", 1e9), ("B", "E", 2.0)]
    rows: Rows = {
        "parties": parties(*"ABCDE"),
        "guarantees": [
            {"guarantee_id": f"G{k}", "guarantor_id": a, "debtor_id": b, "amount": amount}
            for k, (a, b, amount) in enumerate(claims)
        ],
    }
    by_arcs = scores(rows, "guarantees").betweenness * 12
    by_weight = scores(rows, "guarantees", lengths="weight").betweenness * 12
    close({"A": 0.0, "B": 3.0, "C": 0.0, "D": 0.0, "E": 0.0}, by_arcs)  # A, C and D reach E through B
    close({"A": 0.0, "B": 3.0, "C": 2.0, "D": 0.0, "E": 0.0}, by_weight)  # 1/8 + 1/8 < 1: A reaches B, E through C
