"""Shared case T5 (our own data): costs of default are never a gain, so rv loses no less than en."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import CLEARING, EQUITY, FLOOR, OWED, SCALE, Rule
from graphrisk.kernels.contagion.valuation import losses_now
from tests.analyze.contagion_books import random_book, random_shock
from tests.analyze.contagion_reference import Reference
from tests.analyze.contagion_runs import differences, run
from tests.cases.loaded import analysed

CORNERS = [(0.0, 1.0), (0.5, 1.0), (1.0, 0.0), (0.0, 0.0), (0.3, 0.7), (1.0, 1.0)]


def test_negative_external_assets_do_not_add_to_what_creditors_get(tmp_path: Path) -> None:
    """B holds 200 on D, owes 100 and has 10: its external assets are -90, and without D it has nothing."""
    for options in (["rule=en"], ["rule=rv", "alpha=0.5", "beta=1"], ["rule=rv", "alpha=0", "beta=0.9"]):
        chosen = [word for option in options for word in ("--set", option)]
        found = analysed(tmp_path, "T5", *chosen, "--shock", "D", "--set", "all_rows=true")
        rows = {row["party_id"]: row for row in found["tables"]["contagion_parties"]}
        assert (100.0, 400.0) == (rows["A"]["loss_exposures"], rows["A"]["equity_after"]), options


@pytest.mark.parametrize("seniority", ["pari", "senior"])
@pytest.mark.parametrize(("alpha", "beta"), CORNERS)
def test_rv_never_loses_less_than_en(alpha: float, beta: float, seniority: str) -> None:
    compared = below_zero = 0
    for seed in range(30):
        rows = random_book(seed)
        rows["supplies"], rows["guarantees"] = [], []
        have = {row["party_id"] for row in rows["financials"]}
        rows["financials"] += [
            {"party_id": row["party_id"], "equity": 9.0, "total_liabilities": 4.0}
            for row in rows["parties"] if row["party_id"] not in have
        ]  # fmt: skip
        for row in rows["exposures"]:
            row["amount"] *= 4.0  # claims above equity and debts: external assets below 0
        shocks = random_shock(seed, rows)
        chosen: dict[str, Any] = {"seniority": seniority, "max_rounds": 3_000, "all_rows": True}
        try:
            en = run(rows, shocks, rule="en", **chosen)
            rv = run(rows, shocks, rule="rv", alpha=alpha, beta=beta, **chosen)
        except ConvergenceError:
            continue
        below_zero += any("external assets are negative" in note for note in rv.notes)
        after = [one.parties.set_index("party_id")["equity_after"].sort_index() for one in (en, rv)]
        assert ((after[0] - after[1]) >= -1e-7).all(), f"book {seed}"
        assert rv.certificate["bank_loss"] >= en.certificate["bank_loss"] - 1e-7
        expected = Reference(rows, rule="rv", alpha=alpha, beta=beta, seniority=seniority).run(shocks)
        assert [] == [
            line for line in differences(rv, expected, scale=100.0)
            if "equity_after" in line or "loss_exposures" in line or "bank_loss:" in line
        ]  # fmt: skip
        compared += 1
    assert compared > 20
    assert below_zero > 10


def test_the_loss_fraction_of_rv_is_never_below_that_of_en() -> None:
    rng = np.random.default_rng(5)
    size = 20_000
    party, money = np.zeros((size, 7)), np.zeros((size, 15))
    party[:, SCALE] = 1.0
    inside, outside = rng.uniform(0.1, 100, size), rng.choice([0.0, 1.0], size) * rng.uniform(0, 50, size)
    assets = rng.uniform(-200, 200, size)
    money[:, EQUITY] = rng.uniform(-300, 50, size)
    failed = np.zeros(size, dtype=np.bool_)
    party[:, OWED] = inside
    en = losses_now(Rule(code=CLEARING), party, money, failed)
    for alpha, beta in CORNERS:
        party[:, FLOOR] = (alpha - beta) * assets - (1.0 - beta) * outside
        rv = losses_now(Rule(code=CLEARING, slope=beta), party, money, failed)
        assert (rv >= en - 1e-15).all()
        assert (rv <= 1.0).all()
    assert 0.1 < float((en < 1.0).mean()) < 1.0
