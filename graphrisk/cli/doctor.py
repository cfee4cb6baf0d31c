"""Say what is installed, which store is used, where each setting came from, and how good the data is.

Examples:

  graphrisk doctor

  graphrisk doctor --project bank --format json

  graphrisk doctor --warm
"""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.grid import print_table
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text, say

PACKAGES = ("duckdb", "kglite", "neo4j", "neo4j-rust-ext", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy")


def doctor(
    session: Session,
    warm: Annotated[
        bool, typer.Option("--warm", help="Compile now what first runs would compile: a minute on two cores.")
    ] = False,
) -> None:
    warmed = None
    if warm:
        from graphrisk.cli.warming import warm as compile_all

        say("compiling what commands need", session=session)
        warmed = compile_all()
    found = _examine(session) | ({} if warmed is None else {"warmed": warmed})
    if session.shape == "json":
        emit_text(document(found), session.output, session=session)
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    """Print whether all is well, what is not, and the settings that are not the default."""
    import pandas as pd

    clear_bars()
    missing = [one["package"] for one in found["packages"] if one["version"].startswith("missing")]
    state = "all packages are there" if not missing else f"MISSING: {', '.join(missing)} (pip install graphrisk)"
    typer.echo(f"graphrisk {found['graphrisk']} on Python {found['python']}: {state}.")
    held = re.sub(r"^1 snapshots", "1 snapshot", found["store"]["state"])
    typer.echo(f"Store {found['store']['url']}: {held}.")
    for load in found["loads"]:
        typer.echo(f"Warning: {load['said']}")
    for note in found["data"]:
        typer.echo(note)
    if not found["data"] and "latest" in found["store"]["state"]:
        typer.echo("The data: nothing of high or medium severity was found.")
    typer.echo("")
    print_table("settings", pd.DataFrame(found["settings"]))
    for step in found.get("warmed", ()):
        if step["fault"]:
            typer.echo(f"Warning: {step['step']} could not be made ready: {step['fault']}")
    if "warmed" in found:
        took = sum(step["cpu_seconds"] for step in found["warmed"])
        typer.echo(f"Ready: {len(found['warmed'])} steps, {took:.0f} s of CPU; later runs find their code compiled.")
    typer.echo("Packages: " + ", ".join(f"{one['package']} {one['version']}" for one in found["packages"]))


def _unclean(url: str) -> list[dict[str, Any]]:
    """Return what the last load of each loader rejected, or that it was refused; nothing of a clean one."""
    from graphrisk.stores.memory import last_loads
    from graphrisk.stores.open import open_store

    store = open_store(url)
    try:
        return [{**load.to_dict(), "said": load.sentence()} for load in last_loads(store) if not load.clean]
    finally:
        store.close()


def _examine(session: Session) -> dict[str, Any]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from graphrisk import __version__
    from graphrisk.errors import GraphRiskError, without_password

    packages = []
    for name in PACKAGES:
        try:
            packages.append({"package": name, "version": version(name)})
        except PackageNotFoundError:
            packages.append({"package": name, "version": "missing: pip install graphrisk"})
    workspace = session.workspace()
    data: list[str] = []
    loads: list[dict[str, Any]] = []
    try:
        loads = _unclean(workspace.config.store)
        held = workspace.snapshots()
        state = f"{len(held)} snapshots, the latest of {held['as_of'].iloc[-1].date()}" if len(held) else "empty"
        if len(held):
            from graphrisk.analyze.quality.analysis import summary_notes

            data = list(summary_notes(workspace.analyze("quality")))
    except GraphRiskError as error:
        state = f"cannot be used: {error.message}"
    return {
        "graphrisk": __version__,
        "python": platform.python_version(),
        "packages": packages,
        "settings": [
            {
                "setting": s.name,
                "value": without_password(s.value) if s.name == "store" else s.value,
                "from": s.origin,
                "meaning": s.meaning,
            }
            for s in workspace.config.settings
        ],
        "store": {"url": without_password(workspace.config.store), "state": state},
        "loads": loads,
        "data": data,
    }
