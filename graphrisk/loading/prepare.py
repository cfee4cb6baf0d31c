"""Finds the files of each input and reads them by their format."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np

from graphrisk.errors import DataError, nearest
from graphrisk.loading.delimited import read_delimited
from graphrisk.loading.parquet import read_parquet
from graphrisk.loading.raw import RawFile
from graphrisk.loading.spec import InputSpec, LoaderSpec, headers_in_percent, with_encoding
from graphrisk.loading.statements import read_statements
from graphrisk.loading.workbook import read_sheet, sheets_of
from graphrisk.progress import Progress, silent

_FORMAT_OF = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_DATA = {*_FORMAT_OF, ".xls", ".gz", ".zip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file that an input reads, or one `sheet` of a workbook."""

    input: InputSpec
    path: Path
    format: str
    sheet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The files of a load by input, and what lies beside them unread."""

    found: tuple[FoundFile, ...]
    notes: tuple[str, ...]


def find_files(loader: LoaderSpec, paths: Sequence[Path]) -> Finding:
    """Return which file is read by which input; DataError where a file or folder fits none.

    Folders are not searched below their own files. A workbook that fits no pattern is taken apart by its sheets.
    """
    found: list[FoundFile] = []
    notes: list[str] = []
    for path, given in _files(paths):
        if any(_fits(path.name, pattern) for pattern in loader.ignore):
            continue
        kind = _FORMAT_OF.get(path.suffix.casefold(), "")
        fitting = [
            FoundFile(input=one, path=path, format=one.format or kind or "csv")
            for one in loader.inputs
            if any(_fits(path.name, pattern) for pattern in one.glob)
        ]
        if any(one.format == "xlsx" for one in fitting) or (not fitting and kind == "xlsx"):
            fitting, rest = _by_sheet(loader, path, fitting)
            notes += rest
        if not fitting and given:
            raise DataError(
                "fits no input of the loader",
                where=str(path),
                hint=f"{_near(path.stem, loader)}{_reading(loader)}",
            )
        if not fitting and path.suffix.casefold() in _DATA:
            near = _near(path.stem, loader)
            notes.append(
                f"{path} was not read: it fits no input of {loader.name}{f' ({near.strip()})' if near else ''}"
            )
        found += fitting
    if not found:
        where = ", ".join(str(path) for path in paths)
        raise DataError("there is no file to load", where=where, hint=_reading(loader))
    for one in loader.inputs:
        if one.required and not any(f.input is one for f in found):
            raise DataError(
                f"there is no file for {one.name}",
                where=", ".join(str(path) for path in paths),
                hint=f"{loader.name} needs {' or '.join(one.glob)}",
            )
    _refuse_twins(found)
    order = {one.name: i for i, one in enumerate(loader.inputs)}
    return Finding(found=tuple(sorted(found, key=lambda f: order[f.input.name])), notes=tuple(notes))


def read_file(found: FoundFile, encoding: str = "utf-8", progress: Progress = silent) -> RawFile:
    """Return the records of a file."""
    progress(f"read {found.path.name}")
    spec = with_encoding(found.input, encoding)
    data = _bytes(found.path)
    name = str(found.path)
    if found.format == "parquet":
        return read_parquet(data, name)
    if found.format == "json":
        return read_statements(data, name, spec)
    if found.format == "xlsx":
        return read_sheet(data, name, spec, found.sheet)
    return read_delimited(data, name, spec)


def reading_of(found: FoundFile) -> Hashable:
    """Return all that decides what is read of a file: what two inputs read alike is read once."""
    spec = found.input
    return (
        found.path,
        found.sheet,
        found.format,
        spec.encoding,
        spec.delimiter,
        spec.quote,
        spec.skip_lines,
        spec.header_lines,
        headers_in_percent(spec) if found.format == "xlsx" else None,
    )


def _files(paths: Sequence[Path]) -> list[tuple[Path, bool]]:
    """Return all files, each once, in the order given, those of a folder by name; whether each was named itself."""
    out: dict[Path, tuple[Path, bool]] = {}
    for path in paths:
        if path.is_dir():
            for child in _inside(path):
                if child.is_file() and not child.name.startswith((".", "~$")):
                    out.setdefault(child.resolve(), (child, False))
        elif path.is_file():
            out.setdefault(path.resolve(), (path, True))
        else:
            raise DataError("there is no such file or folder", where=str(path), hint="check the path")
    return list(out.values())


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror or error}", where=str(folder), hint="check its permissions"
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror or error}",
            where=str(path),
            hint="check its permissions, and close it in other programs such as Excel",
        ) from error


def _near(stem: str, loader: LoaderSpec) -> str:
    """Return a question naming the inputs that a file may have been meant for; nothing where none is near."""
    near = nearest(stem, [one.name for one in loader.inputs])
    return f"{near} " if near.startswith("did") else ""


def _reading(loader: LoaderSpec) -> str:
    """Return in words which files a loader reads: each name once, with all its endings."""
    endings: dict[str, list[str]] = {}
    for pattern in dict.fromkeys(g for one in loader.inputs for g in one.glob):
        stem, dot, ending = pattern.rpartition(".")
        endings.setdefault(stem if dot else pattern, []).append(dot + ending if dot else "")
    by_ending: dict[tuple[str, ...], list[str]] = {}
    for stem, found in endings.items():
        by_ending.setdefault(tuple(found), []).append(stem)
    said = [
        ", ".join(stem + ending[0] for stem in stems)
        if len(ending) == 1
        else f"{', '.join(stems)} ({' or '.join(ending)})"
        for ending, stems in by_ending.items()
    ]
    return f"{loader.name} reads {'; '.join(said)}"


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name.casefold(), pattern.casefold())


def _by_sheet(loader: LoaderSpec, path: Path, fitting: Sequence[FoundFile]) -> tuple[list[FoundFile], list[str]]:
    """Return which sheet of a workbook each input reads, and a note on the sheets that none reads.

    Of a workbook that fits no pattern (`fitting` is empty) each input reads the sheet that bears its name.
    """
    names = sheets_of(_bytes(path), str(path))
    found: list[FoundFile] = []
    if fitting:
        for one in fitting:
            sheet = _sheet_for(names, str(path), one.input) if one.format == "xlsx" else ""
            found.append(FoundFile(input=one.input, path=path, format=one.format, sheet=sheet))
    else:
        found += [
            FoundFile(input=spec, path=path, format="xlsx", sheet=sheet)
            for spec in loader.inputs
            if spec.format in ("", "xlsx") and (sheet := _called(names, str(path), spec.sheet_name))
        ]
    notes = []
    for sheet in names:
        if not any(one.sheet == sheet for one in found):
            near = nearest(sheet, [one.sheet_name for one in loader.inputs])
            near = f" ({near})" if near.startswith("did") else ""
            notes.append(f"{path}, sheet {sheet} was not read: no input of {loader.name} has that name{near}")
    return found, notes


def _sheet_for(names: Sequence[str], path: str, spec: InputSpec) -> str:
    """Return the sheet that an input reads: the one it names or that is called like it, else the only one there is."""
    if sheet := _called(names, path, spec.sheet_name):
        return sheet
    if len(names) == 1 and not spec.sheet:
        return names[0]
    said = f"has the sheets {', '.join(names)} and" if len(names) > 1 else f"has the sheet {', '.join(names)} and"
    raise DataError(
        f"{said} none is called {spec.sheet_name!r}" if names else "has no sheet with cells",
        where=path,
        hint=f"name the sheet of [inputs.{spec.name}] in the loader's toml: sheet = ...",
    )


def _called(names: Sequence[str], path: str, wanted: str) -> str:
    """Return the sheet of that name, "" if there is none: as it is written, else up to case and space around it."""
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) > 1:
        raise DataError(
            f"has the sheets {', '.join(repr(name) for name in alike)}: which of them is {wanted!r}?",
            where=path,
            hint="rename or remove one of them",
        )
    return alike[0] if alike else ""


def _refuse_twins(found: Sequence[FoundFile]) -> None:
    """Refuse the same table twice: one name in two formats, or two files with the same content."""
    stems: dict[tuple[str, Path, str], Path] = {}
    contents: dict[tuple[str, int, str], Path] = {}
    sizes = [(f.input.name, f.path.stat().st_size) for f in found]
    alone: dict[tuple[str, Path], FoundFile] = {}
    for one in found:
        if one.format == "json":  # statements have ids of their own
            continue
        if not any(sign in pattern for pattern in one.input.glob for sign in "*?["):
            first = alone.setdefault((one.input.name, one.path.parent), one)
            if first.path != one.path:
                raise DataError(
                    f"{one.input.name} comes twice: {first.path.name} and {one.path.name}",
                    where=str(one.path.parent),
                    hint="remove one of the two",
                )
        stem = (one.input.name, one.path.parent, one.path.stem.casefold())
        other = stems.setdefault(stem, one.path)
        if other != one.path:
            raise DataError(
                f"{one.input.name} comes twice: {other.name} and {one.path.name}",
                where=str(one.path.parent),
                hint="remove one of the two",
            )
        size = one.path.stat().st_size
        if size and sizes.count((one.input.name, size)) > 1:
            digest = hashlib.sha256(_bytes(one.path)).hexdigest()
            other = contents.setdefault((one.input.name, size, digest), one.path)
            if other != one.path and (one.format == "xlsx" or b"\n" in _bytes(one.path).strip()):
                raise DataError(
                    f"{other} and {one.path} hold the same: its rows would count twice",
                    where=str(one.path),
                    hint="remove one of the two",
                )


def record_count(file: RawFile) -> int:
    """Return how many records a file holds, bad and blank ones too."""
    return int(np.sum([file.columns.num_rows, len(file.bad), len(file.blank)]))
