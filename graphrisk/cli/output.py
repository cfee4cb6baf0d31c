"""How results reach people and scripts: tables, JSON and CSV on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.grid import print_table, short
from graphrisk.errors import UsageError
from graphrisk.model.controls import DIRECTIONS, on_screen

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.cli.options import Session
    from graphrisk.model.result import Result


ENDINGS = (".html", ".xlsx", ".pdf")
"""Of an output file that is a page or a workbook for people."""
NOTES = 4
"""Notes that people are shown; -v prints all."""


def say(text: str, *, session: Session | None = None) -> None:
    """Tell the person something on standard error; silent with --quiet."""
    if session is None or not session.quiet:
        clear_bars()
        typer.echo(text, err=True)


def document(value: Any) -> str:
    """Return one JSON document."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def emit_text(text: str | Iterable[str], output: Path | None, *, session: Session | None = None) -> None:
    """Write a JSON document, whole or in parts, to the output file (parents made), or to standard output."""
    clear_bars()
    parts = [text] if isinstance(text, str) else text
    if output is None or str(output) == "-":
        as_read = _steering_escaped if _speaks_utf8() else _escaped
        for part in parts:
            typer.echo(as_read(part), nl=False)
        typer.echo()
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(parts)
        file.write("\n")
    say(f"written: {output}", session=session)


class Plain:
    """A stream on which no text of the data steers the terminal.

    What Rich draws, with its own colours, goes past it: it writes to a stream's `rich_proxied_file` where there is one.
    """

    def __init__(self, stream: Any) -> None:
        self.rich_proxied_file = stream

    def write(self, text: str) -> Any:
        """Write a text with what steers a terminal as numbers."""
        return self.rich_proxied_file.write(on_screen(text))

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rich_proxied_file, name)


def speak_plainly(stream: Any) -> Any:
    """Return a stream on which no text steers the terminal, and no character that a code page lacks is lost.

    A pipe or file in a code page without Chinese (ASCII, Windows 1252, ...) is written in UTF-8; elsewhere a character
    that is lacking is written as its number, such as \\u4f01.
    """
    if isinstance(stream, Plain) or not hasattr(stream, "reconfigure"):
        return stream
    try:
        "企业担保".encode(stream.encoding or "utf-8")
        chinese = True
    except (UnicodeEncodeError, LookupError):
        chinese = False
    if not chinese and not stream.isatty():
        stream.reconfigure(encoding="utf-8")
    stream.reconfigure(errors="backslashreplace")
    return Plain(stream)


def _echo_csv(text: str) -> None:
    """Write CSV to standard output: UTF-8 whatever the code page; a terminal gets text."""
    typer.echo(text if sys.stdout.isatty() else text.encode("utf-8", "backslashreplace"))


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "").replace("_", "") in ("utf8", "ascii", "usascii")


def _escaped(text: str) -> str:
    """Return a JSON document in ASCII: the same values whatever the code page of a desktop."""
    return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)


def _steering_escaped(text: str) -> str:
    """Return a JSON document with what could steer a terminal as its number: the same values."""
    return re.sub(rf"[\x7f-\x9f]|{DIRECTIONS}", lambda found: f"\\u{ord(found[0]):04x}", text)


def emit_result(result: Result, session: Session) -> None:
    """Print or write a Result in the format asked for; people get its answer."""
    if session.names and result.reader is not None:
        result = with_names(result)
    if session.output is not None and session.format is None and session.output.suffix.lower() in ENDINGS:
        from graphrisk.reporting import write_answer

        clear_bars()
        say(f"written: {write_answer(result, session.output)}", session=session)
    elif session.shape == "json":
        emit_text(result.json_parts(), session.output, session=session)
    elif session.shape == "csv":
        emit_csv(result.tables, session.output, session=session)
    else:
        print_answer(result, verbose=session.verbose)
        if session.output is not None:
            emit_csv(result.tables, session.output, session=session)


