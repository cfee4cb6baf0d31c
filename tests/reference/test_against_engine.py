"""The program against the plain reference, on random books of everything that it has a rule for.

`REFERENCE_BOOKS=300 pytest tests/reference/test_against_engine.py` takes that many books instead of a few dozen;
`python -m tests.reference.compare --books 300 --seed 1` prints the differences.
"""

from __future__ import annotations

import os

import pytest

from tests.reference.books import random_case
from tests.reference.compare import compare

BOOKS = int(os.environ.get("REFERENCE_BOOKS", "36"))
FIRST = int(os.environ.get("REFERENCE_SEED", "1"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + BOOKS))
def test_the_program_agrees_with_the_reference_in_every_row_and_column(seed):
    assert [] == compare(random_case(seed))
