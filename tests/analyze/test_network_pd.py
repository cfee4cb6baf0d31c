"""PD with the network: golden graphs by edges, and the engine's spread against a slow reading of the threshold rule."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.errors import DataError, UsageError
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.worlds.build import graph_of, ring

GOLDEN = json.loads((Path(__file__).parents[1] / "published" / "credit" / "network_pd.json").read_text("utf-8"))[
    "cases"
]


def network_pd(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="network_pd", analyzer="network_pd", params=params))


def rated(pds: dict[str, float], **more: Any) -> dict[str, Any]:
    return {
        "parties": [{"party_id": one} for one in pds],
        "ratings": [{"party_id": one, "pd": pd} for one, pd in pds.items()],
        **more,
    }


def weights(path: Path, edges: list[tuple[str, str, float]]) -> str:
    path.write_text("source_id,target_id,w\n" + "".join(f"{a},{b},{w}\n" for a, b, w in edges), "utf-8")
    return str(path)


@pytest.mark.parametrize("name", GOLDEN)
def test_edges_give_the_golden_pds_and_bounds(name: str, tmp_path: Path) -> None:
    case = GOLDEN[name]
    ids = [f"企业{k}" for k in range(len(case["pd_own"]))]
    file = weights(tmp_path / "w.csv", [(ids[e["src"]], ids[e["dst"]], e["w"]) for e in case["edges"]])
    result = network_pd(rated(dict(zip(ids, case["pd_own"], strict=True))), method="edges", weights=file)
    parties, bounds = result.parties.set_index("party_id"), result.bounds.set_index("party_id")
    for k, one in enumerate(ids):
        assert case["exact"][k] == pytest.approx(parties.loc[one, "pd_net"], abs=1e-9)
        assert parties.loc[one, "pd_low"] == parties.loc[one, "pd_high"] == parties.loc[one, "pd_net"]
        assert case["noisy_or_fixed_point"][k] == pytest.approx(bounds.loc[one, "noisy_or"], abs=1e-9)
        assert case["non_backtracking"][k] == pytest.approx(bounds.loc[one, "non_backtracking"], abs=1e-9)
        own = case["pd_own"][k]
        odds = (case["exact"][k] / (1 - case["exact"][k])) / (own / (1 - own))
        assert odds == pytest.approx(parties.loc[one, "odds_ratio"], rel=1e-6)
        assert 20 / np.log(2) * np.log(odds) == pytest.approx(parties.loc[one, "add_on_points"], abs=1e-6)


def brute(pd: Any, edges: list[tuple[int, int, float]], without: int = -1) -> Any:
    """Return P(default) over all outcomes of parties and edges, one by one."""
    n, total = len(pd), np.zeros(len(pd))
    for own in itertools.product([0, 1], repeat=n):
        for live in itertools.product([0, 1], repeat=len(edges)):
            chance = np.prod([p if o else 1 - p for p, o in zip(pd, own, strict=True)])
            chance *= np.prod([w if on else 1 - w for (_, _, w), on in zip(edges, live, strict=True)])
            down = {i for i in range(n) if own[i] and i != without}
            while True:
                more = {
                    b for (a, b, _), on in zip(edges, live, strict=True) if on and a in down and b != without
                } - down
                if not more:
                    break
                down |= more
            total[list(down)] += chance
    return total


def test_exact_edges_are_the_sum_over_all_outcomes_and_name_who_helps_most(tmp_path: Path) -> None:
    dice = random.Random(11)
    pd = [round(dice.uniform(0.01, 0.3), 3) for _ in range(5)]
    edges = [(dice.randrange(5), dice.randrange(5), round(dice.uniform(0.1, 0.9), 2)) for _ in range(7)]
    edges = [(a, b, w) for a, b, w in edges if a != b]
    ids = [f"P{k}" for k in range(5)]
    file = weights(tmp_path / "w.csv", [(ids[a], ids[b], w) for a, b, w in edges])
    result = network_pd(rated(dict(zip(ids, pd, strict=True))), method="edges", weights=file).parties
    full = brute(pd, edges)
    falls = {j: full - brute(pd, edges, j) for j in range(5)}
    for row in result.itertuples():
        i = ids.index(row.party_id)
        assert full[i] == pytest.approx(row.pd_net, abs=1e-12)
        if row.add_on > 1e-12:
            best = max(falls[j][i] for j in range(5) if j != i)
            assert best == pytest.approx(row.fall_1, abs=1e-9)
            assert best == pytest.approx(falls[ids.index(row.source_1)][i], abs=1e-9)


def test_simulated_edges_hold_the_exact_answer_in_their_interval(tmp_path: Path) -> None:
    dice = random.Random(3)
    ids = [f"P{k:02d}" for k in range(10)]
    edges = [
        (a, b, round(dice.uniform(0.1, 0.6), 2)) for a, b in itertools.permutations(ids, 2) if dice.random() < 0.18
    ]
    file = weights(tmp_path / "w.csv", edges)
    rows = rated(dict.fromkeys(ids, 0.05))
    exact = network_pd(rows, method="edges", weights=file).parties.set_index("party_id")
    drawn = network_pd(rows, method="edges", weights=file, exact_edges=0, scenarios=40_000).parties.set_index(
        "party_id"
    )
    drawn = drawn.loc[exact.index]
    assert {"exact"} == set(exact["method"])
    assert "simulated" in set(drawn["method"])
    inside = (drawn["pd_low"] <= exact["pd_net"] + 1e-12) & (exact["pd_net"] <= drawn["pd_high"] + 1e-12)
    assert inside.mean() >= 0.8
    assert (exact["pd_net"] - drawn["pd_net"]).abs().max() < 0.01
    top = exact.sort_values("add_on").iloc[-1]
    assert top["source_1"] in set(drawn.loc[top.name, ["source_1", "source_2", "source_3"]])


def test_a_split_weight_is_the_same_edge_and_no_weight_changes_nobody(tmp_path: Path) -> None:
    rows = rated({"A": 0.2, "B": 0.1, "C": 0.1})
    whole = network_pd(rows, method="edges", weights=weights(tmp_path / "a.csv", [("A", "B", 0.51)])).parties
    split = network_pd(
        rows, method="edges", weights=weights(tmp_path / "b.csv", [("A", "B", 0.3), ("A", "B", 0.3), ("C", "C", 1)])
    )
    assert whole["pd_net"].tolist() == pytest.approx(split.parties["pd_net"].tolist(), abs=1e-12)
    assert {"edges_joined", "edges_to_oneself"} <= {note.key for note in split.notes}
    none = network_pd(rows, method="edges", weights=weights(tmp_path / "c.csv", [])).parties
    assert none["pd_net"].tolist() == none["pd_own"].tolist()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n", "lack the column source_id, target_id, w"),
        ("source_id,target_id,w\nA,B,1.5\n", "line 2: w is a probability"),
        ("source_id,target_id,w\nA,B,\n", "line 2: w is a probability"),
        ("source_id,target_id,w\nA,Q,0.5\n", "line 2: no party has the id 'Q'"),
    ],
)
def test_weights_that_are_none_are_refused_with_their_line(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        network_pd(rated({"A": 0.1, "B": 0.1}), method="edges", weights=str(path))
    with pytest.raises(UsageError, match="needs the weights"):
        network_pd(rated({"A": 0.1}), method="edges")


def lending(seed: int, size: int = 6) -> tuple[dict[str, Any], dict[str, float], dict[str, float], list[Any]]:
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(size)]
    equity = {one: round(dice.uniform(5, 20), 2) for one in ids}
    pds = {one: round(dice.uniform(0.02, 0.3), 3) for one in ids}
    claims = [(a, b, round(dice.uniform(3, 15), 2)) for a, b in itertools.permutations(ids, 2) if dice.random() < 0.45]
    rows = rated(
        pds,
        financials=[{"party_id": one, "equity": equity[one]} for one in ids],
        exposures=[{"creditor_id": a, "debtor_id": b, "amount": amount} for a, b, amount in claims],
    )
    return rows, equity, pds, claims


def fallen(first: set[str], equity: dict[str, float], claims: list[Any]) -> set[str]:
    """Return who fails by the threshold rule: whose claims on the failed reach its equity."""
    down = set(first)
    while True:
        lost = {one: sum(amount for a, b, amount in claims if a == one and b in down) for one in equity}
        more = {one for one in equity if one not in down and lost[one] >= equity[one] - 1e-9}
        if not more:
            return down
        down |= more


@pytest.mark.parametrize("seed", [1, 2])
def test_the_engine_on_all_sets_is_the_threshold_rule_on_all_sets(seed: int) -> None:
    rows, equity, pds, claims = lending(seed)
    found = network_pd(rows, rho=0.0).parties.set_index("party_id")
    net = dict.fromkeys(equity, 0.0)
    without = {j: dict.fromkeys(equity, 0.0) for j in equity}
    for own in itertools.product([0, 1], repeat=len(equity)):
        first = {one for one, o in zip(equity, own, strict=True) if o}
        chance = np.prod([pds[one] if one in first else 1 - pds[one] for one in equity])
        down = fallen(first, equity, claims)
        for one in down:
            net[one] += chance
            for j in set(equity) - first:
                without[j][one] += chance / (1 - pds[j])
    assert {"exact"} == set(found["method"])
    for one, value in net.items():
        assert value == pytest.approx(found.loc[one, "pd_net"], abs=1e-12)
        if value > pds[one] + 1e-12:
            fall = {j: value - without[j][one] for j in equity if j != one}
            assert max(fall.values()) == pytest.approx(found.loc[one, "fall_1"], abs=1e-9)
            assert fall[found.loc[one, "source_1"]] == pytest.approx(found.loc[one, "fall_1"], abs=1e-9)


def test_draws_hold_the_enumerated_answer_and_isolated_clients_do_not_move() -> None:
    rows, *_ = lending(1)
    rows["parties"].append({"party_id": "ALONE"})
    rows["ratings"].append({"party_id": "ALONE", "pd": 0.07})
    exact = network_pd(rows, rho=0.0).parties.set_index("party_id")
    drawn = network_pd(rows, rho=0.0, exact_parties=0, scenarios=4000).parties.set_index("party_id")
    assert (0.07, 0.07, "exact") == tuple(drawn.loc["ALONE", ["pd_own", "pd_net", "method"]])
    one_by_one = drawn[drawn["method"] == "simulated"]
    assert (one_by_one["pd_net"] - exact.loc[one_by_one.index, "pd_net"]).abs().max() < 0.02
    assert (one_by_one["frequency"] - one_by_one["pd_net"]).abs().max() < 0.03
    assert (drawn["pd_net"] >= drawn["pd_own"]).all()
    worst = exact["add_on"].idxmax()
    assert exact.loc[worst, "source_1"] == drawn.loc[worst, "source_1"]
    assert exact.loc[worst, "fall_1"] == pytest.approx(drawn.loc[worst, "fall_1"], abs=0.02)


@pytest.mark.parametrize("method", ["engine", "edges", "draws"])
def test_the_part_of_a_party_is_answered_as_in_the_whole_book(method: str, tmp_path: Path) -> None:
    one, *_ = lending(1)
    rows = {
        table: [*given, *({k: f"Q{v}" if isinstance(v, str) else v for k, v in row.items()} for row in given)]
        for table, given in one.items()
    }
    asked: dict[str, Any] = {"rho": 0.0} | ({"exact_parties": 0} if method == "draws" else {})
    if method == "edges":
        edges = [(f"{q}P{a}", f"{q}P{b}", 0.4) for q in ("", "Q") for a, b in ((0, 1), (1, 2), (2, 0), (3, 4), (4, 5))]
        asked |= {"method": "edges", "weights": weights(tmp_path / "w.csv", edges)}
    whole = network_pd(rows, **asked).parties.set_index("party_id")
    who = whole.loc[whole.index.str.startswith("Q"), "add_on"].idxmax()
    part = network_pd(rows, part_of=who, **asked)
    found = part.parties.set_index("party_id")
    assert len(found) == {"engine": 6, "draws": 6, "edges": 3}[method]
    assert all(name.startswith("Q") for name in found.index)
    numbers = ["pd_own", "pd_net", "pd_low", "pd_high"]
    assert whole.loc[found.index, numbers].equals(found[numbers])
    assert 1 == len(part.parts)
    if method != "draws":
        assert whole.loc[who].equals(found.loc[who])
    assert found.loc[who, "add_on"] > 0
    assert found.drop(index=who)["source_1"].isna().all()


def test_no_draw_is_looked_at_after_the_runs_that_were_allowed() -> None:
    rows, *_ = lending(1)
    all_ = network_pd(rows, exact_parties=0, scenarios=400)
    few = network_pd(rows, exact_parties=0, scenarios=400, most_runs=5)
    draws = few.certificate["draws"]
    assert 5 <= draws < 400 == all_.certificate["draws"]
    same = network_pd(rows, exact_parties=0, scenarios=draws)
    numbers = ["party_id", "pd_net", "pd_low", "pd_high", "frequency"]
    assert same.parties[numbers].equals(few.parties[numbers])
    assert (few.parties["pd_high"] - few.parties["pd_low"]).max() > (
        all_.parties["pd_high"] - all_.parties["pd_low"]
    ).max()


def test_a_party_in_default_is_a_source_and_who_has_no_pd_has_only_what_others_bring() -> None:
    rows = ring(3)
    rows["parties"][0]["status"] = "defaulted"
    rows["ratings"] = [{"party_id": "P1", "pd": 0.1}]
    result = network_pd(rows, rho=0.0)
    found = result.parties.set_index("party_id")
    assert (1.0, 1.0) == tuple(found.loc["P0", ["pd_own", "pd_net"]])
    assert (0.1, 1.0, "P0") == tuple(found.loc["P1", ["pd_own", "pd_net", "source_1"]])
    assert found.loc["P2", "pd_own"] != found.loc["P2", "pd_own"]
    assert 1.0 == found.loc["P2", "pd_low"]
    assert "pulled_down_without_pd" in {note.key for note in result.notes}
