"""Importance: what is not run to its end lies between bounds that hold, and the certificate says which is which."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.analyze.contagion.importance import run_from_scratch
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.parts import parts_of_book
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_runs import graph_from, run

RULES = ("threshold", "debtrank", "nonlinear", "en", "rv", "merton")
LAYERS = ("exposures", "guarantees", "ownership", "supplies", "collateral")
VALUED = ("en", "rv", "merton")


def _book(seed: int, rule: str) -> Rows:
    rows = random_book(seed)
    if rule in VALUED:
        have = {row["party_id"] for row in rows["financials"]}
        blank = {"equity": 33.0, "total_liabilities": 50.0, "equity_volatility": 0.3}
        rows["financials"] += [
            {"party_id": row["party_id"], **blank} for row in rows["parties"] if row["party_id"] not in have
        ]
    return rows


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    rule=st.sampled_from(RULES),
    left_out=st.sampled_from([*LAYERS, None]),
    supply_default=st.sampled_from(["default", "linear", "none"]),
    impact_beta=st.sampled_from([0.0, 0.5]),
    recovery=st.sampled_from([0.0, 0.4]),
)
def test_bounds_hold_for_every_rule_and_all_layers(
    seed: int, rule: str, left_out: str | None, supply_default: str, impact_beta: float, recovery: float
) -> None:
    layers = tuple(name for name in LAYERS if name != left_out)
    chosen: dict[str, Any] = {
        "rule": rule, "layers": layers, "supply_default": supply_default, "impact_beta": impact_beta,
        "recovery": recovery, "max_rounds": 2_000,
    }  # fmt: skip
    graph = graph_from(_book(seed, rule))
    try:
        some, whole = run(graph, seed_work=0, **chosen), run(graph, **chosen)
    except ConvergenceError:  # calls of this book swing for ever before any shock
        return
    truth = whole.importance.set_index("party_id")
    both = some.importance.set_index("party_id").join(truth[["loss_caused", "exact"]].add_suffix("_true"))
    both = both[both["exact_true"]]
    assert (both["lower"] <= both["loss_caused_true"] + 1e-6).all()
    assert (both["loss_caused_true"] <= both["upper"] + 1e-6).all()
    assert (both["loss_caused"][both["exact"]] == both["lower"][both["exact"]]).all()
    certain = some.certificate["certain_top"]
    open_ = some.certificate["largest_open_bound"]
    if certain and whole.importance["exact"].all():
        assert (some.importance["loss_caused"][:certain] > (-np.inf if open_ is None else open_)).all()
        np.testing.assert_allclose(
            some.importance["loss_caused"][:certain], whole.importance["loss_caused"][:certain], atol=1e-6
        )


def _giant_and_pairs(pairs: int = 50, size: int = 300) -> Rows:
    """Return a book of one giant part of claims and of many pairs of a claim each."""
    rng = np.random.default_rng(3)
    giant = [f"G{i:03d}" for i in range(size)]
    small = [f"S{i:03d}" for i in range(2 * pairs)]
    equity = {i: float(np.round(rng.lognormal(3, 1), 2)) for i in [*giant, *small]}
    claims = [
        {"creditor_id": giant[k], "debtor_id": giant[j], "amount": 0.2 * equity[giant[k]]}
        for k in range(size) for j in rng.choice(size, 4, replace=False).tolist() if j != k
    ]  # fmt: skip
    claims += [{"creditor_id": a, "debtor_id": b, "amount": 5.0} for a, b in zip(small[::2], small[1::2], strict=True)]
    return {
        "parties": [{"party_id": i} for i in equity],
        "financials": [{"party_id": i, "equity": e} for i, e in equity.items()],
        "exposures": claims,
    }


def test_small_parts_are_run_to_their_end_and_the_giant_one_is_bounded() -> None:
    result = run(_giant_and_pairs(), rule="debtrank", seed_work=200_000)
    table = result.importance.set_index("party_id")
    small = table.index.str.startswith("S")
    assert table["exact"][small].all()
    assert not table["exact"][~small].all()
    assert result.certificate["parts"] == 51
    assert result.certificate["largest_part"] == 300
    assert result.certificate["bounds_void"] == 0
    assert result.certificate["largest_open_bound"] == table["upper"][~table["exact"]].max()
    note = next(note for note in result.notes if note.startswith("importance:"))
    assert "those in small parts of the book first, then in the order of their upper bounds" in note


def test_a_void_bound_is_all_there_is_to_lose_in_its_part() -> None:
    rows = _giant_and_pairs(size=60)
    for row in rows["exposures"]:
        row["amount"] *= 6.0
    result = run(rows, rule="debtrank", seed_work=3_000)
    assert result.certificate["spectral_radius"] > 1.0
    table = result.importance.set_index("party_id")
    open_ = table[~table["exact"] & table.index.str.startswith("G")]
    equity = {row["party_id"]: row["equity"] for row in rows["financials"]}
    giant = sum(e for i, e in equity.items() if i.startswith("G"))
    whole = [row["upper"] == pytest.approx(giant - equity[str(party)]) for party, row in open_.iterrows()]
    assert result.certificate["bounds_void"] == sum(whole) > 10
    assert any("warning" in note and "the linear bound is void" in note for note in result.notes)


def test_where_the_linear_bound_is_void_groups_tell_the_first_apart() -> None:
    rows = _giant_and_pairs(size=60)
    for row in rows["exposures"]:
        row["amount"] *= 6.0
    result = run(rows, rule="debtrank", seed_work=10_000)
    assert 0 == result.certificate["bounds_void"]
    assert result.certificate["bounded_in_groups"] > 10
    table = result.importance.set_index("party_id")
    truth = run(rows, rule="debtrank").importance.set_index("party_id")["loss_caused"]
    assert (table["upper"] >= truth[table.index] - 1e-9 * truth.max()).all()
    mark = sorted(table["loss_caused"][table["exact"]])[-20]
    assert (table["upper"][~table["exact"]] < mark).sum() > 10  # shown not to be among the first 20
    equity = {row["party_id"]: row["equity"] for row in rows["financials"]}
    at_once: dict[str, float] = {}
    for row in rows["exposures"]:
        lost = min(row["amount"], equity[row["creditor_id"]])
        at_once[row["debtor_id"]] = at_once.get(row["debtor_id"], 0.0) + lost
    first = sorted(at_once, key=lambda i: -at_once[i])[:2]
    assert table["exact"][first].all()  # where no bound tells seeds apart, those with most to lose by them come first


@pytest.mark.parametrize("settings_", [
    {"rule": "threshold"}, {"rule": "debtrank", "impact_beta": 0.5}, {"rule": "debtrank", "supply_default": "linear"},
    {"rule": "merton", "impact_beta": 0.5, "supply_default": "linear"},
])  # fmt: skip
def test_no_loss_leaves_the_part_of_the_book_in_which_it_began(settings_: dict[str, Any]) -> None:
    params = parse_params(Params, {"max_rounds": 2_000, **settings_}, where="contagion")
    several = 0
    for number in range(6):
        one, two = _book(number, params.rule), _book(number + 50, params.rule)
        for party in [*one["parties"], *two["parties"]]:
            party["industry"] = None
        for asset in [*one["collateral"], *two["collateral"]]:
            asset["asset_class"] = asset["collateral_id"]
        other = {
            name: [{k: f"Z{v}" if k.endswith("_id") and v is not None else v for k, v in row.items()} for row in table]
            for name, table in two.items()
        }
        book, shock, _ = prepare(graph_from({name: [*one[name], *other[name]] for name in one}), params, Inputs())
        try:
            quiet = spread_shock(book, shock, params)
        except ConvergenceError:
            continue
        part, contracts = parts_of_book(
            quiet.ledger,
            supply=None if quiet.supply is None else quiet.supply.supply,
            pledges=None if quiet.assets is None else quiet.book.pledges,
        )
        assert contracts.sum() > 0
        several += int(np.unique(part).size > 1)
        for seed in np.flatnonzero(~quiet.run.state.failed)[:4]:
            fraction = np.zeros(len(part))
            fraction[seed] = 1.0
            found = run_from_scratch(quiet, params, np.array([seed]))
            if found.rounds[0] < 0:
                continue
            after = spread_shock(
                book, dataclasses.replace(quiet.shock, fraction=fraction, given=True), params, explain=False
            )
            moved = np.abs(after.balance.equity - quiet.balance.equity) > 1e-7
            assert (part[moved] == part[seed]).all()
    assert several > 2


@pytest.mark.parametrize("rule", ["threshold", "debtrank", "nonlinear"])
def test_a_sweep_by_sums_and_one_by_lists_lose_the_same(rule: str) -> None:
    for number in range(12):
        rows = random_book(number)
        idle = {**rows, "parties": [*rows["parties"], *({"party_id": f"Q{k:04d}"} for k in range(500))]}
        shock = {"P0": 1.0, "P1": 0.5}
        try:
            dense, listed = (run(book, shock, rule=rule, all_rows=True, max_rounds=2_000) for book in (rows, idle))
        except ConvergenceError:
            continue
        mine = listed.parties[listed.parties["party_id"].str.startswith("P")].reset_index(drop=True)
        for column in ("defaulted", "default_round", "cause"):
            assert dense.parties[column].tolist() == mine[column].tolist()
        np.testing.assert_allclose(
            mine["equity_after"].to_numpy(float), dense.parties["equity_after"].to_numpy(float), atol=1e-9
        )
