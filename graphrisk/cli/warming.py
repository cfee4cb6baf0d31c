"""Compiles what commands need before they are called: `graphrisk doctor --warm`, on two cores side by side."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_DAY = "2026-09-30"
_FIRM, _OTHER = "ST-CIRCLE-1", "ST-CIRCLE-2"
LANES: tuple[tuple[tuple[str, dict[str, Any]], ...], ...] = (
    (
        ("contagion", {}),
        ("contagion", {"shocks": {_OTHER: 1.0}}),
        ("explain", {"shocks": {_OTHER: 1.0}, "party": _FIRM}),
        ("portfolio", {"scenarios": 200}),
        ("view overview", {}),
    ),
    (
        ("centrality", {}),
        ("chains", {}),
        ("ownership", {}),
        ("owners", {}),
        ("groups", {}),
    ),
)
"""What two processes run beside each other: one the engine of contagion, which takes longest, one all the rest."""


def warm() -> list[dict[str, Any]]:
    """Compile what is not compiled yet, on a bank of 50 clients that is thrown away; return what took how long."""
    from graphrisk.demo.world import write_bank
    from graphrisk.workspace import Workspace

    with tempfile.TemporaryDirectory() as folder:
        write_bank(Path(folder) / "data", clients=50, seed=1)
        processes = []
        for lane in range(len(LANES)):
            project = Path(folder) / f"lane{lane}"
            project.mkdir()
            workspace = Workspace(project)
            workspace.load("bank_csv", [Path(folder) / "data"], as_of=_DAY)
            workspace.close()
            asked = [sys.executable, "-m", "graphrisk.cli.warming", str(lane), str(project)]
            processes.append(subprocess.Popen(asked, stdout=subprocess.PIPE, text=True, env=_environment()))
        said = [process.communicate()[0] for process in processes]
    return [json.loads(line) for text in said for line in text.splitlines()]


def _environment() -> dict[str, str]:
    """Return the environment of this process, in which a child finds the same graphrisk."""
    home = str(Path(__file__).resolve().parents[2])
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{before}" if before else home}


def _run(lane: int, project: Path) -> None:
    """Run one lane, a line of JSON for each step; a step that fails says so and the next one is run."""
    from graphrisk.workspace import Workspace

    workspace = Workspace(project)
    for name, given in LANES[lane]:
        begin = time.process_time()
        fault = ""
        try:
            if name.startswith("view "):
                workspace.view(name.removeprefix("view "))
            else:
                workspace.analyze(name, **given)
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        took = round(time.process_time() - begin, 1)
        sys.stdout.write(json.dumps({"step": name, "cpu_seconds": took, "fault": fault}) + "\n")
    workspace.close()


if __name__ == "__main__":
    _run(int(sys.argv[1]), Path(sys.argv[2]))
