"""The compiled steps of the layout are those of the formulas, written with whole matrices."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.kernels.network.forces import keep_apart, settle


def _settle_plainly(places: np.ndarray, links: np.ndarray, ideal: float, heat: float, iterations: int) -> np.ndarray:
    size = len(places)
    adjacency = np.zeros((size, size))
    adjacency[links[:, 0], links[:, 1]] = adjacency[links[:, 1], links[:, 0]] = 1.0
    np.fill_diagonal(adjacency, 0.0)
    for step in range(iterations):
        delta = places[:, None, :] - places[None, :, :]
        distance = np.maximum(np.sqrt((delta**2).sum(axis=2)), 1e-3)
        strength = ideal**2 / distance**2 - adjacency * distance / ideal
        np.fill_diagonal(strength, 0.0)
        move = (delta * strength[:, :, None]).sum(axis=1) - places * 0.02
        length = np.maximum(np.sqrt((move**2).sum(axis=1)), 1e-9)
        places = places + move * (np.minimum(length, heat * (1.0 - step / iterations) + 0.5) / length)[:, None]
    return places


def _keep_apart_plainly(places: np.ndarray, least: float, rounds: int) -> np.ndarray:
    for _ in range(rounds):
        delta = places[:, None, :] - places[None, :, :]
        distance = np.sqrt((delta**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        push = np.clip(least - distance, 0.0, None) / np.maximum(distance, 1e-6)
        places = places + 0.45 * (delta * push[:, :, None]).sum(axis=1)
    return places


@pytest.mark.parametrize("seed", range(4))
def test_steps_are_those_of_the_formulas(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(1, 40))
    places = random.normal(0.0, 50.0, (size, 2))
    places[: size // 3] = places[0]  # some lie on one spot
    links = np.unique(np.sort(random.integers(0, size, (2 * size, 2)), axis=1), axis=0)  # some lead to themselves
    before = places.copy()
    np.testing.assert_allclose(settle(places, links, 50.0, 80.0, 3), _settle_plainly(places, links, 50.0, 80.0, 3))
    np.testing.assert_allclose(keep_apart(places, 44.0, 3), _keep_apart_plainly(places, 44.0, 3), atol=1e-9)
    np.testing.assert_array_equal(before, places)


def test_nothing_moves_where_all_keep_their_distance() -> None:
    places = np.array([[0.0, 0.0], [44.0, 0.0], [0.0, 50.0]])
    np.testing.assert_array_equal(places, keep_apart(places, 44.0, 40))
    assert (0, 2) == settle(np.empty((0, 2)), np.empty((0, 2), dtype=np.int64), 50.0, 80.0, 3).shape
