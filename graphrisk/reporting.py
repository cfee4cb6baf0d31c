"""Writes reports: gathers what the sections need from a workspace, and any result as a page or a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import ConvergenceError, DataError, UsageError

if TYPE_CHECKING:
    from graphrisk.answers.base import Shown
    from graphrisk.answers.reader import Reader
    from graphrisk.model.result import Result
    from graphrisk.report.base import ReportDesk, Section
    from graphrisk.workspace import Workspace

ENDINGS = (".html", ".htm", ".xlsx", ".pdf")
MOST_SCENARIOS = 8


def write_report(
    workspace: Workspace,
    path: str | Path,
    *,
    lang: str | None = None,
    by: str | None = None,
    segment: Sequence[str] = (),
) -> Path:
    """Write the report of the chosen snapshot as FILE.html, FILE.xlsx or, with the extra, FILE.pdf; return it.

    `by` and `segment` slice its tables, as in Workspace.analyze.
    """
    target = _checked(Path(path))
    desk = _desk(workspace, lang or workspace.config.get("language"), by, segment)
    from graphrisk.report.base import sections_of

    graph = desk.graph
    title = desk.pick(f"Credit risk report, {graph.as_of}", f"信用风险报告，{graph.as_of}")
    lead = desk.pick(
        f"Snapshot {graph.snapshot}; amounts in {graph.base_currency or 'no currency'}; data {graph.fingerprint[:12]}.",
        f"快照 {graph.snapshot}；金额单位 {graph.base_currency or '无'}；数据 {graph.fingerprint[:12]}。",
    )
    return _write(target, title, lead, sections_of(desk), desk.reader, graph.as_of)


def write_answer(result: Result, path: str | Path) -> Path:
    """Write what a result says as a page or a workbook; return it."""
    from graphrisk.answers.base import answer_of
    from graphrisk.answers.reader import Reader
    from graphrisk.report.base import Section, of_answer

    target = _checked(Path(path))
    reader = result.reader or Reader()
    answer = answer_of(result, reader)
    made = of_answer(reader.pick("Answer", "结果"), answer, reader, most_rows=200)
    details = [Section(title=heading, sentences=lines) for heading, lines in answer.details]
    method = Section(
        title=reader.pick("Method and certificate", "方法与证明"), sentences=(answer.certificate, *answer.notes)
    )
    title = f"{result.analyzer}, {result.as_of}"
    return _write(target, title, answer.certificate, [made, *details, method], reader, result.as_of)


def write_rows(title: str, table: Shown, reader: Reader, path: str | Path, as_of: Any) -> Path:
    """Write one table, as of a query, as a page or a workbook; return it."""
    from graphrisk.report.base import Section

    made = Section(title=title, tables=((table, reader),), most_rows=1_000)
    return _write(_checked(Path(path)), title, "", [made], reader, as_of)


def _checked(path: Path) -> Path:
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            f"a report is no {path.suffix or 'file without ending'}",
            hint="-o report.html, .xlsx or .pdf",
            where=str(path),
        )
    if path.is_dir():
        raise UsageError("is a folder, not a file", where=str(path), hint="name a file")
    return path


def _write(target: Path, title: str, lead: str, sections: Sequence[Section], reader: Reader, as_of: Any) -> Path:
    from graphrisk.report.page import page
    from graphrisk.report.workbook import write_workbook

    if target.suffix.lower() == ".xlsx":
        return write_workbook(target, title, lead, sections, as_of, reader.pick("Summary", "摘要"))
    text = page(title, lead, sections, reader.lang)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix.lower() == ".pdf":
        _pdf(text, target)
    else:
        target.write_text(text, encoding="utf-8", newline="\n")
    return target


def _pdf(text: str, target: Path) -> None:
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:  # not installed, or without the system's Pango
        raise UsageError(
            f"PDF needs WeasyPrint and Pango ({error})",
            hint='pip install "graphrisk[pdf]", or write .html and print it from a browser',
            where=str(target),
        ) from error
    HTML(string=text).write_pdf(target)


def _desk(workspace: Workspace, lang: str, by: str | None, segment: Sequence[str]) -> ReportDesk:
    """Return what the sections are made from; an analyzer that the data cannot feed leaves its section out."""
    from graphrisk.analyze.base import find_analyzer
    from graphrisk.answers.reader import Reader
    from graphrisk.credit.segment import slice_of
    from graphrisk.report.base import ReportDesk, needs
    from graphrisk.report.dangerous import failures
    from graphrisk.slicing import cut_to

    graph, cut = workspace.graph(), None
    if by or segment:
        cut = slice_of(graph, by, segment, lambda: workspace._cached("segments").members)
    results: dict[str, Result] = {}
    missing: dict[str, str] = {}
    for name in needs():
        try:
            results[name] = workspace._cached(name)
        except (DataError, UsageError, ConvergenceError) as error:
            missing[name] = error.message
            continue
        if cut is not None:
            tables = {table.name: table for table in find_analyzer(name).TABLES}
            results[name] = cut_to(results[name], cut, Reader(lang=lang, graph=graph, tables=tables))
    runs: dict[str, Result] = {}
    if "contagion" in results:
        for party in failures(results["contagion"].importance):
            runs[party] = workspace.analyze("contagion", shocks={party: 1.0})
    stress = _scenarios(workspace, missing)
    declared: Mapping[str, Any] = {
        table.name: table for name in {*results, "contagion"} for table in find_analyzer(name).TABLES
    }
    if cut is not None:
        declared = {**declared, **{k: table for one in results.values() for k, table in one.reader.tables.items()}}
    return ReportDesk(
        graph=graph,
        lang=lang,
        results=results,
        declared=declared,
        failures=runs,
        stress=stress,
        missing=missing,
    )


def _scenarios(workspace: Workspace, missing: dict[str, str]) -> dict[str, Result]:
    """Return the runs of the project's scenarios by name; `missing` is told why one cannot be run."""
    from graphrisk.scenario import read_scenario

    found: dict[str, Result] = {}
    paths = sorted((workspace.config.project / "scenarios").glob("*.toml"))
    missing |= {path.name: f"a report runs {MOST_SCENARIOS} scenarios at most" for path in paths[MOST_SCENARIOS:]}
    for path in paths[:MOST_SCENARIOS]:
        try:
            name = read_scenario(path).name or path.stem
            found[name] = workspace.analyze("contagion", scenario=path)
        except (DataError, UsageError, ConvergenceError) as error:
            missing[path.name] = error.message
    return found
