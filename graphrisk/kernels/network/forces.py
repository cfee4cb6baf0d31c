"""Where linked points come to rest: all push each other apart, links pull.

Source: T. Fruchterman and E. Reingold, "Graph drawing by force-directed placement", Software: Practice and Experience
21 (1991) 1129-1164: push k^2/d between all, pull d^2/k along links, steps no longer than a heat that cools.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit

Points = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.int64]

TO_THE_MIDDLE = 0.02
"""Part of its way to the origin that a point is pulled in each step, so that parts do not drift away."""


def settle(places: Points, links: Pairs, ideal: float, heat: float, iterations: int) -> Points:
    """Return places (n, 2) after so many steps; `links` (m, 2) are distinct pairs, `ideal` the length of a link."""
    kept = np.ascontiguousarray(links[links[:, 0] != links[:, 1]], dtype=np.int64)
    moved = np.ascontiguousarray(places, dtype=np.float64).copy()
    _settle(moved, kept, ideal, heat, iterations)
    return moved


def keep_apart(places: Points, least: float, rounds: int) -> Points:
    """Return places (n, 2) with points that lie closer than `least` pushed apart, in at most so many rounds."""
    moved = np.ascontiguousarray(places, dtype=np.float64).copy()
    _keep_apart(moved, least, rounds)
    return moved


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(places, links, ideal, heat, iterations):  # type: ignore[no-untyped-def]
    size = len(places)
    move = np.empty((size, 2))
    for step in range(iterations):
        for i in range(size):
            move[i, 0], move[i, 1] = places[i, 0] * -TO_THE_MIDDLE, places[i, 1] * -TO_THE_MIDDLE
        for i in range(size):
            x, y, dx, dy = places[i, 0], places[i, 1], 0.0, 0.0
            for j in range(i):
                across, up = x - places[j, 0], y - places[j, 1]
                push = ideal * ideal / max(across * across + up * up, 1e-6)
                dx += across * push
                dy += up * push
                move[j, 0] -= across * push
                move[j, 1] -= up * push
            move[i, 0] += dx
            move[i, 1] += dy
        for k in range(len(links)):
            i, j = links[k, 0], links[k, 1]
            across, up = places[i, 0] - places[j, 0], places[i, 1] - places[j, 1]
            pull = max(math.sqrt(across * across + up * up), 1e-3) / ideal
            move[i, 0] -= across * pull
            move[i, 1] -= up * pull
            move[j, 0] += across * pull
            move[j, 1] += up * pull
        limit = heat * (1.0 - step / iterations) + 0.5
        for i in range(size):
            length = max(math.sqrt(move[i, 0] ** 2 + move[i, 1] ** 2), 1e-9)
            part = min(length, limit) / length
            places[i, 0] += move[i, 0] * part
            places[i, 1] += move[i, 1] * part


@njit(cache=True, nogil=True, error_model="numpy")
def _keep_apart(places, least, rounds):  # type: ignore[no-untyped-def]
    size = len(places)
    move = np.empty((size, 2))
    for _ in range(rounds):
        move[:] = 0.0
        met = False
        for i in range(size):
            for j in range(i):
                across, up = places[i, 0] - places[j, 0], places[i, 1] - places[j, 1]
                square = across * across + up * up
                if square >= least * least:
                    continue
                distance = math.sqrt(square)
                if distance >= least:
                    continue
                met = True
                push = 0.45 * (least - distance) / max(distance, 1e-6)
                move[i, 0] += across * push
                move[i, 1] += up * push
                move[j, 0] -= across * push
                move[j, 1] -= up * push
        if not met:
            return
        places += move
