"""Work spread over threads: the pieces do not depend on how many threads there are, so neither does the answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
PIECES = 8


def fan_out(work: Callable[[Ints], T], items: Ints, *, smallest: int = 64) -> list[T]:
    """Return the results of `work` on consecutive pieces of `items`, in their order.

    `work` calls kernels that release the interpreter lock. There are at most 8 pieces of at least `smallest` items,
    whatever the machine: sums over pieces in their order are the same everywhere.
    """
    pieces = np.array_split(items, max(1, min(PIECES, len(items) // smallest)))
    workers = min(
        len(pieces), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    if workers == 1:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, pieces))
