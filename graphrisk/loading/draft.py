"""A draft of a loader from the headers of a bank's own files: what is known is mapped, the rest is asked for."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphrisk.errors import UsageError
from graphrisk.loading.headers import Reading, own_unit, read_headers, unit_above
from graphrisk.loading.samples import Sample, samples_of
from graphrisk.model.catalog import CATALOG
from graphrisk.model.iso4217 import CODES, meant_code
from graphrisk.model.table import Column
from graphrisk.model.words import meant_by

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO_VALUE = ("-", "--", "—", "/", "\\", "NULL", "null", "N/A", "n/a", "#N/A", "无", "空")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_EUROPEAN = re.compile(r"-?\d{1,3}(\.\d{3})*,\d+")
_DATES = (
    (re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"), "%Y年%m月%d日"),
    (re.compile(r"\d{4}年\d{1,2}月"), "%Y年%m月"),
    (re.compile(r"(1[3-9]|2\d|3[01])/\d{1,2}/\d{4}"), "%d/%m/%Y"),
    (re.compile(r"\d{1,2}/(1[3-9]|2\d|3[01])/\d{4}"), "%m/%d/%Y"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
)
_EXAMPLES = 3
_SUGGESTED = {"currency": "CNY", "mode": "several", "kind": "company", "basis": "votes", "model": "internal"}
"""What a column that a file lacks often is, in a comment: nothing is filled in by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A drafted loader: its text, what it fills, and what is left for a person to say."""

    text: str
    fills: tuple[tuple[str, str], ...]
    left: tuple[str, ...]


def draft_loader(name: str, paths: Sequence[Path]) -> Draft:
    """Return the draft of a loader for these files.

    Raises UsageError for a name that is none, and for files that are not there or of a kind that no loader reads.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name of a loader", hint="letters, digits and _, such as core_bank")
    for path in paths:
        if not path.exists():
            raise UsageError("there is no such file or folder", where=str(path))
    given = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    files = [file for file in given if file.is_file()]
    if not files:
        raise UsageError("no file was given", hint=f"graphrisk new --loader {name} FILES...")
    readings = [read_headers(sample) for file in files for sample in samples_of(file)]
    globs = _globs([reading.sample for reading in readings])
    lines = [
        "# Drafted by graphrisk new --loader from the headers of the files below. Read it before you load: a line that",
        "# is marked CHECK is a guess, one marked SAY is for you to say. docs/loaders.md names every key.",
        f"name = {_quoted(name)}",
        f"title = {_quoted('Own files: ' + ', '.join(dict.fromkeys(file.name for file in files)))}",
        'licence = "our own data"',
    ]
    left: list[str] = []
    used: set[str] = set()
    for reading, glob in zip(readings, globs, strict=True):
        lines += ["", *_input(reading, glob, used, left)]
    fills = tuple((_place(reading.sample), reading.table) for reading in readings if reading.table)
    if not fills:
        left.append("no file looks like a table of the data model: see docs/tables.md")
    return Draft(text="\n".join(lines) + "\n", fills=fills, left=tuple(left))


def _place(sample: Sample) -> str:
    return f"{sample.path.name}, sheet {sample.sheet}" if sample.sheet else sample.path.name


def _globs(samples: Sequence[Sample]) -> list[str]:
    """Return a pattern for each file: its name with the date in it left open, unless that would take another's file."""
    names = [sample.path.name for sample in samples]
    patterns = [re.sub(r"\d{4,}([-_.]\d{2})*", "*", name) for name in names]
    return [
        pattern if {n for n, p in zip(names, patterns, strict=True) if p == pattern} == {name} else name
        for name, pattern in zip(names, patterns, strict=True)
    ]


def _input(reading: Reading, glob: str, used: set[str], left: list[str]) -> list[str]:
    sample, place = reading.sample, _place(reading.sample)
    if not any(sample.header):
        left.append(f"{place}: SAY nothing: it is empty, leave it out of the load")
        return [f"# {place} is empty"]
    twice = [header for header, times in Counter(sample.header).items() if times > 1 and header]
    left += [f"{place}: SAY which is meant: columns of its header are both called {header}" for header in twice]
    if reading.table is None:
        left.append(f"{place}: SAY which table it fills")
        return [
            f"# SAY what {place} is: no table of the data model fits its headers",
            *(f"#   {_quoted(header)}{_examples(sample, header)}" for header in reading.rest),
        ]
    table = reading.table
    name = _unique(table, used)
    out = [f"[inputs.{name}]  # {place}", f"table = {_quoted(table)}", f"glob = {_quoted(glob)}"]
    if sample.sheet:
        out.append(f"sheet = {_quoted(sample.sheet)}")
    if sample.encoding:
        out.append(f"encoding = {_quoted(sample.encoding)}")
    if sample.delimiter != ",":
        out.append(f"delimiter = {_quoted(sample.delimiter)}")
    if sample.skip_lines:
        out.append(f"skip_lines = {sample.skip_lines}  # lines above the header")
    out += _forms(reading)
    out += _scales(reading)
    out += ["", f"[inputs.{name}.rename]"]
    for match in reading.matches:
        target = '["share_min", "share_max"]' if match.column == "share_min" else _quoted(match.column)
        target = '["votes_min", "votes_max"]' if match.column == "votes_min" else target
        mark = "" if match.exact else "  # CHECK: a near match"
        if not match.exact:
            left.append(f"{place}: CHECK that {match.header} is {match.column}")
        out.append(f"{_quoted(match.header)} = {target}{mark or _examples(sample, match.header)}")
    for header in reading.rest:
        out.append(f"# SAY what this is, or leave it: {_quoted(header)}{_examples(sample, header)}")
    out += _values(reading, name, place, left)
    constants = reading.lacking
    if constants:
        out += ["", f"[inputs.{name}.constants]  # columns that {table} needs and the file has not"]
        for column in constants:
            said = _SUGGESTED.get(column, "...")
            if column == "currency" and _in_yuan(sample):
                out.append('currency = "CNY"  # CHECK: the headers are in 元')
                left.append(f"{place}: CHECK that its amounts are in CNY")
            else:
                out.append(f"# SAY: {column} = {_quoted(said)}")
                left.append(f"{place}: SAY {column} of {table} (rename a header, or a constant)")
    return out


