"""The process in which KGLite runs: it can be killed, so that a time limit holds and a runaway query takes nobody down.

The parent writes pickled requests to standard input and reads pickled replies from standard output; both ends are
graphrisk itself.
"""

from __future__ import annotations

import contextlib
import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from graphrisk.stores.rows import from_kglite


def main() -> None:
    """Answer requests until standard input ends: ("open", path) loads a graph, ("run", ...) runs a statement."""
    _be_killed_first()
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may write among the replies
    graph: Any = None
    while True:
        try:
            request = pickle.load(requests)
        except EOFError:
            return
        try:
            if request[0] == "open":
                graph = _open(request[1])
                _reply(replies, ("open",))
            else:
                _reply(replies, ("rows", *_run(graph, *request[1:])))
        except Exception as error:
            _reply(replies, ("error", type(error).__name__, str(error)))


def _open(path: str) -> Any:
    import kglite

    kglite.set_query_warning_policy("silent")
    return kglite.load(path, verify="eager").freeze()


def _run(graph: Any, cypher: str, params: Mapping[str, Any], timeout: float) -> tuple[Any, Any, Any]:
    view = graph.cypher(cypher, params=dict(params), timeout_ms=max(int(timeout * 1000), 1))
    columns = tuple(view.columns)
    rows = [tuple(from_kglite(row[name]) for name in columns) for row in view.to_list()]
    return columns, rows, list(view.warnings)


def _reply(to: BinaryIO, content: object) -> None:
    pickle.dump(content, to, protocol=pickle.HIGHEST_PROTOCOL)
    to.flush()


def _be_killed_first() -> None:
    """Ask Linux to kill this process, not the analyst's session, when memory runs out."""
    score = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError):
        score.write_text("1000", "ascii")
