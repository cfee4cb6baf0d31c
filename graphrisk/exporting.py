"""What an export is given: tables by name, and for files that people read the words that go with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.model.result import Result
    from graphrisk.stores.base import Store

FOR_COMMITTEE = ("quality", "chains", "concentration", "contagion")
"""Analyzers whose answers make the workbook where no table is named."""


def export_tables(
    store: Store,
    graph: RiskGraph,
    lang: str,
    tables: Sequence[str] | str,
    to: str,
    path: Path,
    *,
    whole: Callable[[], Mapping[str, pa.Table]],
    scored: Callable[[str], Result],
    result_of: Callable[[str], Result],
) -> list[Path]:
    """Write tables (canonical or score tables; none = what the format takes then) in a format; return the files.

    `whole` reads all canonical tables, `scored` the result that holds a score table, `result_of` that of an analyzer.
    """
    from graphrisk.export.base import find_export
    from graphrisk.export.cells import with_units
    from graphrisk.stores.scores import as_arrow

    export: Any = find_export(to)
    if getattr(export, "WHOLE", False):
        if tables:
            raise UsageError(f"{to} exports the whole snapshot", hint=f"graphrisk export --to {to} -o DIR")
        files: list[Path] = export.write(whole(), graph, path)
        return files
    people = getattr(export, "FOR_PEOPLE", False)
    named = [tables] if isinstance(tables, str) else list(tables)
    own = getattr(export, "NEEDS", None)
    if own is not None and named:
        raise UsageError(f"{to} is one workbook of its own", hint=f"graphrisk export --to {to} -o FILE.xlsx")
    if people and not named:
        results = [result_of(name) for name in (FOR_COMMITTEE if own is None else own)]
        return list(export.write({}, graph, path, reader=_reader(lang, graph, results), results=results))
    chosen, results = {}, []
    for name in named or [name for name, table in graph.tables.items() if table.num_rows]:
        if name in graph.tables:
            from graphrisk.model.catalog import CATALOG

            chosen[name] = store.table(name, graph.snapshot).select(list(CATALOG[name].names))
        else:
            result = scored(name)
            results.append(result)
            chosen[name] = with_units(as_arrow(result.tables[name]), result.units.get(name, {}))
    if people:
        distinct = list({result.analyzer: result for result in results}.values())
        return list(export.write(chosen, graph, path, reader=_reader(lang, graph, distinct), results=distinct))
    return list(export.write(chosen, graph, path))


def _reader(lang: str, graph: RiskGraph, results: Sequence[Result]) -> Any:
    """Return who reads: the declared tables of the book and of these results, in one language."""
    from graphrisk.analyze.base import find_analyzer
    from graphrisk.answers.reader import Reader
    from graphrisk.model.catalog import CATALOG

    declared = {table.name: table for result in results for table in find_analyzer(result.analyzer).TABLES}
    return Reader(lang=lang, graph=graph, tables={**CATALOG, **declared})
