"""Make a seeded synthetic bank, load it, check it, analyze it, draw it; say what was found and what to try next.

Examples:

  graphrisk demo bank

  graphrisk demo big --clients 100000 --seed 7
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from graphrisk.cli.bars import clear_bars, progress_bar
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text, say
from graphrisk.errors import UsageError

DAY = "2026-09-30"
ANALYZERS = ("quality", "centrality", "chains", "concentration", "contagion", "relations", "groups")
VIEWS = ("overview", "circle")


def demo(
    session: Session,
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to make.")] = Path("graphrisk-demo"),
    clients: Annotated[int, typer.Option("--clients", min=50, max=1_000_000, help="Clients of the bank.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed: the same seed is the same bank.")] = 1,
) -> None:
    found = _run(session, directory, clients, seed)
    if session.shape == "json":
        emit_text(document(found), session.output, session=session)
        return
    clear_bars()
    for line in found["found"]:
        typer.echo(line)
    typer.echo(f"Open {' and '.join(found['views'])} in a browser; {found['story']} tells what is planted.")
    typer.echo("Then try:")
    for command in found["next"]:
        typer.echo(f"  {command}")


def _run(session: Session, directory: Path, clients: int, seed: int) -> dict[str, Any]:
    from graphrisk.demo.findings import what_was_found
    from graphrisk.demo.template import write_proposals, write_scenarios
    from graphrisk.demo.world import write_bank
    from graphrisk.workspace import Workspace

    marker = directory / "demo.txt"
    if directory.exists() and any(directory.iterdir()) and not marker.exists():
        raise UsageError(f"{directory} holds other files", hint="name a new folder: graphrisk demo DIR")
    directory.mkdir(parents=True, exist_ok=True)
    marker.write_text(f"graphrisk demo: {clients} clients, seed {seed}\n", encoding="utf-8")
    progress = progress_bar(quiet=session.quiet, verbose=session.verbose)
    say(f"making a bank with {clients:,} clients", session=session)
    story = write_bank(directory / "data", clients=clients, seed=seed, progress=progress)
    write_scenarios(directory / "scenarios")
    write_proposals(directory / "proposals")
    workspace = Workspace(directory, store=session.store, progress=progress)
    say("loading and checking it", session=session)
    report = workspace.load("bank_csv", [directory / "data"], as_of=DAY)
    results = {}
    for name in ANALYZERS:
        say(f"analyzing: {name}", session=session)
        results[name] = workspace.analyze(name)
    say("analyzing: limits", session=session)
    results["limits"] = workspace.analyze("limits", tier1=story.plot("pyramid").expected["tier1"])
    pages = []
    for name in VIEWS:
        say(f"drawing: {name}", session=session)
        workspace.view(name).write(directory / f"{name}.html")
        pages.append(str(directory / f"{name}.html"))
    workspace.close()
    tables = report.to_dict()["tables"]
    loaded = {table["table"]: table["rows_loaded"] for table in tables}
    rejected = sum(table["rows_rejected"] for table in tables)
    first, last = story.first_shock, story.plot("circle").parties[1]
    return {
        "directory": str(directory),
        "snapshot": report.snapshot,
        "found": what_was_found(loaded, rejected, results, story),
        "views": pages,
        "story": str(directory / "data" / "STORY.md"),
        "scenarios": sorted(str(path) for path in (directory / "scenarios").glob("*.toml")),
        "next": [
            f"graphrisk explain {last} --shock {first} --project {directory}",
            f"graphrisk stress {directory / 'scenarios' / 'real_estate_falls.toml'} --project {directory}",
            f"graphrisk view ego {first} -o ego.html --project {directory}",
        ],
    }
