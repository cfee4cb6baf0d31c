"""Groups of two days matched by the clients they share, against the rule spelled out pair by pair."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from graphrisk.standing.same_group import same_groups

Groups = Mapping[str, frozenset[str]]


def one_pair_after_another(was: Groups, now: Groups) -> dict[str, str]:
    """Most clients shared first, then fewest in both together, then by id; each group once."""
    pairs = [
        (-len(now[a] & was[b]), len(now[a] | was[b]), a, b) for a in now for b in was if now[a] & was[b]
    ]  # fmt: skip
    match: dict[str, str] = {}
    for *_, a, b in sorted(pairs):
        if a not in match and b not in match.values():
            match[a] = b
    return match


@pytest.mark.parametrize("seed", range(60))
def test_groups_are_matched_as_the_rule_says(seed: int) -> None:
    rng = random.Random(seed)

    def day() -> dict[str, frozenset[str]]:
        return {f"G{k}": frozenset(rng.sample("ABCDEFG", rng.randint(0, 4))) for k in range(rng.randint(0, 9))}

    was, now = day(), day()
    if seed % 2:
        now |= {f"H{k}": members for k, members in enumerate(was.values())}  # groups that are the same, some twice
    assert one_pair_after_another(was, now) == same_groups(was, now)
