"""How results reach people and scripts: tables, JSON, CSV on standard output; progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from graphrisk.progress import Progress, silent

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.cli.options import Session
    from graphrisk.model.result import Result

SHOWN_ROWS = 20
CARD_COLUMNS = 8
"""One row of more columns than this is shown as a card, one line a column."""


def progress_bar(*, quiet: bool) -> Progress:
    """Return a progress that draws on standard error where that is a terminal."""
    if quiet or not sys.stderr.isatty():
        return silent
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    bars = Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    bars.start()
    tasks: dict[str, Any] = {}

    def report(task: str, done: int = 0, total: int | None = None) -> None:
        if task not in tasks:
            tasks[task] = bars.add_task(task, total=total)
        bars.update(tasks[task], completed=done, total=total)

    import atexit

    atexit.register(bars.stop)
    return report


def say(text: str, *, session: Session | None = None) -> None:
    """Tell the person something on standard error; silent with --quiet."""
    if session is None or not session.quiet:
        typer.echo(text, err=True)


def document(value: Any) -> str:
    """Return one JSON document."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def emit_text(text: str, output: Path | None) -> None:
    """Write `text` to the output file (parents made), or to standard output."""
    if output is None or str(output) == "-":
        typer.echo(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text + "\n", encoding="utf-8", newline="\n")
    say(f"written: {output}")


def emit_result(result: Result, session: Session, *, shown: Sequence[str] | None = None) -> None:
    """Print or write a Result in the format asked for; people see the tables `shown`, in order (None: all)."""
    if session.shape == "json":
        emit_text(result.to_json(), session.output)
    elif session.shape == "csv":
        emit_csv(result.tables, session.output)
    else:
        lines = [f"{result.analyzer} as of {result.as_of}, data {result.fingerprint[:12]}"]
        certificate = ", ".join(f"{k} {_short(v)}" for k, v in result.to_dict()["certificate"].items())
        lines += [f"certificate: {certificate}"] if certificate else []
        typer.echo("\n".join(lines))
        for name in result.tables if shown is None else shown:
            print_table(name, result.tables[name])
        for note in result.notes:
            typer.echo(f"note: {note}")
        if session.output is not None:
            emit_csv(result.tables, session.output)


def emit_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], session: Session, title: str) -> None:
    """Print or write plain rows (a list of objects in JSON)."""
    import pandas as pd

    if session.shape == "json":
        emit_text(document([dict(row) for row in rows]), session.output)
        return
    frame = pd.DataFrame({c: pd.Series([row[c] for row in rows], dtype=object) for c in columns})
    if session.shape == "csv":
        emit_csv({title: frame}, session.output)
    else:
        print_table(title, frame)


def emit_csv(tables: Mapping[str, pd.DataFrame], output: Path | None) -> None:
    """Write one CSV file per table into the folder `output`, or one file, or all to standard output."""
    texts = {name: csv_text(table) for name, table in tables.items()}
    if output is None or str(output) == "-":
        for name, text in texts.items():
            if len(texts) > 1:
                typer.echo(f"# {name}")
            typer.echo(text)
    elif len(texts) == 1 and output.suffix.lower() == ".csv":
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text("\ufeff" + next(iter(texts.values())), encoding="utf-8", newline="")
        say(f"written: {output}")
    else:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (output / f"{name}.csv").write_text("\ufeff" + text, encoding="utf-8", newline="")
        say(f"written: {len(texts)} files in {output}")


def csv_text(table: pd.DataFrame) -> str:
    """Return CSV: null is empty, a list is JSON, and no cell is a formula to a spreadsheet."""
    return table.map(_cell).to_csv(index=False, lineterminator="\r\n")


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict) or type(value).__name__ == "ndarray":
        from graphrisk.model.result import plain

        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def print_table(title: str, table: pd.DataFrame) -> None:
    """Print the first rows of a table for people; say how many more there are."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from graphrisk.model.result import records

    width = None if sys.stdout.isatty() else 200
    console = Console(width=width)
    if table.empty:
        console.print(Text(f"{title}: no rows", style="dim"))
        return
    if len(table) == 1 and len(table.columns) > CARD_COLUMNS:
        card = Table(title=title, title_justify="left", title_style="bold", show_header=False)
        for name, value in records(table)[0].items():
            card.add_row(str(name), Text(_short(value, " > " if name == "parties" else ", ")))
        console.print(card)
        return
    grid = Table(title=title, title_justify="left", title_style="bold")
    for name in table.columns:
        numeric = table[name].dtype.kind in "iuf"
        grid.add_column(str(name), justify="right" if numeric else "left", overflow="fold")
    for row in records(table.head(SHOWN_ROWS)):
        grid.add_row(*(Text(_short(value, " > " if name == "parties" else ", ")) for name, value in row.items()))
    console.print(grid)
    if len(table) > SHOWN_ROWS:
        console.print(Text(f"... {len(table) - SHOWN_ROWS:,} more rows (--format csv -o DIR writes all)", style="dim"))


def _short(value: Any, between: str = ", ") -> str:
    """Return a value as a person reads it; `between` stands between the items of a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value == 0:
            return "0"
        if abs(value) >= 1000:
            return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
        return f"{value:.4g}"
    if isinstance(value, list):
        return between.join(_short(item) for item in value)
    if isinstance(value, dict):
        return between.join(f"{_short(item)} {key}" for key, item in value.items())
    return str(value)
