"""Control against the slow reference, and what must hold of it whatever the network."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.ownership.control import Majority, spread
from graphrisk.kernels.ownership.stakes import make_stakes
from tests.kernels.ownership.worlds import World, stakes_of, worlds
from tests.reference import ownership as slow

MANY = settings(max_examples=150, deadline=None)
NO_FACTS = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def controlled(world: World, seeds: list[int], facts: set[tuple[int, int]], rule: Majority) -> set[int]:
    pairs = np.array(sorted(facts), dtype=np.int64).reshape(-1, 2)
    found = spread(stakes_of(world), [np.array(seeds)], (pairs[:, 0], pairs[:, 1]), rule)
    return set(found.firm[found.step >= 0].tolist())


@MANY
@given(worlds(), st.booleans(), st.booleans(), st.sampled_from([0.5, 0.25]), st.integers(0, 99), st.booleans())
def test_certain_and_possible_control_equal_the_slow_reference(
    world: World, strict: bool, possible: bool, threshold: float, seed: int, several: bool
) -> None:
    rng = np.random.default_rng(seed)
    alive = [k for k in range(world.size) if k not in world.dead]
    if not alive:
        return
    facts = {(int(a), int(b)) for a in alive for b in range(world.size) if a != b and rng.random() < 0.05}
    chosen = rng.choice(alive, size=min(len(alive), 2 if several else 1), replace=False).tolist()
    rule = Majority(threshold=threshold, strict=strict, possible=possible)
    expected = slow.control(
        world.votes_low, world.votes_high, set(chosen), facts, set(world.dead),
        possible=possible, threshold=threshold, strict=strict,
    )  # fmt: skip
    assert expected == controlled(world, chosen, facts, rule)


@MANY
@given(worlds(nominees=False), st.integers(0, 2**32 - 1))
def test_certain_control_holds_in_every_completion_and_what_some_completion_gives_is_possible(
    world: World, seed: int
) -> None:
    high, budget = slow.tightened(world.votes_low, world.votes_high)
    rng = np.random.default_rng(seed)
    drawn = np.column_stack(
        [slow.completion(world.votes_low, high, budget, j, rng.random(world.size)) for j in range(world.size)]
    )
    exact = World(low=drawn, high=drawn, votes_low=drawn, votes_high=drawn, dead=frozenset())
    for x in range(world.size):
        inside = controlled(exact, [x], set(), Majority())
        if (np.diag(world.votes_high) == 0.0).all():
            assert controlled(world, [x], set(), Majority()) <= inside
        assert inside <= controlled(world, [x], set(), Majority(possible=True))


@MANY
@given(worlds(point=True, nominees=False), st.integers(0, 5), st.integers(0, 5), st.floats(0.01, 1.0))
def test_raising_one_share_the_others_unchanged_never_ends_control(
    world: World, holder: int, owned: int, more: float
) -> None:
    i, j = holder % world.size, owned % world.size
    raised = world.votes_low.copy()
    raised[i, j] += more * max(0.0, 1.0 - raised[:, j].sum())
    after = World(low=raised, high=raised, votes_low=raised, votes_high=raised, dead=frozenset())
    if i != j:
        assert controlled(world, [i], set(), Majority()) <= controlled(after, [i], set(), Majority())


def test_joint_holdings_of_a_set_count_together_and_half_is_no_majority() -> None:
    both = np.array([[0.25, 0.25, 0.5], [0.25, 0.25, 0.5]])
    stakes = make_stakes(4, np.array([0, 1, 2]), np.array([2, 2, 3]), both, both)
    together = [np.array([0, 1])]
    assert [] == spread(stakes, together, NO_FACTS, Majority()).firm.tolist()
    half = spread(stakes, together, NO_FACTS, Majority(strict=False))
    assert ([2, 3], [0, 1], [0.5, 0.5]) == (half.firm.tolist(), half.step.tolist(), half.held_low[1].tolist())


def test_a_firm_that_did_not_join_is_told_with_what_is_held_of_it() -> None:
    both = np.array([[0.6, 0.3], [0.6, 0.3]])
    stakes = make_stakes(3, np.array([0, 1]), np.array([1, 2]), both, both)
    found = spread(stakes, np.array([0]), NO_FACTS, Majority(), touched=0.25)
    assert ([1, 2], [0, -1]) == (found.firm.tolist(), found.step.tolist())
    assert [0.6, 0.3] == found.held_low[0].tolist()