def _in_yuan(sample: Sample) -> bool:
    return any("元" in header or "人民币" in header for header in sample.header)


def _forms(reading: Reading) -> list[str]:
    """Return how numbers, days and missing values are written, where not the usual way."""
    declared = CATALOG[str(reading.table)]
    numbers, days, nothing = [], [], set()
    for match in reading.matches:
        column, values = declared.column(match.column), _column(reading.sample, match.header)
        if column.kind in ("money", "fraction", "number", "integer"):
            numbers += values
        if column.kind == "date":
            days += values
        if column.kind not in ("id", "text"):
            nothing |= {value for value in values if value in _NO_VALUE}
    out = []
    if any(_EUROPEAN.fullmatch(value) for value in numbers) and not any(_THOUSANDS.fullmatch(v) for v in numbers):
        out += ['decimal = ","', 'thousands = "."']
    elif any(_THOUSANDS.fullmatch(value) for value in numbers):
        out.append('thousands = ","')
    forms = list(dict.fromkeys(form for value in days for shape, form in _DATES if shape.fullmatch(value)))
    if forms:
        out.append(f"date_format = {json.dumps(forms, ensure_ascii=False)}")
    if nothing:
        out.append(f"null = {json.dumps(sorted(nothing), ensure_ascii=False)}")
    return out


def _scales(reading: Reading) -> list[str]:
    """Return the factors that units in headers say, and those that shares above 1 ask for."""
    declared = CATALOG[str(reading.table)]
    found: dict[str, float] = {}
    guessed: list[str] = []
    above = unit_above(reading.sample.above)
    for match in reading.matches:
        column = declared.column(match.column)
        targets = (
            [match.column, match.column.replace("_min", "_max")]
            if match.column in ("share_min", "votes_min")
            else [match.column]
        )
        factor = match.factor if column.kind == "money" and match.factor >= 1.0 else 1.0
        if column.kind == "money" and factor == 1.0 and not own_unit(match.header):
            factor = above
            guessed += [match.header] if above != 1.0 else []
        if column.is_fraction:
            plain = [float(value) for value in _column(reading.sample, match.header) if _is_plain(value)]
            if match.factor == 0.01 or any(value > 1.5 for value in plain):
                factor = 0.01
                guessed += [match.header] if match.factor != 0.01 else []
        if factor != 1.0:
            found |= dict.fromkeys(targets, factor)
    if not found:
        return []
    body = ", ".join(f"{name} = {factor:g}" for name, factor in found.items())
    check = "  # by the units in the headers"
    if guessed:
        check = f"  # CHECK: {', '.join(guessed)}, by the values or by the line above the header"
    return [f"scale = {{ {body} }}{check}"]


def _is_plain(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _values(reading: Reading, name: str, place: str, left: list[str]) -> list[str]:
    """Return how the words of categories, yes and no, and currencies are read; those unknown are asked for."""
    declared = CATALOG[str(reading.table)]
    out: list[str] = []
    for match in reading.matches:
        column = declared.column(match.column)
        if not (column.choices or column.kind == "bool" or column.name == "currency"):
            continue
        words = sorted(set(_column(reading.sample, match.header)) - set(_NO_VALUE))
        pairs = [(word, _meant(column, word)) for word in words[:50]]
        lines = []
        for word, meant in pairs:
            if meant is None:
                continue
            if meant:
                value = meant if column.kind == "bool" else _quoted(meant)
                lines.append(f"{_quoted(word)} = {value}")
            else:
                allowed = ", ".join(column.choices) or ("true, false" if column.kind == "bool" else "an ISO 4217 code")
                lines.append(f"# SAY: {_quoted(word)} = ...  ({allowed})")
                left.append(f"{place}: SAY what {word!r} in {match.header} is ({allowed})")
        if lines:
            out += ["", f"[inputs.{name}.values.{column.name}]  # {match.header}", *lines]
    return out


def _meant(column: Column, word: str) -> str | None:
    """Return what a word means, "" where that is not known, None where it is read as it stands."""
    if column.name == "currency":
        return None if word in CODES else meant_code(word)
    if word in column.choices or (
        column.kind == "bool" and word.casefold() in ("true", "false", "yes", "no", "1", "0", "y", "n", "t", "f")
    ):
        return None
    return meant_by(column, word)


def _column(sample: Sample, header: str) -> list[str]:
    return sample.column(sample.header.index(header))


def _examples(sample: Sample, header: str) -> str:
    """Return a comment with a few values of a column."""
    said = list(dict.fromkeys(_column(sample, header)))[:_EXAMPLES]
    shown = ", ".join(" ".join(value.split())[:30] for value in said)
    return f"  # e.g. {shown}" if said else "  # empty in the first rows"


def _unique(table: str, used: set[str]) -> str:
    name, count = table, 1
    while name in used:
        count += 1
        name = f"{table}_{count}"
    used.add(name)
    return name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
