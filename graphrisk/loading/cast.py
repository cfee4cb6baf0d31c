"""Text to the types of the data model: a value that cannot be read refuses its row, and says why."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.loading.percent import SIGNS, bare, hundredths
from graphrisk.loading.spec import InputSpec
from graphrisk.model.sieve import Sieve, flags
from graphrisk.model.sieve import whole as in_one_piece
from graphrisk.model.table import Column, Table
from graphrisk.model.words import how_to_write, meant_by

_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NOT_FINITE = {"nan", "inf", "infinity"}
_YEAR_FIRST = re.compile(
    r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]00?:00(?::00(?:\.0+)?)?)?|(\d{4})(\d\d)(\d\d)", re.ASCII
)
_YES = {"true": True, "t": True, "yes": True, "y": True, "1": True}
_NO = {"false": False, "f": False, "no": False, "n": False, "0": False}
_SHEET_ERROR = "is an error of the spreadsheet: correct the formula"
_INTEGER = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?")
_Mask = npt.NDArray[np.bool_]
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}([,. '’][0-9]{3})+([.,][0-9]+)?")


def cast_table(
    declared: Table, given: pa.Table, spec: InputSpec | None, settled: Mapping[str, _Mask] | None = None
) -> tuple[pa.Table, Sieve]:
    """Return `given` (canonical columns, text or typed) in the declared types, and which rows could not be read.

    `settled[column]`: which values are canonical already, from the loader's own `values`: these are not scaled.
    A value that could not be read is null in the result; its row is refused in the Sieve. Raises DataError where a
    whole column has a type that cannot be one of the model's.
    """
    count = given.num_rows
    sieve = Sieve(declared, given, every=True)
    columns = {}
    for column in declared.columns:
        if column.name not in given.column_names:
            columns[column.name] = pa.nulls(count, column.arrow_type)
            continue
        values = in_one_piece(given[column.name])
        if pa.types.is_null(values.type):
            columns[column.name] = pa.nulls(count, column.arrow_type)
        elif pa.types.is_string(values.type):
            columns[column.name] = _from_text(column, values, spec, sieve, (settled or {}).get(column.name))
        else:
            try:
                columns[column.name] = _from_typed(declared, column, values, spec, sieve)
            except pa.ArrowInvalid as error:
                raise DataError(
                    f"column {column.name} of type {values.type} does not fit: {error}",
                    where=declared.name,
                    hint="write it as text",
                ) from error
    return pa.table(columns, schema=declared.schema), sieve


def _from_text(
    column: Column, values: pa.Array, spec: InputSpec | None, sieve: Sieve, settled: _Mask | None = None
) -> pa.Array:
    if column.kind in ("money", "fraction", "number"):
        return _numbers(column, values, spec, sieve, settled)
    if column.kind == "integer":
        return _distinct(column, values, sieve, _integer, "is not a whole number")
    if column.kind == "bool":
        return _distinct(column, values, sieve, _flag, "is neither true nor false")
    if column.kind == "date":
        formats = spec.date_format if spec else ()
        wanted = " or ".join(formats) or "YYYY-MM-DD (another form: say date_format in a copy of the loader's toml)"
        return _distinct(
            column, values, sieve, lambda text: _date(text, formats), f"is not a day as {wanted}"
        )  # fmt: skip
    return values


def _numbers(column: Column, values: pa.Array, spec: InputSpec | None, sieve: Sieve, settled: _Mask | None) -> pa.Array:
    signed = np.zeros(len(values), dtype=bool)
    if column.is_fraction:
        values, signed = bare(values)
    if spec is not None and (spec.thousands or spec.decimal != "."):
        plain = _plain_numbers(values, spec)
        values = plain if settled is None else pc.if_else(pa.array(settled), values, plain)
    numbers = _parsed(column, hundredths(values, signed), sieve)
    scaled = _scaled(numbers, column, spec)
    fixed = signed if settled is None else signed | settled
    return pc.if_else(pa.array(fixed), numbers, scaled) if fixed.any() else scaled


def _parsed(column: Column, values: pa.Array, sieve: Sieve) -> pa.Array:
    try:
        return pc.cast(values, pa.float64())
    except pa.ArrowInvalid:
        pass
    fine = flags(pc.match_substring_regex(values, _NUMBER))
    odd = np.flatnonzero(~fine & flags(pc.is_valid(values)))
    numbers = np.full(len(values), np.nan)
    simple = pc.utf8_ltrim(values.filter(pa.array(fine)), characters="+")
    numbers[fine] = [float(text) for text in simple.to_pylist()]
    known = flags(pc.is_valid(values))
    reasons: dict[str, list[int]] = {}
    for row, text in zip(odd.tolist(), values.take(pa.array(odd)).to_pylist(), strict=True):
        known[row] = False
        reasons.setdefault(_why_no_number(text), []).append(row)
    for reason, rows in reasons.items():
        mask = np.zeros(len(values), dtype=bool)
        mask[rows] = True
        sieve.refuse(mask, f"{column.name} {reason}", (column.name,))
    return pa.array(numbers, pa.float64(), mask=~known)


def _why_no_number(text: str) -> str:
    if text.lstrip("+-").casefold() in _NOT_FINITE:
        return "is not a finite number: leave it empty where it is not known"
    if text.endswith(tuple(SIGNS)):
        return "is a percentage: give a plain number"
    if _GROUPED.fullmatch(text):
        return (
            "is written with separators: export plain numbers, or say thousands and decimal in a copy of the "
            "loader's toml"
        )
    if text.startswith("#"):
        return _SHEET_ERROR
    return "is not a number"


def _plain_numbers(values: pa.Array, spec: InputSpec) -> pa.Array:
    """Rewrite numbers such as 1.234,5 as 1234.5; what is not written in that way is marked so that it is refused."""
    thousands, decimal = re.escape(spec.thousands), re.escape(spec.decimal)
    whole = rf"[0-9]{{1,3}}({thousands}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    fits = pc.match_substring_regex(values, rf"^[+-]?({whole})?({decimal}[0-9]*)?([eE][+-]?[0-9]+)?$")
    plain = pc.replace_substring(values, spec.thousands, "") if spec.thousands else values
    plain = pc.replace_substring(plain, spec.decimal, ".")
    return pc.if_else(fits, plain, pc.binary_join_element_wise("?", values, ""))


def _scaled(values: pa.Array, column: Column, spec: InputSpec | None) -> pa.Array:
    factor = spec.scale.get(column.name, 1.0) if spec else 1.0
    if factor == 1.0:
        return values
    inverse = round(1.0 / factor)
    if factor < 1.0 and math.isclose(inverse * factor, 1.0, rel_tol=1e-12):  # 35.5 % is 0.355, exactly rounded
        return pc.divide(values, float(inverse))
    return pc.multiply(values, float(factor))


def _distinct(column: Column, values: pa.Array, sieve: Sieve, read: Callable[[str], Any], reason: str) -> pa.Array:
    """Read each distinct text once; refuse the rows whose text gives nothing."""
    encoded = values.dictionary_encode()
    texts = encoded.dictionary.to_pylist()
    found = [read(text) for text in texts]
    codes = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    unread = {at: _why_unread(column, texts[at]) or reason for at, value in enumerate(found) if value is None}
    for why in dict.fromkeys(unread.values()):
        chosen = np.zeros(len(found) + 1, dtype=bool)
        chosen[[at for at, said in unread.items() if said == why]] = True
        sieve.refuse(chosen[codes], f"{column.name} {why}", (column.name,))
    return pa.array([*found, None], column.arrow_type).take(pa.array(codes))


def _why_unread(column: Column, text: str) -> str:
    """Return what a text probably is, where that is known."""
    if text.startswith("#"):
        return _SHEET_ERROR
    if column.kind == "bool":
        value = meant_by(column, text)
        return f"is neither true nor false: {how_to_write(column.name, text, value)}" if value else ""
    if column.kind == "date" and re.fullmatch(r"[1-9][0-9]{4}", text):
        return "is not a day but perhaps a day number of Excel: format the column as a date"
    if column.kind == "date" and re.match(r"\d{4}[-/.]?\d\d?[-/.]?\d\d?[T ]", text):
        return "is a time, not a day"
    return ""


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    return int(match[1]) if match else None


def _flag(text: str) -> bool | None:
    folded = text.casefold()
    return _YES.get(folded, _NO.get(folded))


def reads_as_flag(text: str) -> bool:
    """Return whether a text is read as true or false."""
    return _flag(text) is not None


def _date(text: str, formats: tuple[str, ...]) -> dt.date | None:
    if formats:
        for form in formats:
            try:
                moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
            return moment.date() if moment.time() == dt.time() else None
        return None
    match = _YEAR_FIRST.fullmatch(text)
    if not match:
        return None
    year, month, day = (match[1], match[3], match[4]) if match[1] else (match[5], match[6], match[7])
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _from_typed(table: Table, column: Column, values: pa.Array, spec: InputSpec | None, sieve: Sieve) -> pa.Array:
    """Cast a column that came with a type of its own (Parquet, SQL)."""
    kind = values.type
    if pa.types.is_dictionary(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _from_text(column, values.cast(pa.string()), spec, sieve)
    wanted = column.arrow_type
    whole = pa.types.is_integer(kind)
    if column.kind in ("money", "fraction", "number") and (
        whole or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    ):
        return _scaled(values.cast(wanted, safe=False), column, spec)
    if column.kind == "integer" and whole:
        return values.cast(wanted)
    if column.kind == "integer" and (pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        numbers = values.cast(pa.float64())
        exact = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))
        broken = ~flags(exact) & flags(pc.is_valid(numbers))
        sieve.refuse(broken, f"{column.name} is not a whole number", (column.name,))
        return pc.if_else(pa.array(~broken), numbers, None).cast(wanted, safe=False)
    if column.kind == "bool" and pa.types.is_boolean(kind):
        return values
    if column.kind == "bool" and whole:
        return _from_text(column, values.cast(pa.string()), spec, sieve)
    if column.kind == "date" and pa.types.is_date(kind):
        return values.cast(wanted)
    if column.kind == "date" and pa.types.is_timestamp(kind) and kind.tz is None:
        days = values.cast(pa.timestamp("us"), safe=False)
        midnight = pc.equal(pc.floor_temporal(days, unit="day"), days)
        sieve.refuse(
            ~flags(midnight) & flags(pc.is_valid(days)), f"{column.name} is a time, not a day", (column.name,)
        )  # fmt: skip
        return pc.floor_temporal(days, unit="day").cast(wanted)
    if column.kind in ("id", "text", "category") and (whole or (pa.types.is_boolean(kind) and column.kind != "id")):
        return values.cast(pa.string())
    raise DataError(
        f"column {column.name} is of type {kind}, which is no {_PLAIN[column.kind]}",
        where=table.name,
        hint="write it as text" if column.kind in ("id", "text", "category") else "write it as such, or as text",
    )


_PLAIN = {
    "id": "id",
    "text": "text",
    "category": "text",
    "money": "amount",
    "fraction": "fraction",
    "number": "number",
    "integer": "whole number",
    "date": "day",
    "bool": "true or false",
    "list": "list",
}
