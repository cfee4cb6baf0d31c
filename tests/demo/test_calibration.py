"""The documentation says what the calibration says."""

from __future__ import annotations

from pathlib import Path

from graphrisk.demo.calibration import MAGNITUDES, TARGETS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "demo.md"


def test_the_documented_table_holds_every_target() -> None:
    rows = [line.split("|")[2:4] for line in DOCS.read_text("utf-8").splitlines() if line.endswith(("| A |", "| B |"))]
    said = [f"{t.value:,.0f}" if t.value >= 1 else f"{t.value:.2%}".replace("%", " %") for t in TARGETS]
    assert said == [published.strip() for published, _ in rows]
    exact = [target.tolerance == 0.0 for target in TARGETS]
    assert exact == [published == achieved for published, achieved in rows]


def test_every_target_names_its_source() -> None:
    assert all("nxpy-d3js-analysis" in target.source for target in TARGETS)


def test_the_documentation_names_every_magnitude_with_its_source() -> None:
    text = DOCS.read_text("utf-8")
    for one in MAGNITUDES:
        assert f"| {one.name} | {one.published} | " in text, one.name
        assert f" | {one.source} |\n" in text, one.source
