"""Which two snapshots are compared, and what an analyzer that compares them gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from graphrisk.errors import UsageError, nearest

if TYPE_CHECKING:
    from graphrisk.analyze.needs import Answer
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.model.ask import Ask
    from graphrisk.model.result import Inputs, Result
    from graphrisk.progress import Progress
    from graphrisk.stores.base import SnapshotInfo, Store

KEPT = ("contagion", "quality", "limits")
_RUN = ("quality", "limits")
"""Analyzers whose results of both snapshots are compared where they are kept, and which are run where they are not."""


def pick_snapshot(held: Sequence[SnapshotInfo], named: str) -> SnapshotInfo:
    """Return the snapshot with the id `named`, or the latest on or before that day; UsageError where there is none."""
    for info in held:
        if info.id == named:
            return info
    try:
        day = date.fromisoformat(named)
    except ValueError:
        raise UsageError(f"no snapshot has the id {named!r}", hint=nearest(named, [info.id for info in held])) from None
    fitting = [info for info in held if info.as_of <= day]
    if not fitting:
        hint = f"the earliest is {held[0].as_of}" if held else "graphrisk load LOADER FILES loads one"
        raise UsageError(f"there is no snapshot on or before {day}", hint=hint)
    return fitting[-1]


def pick_pair(
    held: Sequence[SnapshotInfo], chosen: SnapshotInfo, before: str, after: str
) -> tuple[SnapshotInfo | None, SnapshotInfo]:
    """Return the earlier and the later snapshot; the earlier is None where there is only one."""
    later = pick_snapshot(held, after) if after else chosen
    if before:
        return pick_snapshot(held, before), later
    at = [info.id for info in held].index(later.id)
    return (held[at - 1] if at else None), later


def two_graphs(
    store: Store,
    chosen: SnapshotInfo,
    settings: Any,
    graph_of: Callable[[SnapshotInfo], RiskGraph],
    kept_of: Callable[[SnapshotInfo, Ask, Answer], Result | None],
    progress: Progress,
) -> tuple[RiskGraph, Inputs]:
    """Return the graph of the later snapshot, and as inputs that of the earlier one with what is kept of both.

    `kept_of` gives an answer on a snapshot where it is kept and fresh.
    """
    from graphrisk.model.result import Inputs

    first, second = pick_pair(store.snapshots(), chosen, settings.before, settings.after)
    later = graph_of(second)
    if first is None:
        return later, Inputs()
    earlier = graph_of(first)
    kept = {
        name: (_result(name, first, earlier, kept_of, progress), _result(name, second, later, kept_of, progress))
        for name in KEPT
    }
    return later, Inputs(before=earlier, kept=kept)


def _result(
    name: str,
    info: SnapshotInfo,
    graph: RiskGraph,
    kept_of: Callable[[SnapshotInfo, Ask, Answer], Result | None],
    progress: Progress,
) -> Result | None:
    """Return the kept result of an analyzer with its defaults; a quick one is run where none is fresh."""
    from graphrisk.analyze.needs import computed
    from graphrisk.model.ask import Ask

    ask, answer = Ask(key=name, analyzer=name), computed(graph, progress)
    kept = kept_of(info, ask, answer)
    return answer(ask) if kept is None and name in _RUN else kept