def print_answer(result: Result, *, verbose: bool = False) -> None:
    """Print sentences, warnings, the tables that answer, the names of the others, and how it was obtained."""
    from graphrisk.answers.base import answer_of
    from graphrisk.answers.reader import Reader
    from graphrisk.cli.grid import print_shown

    clear_bars()
    reader = result.reader or Reader()
    answer = answer_of(result, reader)
    for line in answer.sentences:
        typer.echo(line)
    for line in answer.warnings:
        typer.echo(reader.pick(f"Warning: {line}", f"注意：{line}"))
    for heading, lines in answer.details:
        typer.echo(f"\n{heading}:")
        for line in lines:
            typer.echo(f"  {line}")
    for shown in answer.tables:
        typer.echo("")
        print_shown(shown, reader)
    typer.echo("")
    for line in answer.notes if verbose else answer.notes[:NOTES]:
        typer.echo(reader.pick(f"Note: {line}", f"说明：{line}"))
    if len(answer.notes) > NOTES and not verbose:
        left = len(answer.notes) - NOTES
        typer.echo(reader.pick(f"... {left} more notes (-v prints all).", f"……另有 {left} 条说明（-v 显示全部）。"))
    if answer.rest:
        others = ", ".join(answer.rest)
        typer.echo(
            reader.pick(
                f"Other tables, in --format json and csv: {others}.", f"其他表（--format json 或 csv）：{others}。"
            )
        )
    typer.echo(answer.certificate)
    if verbose:
        said = {
            name: value for name, value in result.to_dict()["certificate"].items() if not name.startswith("headline")
        }
        typer.echo("certificate: " + ", ".join(f"{name} {short(value)}" for name, value in said.items()))


def with_names(result: Result) -> Result:
    """Return the result with a column `<column>_name` behind each column of party ids."""
    import dataclasses

    tables = {}
    for name, table in result.tables.items():
        declared = result.reader.tables.get(name)
        named = table.copy()
        for column in declared.columns if declared is not None else ():
            if column.references == "parties" and column.name in named.columns:
                at = list(named.columns).index(column.name)
                names = result.reader.names(None if one is None else one for one in table[column.name])
                named.insert(at + 1, f"{column.name}_name", names)
        tables[name] = named
    return dataclasses.replace(result, tables=tables)


def emit_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], session: Session, title: str) -> None:
    """Print or write plain rows (a list of objects in JSON)."""
    from graphrisk.model.result import frame_of

    if session.output is not None and session.format is None and session.output.suffix.lower() in ENDINGS:
        raise UsageError(
            f"{title} is written as CSV or JSON",
            hint=f"-o {session.output.with_suffix('.csv')}",
            where=str(session.output),
        )
    if session.shape == "json":
        emit_text(document([dict(row) for row in rows]), session.output, session=session)
        return
    frame = frame_of(columns, [[row[c] for c in columns] for row in rows])
    if session.shape == "csv":
        emit_csv({title: frame}, session.output, session=session)
    else:
        print_table(title, frame, lang=session.lang)


def emit_csv(tables: Mapping[str, pd.DataFrame], output: Path | None, *, session: Session | None = None) -> None:
    """Write one CSV file per table into the folder `output`, or one file, or all to standard output."""
    from graphrisk.cli.csv_rows import csv_text

    clear_bars()
    texts = {name: csv_text(table) for name, table in tables.items()}
    if output is None or str(output) == "-":
        for name, text in texts.items():
            _echo_csv(f"# {name}\n{text}" if len(texts) > 1 else text)
    elif len(texts) == 1 and output.suffix.lower() == ".csv":
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text("\ufeff" + next(iter(texts.values())), encoding="utf-8", newline="")
        say(f"written: {output}", session=session)
    else:
        output.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (output / f"{name}.csv").write_text("\ufeff" + text, encoding="utf-8", newline="")
        say(f"written: {len(texts)} files in {output}", session=session)
