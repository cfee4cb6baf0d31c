"""A shared case as a user meets it: its files loaded into a project of their own, one analysis on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.conftest import run_cli

CASES = Path(__file__).parent


def analysed(project: Path, case: str, *options: str, name: str = "contagion") -> dict[str, Any]:
    """Return the JSON document of `graphrisk analyze` on a case loaded into the folder `project`."""
    loaded = run_cli("load", "bank_csv", CASES / case, "--project", project, "--as-of", "2023-12-31", "-q")
    assert 0 == loaded.code, loaded.err
    done = run_cli("analyze", name, *options, "--project", project, "--format", "json")
    assert 0 == done.code, done.err
    found: dict[str, Any] = done.json
    return found
