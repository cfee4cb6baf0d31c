"""Contagion against a slow reference that shares no code with it, on random books with every awkward value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphrisk.errors import ConvergenceError
from tests.analyze.contagion_books import Rows, random_book, random_shock, scaled
from tests.analyze.contagion_reference import Reference, UnsettledError
from tests.analyze.contagion_runs import differences, run

LAYERS = ("exposures", "guarantees", "ownership", "supplies", "collateral")
RULES = ("threshold", "debtrank", "nonlinear", "en", "rv", "merton")


def _settings(seed: int, rule: str) -> dict[str, Any]:
    """Return a random setting of every parameter that changes the map."""
    rng = np.random.default_rng(seed)
    drawn: dict[str, Any] = {
        "rule": rule,
        "capacity": str(rng.choice(["net_assets", "net_assets", "unlimited"])),
        "missing_capacity": str(rng.choice(["zero", "caps"])),
        "recourse": float(rng.choice([1.0, 1.0, 0.5, 0.0])),
        "recovery": float(rng.choice([0.0, 0.0, 0.4])),
        "alpha": float(rng.choice([0.0, 1.0, 3.0])),
        "supply_default": str(rng.choice(["default", "default", "none", "linear"])),
        "schedule": str(rng.choice(["joint", "joint", "staged"])),
        "impact_beta": float(rng.choice([0.0, 0.0, 0.5])),
        "seniority": str(rng.choice(["pari", "senior"])),
    }
    if rule in ("en", "rv", "merton"):
        drawn["alpha"], drawn["beta"] = float(rng.choice([1.0, 0.7, 0.4])), float(rng.choice([1.0, 0.7, 0.4]))
    return drawn


def _book(seed: int, rule: str) -> Rows:
    """Return a random book; where the rule needs balance sheets, everybody has one."""
    rows = random_book(seed)
    if rule in ("en", "rv", "merton"):
        have = {row["party_id"] for row in rows["financials"]}
        blank = {"equity": 33.0, "total_liabilities": 50.0, "equity_volatility": 0.3}
        rows["financials"] += [
            {"party_id": row["party_id"], **blank} for row in rows["parties"] if row["party_id"] not in have
        ]
    return rows


@pytest.mark.parametrize("rule", RULES)
def test_random_books_equal_the_reference(rule: str) -> None:
    layers_hit: set[str] = set()
    for number in range(30):
        rows, settings = _book(number, rule), _settings(number, rule)
        shock = random_shock(number, rows)
        expected = Reference(rows, **settings).run(shock)
        actual = run(rows, shock, all_rows=True, **settings)
        assert [] == differences(actual, expected, scale=100.0), f"book {number}, {settings}"
        sums = actual.parties.sum(numeric_only=True)
        layers_hit |= {name for name in sums.index if name.startswith(("loss_", "guarantee_")) and sums[name] > 0}
    least = {"loss_shock", "loss_exposures", "loss_supplies"}
    if rule in ("threshold", "debtrank", "nonlinear"):  # a valuation loses nothing above equity 0
        least |= {"loss_collateral", "loss_ownership", "guarantee_paid", "guarantee_unmet"}
    assert least <= layers_hit


@pytest.mark.parametrize("factor", [1000.0, 0.01])
@pytest.mark.parametrize("rule", ["threshold", "debtrank"])
def test_a_book_in_another_unit_gives_the_same_picture(rule: str, factor: float) -> None:
    for number in range(15):
        rows, settings = random_book(number), _settings(number, rule)
        shock = random_shock(number, rows)
        one = run(rows, shock, all_rows=True, **settings)
        other = run(scaled(rows, factor), shock, all_rows=True, **settings)
        for column in ("party_id", "defaulted", "default_round", "cause"):
            assert one.parties[column].tolist() == other.parties[column].tolist(), f"book {number}: {column}"
        np.testing.assert_allclose(
            other.parties["equity_after"].to_numpy(float),
            one.parties["equity_after"].to_numpy(float) * factor,
            atol=1e-8 * 100 * factor,
        )
        assert one.calls[["guarantee_id", "facility_id"]].equals(other.calls[["guarantee_id", "facility_id"]])


@pytest.mark.parametrize("left_out", LAYERS)
def test_any_layer_can_be_left_out(left_out: str) -> None:
    layers = tuple(name for name in LAYERS if name != left_out)
    for number in range(100, 106):
        rows = random_book(number)
        shock = random_shock(number, rows)
        expected = Reference(rows, layers=layers).run(shock)
        actual = run(rows, shock, all_rows=True, layers=",".join(layers))
        assert [] == differences(actual, expected, scale=100.0), f"book {number} without {left_out}"


@pytest.mark.parametrize("supplies", [True, False])
@pytest.mark.parametrize("rule", ["threshold", "debtrank", "rv"])
def test_importance_of_every_seed_equals_running_it_alone(rule: str, supplies: bool) -> None:
    unsettled = 0
    for number in range(14, 20):
        rows, settings = _book(number, rule), _settings(number, rule)
        if not supplies:
            settings |= {"layers": tuple(name for name in LAYERS if name != "supplies"), "impact_beta": 0.0}
        expected = Reference(rows, **settings).importance()
        table = run(rows, max_rounds=3_000, **settings).importance.set_index("party_id")
        for seed, caused in expected.items():
            row = table.loc[seed]
            assert row["lower"] <= row["loss_caused"] <= row["upper"]
            if caused is None:
                unsettled += 1
                assert not row["exact"]
                continue
            loss, bank, defaults = caused
            assert row["exact"]
            assert loss == pytest.approx(row["loss_caused"], abs=1e-6), f"book {number}, seed {seed}, {settings}"
            assert bank == pytest.approx(row["bank_loss_caused"], abs=1e-6)
            assert defaults == row["defaults_caused"]
    assert unsettled <= 1


def test_a_run_that_swings_for_ever_is_refused() -> None:
    rows = random_book(2602, size=8)
    layers = tuple(name for name in LAYERS if name != "supplies")
    with pytest.raises(UnsettledError):
        Reference(rows, rule="debtrank", layers=layers).run({"P6": 1.0})
    with pytest.raises(ConvergenceError, match="did not settle in 3,000 rounds") as caught:
        run(rows, {"P6": 1.0}, rule="debtrank", layers=layers, max_rounds=3_000)
    assert caught.value.exit_code == 5


def test_price_shocks_equal_the_reference() -> None:
    hit = 0
    for number in range(20):
        rows = random_book(number)
        shock = random_shock(number, rows)
        price = {row["collateral_id"]: 0.6 for row in rows["collateral"] if row["kind"] == "real_estate"}
        if not price:
            continue
        hit += 1
        settings = {"impact_beta": 0.3 if number % 2 else 0.0}
        expected = Reference(rows, **settings).run(shock, price)
        text = '[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -0.4\n'
        actual = run(rows, shock, scenario=text, all_rows=True, **settings)
        assert [] == differences(actual, expected, scale=100.0), f"book {number}"
    assert hit > 8
