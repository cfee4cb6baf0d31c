"""How long work reports where it stands: the library calls, the command line draws."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with what is being done and, where countable, how much of it is done."""

    def __call__(self, task: str, done: int = 0, total: int | None = None) -> None: ...


def silent(task: str, done: int = 0, total: int | None = None) -> None:
    """Report nothing."""
