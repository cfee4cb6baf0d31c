"""Runs the tours and stores what they show: python -m tests.notebooks.refresh.

A page is stored by its one line, not by its half megabyte of drawing.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"


def run(path: Path, folder: Path) -> Any:
    """Return the notebook as it is after a run from top to bottom in `folder`."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    return client.execute()


def stored(notebook: Any) -> Any:
    """Return the notebook as it is kept: without times of running, pages by their one line."""
    kept = nbformat.from_dict(notebook)
    kept.metadata = {name: kept.metadata[name] for name in ("kernelspec",)} | {"language_info": {"name": "python"}}
    for number, cell in enumerate(kept.cells):
        cell.id = f"cell-{number}"
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if output.get("data", {}).get("text/html", "").startswith("<iframe"):
                del output.data["text/html"]
    return kept


def main() -> None:
    for path in sorted(FOLDER.glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(stored(run(path, Path(folder))), path)


if __name__ == "__main__":
    main()
