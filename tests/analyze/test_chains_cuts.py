"""Cuts of very large parts: the pieces fit, and what a cut stops is the fall of importance in two whole runs."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

from tests.analyze.test_chains import chains
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties

Rows = dict[str, list[dict[str, Any]]]


def district(seed: int, size: int = 40) -> Rows:
    """Return a connected book of firms that guarantee, lend to and own one another."""
    dice = np.random.default_rng(seed)
    ids = [f"P{k:02d}" for k in range(size)]
    pairs = [(ids[int(dice.integers(max(0, k - 6), k))], ids[k]) for k in range(1, size)]
    pairs += [tuple(str(one) for one in dice.choice(ids, 2, replace=False)) for _ in range(size // 3)]
    return {
        "parties": parties(*ids),
        "financials": [{"party_id": i, "equity": float(dice.lognormal(3.0, 1.0))} for i in ids],
        "facilities": [
            {"facility_id": f"F{i}", "borrower_id": i, "outstanding": float(dice.lognormal(3.0, 0.5))} for i in ids
        ],
        "guarantees": [
            {
                "guarantee_id": f"G{k:03d}", "guarantor_id": a, "debtor_id": b,
                "facility_id": f"F{b}" if k % 3 else None, "amount": float(dice.lognormal(3.0, 0.5)),
            }
            for k, (a, b) in enumerate(pairs)
        ],
        "exposures": [
            {"creditor_id": a, "debtor_id": b, "amount": float(dice.lognormal(2.0, 0.5))}
            for a, b in (tuple(str(one) for one in dice.choice(ids, 2, replace=False)) for _ in range(size))
        ],
    }  # fmt: skip


def without(rows: Rows, ids: list[str]) -> Rows:
    return {**rows, "guarantees": [row for row in rows["guarantees"] if row["guarantee_id"] not in ids]}


def importance(rows: Rows) -> dict[str, float]:
    found = analyze("contagion", graph_of(**rows)).importance
    return {name: float(found[name].sum()) for name in ("loss_caused", "bank_loss_caused", "defaults_caused")}


@pytest.mark.parametrize("seed", range(2))
def test_a_cut_leaves_pieces_that_fit_and_stops_what_two_whole_runs_say(seed: int) -> None:
    rows = district(seed)
    found = analyze("chains", graph_of(**rows), max_piece=9, max_links=2)
    (cut,) = found.cuts.to_dict("records")
    left = without(rows, cut["guarantee_ids"])
    net = nx.Graph()
    net.add_nodes_from(row["party_id"] for row in rows["parties"])
    net.add_edges_from((row["guarantor_id"], row["debtor_id"]) for row in left["guarantees"])
    sizes = [len(part) for part in nx.connected_components(net)]
    assert (len(sizes), max(sizes)) == (cut["pieces"], cut["largest_piece"])
    assert 9 >= cut["largest_piece"]
    piece = dict(zip(found.parties["party_id"], found.parties["piece"], strict=True))
    assert {min(part) for part in nx.connected_components(net)} == set(piece.values())
    whole = importance(rows)
    for ids, row in ((cut["guarantee_ids"], cut), *((row["guarantee_ids"], row) for row in
                     found.links.head(2).to_dict("records"))):  # fmt: skip
        after = importance(without(rows, ids))
        assert row["loss_stopped"] == pytest.approx(whole["bank_loss_caused"] - after["bank_loss_caused"])
        assert row["total_loss_stopped"] == pytest.approx(whole["loss_caused"] - after["loss_caused"])
        assert row["defaults_stopped"] == whole["defaults_caused"] - after["defaults_caused"]
    assert sorted(cut["guarantee_ids"]) == sorted(one for ids in found.links["guarantee_ids"] for one in ids)
    assert found.links["loss_stopped"].isna().sum() == max(len(found.links) - 2, 0)


def test_parts_that_are_not_very_large_are_left_whole() -> None:
    found = chains(("A", "B", 1.0), ("B", "C", 1.0))
    assert found.cuts.empty
    assert found.parties["piece"].isna().all()


def test_a_cut_that_takes_the_banks_cover_away_says_so() -> None:
    rows = {
        "parties": parties("A", "B"),
        "financials": [{"party_id": "A", "equity": 100.0}, {"party_id": "B", "equity": 1.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "outstanding": 10.0}],
        "guarantees": [{"guarantee_id": "G", "guarantor_id": "A", "debtor_id": "B", "amount": 10.0}],
    }
    found = analyze("chains", graph_of(**rows), max_piece=1)
    assert [(["G"], 2, 1, -10.0)] == list(
        found.cuts[["guarantee_ids", "pieces", "largest_piece", "loss_stopped"]].itertuples(index=False, name=None)
    )
    assert any("protect the bank" in note for note in found.notes)


def test_a_run_that_would_take_too_long_is_not_made_and_said() -> None:
    found = analyze("chains", graph_of(**district(1)), max_piece=9, cut_work=1)
    assert found.cuts["loss_stopped"].isna().all()
    assert found.cuts["guarantee_ids"].map(len).min() > 0
    assert any("cut_work allows 1" in note for note in found.notes)
