"""Work that grows with the book is counted, never timed: twice as many more clients are twice as much more work.

Counted are the calls that Python makes, of its own functions and of compiled ones, so that a loop over rows within a
loop over rows shows. What a run costs whatever its book drops out, since growth is set beside growth.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.model.ask import Ask
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.views.base import Options, view_names
from graphrisk.views.render import render
from tests.demo.bank_tables import graph_of
from tests.views.test_views import picture_of

CLIENTS = (100, 200, 400)
EXPONENT = 1.1
CHANCE = 0.2
"""Part of all calls by which the growth of two books may differ: by how large the circles are that each holds."""
BY_THE_ENGINE = frozenset({"contagion", "portfolio", "network_pd", "explain", "intervene", "precheck"})
"""Analyzers whose work is that of the compiled engine, which counts the contracts that it follows itself."""
OTHERS = frozenset({"card", "cascade", "distribution", "explain", "precheck", "stress", "ego", "circle"})
"""Views that ask for a run of the engine, and those that draw less than the overview of what that one reads."""


def calls(work: Callable[[], Any]) -> int:
    """Return how many calls `work` makes."""
    count = 0

    def seen(frame: Any, event: str, what: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def grows(work: Callable[[int], Any]) -> tuple[int, int, int]:
    """Return by how many calls the second book exceeds the first, by how many the third the second, and all of it.

    `work` does what is counted on a book of so many clients. Each is done once before, since a first run imports and
    compiles, and some compiled code is for larger books alone.
    """
    for size in CLIENTS:
        work(size)
    small, medium, large = (calls(lambda size=size: work(size)) for size in CLIENTS)
    return medium - small, large - medium, large


@pytest.mark.parametrize("name", sorted({*analyzer_names()} - BY_THE_ENGINE - {"centrality", "changes"}))
def test_an_analyzer_does_no_more_for_each_client_of_a_larger_book(name: str) -> None:
    first, second, whole = grows(lambda size: computed(graph_of(size, 1))(Ask(key=name, analyzer=name)))
    assert second <= 2.0**EXPONENT * max(first, 0) + CHANCE * whole


def test_comparing_two_snapshots_does_no_more_for_each_client_of_a_larger_book() -> None:
    changes = find_analyzer("changes")

    def compare(size: int) -> Any:
        inputs = Inputs(before=graph_of(size, 2))
        return changes.run(graph_of(size, 1), changes.Params(), inputs=inputs, progress=silent)

    first, second, whole = grows(compare)
    assert second <= 2.0**EXPONENT * max(first, 0) + CHANCE * whole


def test_centrality_reads_a_contract_no_more_often_in_a_larger_book() -> None:
    def read(size: int) -> int:
        ask = Ask(key="centrality", analyzer="centrality", params={"exact_visits": 0, "samples": 4})
        layers = computed(graph_of(size, 1))(ask).certificate["layers"].values()
        return sum((layer["pagerank_rounds"] + layer["katz_rounds"]) * layer["arcs"] for layer in layers)

    small, medium, large = (read(size) for size in CLIENTS)
    assert large - medium <= 2.0**EXPONENT * (medium - small) + CHANCE * large


@pytest.mark.parametrize("name", sorted({*view_names()} - OTHERS))
def test_a_page_does_no_more_for_each_client_of_a_larger_book(name: str) -> None:
    first, second, whole = grows(lambda size: render(picture_of(name, graph_of(size, 1), Options())))
    assert second <= 2.0**EXPONENT * max(first, 0) + CHANCE * whole


def test_a_loop_within_a_loop_is_seen() -> None:
    first, second, whole = grows(lambda size: [len(str(a + b)) for a in range(size) for b in range(size)])
    assert second > 2.0**EXPONENT * first + CHANCE * whole
