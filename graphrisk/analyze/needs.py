"""What an analyzer reads of others: declared by it, handed over by whoever runs it, told apart by what they say.

An analyzer never imports another. It has `NEEDS`, names of analyzers whose answers with default parameters it reads,
or a function `asks(params)` that returns `model.ask.Ask`s, or both; `run` finds the Results in `inputs.results`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from graphrisk.analyze.base import Analyzer, find_analyzer
from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result, params_digest
from graphrisk.progress import Progress, silent

Answer = Callable[[Ask], Result]
"""Gives the Result that is asked for: from a store, or computed."""
_WAY: ContextVar[tuple[str, ...]] = ContextVar("who waits for whom", default=())


def needed_by(analyzer: Analyzer, params: Any) -> tuple[Ask, ...]:
    """Return the answers that an analyzer reads with these parameters; most read none.

    Raises ValueError where two have one key.
    """
    asks = getattr(analyzer, "asks", None)
    found = (
        *(Ask(key=name, analyzer=name) for name in getattr(analyzer, "NEEDS", ())),
        *(() if asks is None else asks(params)),
    )
    keys = [ask.key for ask in found]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"two answers are asked for under the key {', '.join(twice)}")
    return found


def run_with_needs(
    name: str, graph: RiskGraph, params: Any, *, inputs: Inputs, progress: Progress, answer: Answer
) -> Result:
    """Return the Result of analyzer `name`, given the answers that it reads.

    Its certificate says which they were (`needs`: key -> `mark_of`), so that a kept result is known to be old once one
    of them is another.
    """
    analyzer = find_analyzer(name)
    wanted = needed_by(analyzer, params)
    if not wanted:
        return analyzer.run(graph, params, inputs=inputs, progress=progress)
    results = answers_to(name, wanted, answer)
    result = analyzer.run(graph, params, inputs=dataclasses.replace(inputs, results=results), progress=progress)
    return dataclasses.replace(result, certificate={**result.certificate, "needs": marks_of(results)})


def answers_to(name: str, wanted: Sequence[Ask], answer: Answer) -> dict[str, Result]:
    """Return the answers that analyzer `name` reads, by key; GraphRiskError where analyzers wait for one another."""
    way = _WAY.get()
    if name in way:
        raise GraphRiskError(f"analyzers wait for one another: {' -> '.join((*way[way.index(name) :], name))}")
    token = _WAY.set((*way, name))
    try:
        return {ask.key: answer(ask) for ask in wanted}
    finally:
        _WAY.reset(token)


def marks_of(results: Mapping[str, Result]) -> dict[str, str]:
    """Return the mark of each Result, by key."""
    return {key: mark_of(result) for key, result in sorted(results.items())}


def mark_of(result: Result) -> str:
    """Return a digest by which an answer is known: whose, of which version and data, and how it was obtained."""
    said = (result.analyzer, result.version, result.fingerprint, result.params, result.certificate)
    return params_digest({"answer": said}, result.settings)


def computed(graph: RiskGraph, progress: Progress = silent) -> Answer:
    """Return what gives answers on `graph` by computing each: for tests, and for whoever has no store."""

    def answer(ask: Ask) -> Result:
        if ask.shocked:
            raise UsageError("an answer under shocks needs a workspace", hint="Workspace(DIR).analyze(...)")
        params = parse_params(find_analyzer(ask.analyzer).Params, ask.params, where=ask.analyzer)
        return run_with_needs(ask.analyzer, graph, params, inputs=Inputs(), progress=progress, answer=answer)

    return answer
