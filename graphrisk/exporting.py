"""What an export is given: tables by name, and for files that people read the words that go with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import UsageError
from graphrisk.slicing import cut_to

if TYPE_CHECKING:
    import pyarrow as pa

    from graphrisk.credit.segment import Slice
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
    by: str | None = None,
    segment: Sequence[str] = (),
) -> list[Path]:
    """Write tables (canonical or score tables; none = what the format takes then) in a format; return the files.

    `whole` reads all canonical tables, `scored` the result that holds a score table, `result_of` that of an analyzer.
    `by` and `segment` slice tables; a format that is the whole book's takes neither.
    """
    from graphrisk.answers.column_words import BY_SEGMENT
    from graphrisk.credit.segment import slice_of
    from graphrisk.export.base import find_export
    from graphrisk.export.cells import with_units
    from graphrisk.stores.scores import as_arrow

    export: Any = find_export(to)
    people = getattr(export, "FOR_PEOPLE", False)
    named = [tables] if isinstance(tables, str) else list(tables)
    own = getattr(export, "NEEDS", None)
    cut = None
    if by or segment:
        if not getattr(export, "OF_TABLES", False):
            raise UsageError(f"{to} is of the whole book and takes no segment", hint="csv, parquet and xlsx take one")
        cut = slice_of(graph, by, segment, lambda: result_of("segments").members)
    if getattr(export, "WHOLE", False):
        if tables:
            raise UsageError(f"{to} exports the whole snapshot", hint=f"graphrisk export --to {to} -o DIR")
        files: list[Path] = export.write(whole(), graph, path)
        return files
    if own is not None and named:
        raise UsageError(f"{to} is one workbook of its own", hint=f"graphrisk export --to {to} -o FILE.xlsx")

    def asked(result: Result) -> Result:
        return result if cut is None else cut_to(result, cut, _reader(lang, graph, [result]))

    if people and not named:
        results = [asked(result_of(name)) for name in (FOR_COMMITTEE if own is None else own)]
        return list(export.write({}, graph, path, reader=_reader(lang, graph, results), results=results))
    chosen, results = {}, []
    for name in named or [name for name, table in graph.tables.items() if table.num_rows]:
        if name in graph.tables:
            chosen[name] = _rows(name, store.table(name, graph.snapshot), cut)
            continue
        result = asked(scored(name))
        results.append(result)
        for one in (name, f"{name}{BY_SEGMENT}" if by else ""):
            if one in result.tables:
                chosen[one] = with_units(as_arrow(result.tables[one]), result.units.get(one, {}))
    if people:
        distinct = list({result.analyzer: result for result in results}.values())
        return list(export.write(chosen, graph, path, reader=_reader(lang, graph, distinct), results=distinct))
    return list(export.write(chosen, graph, path))


def _rows(name: str, table: pa.Table, cut: Slice | None) -> pa.Table:
    """Return a canonical table as it is written, cut to the slice; one that names no party is whole."""
    import pyarrow as pa

    from graphrisk.credit.slices import roles_of, rows_inside
    from graphrisk.model.catalog import CATALOG

    declared = CATALOG[name]
    told = table.select(list(declared.names))
    if cut is None:
        return told
    if cut.by:
        raise UsageError(f"{name} is data, of which nothing is summed", hint="--segment takes its rows", where="--by")
    inside = rows_inside(declared, told.select([column.name for column in roles_of(declared)]).to_pandas(), cut)
    return told if inside is None else told.filter(pa.array(inside))


def _reader(lang: str, graph: RiskGraph, results: Sequence[Result]) -> Any:
    """Return who reads: the declared tables of the book and of these results, in one language."""
    from graphrisk.analyze.base import find_analyzer
    from graphrisk.answers.reader import Reader
    from graphrisk.model.catalog import CATALOG

    declared = {table.name: table for result in results for table in find_analyzer(result.analyzer).TABLES}
    sums = {name: table for result in results if result.cut is not None for name, table in result.reader.tables.items()}
    return Reader(lang=lang, graph=graph, tables={**CATALOG, **declared, **sums})
