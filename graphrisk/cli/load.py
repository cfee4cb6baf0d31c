"""Load files with a loader into the snapshot of a day; report every row read, loaded and rejected.

Examples:

  graphrisk load bank_csv data --as-of 2026-09-30

  graphrisk load bank_csv data --as-of 2026-09-30 --strict --format json

  graphrisk load bank_csv data --as-of 2026-09-30 --max-rejects 0.02

  graphrisk load bods statements.jsonl

  graphrisk load bank_csv extract/ --encoding gb18030
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.options import Session
from graphrisk.cli.output import document, emit_text
from graphrisk.errors import DataError

FAULTS = 15
"""Faults of one table that are printed; the JSON report and the files of rejected rows have all."""
FEW = 3


def load(
    session: Session,
    loader: Annotated[str, typer.Argument(help="Name of the loader: bank_csv, bods, wiod, or your own.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")],
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the load if any row is rejected.")] = False,
    max_rejects: Annotated[
        float | None,
        typer.Option(
            "--max-rejects",
            help="Part of a table's rows that may be rejected, 0.1 if the loader says none; 1 takes what is left.",
            show_default=False,
        ),
    ] = None,
    encoding: Annotated[str, typer.Option("--encoding", help="Encoding of text files, e.g. gb18030.")] = "utf-8",
) -> None:
    workspace = session.workspace()
    try:
        report = workspace.load(loader, paths, strict=strict, max_rejects=max_rejects, encoding=encoding)
    except DataError as error:
        refused = getattr(error, "report", None)
        if refused is not None and session.shape == "json":
            emit_text(document(refused.to_dict()), session.output, session=session)
        elif refused is not None:
            _print(refused.to_dict())
        raise
    finally:
        workspace.close()
    if session.shape == "json":
        emit_text(document(report.to_dict()), session.output, session=session)
    else:
        _print(report.to_dict())


def _print(report: dict[str, Any]) -> None:
    import pandas as pd

    from graphrisk.cli.grid import print_table

    clear_bars()
    taken = bool(report.get("snapshot"))
    verdict = f"snapshot {report['snapshot']}" if taken else "refused: the store is as it was"
    typer.echo(f"load {report['loader']} as of {report['as_of']}: {verdict}")
    rows = [
        {
            "table": t["table"],
            "read": t["rows_read"],
            "loaded" if taken else "not rejected": t["rows_loaded"],
            "rejected": t["rows_rejected"],
            "columns": "; ".join(
                [f"new: {', '.join(t['new_columns'])}"] * bool(t["new_columns"])
                + [f"missing: {', '.join(t['missing_columns'])}"] * bool(t["missing_columns"])
            ),
        }
        for t in report["tables"]
    ]
    if rows:
        print_table("tables", pd.DataFrame(rows))
    for table in report["tables"]:
        _print_faults(table)
    records = report["records"]
    if records["set_aside"]:
        rejected = sum(s["records"] for s in records["set_aside"] if s["reason"].startswith("rejected: "))
        aside = [
            f"{s['records']:,} {s['reason']}" for s in records["set_aside"] if not s["reason"].startswith("rejected")
        ]
        aside = [*aside, *([f"{rejected:,} rejected"] if rejected else [])]
        used = f"{records['used']:,} used" if taken else f"{records['used']:,} not rejected, none used"
        typer.echo(f"records: {records['read']:,} read, {used}; set aside: {'; '.join(aside)}")
    for file in report.get("reject_files", []):
        typer.echo(f"rejected rows, with their reasons: {file}")
    for note in report["notes"]:
        typer.echo(f"note: {note}")


def _print_faults(table: dict[str, Any]) -> None:
    """Print the faults of a table's rejected rows, the most frequent first; a row may have several."""
    faults = sorted(table["faults"], key=lambda fault: -fault["rows"])
    most = 5 if len(faults) <= FEW else 2
    for fault in faults[:FAULTS]:
        count = "1 row" if fault["rows"] == 1 else f"{fault['rows']:,} rows"
        typer.echo(f"rejected in {table['table']}: {count}: {fault['reason']}")
        for example in fault["examples"][:most]:
            typer.echo(f"    {example}")
    if len(faults) > FAULTS:
        typer.echo(f"rejected in {table['table']}: {len(faults) - FAULTS} more faults, in fewer rows each")
