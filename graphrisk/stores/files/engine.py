"""A KGLite process of one's own: started at the first query, killed when a query does not end in time."""

from __future__ import annotations

import contextlib
import pickle
import re
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, BinaryIO

from graphrisk.errors import GraphRiskError, StoreError, UsageError
from graphrisk.stores.base import Rows
from graphrisk.stores.refusals import check_names, too_long

_GRACE = 1.0
_GLANCE = 0.25
"""Longest single wait for a reply, in seconds: on Windows a wait cannot be interrupted, only the next one not begun."""
_NO_WINDOW = int(getattr(subprocess, "CREATE_NO_WINDOW", 0))  # else a notebook on Windows flashes a console
_START = "import sys; sys.path[:] = {path!r}; from graphrisk.stores.files.worker import main; main()"


class CypherEngine:
    """Runs statements on one graph at a time."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._process: subprocess.Popen[bytes] | None = None
        self._replies: SimpleQueue[Any] = SimpleQueue()
        self._open: Path | None = None
        self._end: weakref.finalize[..., CypherEngine] | None = None
        self._one_at_a_time = Lock()

    def run(self, graph: Path, cypher: str, params: Mapping[str, Any], timeout: float) -> Rows:
        """Return the rows of a statement on the graph in a cache file.

        Raises UsageError where the statement is wrong, StoreError where it takes longer than `timeout` seconds.
        """
        with self._one_at_a_time:
            if self._process is None or self._open != graph:
                self._start(graph)
            reply = self._ask(("run", cypher, dict(params), timeout), timeout + _GRACE)
            if reply is None:
                self.close()
                raise too_long(timeout, self._where)
        if reply[0] == "error":
            raise self._translated(reply[1], reply[2], timeout)
        _, columns, rows, warnings = reply
        check_names(warnings)
        return Rows(columns=columns, rows=tuple(rows))

    def close(self) -> None:
        """End the process."""
        if self._end is not None:
            self._end()
        self._process, self._open, self._end = None, None, None

    def _start(self, graph: Path) -> None:
        self.close()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_WINDOW,
        )
        self._replies = SimpleQueue()
        listener = Thread(
            target=_listen, args=(self._process.stdout, self._replies), daemon=True, name="graphrisk-engine"
        )
        listener.start()
        self._end = weakref.finalize(self, _finish, self._process, listener)  # also for a store that nobody closed
        reply = self._ask(("open", str(graph)), None)
        if reply is None or reply[0] == "error":
            self.close()
            said = reply[2] if reply else ""
            raise StoreError(f"the graph cannot be opened: {said}", where=str(graph), hint="run the query again")
        self._open = graph

    def _ask(self, request: tuple[Any, ...], limit: float | None) -> tuple[Any, ...] | None:
        """Return the reply, None where none came within `limit` seconds."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        try:
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            reply: tuple[Any, ...] | Exception | None = self._heard(limit)
            if isinstance(reply, Exception):
                raise EOFError from reply
        except (EOFError, OSError) as error:
            self.close()
            raise StoreError(
                f"the query engine died (exit {process.returncode})",
                where=self._where,
                hint="narrow the query: it may have needed more memory than there is",
            ) from error
        except BaseException:
            self.close()  # an interrupted conversation cannot be taken up again
            raise
        return reply

    def _heard(self, limit: float | None) -> Any:
        """Return what the process says next, None where it says nothing within `limit` seconds."""
        until = None if limit is None else time.monotonic() + limit
        while True:
            left = _GLANCE if until is None else until - time.monotonic()
            try:
                return self._replies.get(timeout=min(max(left, 0.0), _GLANCE))
            except Empty:
                if left <= 0:
                    return None

    def _translated(self, kind: str, said: str, timeout: float) -> GraphRiskError:
        said = re.sub(r"^Cypher (syntax |execution )?error:? ?", "", said)
        if kind == "CypherTimeoutError":
            return too_long(timeout, self._where)
        if kind == "ReadOnlyError":
            return UsageError("a query only reads", where=self._where)
        return UsageError(f"the statement cannot run: {said}", where="statement", hint="see docs/queries.md")


def _listen(pipe: BinaryIO, replies: SimpleQueue[Any]) -> None:
    """Hand over the replies of the process, and at its end what ended them."""
    try:
        while True:
            replies.put(pickle.load(pipe))
    except Exception as error:  # the end of the pipe, or what is no reply
        replies.put(error)


def _finish(process: subprocess.Popen[bytes], listener: Thread) -> None:
    process.kill()
    process.wait()
    listener.join(_GRACE)  # it ends with the pipe
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
