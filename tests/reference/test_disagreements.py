"""Small books on which the program and the reference once differed, each with the clause that decides.

Our own data: found by `compare`, made small by `shrink` or by hand. One that still differs is added as a strict xfail.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reference.compare import compare, read_case

CASES = Path(__file__).parent / "cases"
HEALED = (
    "cause_shock_of_an_unshocked_party",
    "default_without_a_call",
    "importance_starts_below",
    "market_counts_stopped_firms",
    "merton_jumps_at_rounding",
    "own_stop_takes_what_supplies_cost",
    "shocked_guarantor_that_paid",
)


def test_every_case_is_run():
    assert {path.stem for path in CASES.glob("*.json")} == set(HEALED)


@pytest.mark.parametrize("name", HEALED)
def test_the_program_agrees_with_the_reference_on_the_small_book(name):
    assert [] == compare(read_case(CASES / f"{name}.json"))
