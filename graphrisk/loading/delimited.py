"""Reads delimited text (CSV): a header, then every line as a record, a blank line or a bad one. All values are text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from graphrisk.errors import DataError
from graphrisk.loading.encoding import to_utf8
from graphrisk.loading.raw import RawFile
from graphrisk.loading.scan import LONGEST, TextBlock, scan
from graphrisk.loading.spec import InputSpec

WHITE = (
    " \t\r\n\x0b\x0c\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u202f\u3000\ufeff"
)
"""What is cut from both ends of a value: exports pad their columns, also with full-width spaces."""
_OTHER_DELIMITERS = {";": ";", "\t": "\\t", "|": "|", ",": ",", "，": "，"}


def read_delimited(data: bytes, path: str, spec: InputSpec) -> RawFile:
    """Return the records of a delimited text file; DataError where it has no usable header."""
    text = to_utf8(data, spec.encoding or "utf-8", path)
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")  # line ends of the old Macintosh
    start, line = _skip(text, spec, path)
    header, end = _header(text, start, line, spec, path)
    try:
        blocks = list(scan(text, end, line + text.count(b"\n", start, end), spec.delimiter, spec.quote, len(header)))
        parts = [_parse(block, header, spec) for block in blocks]
    except DataError as error:
        raise DataError(error.message, hint=error.hint, where=path) from error
    empty = pa.table({name: pa.array([], pa.string()) for name in header})
    columns = pa.concat_tables([empty, *parts])
    notes = []
    if any(block.spaced for block in blocks):
        columns, cut = trimmed(columns, path)
        notes += cut
    several = np.concatenate([np.zeros(0, np.int64), *(block.several_lines for block in blocks)])
    if len(several):
        notes.append(
            f"{path}: {len(several):,} records run over several lines inside quotes, the first at line {several[0]}"
        )
    return RawFile(
        path=path,
        columns=columns,
        lines=np.concatenate([np.zeros(0, np.int64), *(block.lines for block in blocks)]),
        bad=tuple(bad for block in blocks for bad in block.bad),
        blank=np.concatenate([np.zeros(0, np.int64), *(block.blank for block in blocks)]),
        notes=tuple(notes),
    )


def check_header(header: Sequence[str], path: str) -> None:
    """Refuse a header that names two columns alike (up to case and white space)."""
    seen: dict[str, int] = {}
    for position, name in enumerate(header, 1):
        if name and name.casefold() in seen:
            raise DataError(
                f"columns {seen[name.casefold()]} and {position} of the header are both called {name!r}",
                where=f"{path}, line 1",
                hint="give each column its own name",
            )
        seen[name.casefold()] = position


def _skip(text: bytes, spec: InputSpec, path: str) -> tuple[int, int]:
    """Return where the header begins: after `skip_lines` lines and blank ones."""
    start, line = 0, 1
    for _ in range(spec.skip_lines):
        newline = text.find(b"\n", start)
        if newline < 0:
            raise DataError(f"has fewer than skip_lines = {spec.skip_lines} lines", where=path)
        start, line = newline + 1, line + 1
    while start < len(text):
        newline = text.find(b"\n", start)
        stop = newline if newline >= 0 else len(text)
        if text[start:stop].strip():
            return start, line
        start, line = stop + 1, line + 1
    raise DataError(
        "is empty: it has not even a header",
        where=path,
        hint="the first line names the columns; leave the file out if there is nothing to load",
    )


def _header(text: bytes, start: int, line: int, spec: InputSpec, path: str) -> tuple[list[str], int]:
    """Return the names of the columns and where the records begin; parts that stand in several lines are joined."""
    parts: list[list[str]] = []
    for at in range(spec.header_lines):
        if at and start >= len(text):
            raise DataError(f"has fewer than header_lines = {spec.header_lines} lines", where=path)
        names, start = _header_line(text, start, line + at, spec, path)
        parts.append(names)
    width = max(len(names) for names in parts)
    padded = [names + [""] * (width - len(names)) for names in parts]
    names = [" ".join(part for part in column if part) for column in zip(*padded, strict=True)]
    check_header(names, path)
    return names, start


def _header_line(text: bytes, start: int, line: int, spec: InputSpec, path: str) -> tuple[list[str], int]:
    """Return the fields of one line of the header, and where the next line begins."""
    newline = text.find(b"\n", start)
    end = newline + 1 if newline >= 0 else len(text)
    where = f"{path}, line {line}"
    if end - start > LONGEST:
        raise DataError(
            f"the header is {end - start:,} bytes long", where=where, hint="is this a text file with lines?"
        )
    if b"\x00" in text[start:end]:
        raise DataError(
            "the header holds NUL bytes",
            where=where,
            hint="is this a text file? UTF-16 is read with --encoding utf-16-le",
        )
    raw = text[start:end].decode("utf-8").rstrip("\r\n")
    if "\r" in raw:
        raise DataError("the header holds a carriage return", where=where, hint="end each line with a line feed")
    names = [name.strip(WHITE) for name in _split(raw, spec, where)]
    if len(names) == 1 and spec.header_lines == 1:
        other = next((c for c in _OTHER_DELIMITERS if c != spec.delimiter and c in names[0]), "")
        if other:
            raise DataError(
                f"the header has no {spec.delimiter!r} but {other!r}",
                where=where,
                hint=f'if columns are parted by {other!r}, say delimiter = "{_OTHER_DELIMITERS[other]}" for this input '
                "in a copy of the loader's toml (docs/loaders.md), or export with commas",
            )
    return names, end


def _split(raw: str, spec: InputSpec, where: str) -> list[str]:
    """Return the fields of the header's one line."""
    fields, rest = [], raw
    quote, delimiter = spec.quote, spec.delimiter
    while True:
        if quote and rest.startswith(quote):
            at, text = 1, ""
            while True:
                close = rest.find(quote, at)
                if close < 0:
                    raise DataError("a quote in the header is never closed", where=where, hint="correct the header")
                text += rest[at:close]
                if not rest.startswith(quote, close + 1):
                    break
                text, at = text + quote, close + 2
            rest = rest[close + 1 :]
            if rest and not rest.startswith(delimiter):
                raise DataError("a name in the header goes on after its closing quote", where=where)
            fields.append(text)
        else:
            at = rest.find(delimiter)
            text = rest if at < 0 else rest[:at]
            rest = "" if at < 0 else rest[at:]
            fields.append(text)
        if not rest:
            return fields
        rest = rest[len(delimiter) :]


