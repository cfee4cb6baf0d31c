"""Write a view as one offline HTML page; without a name, list the views.

Examples:

  graphrisk view overview -o overview.html

  graphrisk view ego ST-CIRCLE-1 -o ego.html

  graphrisk view circle -o circle.html --mask - --mask-level amounts

  graphrisk view cascade ST-CIRCLE-1 -o cascade.html --compare layers=exposures,guarantees

  graphrisk view cascade ST-CIRCLE-1 -o two.html --compare-shock ST-HUB

  graphrisk view stress scenarios/recession.toml -o stress.html

  graphrisk view collateral -o collateral.html

  graphrisk view precheck proposals --set circles=false -o precheck.html
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from graphrisk.cli.analyze import SetOption, ShockOption, settings_of
from graphrisk.cli.options import Session
from graphrisk.cli.output import emit_rows, say


def view(
    session: Session,
    name: Annotated[str | None, typer.Argument(help="Name of the view.")] = None,
    arg: Annotated[
        str | None,
        typer.Argument(metavar="[ARG]", help="A party's id; stress: the scenario file; precheck: the folder."),
    ] = None,
    mask: Annotated[
        str | None,
        typer.Option("--mask", metavar="KEY", help="Pseudonyms; - takes the key from GRAPHRISK_MASK_KEY or asks."),
    ] = None,
    mask_level: Annotated[
        Literal["ids", "amounts"], typer.Option("--mask-level", help="amounts: coarse money, no region or product too.")
    ] = "ids",
    lang: Annotated[Literal["en", "zh"] | None, typer.Option("--lang", help="Language of the page.")] = None,
    depth: Annotated[int | None, typer.Option("--depth", min=1, max=6, help="Steps from the party (ego).")] = None,
    compress: Annotated[bool, typer.Option("--compress", help="Smaller file; the data is not greppable.")] = False,
    shock: ShockOption = None,
    scenario: Annotated[
        Path | None, typer.Option("--scenario", metavar="FILE", help="Scenario of the run shown.")
    ] = None,
    settings: SetOption = None,
    compare: Annotated[
        list[str] | None, typer.Option("--compare", metavar="KEY=VALUE", help="A second run, where it differs.")
    ] = None,
    compare_shock: Annotated[
        list[str] | None,
        typer.Option("--compare-shock", metavar="PARTY[=FRACTION]", help="A second run, hit so instead; repeat it."),
    ] = None,
    compare_scenario: Annotated[
        Path | None, typer.Option("--compare-scenario", metavar="FILE", help="A second run, of this scenario instead.")
    ] = None,
) -> None:
    if name is None:
        from graphrisk.answers.words_of_tools import ARGUMENTS, VIEWS
        from graphrisk.views.base import find_view, view_names

        titles, needs = (VIEWS, ARGUMENTS) if session.chinese else ({}, {})
        rows = []
        for one in view_names():
            found = find_view(one)
            rows.append({"view": one, "title": titles.get(one, found.TITLE), "party": needs.get(found.ARG, found.ARG)})
        emit_rows(rows, ("view", "title", "party"), session, session.pick("views", "视图"))
        return
    options: dict[str, Any] = {"mask": _key(mask, session), "mask_level": mask_level, "compress": compress}
    options |= {"lang": lang} if lang else {}
    options |= {"depth": depth} if depth else {}
    options |= {"shocks": tuple(shock or ()), "settings": settings_of(settings)}
    options |= {"compare": settings_of(compare), "scenario": str(scenario) if scenario else None}
    options |= {"compare_shocks": tuple(compare_shock or ())}
    options |= {"compare_scenario": str(compare_scenario) if compare_scenario else None}
    output = session.output or Path(f"{name}.html")
    session.workspace().view(name, arg, **options).write(output)
    say(f"written: {output}", session=session)


def _key(given: str | None, session: Session) -> str | None:
    """Return the key of the mask: `-` is the one in the environment, else the one that is typed unseen."""
    import os
    import sys

    from graphrisk.errors import UsageError

    if given != "-":
        if given:
            say(
                "the key is in the history of your shell now: --mask - takes it from GRAPHRISK_MASK_KEY",
                session=session,
            )
        return given
    typed = os.environ.get("GRAPHRISK_MASK_KEY")
    if not typed and not sys.stdin.isatty():
        raise UsageError("no key for the mask: there is no terminal to type it in", hint="set GRAPHRISK_MASK_KEY")
    return typed or typer.prompt("key of the mask", hide_input=True, err=True)
