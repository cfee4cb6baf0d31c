"""What a frame costs while a large picture is moved, counted in what is drawn: time would depend on the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.views.riskview import RiskNetwork
from tests.views.browser import Opened, open_page

pytestmark = pytest.mark.browser

NODES, LINES = 1500, 4000
MOVES = ("pan", "zoom", "keys")


@pytest.fixture(scope="module")
def crowd() -> str:
    """The most that a page draws: as many nodes as are ever open, and 4,000 lines with a number on each."""
    rng = np.random.default_rng(5)
    network = RiskNetwork("crowd", directed=True)
    for k in range(NODES):
        network.add_node(k, label=f"Company {k}")
    for k in range(LINES):
        near = (k + 1 + int(rng.integers(40))) % NODES
        network.add_edge(k % NODES, near, value=float(k), label=f"{k} m")
    return network.generate_html()


def work_of(opened: Opened, move: str) -> dict[str, Any]:
    """Return what a frame drew that came while the picture was moved."""
    mouse = opened.page.mouse
    box = opened.page.query_selector("#net").bounding_box()
    x, y = box["x"] + 20, box["y"] + 60
    mouse.move(x, y)
    opened.page.focus("#net")
    if move == "pan":
        mouse.down()
    before, found = opened.run("graphrisk.frames()"), {}
    for step in range(200):
        if move == "pan":
            mouse.move(x + 10 + step % 50, y + 10)
        elif move == "zoom":
            mouse.wheel(0, -30 if step % 2 else 30)
        else:
            opened.page.keyboard.press("ArrowLeft" if step % 2 else "ArrowRight")
        frames, found = opened.run("[graphrisk.frames(), graphrisk.work()]")
        if frames > before + 1 and found["moving"]:
            break
    mouse.up()
    return dict(found)


def at_rest(opened: Opened) -> dict[str, Any]:
    for _ in range(200):
        found: dict[str, Any] = opened.run("graphrisk.work()")
        if not found["moving"] and found["lines"]:
            return found
        opened.settle(50)
    pytest.fail(f"the picture does not come to rest: {found}")


@pytest.mark.parametrize("near", [False, True])
def test_a_frame_in_motion_draws_neither_lines_nor_new_names(
    near: bool, crowd: str, chromium: Any, tmp_path: Path
) -> None:
    opened = open_page(chromium, crowd, tmp_path)
    assert (opened.counts["nodes"], opened.counts["edges"]) == (NODES, LINES)
    if near:
        opened.run("graphrisk.network.moveTo({scale: 0.9})")
        opened.settle(300)
    rest = at_rest(opened)
    assert rest["lines"] == LINES
    assert not near or rest["measured"] > 40  # the reference: at rest, names and numbers are sought a place for
    for move in MOVES:
        work = work_of(opened, move)
        assert work["moving"], move
        assert (work["lines"], work["measured"]) == (0, 0), move
        assert work["names"] <= 40
        assert at_rest(opened)["lines"] == LINES
    assert opened.errors == []
