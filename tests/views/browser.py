"""A real Chromium for the tests of the pages: it records every request, error and broken policy."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Return the path of a Chromium; skips where there is none, fails in CI."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium: install the package chromium")
    pytest.skip("no Chromium on this machine")


def needed(package: str, how: str) -> Any:
    """Return a package that a test of the pages needs; skips where it is absent, fails in CI."""
    if importlib.util.find_spec(package) is None and os.environ.get("CI"):
        pytest.fail(f"no {package}: {how}")
    return pytest.importorskip(package, reason=f"{package} is not installed: {how}")


@dataclass
class Opened:
    """A page in the browser: what it asked the network for and what went wrong, so far."""

    page: Any
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def run(self, script: str) -> Any:
        """Return the value of `script` in the page."""
        return self.page.evaluate(script)

    def settle(self, milliseconds: int = 250) -> None:
        """Let timers and drawing finish."""
        self.page.wait_for_timeout(milliseconds)

    @property
    def counts(self) -> dict[str, int]:
        """What is drawn, counted by the page."""
        found: dict[str, int] = self.run("graphrisk.counts()")
        return found


@contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield started
        finally:
            started.close()


def open_page(started: Any, html: str, folder: Path, *, fragment: str = "", dark: bool = False) -> Opened:
    """Write `html`, open it from the file and wait until it says that it is ready."""
    path = folder / "page.html"
    path.write_bytes(html.encode())
    page = started.new_page(viewport={"width": 1440, "height": 900}, color_scheme="dark" if dark else "light")
    opened = Opened(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on("console", lambda said: opened.errors.append(said.text) if said.type == "error" else None)
    page.add_init_script(
        "window.__broken=[];addEventListener('securitypolicyviolation',e=>window.__broken.push(e.violatedDirective))"
    )
    page.goto(path.as_uri() + fragment)
    for _ in range(300):
        if opened.run("Boolean(window.graphrisk)"):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail(f"the page did not get ready: {opened.errors}")
    opened.settle(150)
    return opened


def found_by_axe(opened: Opened) -> list[list[str]]:
    """Return what axe-core finds in the page as it is: the rule, and the first element that breaks it."""
    axe = needed("axe_playwright_python", "pip install axe-playwright-python")
    if not opened.run("Boolean(window.axe)"):
        opened.run((Path(axe.__file__).parent / "axe.min.js").read_text("utf-8") + ";0")
    found: list[list[str]] = opened.run(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        ".then(r => r.violations.map(v => [v.id, v.nodes[0].html.slice(0, 160)]))"
    )
    return found
