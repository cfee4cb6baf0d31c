"""Which answer of an analyzer a store still has: one of its version, to which nothing that it read has changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphrisk.analyze.base import Analyzer
    from graphrisk.model.ask import Ask
    from graphrisk.model.result import Result
    from graphrisk.stores.base import SnapshotInfo, Store


def kept_answer(
    store: Store, info: SnapshotInfo, settings: Mapping[str, Any], ask: Ask, answer: Callable[[Ask], Result]
) -> Result | None:
    """Return the answer that `ask` describes where it is kept and fresh; None where it must be computed.

    `settings` are the project's that answers depend on; `answer` gives what the analyzer itself reads of others. A run
    under shocks is always computed.
    """
    from graphrisk.analyze.base import find_analyzer, kept_digest
    from graphrisk.analyze.needs import answers_to, marks_of, needed_by
    from graphrisk.model.ask import Ask
    from graphrisk.model.loads import digest_of
    from graphrisk.model.params import parse_params
    from graphrisk.stores.memory import concerning

    if ask.shocked:
        return None
    if ask.or_defaults:
        by_default = kept_answer(store, info, settings, Ask(key=ask.key, analyzer=ask.analyzer), answer)
        if by_default is not None:
            return by_default
    analyzer = find_analyzer(ask.analyzer)
    params = parse_params(analyzer.Params, ask.params, where=ask.analyzer)
    kept = store.scores(ask.analyzer, kept_digest(params, settings), info.id)
    if kept is None or kept.version != analyzer.VERSION:
        return None
    if ask.analyzer == "quality":  # it also tells what loads rejected since, which is in no snapshot
        return (
            _typed(kept, analyzer)
            if kept.certificate.get("loads") == digest_of(concerning(store, info.as_of))
            else None
        )
    now = marks_of(answers_to(ask.analyzer, needed_by(analyzer, params), answer))
    return _typed(kept, analyzer) if now == kept.certificate.get("needs", {}) else None


def _typed(kept: Result, analyzer: Analyzer) -> Result:
    """Return a kept result with the types of its declared columns, as a fresh one has."""
    from graphrisk.model.frames import typed_frames

    return dataclasses.replace(kept, tables=typed_frames(kept.tables, {table.name: table for table in analyzer.TABLES}))
