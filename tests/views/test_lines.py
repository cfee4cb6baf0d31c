"""No line of a picture runs through, or near to, a node that it does not end at: measured on what the page draws."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views.base import Options, find_view
from graphrisk.views.render import render
from tests.views.browser import Opened, open_page
from tests.views.test_views import page_of
from tests.views.worlds import random_graph
from tests.worlds.build import graph_of, parties

pytestmark = pytest.mark.browser

BOOKS = int(os.environ.get("GRAPHRISK_BOOKS", "3"))
"""Random books that are drawn; 200 were before a release (GRAPHRISK_BOOKS=200, some minutes)."""
CLEAR = 1.3


def too_close(geometry: dict[str, Any]) -> list[tuple[str, str, str, float]]:
    """Return each line and node that are nearer than CLEAR radii and have nothing to do with one another.

    A plain reference: the distance of every node to every segment of the way of every line. What lies inside the two
    nodes at its ends is no part of a line.
    """
    ids = [body[0] for body in geometry["bodies"]]
    places = np.array([body[1:3] for body in geometry["bodies"]], dtype=float).reshape(-1, 2)
    radii = np.array([body[3] for body in geometry["bodies"]], dtype=float)
    where = {name: k for k, name in enumerate(ids)}
    found = []
    for start, end, way in geometry["lines"]:
        points = np.array(way, dtype=float).reshape(-1, 2)
        fine = np.concatenate([np.linspace(a, b, 9)[:-1] for a, b in pairwise(points)] + [points[-1:]])
        for name in (start, end):
            away = np.hypot(*(fine - places[where[name]]).T)
            fine = fine[away > radii[where[name]]]
        for k, name in enumerate(ids):
            if name in (start, end) or not len(fine):
                continue
            nearest = float(np.hypot(*(fine - places[k]).T).min())
            if nearest < CLEAR * radii[k] - 1e-6:
                found.append((start, end, name, nearest / radii[k]))
    return found


def checked(opened: Opened) -> int:
    """Check the picture that is drawn; return how many lines it has."""
    geometry = opened.run("graphrisk.geometry()")
    assert too_close(geometry) == []
    assert geometry["close"] == 0
    assert opened.errors == []
    return len(geometry["lines"])


@pytest.mark.parametrize("seed", range(BOOKS))
def test_no_line_runs_near_a_node_that_it_does_not_end_at(seed: int, chromium: Any, tmp_path: Path) -> None:
    graph = random_graph(40 + 17 * (seed % 6), seed=100 + seed)
    lines, hubs = 0, most_linked(graph)
    for name, arg, depth in (("ego", hubs[0], 2 + seed % 2), ("circle", None, 2), ("circle", hubs[1], 2)):
        picture = find_view(name).picture(graph, {}, arg, Options(depth=depth))
        opened = open_page(chromium, render(picture).html, tmp_path)
        lines += checked(opened)
        if name == "ego":
            opened.run(f"graphrisk.focus('{hubs[1]}')")
            lines += checked(opened)
        opened.page.close()
    opened = open_page(chromium, page_of("cascade", graph), tmp_path)
    lines += checked(opened)
    opened.page.close()
    assert lines >= 10  # the smallest book of the 200 has 20 in its pictures


def most_linked(graph: RiskGraph) -> list[str]:
    """Return the parties with the most guarantees, the most first."""
    ends = np.concatenate(graph.ends("guarantees"))
    return [str(graph.party_ids[k]) for k in np.argsort(-np.bincount(ends, minlength=graph.size), kind="stable")]


def test_a_node_between_two_others_and_one_shut_in_are_gone_around(chromium: Any, tmp_path: Path) -> None:
    """A row of five, each linked to every other: all lines would lie on one another."""
    names = "ABCDE"
    pairs = [(a, b) for a in names for b in names if a != b]
    graph = graph_of(
        parties=parties(*names),
        guarantees=[
            {"guarantee_id": f"G{k}", "guarantor_id": a, "debtor_id": b, "amount": 1e6}
            for k, (a, b) in enumerate(pairs)
        ],
    )
    picture = find_view("ego").picture(graph, {}, "A", Options())
    opened = open_page(chromium, render(picture).html, tmp_path)
    assert checked(opened) == len(pairs)
    ways = opened.run("graphrisk.geometry().lines")
    assert len({str(way) for _, _, way in ways}) == len(pairs)  # two contracts of one pair lie apart


def test_the_reference_sees_a_line_through_a_node() -> None:
    bodies = [["a", 0, 0, 8], ["b", 100, 0, 8], ["c", 50, 10, 8]]
    assert [found[2] for found in too_close({"bodies": bodies, "lines": [["a", "b", [0, 0, 100, 0]]]})] == ["c"]
    assert too_close({"bodies": bodies, "lines": [["a", "b", [0, 0, 50, -10, 100, 0]]]}) == []
