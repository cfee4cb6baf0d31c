"""The scorecard on real data, where it lies beside the project: the floor of the benchmark, on one fold run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ratings import FLOORS, measured, south_german

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def test_the_scorecard_keeps_its_floor_on_south_german_credits() -> None:
    if not (DATA / "south_german").is_dir():
        pytest.skip(f"no data at {DATA / 'south_german'}: see benchmarks/ratings.py for what it is")
    assert measured(south_german(DATA), "scorecard", range(2))["auc"] >= FLOORS["south_german", "scorecard"]
