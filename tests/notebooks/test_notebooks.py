"""The tours in notebooks/ run from top to bottom in a kernel of this Python, hold no logic, and show what they store."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.refresh import run, stored

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
LOGIC = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Try, ast.Lambda)

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    done: dict[Path, Any] = {}

    def execute(path: Path) -> Any:
        if path not in done:
            done[path] = run(path, tmp_path_factory.mktemp(path.stem))
        return done[path]

    return execute


def _outputs(notebook: Any) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def test_it_is_a_valid_notebook(path: Path) -> None:
    nbformat.validate(_read(path))


def test_what_it_stores_is_what_a_run_shows(path: Path, executed: Any) -> None:
    """python -m tests.notebooks.refresh stores them anew."""
    kept, fresh = _outputs(_read(path)), _outputs(stored(executed(path)))
    assert len(kept) == len(fresh)
    for one, other in zip(kept, fresh, strict=True):
        for kind in ("text/plain", "text/html"):
            said, now = (side.get("data", {}).get(kind, "") for side in (one, other))
            assert NUMBER.sub("#", said) == NUMBER.sub("#", now)
            assert [float(n) for n in NUMBER.findall(said)] == pytest.approx(
                [float(n) for n in NUMBER.findall(now)], rel=1e-4, abs=1e-9
            )


def test_what_it_stores_is_small_and_names_no_machine(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text) < 400_000
    assert "<iframe" not in text
    assert "/tmp/" not in text
    assert all(cell.execution_count for cell in _read(path).cells if cell.cell_type == "code")


def test_it_holds_no_logic(path: Path) -> None:
    for cell in _read(path).cells:
        if cell.cell_type == "code":
            assert [] == [type(node).__name__ for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)]


def test_it_runs_from_top_to_bottom_without_a_warning(path: Path, executed: Any) -> None:
    outputs = _outputs(executed(path))
    assert [] == [output.text for output in outputs if output.output_type == "stream"]
    assert [] == [output for output in outputs if output.output_type == "error"]


def test_every_table_it_shows_has_rows(path: Path, executed: Any) -> None:
    tables = [
        o.data["text/html"] for o in _outputs(executed(path)) if "<table" in o.get("data", {}).get("text/html", "")
    ]
    assert len(tables) >= 4
    assert all("<td" in table for table in tables)


def test_its_view_is_a_closed_frame(path: Path, executed: Any) -> None:
    html = [output.get("data", {}).get("text/html", "") for output in _outputs(executed(path))]
    (frame,) = [text for text in html if text.startswith("<iframe")]
    assert 'sandbox="allow-scripts' in frame
    assert "allow-same-origin" not in frame
