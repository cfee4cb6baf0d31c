"""What an analyzer is: a module or package of this folder with a `VERSION`, found by its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.members import find_member, member_names
from graphrisk.model.note import as_notes
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result, params_digest
from graphrisk.model.table import Table
from graphrisk.progress import Progress
from graphrisk.scenario import Scenario, read_scenario

_ROOM = ("graphrisk.analyze", "VERSION", "graphrisk.analyzers")
"""Where analyzers lie, what marks one, and the entry points by which other packages add theirs."""


class Analyzer(Protocol):
    """A module: its docstring names the sources, its file name is the analyzer's name.

    `VERSION` grows when answers change, `TABLES` declares the score tables (in their stated order of rows), `Params`
    is a frozen dataclass made with `model.params.param`, and `run` returns the Result. `TAKES_SHOCKS` (default False)
    says whether `run` reads the shocks of `inputs`, `COMPARES` whether it sets a second scenario beside the first;
    `TAKES_SCENARIO` whether it takes a scenario apart itself and reads no shocks (prices alone, or parameters of
    contagion). One that reads answers of others says which by `NEEDS` or `asks(params)` (`analyze.needs`) and finds
    them in `inputs.results`.
    """

    VERSION: int
    TABLES: tuple[Table, ...]
    Params: type[Any]

    def run(self, graph: RiskGraph, params: Any, *, inputs: Inputs, progress: Progress) -> Result: ...


def analyzer_names() -> list[str]:
    """Return the names of all analyzers (shipped, and of entry points `graphrisk.analyzers`), importing none."""
    return member_names(*_ROOM)


def find_analyzer(name: str) -> Analyzer:
    """Return the analyzer called `name`; UsageError naming the nearest if there is none."""
    return cast(Analyzer, find_member("analyzer", name, *_ROOM))


def refuse_inputs(analyzer: str, inputs: Inputs) -> None:
    """Raise UsageError where shocks or a scenario were given to an analyzer that reads none."""
    if not inputs.empty:
        raise UsageError(
            f"{analyzer} takes no shocks and no scenario", hint="shocks are for contagion: graphrisk analyze contagion"
        )


def make_result(
    analyzer: str,
    version: int,
    graph: RiskGraph,
    params: Any,
    *,
    tables: Mapping[str, Any],
    certificate: Mapping[str, Any],
    notes: tuple[str, ...] = (),
    inputs: Inputs | None = None,
) -> Result:
    """Return a Result with the graph's provenance; `inputs` are kept among the parameters, where given.

    `notes` are `model.note.Note`s, or plain sentences ("warning: ..." is a warning).
    """
    said = dataclasses.asdict(params)
    if inputs is not None and inputs.shocks:
        said["shocks"] = dict(sorted(inputs.shocks.items()))
    if inputs is not None and inputs.scenario is not None:
        said["scenario"] = dataclasses.asdict(inputs.scenario)
    if inputs is not None and inputs.against is not None:
        said["against"] = dataclasses.asdict(inputs.against)
    return Result(
        analyzer=analyzer,
        version=version,
        as_of=graph.as_of,
        fingerprint=graph.fingerprint,
        params=said,
        certificate=certificate,
        notes=as_notes(notes),
        tables=tables,
        settings=graph.settings,
    )


def kept_digest(params: Any, settings: Mapping[str, Any]) -> str:
    """Return the digest under which a result without shocks is kept, with these parameters under these settings."""
    return params_digest(dataclasses.asdict(params), settings)


def refuse_unread(name: str, analyzer: Analyzer, *, shocks: object, scenario: object, against: object) -> bool:
    """Return whether an analyzer runs shocks. Raises UsageError where it is given what it does not read."""
    takes = bool(getattr(analyzer, "TAKES_SHOCKS", False))
    if not takes and (shocks or against or (scenario and not getattr(analyzer, "TAKES_SCENARIO", False))):
        raise UsageError(f"{name} takes no shocks and no scenario", hint="contagion, explain and portfolio do")
    if against is not None and not getattr(analyzer, "COMPARES", False):
        raise UsageError(f"{name} compares no two scenarios", hint="graphrisk stress A.toml --against B.toml")
    return takes


def read_story(name: str, path: str | Path) -> Scenario:
    """Return a scenario file whose parameters are right, those that analyzer `name` does not read too."""
    story = read_scenario(Path(path))
    own = name != "portfolio" and getattr(find_analyzer(name), "TAKES_SHOCKS", False)
    reader = {"contagion": name if own else "contagion", "portfolio": "portfolio"}
    for table, given in (("contagion", story.params), ("portfolio", story.portfolio)):
        parse_params(find_analyzer(reader[table]).Params, given, where=f"{path}: [{table}]")  # names the file and key
    return story


def units_of(analyzer: Analyzer, base_currency: str | None) -> dict[str, dict[str, str]]:
    """Return per score table the unit of each column that has one, with the base currency by its name."""
    return {table.name: table.units(base_currency) for table in analyzer.TABLES}
