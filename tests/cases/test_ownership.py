"""Shared case F07, our own data after public threads on beneficial owners: several ways, and a circle."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases.loaded import analysed

# by (I - M)^-1 - I; corrected for the circle each firm's outside owners sum to 1
RIGHT = {
    ("P", "T"): 0.4, ("Q", "T"): 0.2,
    ("P", "A"): 0.8577, ("Q", "A"): 0.0212, ("R", "A"): 0.1211,
    ("P", "B"): 0.2573, ("Q", "B"): 0.7064, ("R", "B"): 0.0363,
    ("P", "C"): 0.0515, ("Q", "C"): 0.1413, ("R", "C"): 0.8073,
}  # fmt: skip


def test_shares_over_several_ways_and_through_a_circle_add_up(tmp_path: Path) -> None:
    rows = analysed(tmp_path, "F07", name="ownership")["tables"]["ownership_integrated"]
    found = {(row["owner_id"], row["owned_id"]): row["capital_min"] for row in rows}
    assert {pair: pytest.approx(share, abs=1e-4) for pair, share in RIGHT.items()} == {p: found[p] for p in RIGHT}