def _parse(block: TextBlock, header: Sequence[str], spec: InputSpec) -> pa.Table:
    """Return the good records of a block, which are well-formed, as text; empty values are null."""
    names = [str(i) for i in range(len(header))]
    if not len(block.lines):
        return pa.table({name: pa.array([], pa.string()) for name in header})
    several = bool(len(block.several_lines))
    table = pv.read_csv(
        pa.BufferReader(block.good),
        pv.ReadOptions(column_names=names, block_size=8 * LONGEST),
        pv.ParseOptions(
            delimiter=spec.delimiter,
            quote_char=spec.quote or False,
            double_quote=bool(spec.quote),
            newlines_in_values=several,
            ignore_empty_lines=False,
        ),
        pv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,  # checked when it was decoded
        ),
    )
    if table.num_rows != len(block.lines):  # the two readings of the text must agree: never shift values by a line
        raise DataError(f"{table.num_rows:,} records were read where {len(block.lines):,} lines stand")
    return table.rename_columns(list(header))


def trimmed(columns: pa.Table, path: str) -> tuple[pa.Table, list[str]]:
    """Cut white space from both ends of all texts, and say in which columns; what is empty then is null."""
    out, notes = [], []
    for name, values in zip(columns.column_names, columns.columns, strict=True):
        cut = pc.utf8_trim(values, characters=WHITE) if pa.types.is_string(values.type) else values
        different = pc.sum(pc.not_equal(cut, values)).as_py() or 0 if cut is not values else 0
        if different:
            notes.append(f"{path}: white space around {different:,} values of column {name!r} was cut")
            cut = pc.if_else(pc.equal(cut, ""), pa.scalar(None, pa.string()), cut)
        out.append(cut if different else values)
    return pa.table(out, names=columns.column_names), notes
