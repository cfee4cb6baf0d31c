"""Cells that are too wide: broken where a reader expects it, and nothing lost."""

from __future__ import annotations

import random

import pytest
from rich.cells import cell_len

from graphrisk.cli.folding import fold, units

PIECES = [
    "C0000413",
    "甲公司",
    "、",
    "，",
    "。",
    " ",
    "（A1）",
    "→",
    "Art.",
    "52(1);",
    "+3",
    "\n",
    "“",
    "”",
    "12,345.6",
    "é",
]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_and_no_line_is_too_wide(seed: int) -> None:
    draw = random.Random(seed)
    text = "".join(draw.choices(PIECES, k=25))
    for wide in (4, 9, 14, 40):
        lines = fold(text, wide)
        assert "".join(text.split()) == "".join("".join(lines).split())
        assert max(map(cell_len, lines)) <= wide
        short = [unit for unit in units(text) if not unit.isspace() and cell_len(unit) <= wide]
        assert all(any(unit in line for line in lines) for unit in short), "a word is never cut that fits a line"


def test_an_id_is_not_cut_and_a_mark_does_not_begin_a_line() -> None:
    assert ["C0000413、", "C0000701、", "+22"] == fold("C0000413、C0000701、+22", 12)
    assert ["甲乙丙", "丁、戊"] == fold("甲乙丙丁、戊", 7)
