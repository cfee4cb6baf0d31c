"""Make a seeded synthetic bank, load it, check it, analyze it, draw it; say what was found and what to try next.

Examples:

  graphrisk demo bank

  graphrisk demo big --clients 100000 --seed 7

  graphrisk demo past --history 36
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphrisk.cli.bars import clear_bars, progress_bar
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text, say
from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.demo.story import Story
    from graphrisk.loading.report import LoadReport
    from graphrisk.progress import Progress
    from graphrisk.workspace import Workspace

DAY = "2026-09-30"
ANALYZERS = ("quality", "centrality", "chains", "concentration", "contagion", "relations", "groups")
VIEWS = ("overview", "circle")


def demo(
    session: Session,
    directory: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to make.")] = Path("graphrisk-demo"),
    clients: Annotated[int, typer.Option("--clients", min=50, max=1_000_000, help="Clients of the bank.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed: the same seed is the same bank.")] = 1,
    history: Annotated[
        int, typer.Option("--history", min=0, max=120, metavar="MONTHS", help="Month-ends that lead up to its day.")
    ] = 0,
    history_contagion: Annotated[
        int, typer.Option("--history-contagion", min=0, max=1, help="0: no default of its past is passed on.")
    ] = 1,
) -> None:
    if not history and not history_contagion:
        raise UsageError("--history-contagion belongs to a bank with a past", hint="--history 36")
    past = Past(history, contagion=bool(history_contagion)) if history else None
    found = _run(session, directory, clients, seed, past)
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


@dataclass(frozen=True, slots=True)
class Past:
    """The months that lead up to the bank's day, and whether defaults were passed on in them."""

    months: int
    contagion: bool


def _made(directory: Path, clients: int, seed: int, past: Past | None, progress: Progress) -> Story:
    """Write the bank, with its past where one is asked for."""
    if past is None:
        from graphrisk.demo.world import write_bank

        return write_bank(directory / "data", clients=clients, seed=seed, progress=progress)
    from graphrisk.demo.past.bank import write_history

    return write_history(
        directory, clients=clients, seed=seed, months=past.months, contagion=past.contagion, progress=progress
    )


def _of_other_days(workspace: Workspace, directory: Path, past: Past) -> list[str]:
    """Return the snapshots that are of none of the months of a past, from which a PD model would learn too."""
    from graphrisk.demo.past.bank import month_ends

    kept, held = [day for day, _ in month_ends(directory, past.months)], workspace.snapshots()
    return [one for one, day in zip(held["snapshot"], held["as_of"].dt.date, strict=True) if day not in kept]


def _refuse_other_days(directory: Path, past: Past, store: str) -> None:
    """Raise UsageError where a store that is not the folder's own holds snapshots that would have to go."""
    from graphrisk.workspace import Workspace

    workspace = Workspace(directory, store=store)
    try:
        others = _of_other_days(workspace, directory, past)
    finally:
        workspace.close()
    if others:
        raise UsageError(
            f"the store holds snapshots of other days ({others[0]}), from which a PD model would learn too",
            hint="name an empty store, or leave out --store: the folder has one of its own",
            where=store,
        )


def _load(workspace: Workspace, directory: Path, past: Past | None) -> LoadReport:
    """Load the months of the past, where there is one, then today; return the report of today."""
    if past is not None:
        from graphrisk.demo.past.bank import month_ends

        workspace.remove(*_of_other_days(workspace, directory, past))
        for day, folder in month_ends(directory, past.months)[:-1]:
            workspace.load("bank_csv", [folder], as_of=day)
    return workspace.load("bank_csv", [directory / "data"], as_of=DAY)


def _run(session: Session, directory: Path, clients: int, seed: int, past: Past | None) -> dict[str, Any]:
    from graphrisk.demo.findings import past_in_words, what_was_found
    from graphrisk.demo.template import write_proposals, write_scenarios
    from graphrisk.ratings.own_past import forget_own_past, rate_by_own_past
    from graphrisk.workspace import Workspace

    marker = directory / "demo.txt"
    if directory.exists() and any(directory.iterdir()) and not marker.exists():
        raise UsageError(f"{directory} holds other files", hint="name a new folder: graphrisk demo DIR")
    directory.mkdir(parents=True, exist_ok=True)
    progress = progress_bar(quiet=session.quiet, verbose=session.verbose)
    if past is not None and session.store is not None:
        _refuse_other_days(directory, past, session.store)
    marker.write_text(f"graphrisk demo: {clients} clients, seed {seed}\n", encoding="utf-8")
    say(f"making a bank with {clients:,} clients", session=session)
    story = _made(directory, clients, seed, past, progress)
    write_scenarios(directory / "scenarios")
    write_proposals(directory / "proposals")
    forget_own_past(directory)
    workspace = Workspace(directory, store=session.store, progress=progress)
    say("loading and checking it", session=session)
    report = _load(workspace, directory, past)
    rated: list[str] = []
    if past is not None:
        say("training a PD model on its past", session=session)
        rated = [rate_by_own_past(directory, store=session.store, progress=progress)]
        workspace.close()
        workspace = Workspace(directory, store=session.store, progress=progress)
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
        "found": [*what_was_found(loaded, rejected, results, story), *past_in_words(story), *rated],
        "views": pages,
        "story": str(directory / "data" / "STORY.md"),
        "scenarios": sorted(str(path) for path in (directory / "scenarios").glob("*.toml")),
        "next": [
            f"graphrisk explain {last} --shock {first} --project {directory}",
            f"graphrisk stress {directory / 'scenarios' / 'real_estate_falls.toml'} --project {directory}",
            f"graphrisk view ego {first} -o ego.html --project {directory}",
            *([f"graphrisk validate --project {directory}"] if past else []),
        ],
    }
