"""What a loader is: its `loader.toml`, and one SELECT per canonical table beside it."""

from __future__ import annotations

import codecs
import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphrisk.errors import DataError, UsageError, nearest
from graphrisk.model.catalog import CATALOG
from graphrisk.shipped import shipped

MAX_SECONDS = 1800.0
MAX_REJECTS = 0.1
"""Part of a table's rows above which what is left is not the book: an encoding, a unit or a header is wrong then."""
FORMATS = ("csv", "parquet", "xlsx", "json")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """How one kind of source file is read, and which canonical table it fills (None: it is a view for the SQL).

    `rename`: source header -> canonical column, or several. `constants`: canonical column -> value for every row.
    `values[column]`: source text -> canonical text. `scale[column]`: factor for numbers (10000 for amounts in 万元).
    `columns`: headers that must be there; `ignore`: headers known and not wanted ("*" = all others).
    """

    name: str
    glob: tuple[str, ...]
    table: str | None = None
    format: str = ""
    encoding: str = ""
    delimiter: str = ","
    quote: str = '"'
    skip_lines: int = 0
    header_lines: int = 1
    decimal: str = "."
    thousands: str = ""
    date_format: tuple[str, ...] = ()
    null: tuple[str, ...] = ()
    sheet: str = ""
    columns: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    required: bool = False
    rename: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)

    @property
    def sheet_name(self) -> str:
        """The sheet of a workbook that belongs to it: the one it names, else the one that is called like it."""
        return self.sheet or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What a table usually looks like: bounds on its rows, and the part of each column that is filled."""

    min_rows: int | None = None
    max_rows: int | None = None
    filled: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderSpec:
    """A loader: `sql` holds TABLE.sql by table, `views` SELECTs run before them, `set_aside` says which records are
    left out and why, `notes` what a reader should know, `ignore` are globs of files that may lie among the inputs
    unread, `max_rejects` is the part of a table's rows that may be rejected, `max_seconds` what one SELECT may take."""

    name: str
    title: str
    licence: str
    folder: Path
    inputs: tuple[InputSpec, ...]
    views: Mapping[str, str] = field(default_factory=dict)
    sql: Mapping[str, str] = field(default_factory=dict)
    set_aside: str = ""
    notes: str = ""
    ignore: tuple[str, ...] = ()
    max_rejects: float = MAX_REJECTS
    max_seconds: float = MAX_SECONDS
    expect: Mapping[str, Expect] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The loader's toml."""
        return self.folder / "loader.toml"


def loader_names(own_loaders: Path | None = None) -> list[str]:
    """Return the names of all loaders, the user's own and the shipped ones."""
    folders = [own_loaders] if own_loaders is not None and own_loaders.is_dir() else []
    folders.append(shipped("loaders"))
    return sorted({path.parent.name for folder in folders for path in folder.glob("*/loader.toml")})


