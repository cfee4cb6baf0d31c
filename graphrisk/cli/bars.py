"""Progress on standard error: one moving line on a terminal, a line a step with --verbose, else nothing."""

from __future__ import annotations

import atexit
import sys
import time
from typing import Any

from graphrisk.model.controls import on_screen
from graphrisk.progress import Progress, silent

PATIENCE = 3.0
"""Seconds after which a step says how long it will still take."""
_LIVE: list[Any] = []
"""The bars that are on the screen now: none, or one."""


def progress_bar(*, quiet: bool, verbose: bool = False) -> Progress:
    """Return a progress that draws on standard error where that is a terminal; with `verbose` it names each step."""
    if quiet:
        return silent
    if verbose:
        return _steps()
    return _bars() if sys.stderr.isatty() else silent


def clear_bars() -> None:
    """Take the bars off the screen, so that results stand alone; further progress draws new ones."""
    while _LIVE:
        _LIVE.pop().stop()


def _steps() -> Progress:
    told: set[str] = set()

    def report(task: str, done: int = 0, total: int | None = None) -> None:  # noqa: ARG001 - the contract
        if task not in told:
            told.add(task)
            print(task if total is None else f"{task} ({total:,})", file=sys.stderr, flush=True)  # noqa: T201

    return report


def _bars() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    atexit.register(clear_bars)
    now: dict[str, Any] = {"task": None}

    def report(task: str, done: int = 0, total: int | None = None) -> None:
        if not _LIVE:
            columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=24))
            counts = TextColumn("{task.fields[counts]}")
            bars = Bars(*columns, counts, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
            bars.start()
            _LIVE.append(bars)
            now["task"] = None
        bars = _LIVE[-1]
        if now["task"] != task:  # a new step takes the place of the last
            if now["task"] is not None:
                bars.remove_task(now["id"])
            now.update(task=task, id=bars.add_task(on_screen(task), total=total, counts=""), since=time.monotonic())
        said = f"{done:,}/{total:,}{_left(time.monotonic() - now['since'], done, total)}" if total else ""
        bars.update(now["id"], completed=done, total=total, counts=said)

    return report


def _left(elapsed: float, done: int, total: int) -> str:
    """Return how long a step of which `done` of `total` took `elapsed` seconds will still take, "" while young."""
    if elapsed < PATIENCE or not 0 < done < total:
        return ""
    left = elapsed * (total - done) / done
    return f", about {left / 60:,.0f} min left" if left >= 90.0 else f", about {left:.0f} s left"
