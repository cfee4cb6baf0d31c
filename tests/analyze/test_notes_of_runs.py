"""Notes of all that spreads are data: each has a name by which programs know it, and both languages."""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.analyze import contagion, explain, intervene, portfolio
from graphrisk.model.note import as_notes
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze.contagion_books import random_book
from tests.analyze.contagion_runs import graph_from

SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"rule": "debtrank", "missing_capacity": "caps", "impact_beta": 0.5},
    {"layers": "exposures,guarantees", "impact_beta": 0.5, "start_from_status": True},
    {"supply_default": "none"},
)


def _run(module: Any, graph: Any, inputs: Inputs, given: dict[str, Any]) -> Result:
    known = {name: value for name, value in given.items() if name in module.Params.__dataclass_fields__}
    result: Result = module.run(graph, parse_params(module.Params, known, where="test"), inputs=inputs, progress=silent)
    return result


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda given: ",".join(given) or "default")
def test_every_note_has_a_name_and_both_languages(settings: dict[str, Any]) -> None:
    seen = 0
    for seed in (3, 7):
        graph = graph_from(random_book(seed, size=9))
        shock = Inputs(shocks={"P1": 1.0})
        for module, inputs, more in (
            (contagion, shock, {}),
            (contagion, Inputs(), {}),
            (explain, shock, {}),
            (explain, shock, {"party": "P2"}),
            (intervene, shock, {}),
            (portfolio, Inputs(), {"scenarios": 50, "missing_pd": "0.02"}),
        ):
            if module is portfolio and settings.get("supply_default") == "none":
                continue  # drawn defaults always stop production
            result = _run(module, graph, inputs, {**settings, **more})
            bare = [note for note in as_notes(result.notes) if not (note.key and note.chinese)]
            assert [] == bare, f"{result.analyzer}: these have no name or no Chinese"
            seen += len(result.notes)
    assert seen > 30
