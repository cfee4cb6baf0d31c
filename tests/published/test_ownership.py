"""Ownership against published and hand-worked numbers, through the analyzer: tests/published/ownership/README.md."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.kernels.ownership.power import power
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.standing.structure import complex_structure
from tests.worlds.build import graph_of

FOLDER = Path(__file__).parent / "ownership"


def vector(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def analysed(edges: list[Any], **given: Any) -> Result:
    """Run the analyzer on edges of {src, dst, share} or [src, dst, share or bounds or None]."""
    rows = [(e["src"], e["dst"], e["share"]) if isinstance(e, dict) else tuple(e) for e in edges]
    names = sorted({name for row in rows for name in row[:2]})
    ownership = []
    for owner, owned, share in rows:
        low, high = share if isinstance(share, list) else (share, share)
        ownership.append({"owner_id": owner, "owned_id": owned, "share_min": low, "share_max": high})
    parties = [{"party_id": n, "name": n, "kind": "company"} for n in names]
    graph = graph_of(parties=parties, ownership=ownership)
    found = find_analyzer("ownership")
    params = parse_params(found.Params, {"min_share": 0.0, **given}, where="ownership")
    return found.run(graph, params, inputs=Inputs(), progress=silent)


def shares(result: Result, column: str = "capital_min") -> dict[tuple[str, str], float]:
    table = result.integrated
    return dict(zip(zip(table["owner_id"], table["owned_id"], strict=True), table[column].tolist(), strict=True))


@pytest.mark.parametrize(
    ("semantics", "key"), [("simple", "simple_path"), ("walk", "walk_sum"), ("corrected", "baldone")]
)
def test_one_circular_graph_under_the_three_published_semantics(semantics: str, key: str) -> None:
    case = vector("integrated_three_semantics")
    found = shares(analysed(case["graph"]["edges"], semantics=semantics))
    expected = {tuple(pair.split(">")): said[key] for pair, said in case["expected"].items()}
    assert expected == {pair: pytest.approx(found[pair], abs=1e-9) for pair in expected}
    assert set(expected) == set(found)


def test_the_total_holding_matrix_of_wan_2009_agrees_to_its_printed_digits() -> None:
    case = vector("integrated_wan2009_ring")
    found = shares(analysed(case["graph"]["edges"], semantics="walk"))
    names = case["expected"]["order"]
    for i, row in zip(names, case["expected"]["C"], strict=True):
        for j, share in zip(names, row, strict=True):
            if i != j:  # own shares are treasury shares and are not listed
                assert share == pytest.approx(found[i, j], abs=5e-9)


def test_company_control_of_the_banking_supervision_example() -> None:
    case = vector("control_vadalog_finance")
    table = analysed(case["graph"]["edges"]).control
    found = {name: sorted(table.loc[table["controller_id"] == name, "controlled_id"]) for name in case["expected"]}
    assert case["expected"] == found
    proof = table.set_index(["controller_id", "controlled_id"])["proof"]["Alpha Treasury", "Goldward Bank"]
    held = [sum(step[2] for step in proof if step[1] == firm) for firm in dict.fromkeys(s[1] for s in proof)]
    assert all(votes > 0.5 for votes in held)


def test_close_links_over_simple_paths() -> None:
    case = vector("close_links_vadalog")
    table = analysed(case["graph"]["edges"]).close_links
    found = {}
    for row in table.to_dict("records"):
        found[f"{row['a_id']}>{row['b_id']}"] = row["share_ab"]
        found[f"{row['b_id']}>{row['a_id']}"] = row["share_ba"]
    linked = {pair: share for pair, share in found.items() if share >= 0.2 - 1e-9}
    assert {k: pytest.approx(v) for k, v in case["expected"].items()} == linked


def test_a_closed_circle_is_reported_and_ends() -> None:
    result = analysed(vector("bods_circular_ownership")["graph"]["edges"])
    (row,) = result.cycles.to_dict("records")
    assert (["Alpha", "Beta"], True, 1.0) == (row["cycle"], row["closed"], pytest.approx(row["spectral_radius"]))
    assert {("Alpha", "Beta"): 1.0, ("Beta", "Alpha"): 1.0} == shares(result)
    walked = analysed(vector("bods_circular_ownership")["graph"]["edges"], semantics="walk")
    assert all(np.isnan(share) for share in shares(walked).values())


def _edge_case(name: str) -> Result:
    (case,) = [c for c in vector("numerical_edge_cases")["graph"]["cases"] if c["name"] == name]
    return analysed(case["edges"])


def test_inputs_that_a_solver_must_survive() -> None:
    over = _edge_case("column sum over 1 (data error)")
    assert any("c 130.00%" in note for note in over.notes)
    assert over.integrated["over_subscribed"].all()
    assert shares(_edge_case("self holding (treasury shares)")) == {("p", "a"): pytest.approx(1.0)}
    assert shares(_edge_case("near singular"))["p", "a"] == pytest.approx(0.50000025, rel=1e-8)
    assert any("almost whole" in note for note in _edge_case("near singular").notes)
    unknown = _edge_case("unknown share")
    assert {("a", "b"): 0.0} == shares(unknown)
    assert {("a", "b"): 1.0} == shares(unknown, "capital_max")
    bands = _edge_case("bands (PSC 25-50 %)")
    assert (0.1875, 0.5) == (shares(bands)["p", "c"], shares(bands, "capital_max")["p", "c"])


@pytest.mark.parametrize("game", ["game1", "game2"])
def test_textbook_voting_games(game: str) -> None:
    said = vector("voting_power")["expected"][game]
    shapley, banzhaf = power(np.array(said["weights"], dtype=float), said["quota"], above=False)
    assert [float(Fraction(v)) for v in said["shapley_shubik"]] == pytest.approx(shapley.tolist())
    assert [float(Fraction(v)) for v in said["banzhaf"]] == pytest.approx(banzhaf.tolist())


def test_cash_flow_and_control_of_a_pyramid() -> None:
    case = vector("pyramid_claessens2000")
    table = analysed(case["graph"]["edges"]).power.set_index(["owned_id", "holder_id"])
    row = table.loc["B", "Family"]
    assert case["expected"]["cash_flow"]["B"] == pytest.approx(row["cash_flow"])
    assert case["expected"]["control_weakest_link"]["B"] == pytest.approx(row["weakest_link"])
    assert case["expected"]["wedge"]["B"] == pytest.approx(row["wedge"])


def test_relative_control() -> None:
    case = vector("relative_control_gb2009")
    table = analysed(case["graph"]["edges"]).power
    assert {k: pytest.approx(v) for k, v in case["expected"]["H"].items()} == dict(
        zip(table["holder_id"], table["relative_control"].tolist(), strict=True)
    )


def test_the_complex_structure_test_of_the_draft_standard() -> None:
    for case in vector("amlr_complex_structure_draft")["vectors"]:
        found = complex_structure(case["layers"], case["a"], case["b"], case["c"], case.get("d", False))
        expected = None if isinstance(case["complex"], str) else case["complex"]
        assert expected is found, case


def test_layers_are_the_entities_between_a_party_and_the_person_at_the_top() -> None:
    chain = ["top", "h1", "h2", "h3", "t"]
    parties = [{"party_id": n, "name": n, "kind": "person" if n == "top" else "company"} for n in chain]
    rows = [{"owner_id": a, "owned_id": b, "share_min": 1.0, "share_max": 1.0} for a, b in pairwise(chain)]
    found = find_analyzer("ownership")
    graph = graph_of(parties=parties, ownership=rows)
    table = found.run(graph, found.Params(), inputs=Inputs(), progress=silent).indicators.set_index("party_id")
    assert (3, 4, 3, 1) == tuple(table.loc["t", ["layers", "height", "holders", "persons"]])
