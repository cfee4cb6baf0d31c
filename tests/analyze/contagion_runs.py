"""Short ways to run contagion in tests, and to compare its tables with the slow reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphrisk.analyze import contagion
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_reference import Outcome
from tests.worlds.build import graph_of


def graph_from(rows: Rows) -> RiskGraph:
    return graph_of(**{name: table for name, table in rows.items() if table})


def run(
    world: Rows | RiskGraph, shocks: Mapping[str, float] | None = None, *, scenario: str | None = None, **params: Any
) -> Result:
    """Run contagion on a book or a graph; `scenario` is the text of a scenario file."""
    graph = world if isinstance(world, RiskGraph) else graph_from(world)
    story = None if scenario is None else parse_scenario(scenario)
    given = {**(story.params if story else {}), **params}
    inputs = Inputs(shocks=shocks or {}, scenario=story)
    return contagion.run(
        graph, parse_params(contagion.Params, given, where="contagion"), inputs=inputs, progress=silent
    )


def by_id(result: Result) -> Any:
    """Return contagion_parties in the order of ids; the analyzer lists first what the shock adds most."""
    return result.parties.sort_values("party_id", ignore_index=True)


def party(result: Result, party_id: str) -> dict[str, Any]:
    """Return the row of a party in plain values."""
    rows = [row for row in result.to_dict()["tables"]["contagion_parties"] if row["party_id"] == party_id]
    assert len(rows) == 1, f"{party_id} has {len(rows)} rows"
    return dict(rows[0])


def differences(result: Result, expected: Outcome, *, scale: float) -> list[str]:
    """Return where the tables differ from the reference by more than 1e-8 of `scale`, in words.

    The reference makes one run from the undistressed state: rounds are compared where nobody fails without the shock.
    """
    tables, found = result.to_dict()["tables"], []

    def compare(what: str, actual: Any, right: Any, size: float = scale) -> None:
        if isinstance(right, float) and isinstance(actual, float):
            if not math.isclose(actual, right, rel_tol=0.0, abs_tol=1e-8 * size):
                found.append(f"{what}: {actual} is not {right}")
        elif actual != right:
            found.append(f"{what}: {actual!r} is not {right!r}")

    for row in tables["contagion_parties"]:
        i = row["party_id"]
        compare(f"{i} defaulted", row["defaulted"], expected.failed[i])
        if not tables["contagion_base"]:
            compare(f"{i} default_round", row["default_round"], expected.round[i])
        compare(f"{i} equity_after", row["equity_after"], expected.after[i])
        compare(f"{i} loss_fraction", row["loss_fraction"], expected.fraction[i], 1.0)
        for name, value in expected.losses[i].items():
            own = row["loss_own_stop"] if name == "loss_supplies" else 0.0
            compare(f"{i} {name}", row[name] + own, value)
    rows = {row["facility_id"]: row for row in tables["contagion_facilities"] if row["shortfall"] > 0.0}
    short = {f: v for f, v in expected.facilities.items() if v["shortfall"] > 0}
    compare("facilities", sorted(rows), sorted(short))
    for f in set(rows) & set(short):
        for name, value in short[f].items():
            compare(f"{f} {name}", rows[f][name], value)
    called = (row for row in tables["contagion_calls"] if row["called"] > 0.0)
    calls = {(row["guarantee_id"], row["facility_id"]): row for row in called}
    compare("calls", sorted(calls), sorted(expected.calls))
    for key in set(calls) & set(expected.calls):
        compare(f"{key} called", calls[key]["called"], expected.calls[key][0])
        compare(f"{key} paid", calls[key]["paid"], expected.calls[key][1])
    return found
