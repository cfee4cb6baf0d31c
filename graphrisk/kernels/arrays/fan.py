"""Work spread over threads: the pieces do not depend on how many threads there are, so neither does the answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
R = TypeVar("R")
Ints = npt.NDArray[np.int64]
PIECES = 8


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def fan_out(work: Callable[[Ints], T], items: Ints, *, smallest: int = 64) -> list[T]:
    """Return the results of `work` on consecutive pieces of `items`, in their order.

    `work` calls kernels that release the interpreter lock. There are at most 8 pieces of at least `smallest` items,
    whatever the machine: sums over pieces in their order are the same everywhere.
    """
    return fan_out_in(lambda piece, _: work(piece), lambda: None, items, smallest=smallest)


def fan_out_in(work: Callable[[Ints, R], T], room: Callable[[], R], items: Ints, *, smallest: int = 64) -> list[T]:
    """As `fan_out`, where `work` needs a `room` to work in that is made once per thread, not once per piece.

    `work` must leave its room as it found it.
    """
    pieces = np.array_split(items, max(1, min(PIECES, len(items) // smallest)))
    own = threading.local()

    def one(piece: Ints) -> T:
        if not hasattr(own, "room"):
            own.room = room()
        return work(piece, own.room)

    workers = min(len(pieces), cores())
    if workers == 1:
        return [one(piece) for piece in pieces]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, pieces))