def find_loader(name: str, own_loaders: Path | None = None) -> LoaderSpec:
    """Return the loader called `name`, the user's own one first; UsageError naming the nearest if there is none."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a loader", hint=f"known: {', '.join(loader_names(own_loaders))}", where="load"
        )
    for folder in (own_loaders, shipped("loaders")):
        if folder is not None and (folder / name / "loader.toml").is_file():
            return read_loader(folder / name)
    raise UsageError(f"no loader is called {name!r}", hint=nearest(name, loader_names(own_loaders)))


def read_loader(folder: Path) -> LoaderSpec:
    """Return the loader in `folder`; DataError names the key at fault and the nearest right one."""
    path = folder / "loader.toml"
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=str(path), hint="save it as UTF-8") from error
    except (ValueError, RecursionError) as error:  # nested too deep, or a number of 5,000 digits
        raise DataError(
            f"is not valid TOML: {error}",
            where=str(path),
            hint='keys with Chinese characters or spaces stand in quotes: "客户号" = "party_id"',
        ) from error
    known = ("name", "title", "licence", "inputs", "views", "ignore", "max_rejects", "max_seconds", "expect")
    _only(content, known, path, "")
    if content.get("name", folder.name) != folder.name:
        raise DataError(
            f"name is {content['name']!r}, its folder {folder.name!r}", where=str(path), hint="name both alike"
        )
    sql = {p.stem: _sql(p) for p in sorted(folder.glob("*.sql")) if p.stem not in ("set_aside", "notes")}
    for table in sql:
        if table not in CATALOG:
            raise DataError(
                f"no table is called {table!r}", where=str(folder / f"{table}.sql"), hint=nearest(table, CATALOG)
            )
    views = {}
    for name in _texts(content, "views", path, ""):
        script = folder / "views" / f"{name}.sql"
        if not _NAME.fullmatch(name) or not script.is_file():
            raise DataError(f"view {name!r} has no file", where=str(path), hint=f"write {script}")
        views[name] = _sql(script)
    aside, notes = ((_sql(p) if p.is_file() else "") for p in (folder / "set_aside.sql", folder / "notes.sql"))
    given = _table(content, "inputs", path, "")
    if not given:
        raise DataError("has no [inputs.NAME]", where=str(path), hint="say which files it reads")
    inputs = tuple(_read_input(name, _table(given, name, path, "inputs"), path, sql) for name in given)
    texts = " ".join([*sql.values(), *views.values(), aside])
    for one in inputs:
        if one.table is None and not re.search(rf"\b{re.escape(one.name)}\b", texts):
            raise DataError(
                f"input {one.name!r} fills no table",
                where=f"{path}, inputs.{one.name}",
                hint=f'say table = "..." ({nearest(one.name, CATALOG)}), or read it in a TABLE.sql',
            )
    expected = _table(content, "expect", path, "")
    most = float(_number(content, "max_rejects", path, "", MAX_REJECTS))
    if not 0.0 <= most <= 1.0:
        raise _wrong("max_rejects", "a part of the rows between 0 and 1 (0.1 is 10 %)", most, path, "")
    seconds = float(_number(content, "max_seconds", path, "", MAX_SECONDS))
    if seconds <= 0.0:
        raise _wrong("max_seconds", "a number of seconds above 0", seconds, path, "")
    return LoaderSpec(
        name=folder.name,
        title=_text(content, "title", path, "", folder.name),
        licence=_text(content, "licence", path, ""),
        folder=folder,
        inputs=inputs,
        views=views,
        sql=sql,
        set_aside=aside,
        notes=notes,
        ignore=_texts(content, "ignore", path, ""),
        max_rejects=most,
        max_seconds=seconds,
        expect={name: _read_expect(name, _table(expected, name, path, "expect"), path) for name in expected},
    )


def _sql(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=str(path), hint="save it as UTF-8") from error


def _read_input(name: str, given: Mapping[str, Any], path: Path, sql: Mapping[str, str]) -> InputSpec:
    at = f"inputs.{name}"
    if not _NAME.fullmatch(name):
        raise DataError(f"{name!r} is no name of an input", where=str(path), hint="letters, digits and _")
    known = [f for f in InputSpec.__dataclass_fields__ if f != "name"]
    _only(given, known, path, at)
    table = _text(given, "table", path, at) or (name if name in CATALOG and name not in sql else None)
    if table is not None and table not in CATALOG:
        raise DataError(f"no table is called {table!r}", where=f"{path}, {at}.table", hint=nearest(table, CATALOG))
    spec = InputSpec(
        name=name,
        glob=_texts(given, "glob", path, at) or tuple(f"{name}.{ending}" for ending in ("csv", "parquet", "xlsx")),
        table=table,
        format=_text(given, "format", path, at),
        encoding=_text(given, "encoding", path, at),
        delimiter=_text(given, "delimiter", path, at, ","),
        quote=_text(given, "quote", path, at, '"'),
        skip_lines=_whole(given, "skip_lines", path, at, 0),
        header_lines=_whole(given, "header_lines", path, at, 1),
        decimal=_text(given, "decimal", path, at, "."),
        thousands=_text(given, "thousands", path, at),
        date_format=_texts(given, "date_format", path, at),
        null=_texts(given, "null", path, at),
        sheet=_text(given, "sheet", path, at),
        columns=_texts(given, "columns", path, at),
        ignore=_texts(given, "ignore", path, at),
        required=_flag(given, "required", path, at),
        rename={h: _texts(given["rename"], h, path, f"{at}.rename") for h in _table(given, "rename", path, at)},
        constants=_mapping(given, "constants", path, at),
        values={c: _mapping(_table(given, "values", path, at), c, path, at) for c in _table(given, "values", path, at)},
        scale={
            c: _number(given["scale"], c, path, f"{at}.scale", 1) for c in _table(given, "scale", path, at)
        },
    )  # fmt: skip
    _check_input(spec, path, at)
    return spec


def _check_input(spec: InputSpec, path: Path, at: str) -> None:
    def refuse(key: str, message: str, hint: str = "") -> None:
        raise DataError(message, where=f"{path}, {at}.{key}", hint=hint)

    if spec.format and spec.format not in FORMATS:
        refuse("format", f"no format is called {spec.format!r}", nearest(spec.format, FORMATS))
    if len(spec.delimiter.encode()) != 1 or spec.delimiter in '"\r\n':
        refuse("delimiter", f"{spec.delimiter!r} cannot part columns", 'one character, e.g. ";" or "\\t"')
    if spec.quote and (len(spec.quote.encode()) != 1 or spec.quote in spec.delimiter):
        refuse("quote", f"{spec.quote!r} cannot quote", 'one character, or "" where nothing is quoted')
    if spec.decimal not in (".", ",") or spec.decimal == spec.thousands:
        refuse(
            "decimal", f"decimal {spec.decimal!r} with thousands {spec.thousands!r} cannot be told apart", '"." or ","'
        )
    if any(sign.isalnum() or sign in "+-%％" for sign in spec.thousands):
        refuse("thousands", f"{spec.thousands!r} cannot part digits", 'a sign such as "," or " "')
    if spec.skip_lines < 0:
        refuse("skip_lines", "is negative")
    if spec.header_lines < 1:
        refuse("header_lines", "is less than 1", "how many lines name the columns: 1, or 2 where names have two parts")
    if spec.encoding:
        check_encoding(spec.encoding, f"{path}, {at}.encoding")
    if spec.table is None:
        for key in ("rename", "constants", "values", "scale", "date_format", "null", "thousands"):
            if getattr(spec, key):
                refuse(key, "has no effect on an input that is read by SQL", "do it in the SQL, or name a table")
        return
    declared = CATALOG[spec.table]
    for key, named in (
        ("rename", [column for columns in spec.rename.values() for column in columns]),
        ("constants", spec.constants),
        ("values", spec.values),
        ("scale", spec.scale),
    ):
        for column in named:
            if column not in declared.names:
                refuse(key, f"{spec.table} has no column {column!r}", nearest(column, declared.names))
    targets = [column for columns in spec.rename.values() for column in columns]
    for column in set(targets):
        if targets.count(column) > 1:
            refuse("rename", f"{column} is the target of several source columns", "rename one of them")
    for column in spec.constants:
        if column in targets:
            refuse("constants", f"{column} is renamed from the source, too", "keep one of the two")
    for column, factor in spec.scale.items():
        if declared.column(column).kind not in ("money", "fraction", "number"):
            refuse("scale", f"{column} is not a number", "scale amounts, fractions and numbers")
        if not 0 < factor < float("inf"):
            refuse("scale", f"{column} is scaled by {factor}", "a factor above 0, e.g. 10000 or 0.01")


def _read_expect(table: str, given: Mapping[str, Any], path: Path) -> Expect:
    at = f"expect.{table}"
    if table not in CATALOG:
        raise DataError(f"no table is called {table!r}", where=f"{path}, {at}", hint=nearest(table, CATALOG))
    _only(given, ("min_rows", "max_rows", "filled"), path, at)
    filled = _table(given, "filled", path, at)
    for column in filled:
        if column not in CATALOG[table].names:
            raise DataError(
                f"{table} has no column {column!r}",
                where=f"{path}, {at}.filled",
                hint=nearest(column, CATALOG[table].names),
            )
    low, high = (int(_number(given, k, path, at, -1)) if k in given else None for k in ("min_rows", "max_rows"))
    return Expect(
        min_rows=low, max_rows=high, filled={c: float(_number(filled, c, path, f"{at}.filled", 0)) for c in filled}
    )


def check_encoding(name: str, where: str) -> str:
    """Return `name` if it is an encoding of text; UsageError otherwise."""
    common = ("utf-8", "gb18030", "gbk", "big5", "utf-16", "cp1252", "latin-1", "shift_jis")
    try:
        info = codecs.lookup(name)
        text = bool(getattr(info, "_is_text_encoding", True))
    except (LookupError, ValueError):
        text = False
    if not text:
        raise UsageError(f"no encoding is called {name!r}", where=where, hint=nearest(name, common))
    return name


def headers_in_percent(spec: InputSpec) -> frozenset[str]:
    """Return the headers (in small letters) of scaled fractions: there a cell of Excel is read as it is shown.

    A cell that holds 0.45 and shows 45% would otherwise be scaled to 0.0045.
    """
    if spec.table is None:
        return frozenset()
    scaled = {name for name in spec.scale if CATALOG[spec.table].column(name).is_fraction}
    renamed = {header.strip().casefold() for header, names in spec.rename.items() if scaled & set(names)}
    return frozenset(renamed | {name.casefold() for name in scaled})


def with_encoding(spec: InputSpec, encoding: str) -> InputSpec:
    """Return `spec` read in `encoding`, unless it says its own."""
    return spec if spec.encoding else replace(spec, encoding=encoding)


def _only(given: Mapping[str, Any], known: Any, path: Path, at: str) -> None:
    for key in given:
        if key not in known:
            raise DataError(
                f"unknown key {key!r}", where=f"{path}, {at}" if at else str(path), hint=nearest(key, known)
            )


def _wrong(key: str, wanted: str, value: Any, path: Path, at: str) -> DataError:
    return DataError(f"{key} is {wanted}, not {value!r}", where=f"{path}, {at}" if at else str(path))


def _table(given: Mapping[str, Any], key: str, path: Path, at: str) -> Mapping[str, Any]:
    value = given.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(key, "a section", value, path, at)
    return value


def _text(given: Mapping[str, Any], key: str, path: Path, at: str, default: str = "") -> str:
    value = given.get(key, default)
    if not isinstance(value, str):
        raise _wrong(key, "a text", value, path, at)
    return value


def _texts(given: Mapping[str, Any], key: str, path: Path, at: str) -> tuple[str, ...]:
    value = given.get(key, [])
    value = [value] if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise _wrong(key, "a text or a list of texts", value, path, at)
    return tuple(value)


def _number(given: Mapping[str, Any], key: str, path: Path, at: str, default: float) -> float:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e300:
        raise _wrong(key, "a finite number", str(value)[:40], path, at)
    return value


def _whole(given: Mapping[str, Any], key: str, path: Path, at: str, default: int) -> int:
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(key, "a whole number", value, path, at)
    return value


def _flag(given: Mapping[str, Any], key: str, path: Path, at: str) -> bool:
    value = given.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(key, "true or false", value, path, at)
    return value


def _mapping(given: Mapping[str, Any], key: str, path: Path, at: str) -> dict[str, str]:
    out = {}
    for name, value in _table(given, key, path, at).items():
        if isinstance(value, bool):
            out[name] = "true" if value else "false"
        elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            out[name] = value.isoformat()
        elif isinstance(value, str | int | float):
            out[name] = str(value)
        else:
            raise _wrong(name, "a text, number, date, true or false", value, path, f"{at}.{key}")
    return out
