"""The trial, a little of it: the whole is `python -m tests.trials`, its figures stand in docs/reliability.md."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.trials.__main__ import DOCS, SMALL, WHOLE, trials, write
from tests.trials.outcome import Outcome, merged, table


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are forks")
@pytest.mark.parametrize("name", sorted(set(trials(Path(), SMALL, 1)) - {"neo4j"}))
def test_a_little_of_the_trial(name: str, tmp_path: Path) -> None:
    outcomes = merged([one for part in trials(tmp_path, SMALL, 1)[name] for one in part()])
    for outcome in outcomes:
        assert [] == outcome.wrong
        assert outcome.tried or "not tried" in outcome.note


LEAST = {
    "killed while writing": 1_000,
    "single bits of the JSON files": 40_000,
    "random bits": WHOLE.bits,
    "rows, mutated": 1_000_000,
    "mutated settings": WHOLE.settings,
    "4 writers at once": WHOLE.writers * WHOLE.turns,
    "disk full": 3 * WHOLE.rooms,
    "each call of a file takes": 6,
    "clock set back": WHOLE.turns,
    "push into Neo4j killed": WHOLE.pushes,
    "Neo4j server killed": WHOLE.servers,
}
"""How often the whole run tries each thing at least."""


def test_the_figures_in_the_docs_are_those_of_a_whole_run_in_which_nothing_went_wrong() -> None:
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \| ([\d,]+) \|.*\|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert len(LEAST) == len(rows)
    for what, least in LEAST.items():
        ((tried, wrong),) = [(int(tried.replace(",", "")), wrong) for name, tried, wrong in rows if what in name]
        assert least <= tried, what
        assert "0" == wrong, what


def test_the_table_is_written_between_its_marks(tmp_path: Path) -> None:
    docs = tmp_path / "docs.md"
    docs.write_text("before\n<!-- trials -->\nold\n<!-- end of trials -->\nafter\n", "utf-8")
    parts = [Outcome(what="kills", expected="none", tried=2_000, wrong=wrong, seconds=1.0) for wrong in ([], ["torn"])]
    parts[0].counts["load"] = 5
    write(table(merged(parts)), docs)
    row = "| kills (load 5) | 4,000 | 1 | none | 2 |"
    assert row in docs.read_text("utf-8").splitlines()
    assert ["before", "after"] == [docs.read_text("utf-8").splitlines()[at] for at in (0, -1)]
    assert "old" not in docs.read_text("utf-8")


def test_the_parts_of_a_trial_try_what_it_tries_in_one(tmp_path: Path) -> None:
    from tests.trials import bits

    whole = bits.side_files(tmp_path / "one", 97)[0].tried
    assert whole == sum(bits.side_files(tmp_path / str(part), 97, part, 3)[0].tried for part in range(3))
