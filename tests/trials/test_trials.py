"""The trial, a little of it: the whole is `python -m tests.trials`, its figures stand in docs/reliability.md."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.trials.__main__ import SMALL, trials


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are forks")
@pytest.mark.parametrize("name", sorted(trials(Path(), SMALL, 1)))
def test_a_little_of_the_trial(name: str, tmp_path: Path) -> None:
    outcome = trials(tmp_path, SMALL, 1)[name]()
    assert [] == outcome.wrong
    assert outcome.tried or "not tried" in outcome.note
