"""How fast a page is ready and moves: headless Chromium without GPU, 1,000 to 20,000 parties.

    python -m benchmarks.views [SIZE...]

Prints for each size: seconds to build, size, milliseconds until the page is ready, and frames per second while the
picture is dragged and zoomed, closed (hexagons) and with as many nodes drawn as a page ever draws.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from graphrisk.views.base import Options, find_view
from graphrisk.views.render import render
from tests.views.browser import FLAGS
from tests.views.worlds import random_graph

FRAMES = """(move) => new Promise((done) => {
  const net = graphrisk.network, start = performance.now(), at = net.getViewPosition(), scale = net.getScale();
  let frames = 0;
  const step = (now) => {
    const t = now - start;
    if (t > 2000) { net.moveTo({ position: at, scale }); return done((1000 * frames) / t); }
    frames++;
    if (move === "pan") net.moveTo({ position: { x: at.x + (200 * Math.sin(t / 300)) / scale, y: at.y + (120 * Math.cos(t / 400)) / scale }, scale });
    else net.moveTo({ position: at, scale: scale * (1 + 0.2 * Math.sin(t / 300)) });
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""  # noqa: E501


def measure(started: Any, size: int, folder: Path) -> str:
    """Return one line of figures for a random bank of `size` parties."""
    graph = random_graph(size)
    begin = time.perf_counter()
    html = render(find_view("overview").picture(graph, {}, None, Options())).html
    build = time.perf_counter() - begin
    path = folder / f"{size}.html"
    path.write_bytes(html.encode())
    page = started.new_page(viewport={"width": 1440, "height": 900})
    page.goto(path.as_uri())
    while not page.evaluate("Boolean(window.graphrisk)"):
        page.wait_for_timeout(20)
    ready = page.evaluate("graphrisk.ready")
    page.wait_for_timeout(500)
    closed = [page.evaluate(FRAMES, move) for move in ("pan", "zoom")]
    groups = page.evaluate("graphrisk.counts().groups")
    for group in range(groups):
        page.evaluate("(g) => graphrisk.enter(g)", group)
        if page.evaluate("graphrisk.counts().nodes") > 1300:
            break
    page.evaluate("graphrisk.network.fit({animation: false})")
    page.wait_for_timeout(600)
    drawn = page.evaluate("graphrisk.counts()")
    opened = [page.evaluate(FRAMES, move) for move in ("pan", "zoom")]
    page.close()
    return (
        f"{size:>7,} {build:>8.2f} {len(html.encode()) / 1e6:>7.2f} {ready:>9.0f} {closed[0]:>8.0f} {closed[1]:>9.0f}"
        f" {drawn['nodes']:>7,} {drawn['edges']:>7,} {opened[0]:>8.0f} {opened[1]:>9.0f}"
    )


def main(sizes: list[int]) -> None:
    """Print the figures of each size."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        sys.exit("no Chromium: install the package chromium")
    print(f"{'parties':>7} {'build s':>8} {'MB':>7} {'ready ms':>9} {'pan fps':>8} {'zoom fps':>9}", end="")
    print(f" {'nodes':>7} {'lines':>7} {'pan fps':>8} {'zoom fps':>9}   (the last four: groups open)")
    with sync_playwright() as driver, tempfile.TemporaryDirectory() as folder:
        started = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        for size in sizes:
            print(measure(started, size, Path(folder)), flush=True)
        started.close()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 3_000, 10_000, 20_000])
