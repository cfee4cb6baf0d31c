"""What a credit officer checks first on the whole bank: is contagion there, and is it not the whole story?

`pytest -s tests/demo/test_targets.py` prints the figures. The bounds are those of issue 8, at default parameters.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.bank_tables import analyzed, own_loans

BANKS = ((2000, 1), (500, 3))
"""The bounds are those of the default bank; of eight banks of 500 clients two break the last ones (docs/demo.md)."""


def _ead(clients: int, seed: int) -> float:
    return float(own_loans(clients, seed)["cny"].sum())


def _measure(clients: int, seed: int) -> dict[str, float]:
    ead = _ead(clients, seed)
    importance = analyzed("contagion", clients, seed).importance
    summary = analyzed("portfolio", clients, seed).tables["portfolio_summary"]
    expected = summary[summary["measure"] == "EL"].iloc[0]
    worst = summary[(summary["measure"] == "VaR") & (summary["level"] == 0.999)].iloc[0]
    return {
        "expected loss with over without contagion": expected["with_contagion"] / expected["without_contagion"],
        "expected loss with contagion": expected["with_contagion"] / ead,
        "VaR 99.9 with contagion": worst["with_contagion"] / ead,
        "largest bank_loss_caused": importance["bank_loss_caused"].max() / ead,
        "largest loss_caused": importance["loss_caused"].max() / ead,
    }


@pytest.mark.parametrize(("clients", "seed"), BANKS)
def test_the_figures_of_the_bank_are_those_that_an_expert_believes(clients: int, seed: int) -> None:
    found = _measure(clients, seed)
    print(f"\n{clients:,} clients, seed {seed}: " + "; ".join(f"{name} {value:.4f}" for name, value in found.items()))
    assert 1.1 <= found["expected loss with over without contagion"] <= 2.0
    assert 0.005 <= found["expected loss with contagion"] <= 0.04
    assert found["VaR 99.9 with contagion"] < 0.12
    assert found["largest bank_loss_caused"] < 0.03
    assert found["largest loss_caused"] < 0.05


@pytest.mark.parametrize("start_from_status", [False, True])
@pytest.mark.parametrize(("clients", "seed"), [*BANKS, (2000, 5), (500, 7)])
def test_nobody_falls_without_a_shock_but_who_is_in_default_in_the_data(
    clients: int, seed: int, start_from_status: bool
) -> None:
    run = analyzed("contagion", clients, seed, start_from_status=start_from_status, all_rows=True)
    assert {} == _fallen_later(run.parties)


def _fallen_later(parties: Any) -> dict[str, int]:
    later = parties[parties["default_round"].fillna(0) >= 1]
    return dict(zip(later["party_id"], later["default_round"], strict=True))
