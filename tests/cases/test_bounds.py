"""Shared case T1 (our own data): an upper bound that is above what the seed causes, and ranks that are certain."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.loaded import analysed


def test_a_small_cap_does_not_make_the_bound_of_a_partial_loss_too_small(tmp_path: Path) -> None:
    """FSEED takes 1 % of CRED's equity: of its loan of 1,000 the guarantor pays all it has, 10, and fails."""
    whole = analysed(tmp_path, "T1", "--set", "rule=debtrank")
    true = {row["party_id"]: row["loss_caused"] for row in whole["tables"]["contagion_importance"]}
    assert true["FSEED"] == pytest.approx(120.01, abs=0.005)
    some = analysed(tmp_path, "T1", "--set", "rule=debtrank", "--set", "seed_work=94")
    rows = some["tables"]["contagion_importance"]
    for row in rows:
        assert row["lower"] <= true[row["party_id"]] + 1e-9
        assert row["upper"] >= true[row["party_id"]] - 1e-9
    certain = some["certificate"]["certain_top"]
    order = sorted(true, key=lambda party: (-true[party], party))
    assert order[:certain] == [row["party_id"] for row in rows][:certain]
