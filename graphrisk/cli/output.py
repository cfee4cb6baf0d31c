"""How results reach people and scripts: tables, JSON and CSV on standard output, everything else on standard error."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.grid import print_table, short

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.cli.options import Session
    from graphrisk.model.result import Result


def say(text: str, *, session: Session | None = None) -> None:
    """Tell the person something on standard error; silent with --quiet."""
    if session is None or not session.quiet:
        clear_bars()
        typer.echo(text, err=True)


def document(value: Any) -> str:
    """Return one JSON document."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)


def emit_text(text: str, output: Path | None, *, session: Session | None = None) -> None:
    """Write a JSON document to the output file (parents made), or to standard output."""
    clear_bars()
    if output is None or str(output) == "-":
        typer.echo(text if _speaks_utf8() else _escaped(text))
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text + "\n", encoding="utf-8", newline="\n")
    say(f"written: {output}", session=session)


def speak_plainly(stream: Any) -> None:
    """Let no character that a code page lacks be lost on a stream.

    A pipe or file in a code page without Chinese (ASCII, Windows 1252, ...) is written in UTF-8; elsewhere a character
    that is lacking is written as its number, such as \\u4f01.
    """
    if not hasattr(stream, "reconfigure"):
        return
    try:
        "企业担保".encode(stream.encoding or "utf-8")
        chinese = True
    except (UnicodeEncodeError, LookupError):
        chinese = False
    if not chinese and not stream.isatty():
        stream.reconfigure(encoding="utf-8")
    stream.reconfigure(errors="backslashreplace")


def _echo_csv(text: str) -> None:
    """Write CSV to standard output: UTF-8 whatever the code page; a terminal gets text."""
    typer.echo(text if sys.stdout.isatty() else text.encode("utf-8", "backslashreplace"))


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "").replace("_", "") in ("utf8", "ascii", "usascii")


def _escaped(text: str) -> str:
    """Return a JSON document in ASCII: the same values whatever the code page of a desktop."""
    return re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)


def say_first(result: Result) -> None:
    """Print what a person must read first: the answer in sentences, then the warnings."""
    clear_bars()
    lead = [*result.certificate.get("headline", ()), *(note for note in result.notes if note.startswith("warning: "))]
    for sentence in dict.fromkeys(lead):
        typer.echo(sentence)
    if lead:
        typer.echo("")


def emit_result(
    result: Result,
    session: Session,
    *,
    shown: Sequence[str] | Mapping[str, pd.DataFrame] | None = None,
    answered: bool = False,
) -> None:
    """Print or write a Result in the format asked for.

    People see the answer and the warnings first (unless `answered` already), then the tables `shown`, in order: names
    of its own, or title -> table; None is all.
    """
    if session.shape == "json":
        emit_text(result.to_json(), session.output, session=session)
    elif session.shape == "csv":
        emit_csv(result.tables, session.output, session=session)
    else:
        if not answered:
            say_first(result)
        lines = [f"{result.analyzer} as of {result.as_of}, data {result.fingerprint[:12]}"]
        said = {name: value for name, value in result.to_dict()["certificate"].items() if name != "headline"}
        certificate = ", ".join(f"{k} {short(v)}" for k, v in said.items())
        lines += [f"certificate: {certificate}"] if certificate else []
        typer.echo("\n".join(lines))
        chosen = result.tables if shown is None else shown
        for title in chosen:
            print_table(title, chosen[title] if isinstance(chosen, Mapping) else result.tables[title])
        first = result.certificate.get("headline", ())
        for note in result.notes:
            if note not in first and not note.startswith("warning: "):
                typer.echo(f"note: {note}")
        if session.output is not None:
            emit_csv(result.tables, session.output, session=session)


def emit_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], session: Session, title: str) -> None:
    """Print or write plain rows (a list of objects in JSON)."""
    from graphrisk.model.result import frame_of

    if session.shape == "json":
        emit_text(document([dict(row) for row in rows]), session.output, session=session)
        return
    frame = frame_of(columns, [[row[c] for c in columns] for row in rows])
    if session.shape == "csv":
        emit_csv({title: frame}, session.output, session=session)
    else:
        print_table(title, frame)


def emit_csv(tables: Mapping[str, pd.DataFrame], output: Path | None, *, session: Session | None = None) -> None:
    """Write one CSV file per table into the folder `output`, or one file, or all to standard output."""
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


def csv_text(table: pd.DataFrame) -> str:
    """Return CSV: null is empty, a list is JSON, and no cell is a formula to a spreadsheet."""
    return table.map(_cell).to_csv(index=False, lineterminator="\r\n")


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict) or type(value).__name__ == "ndarray":
        from graphrisk.model.result import plain

        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
