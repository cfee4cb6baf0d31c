"""Rules that one row keeps or breaks by itself: required, choices, ranges, dates in order, clean ids."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import nearest
from graphrisk.model.iso4217 import CODES, meant_code
from graphrisk.model.sieve import Sieve, flags
from graphrisk.model.table import Column
from graphrisk.model.words import how_to_write, mapping_of, meant_by

_WORDS = 1_000  # distinct wrong words of a column that are looked up
_ORDERED = (("share_min", "share_max"), ("votes_min", "votes_max"))
_NOT_IN_AN_ID = r"[\x00-\x1f\x7f\x{2028}\x{2029}]"
_CONTROL, _NUL, _SPACE = 1, 2, 4
_CLASS_OF = np.zeros(256, dtype=np.uint8)
_CLASS_OF[[*range(0x20), 0x7F, 0xE2]] = _CONTROL  # 0xE2 leads U+2028 and U+2029, and many harmless characters
_CLASS_OF[0x00] |= _NUL
_CLASS_OF[0x20] = _SPACE
_CLASS_OF[[0xC2, 0xE1, 0xE3]] = _SPACE  # lead NBSP, U+1680, U+3000
_CLASS_OF[0xE2] |= _SPACE


def check_values(sieve: Sieve) -> None:
    """Refuse the rows of one table whose own values break a rule."""
    for column in sieve.declared.columns:
        values = sieve.column(column.name)
        if column.required:
            sieve.refuse(flags(pc.is_null(values)), f"{column.name} is empty and is required", (column.name,))
        if values.null_count == sieve.rows:
            continue
        if column.kind in ("money", "fraction", "number", "integer"):
            _check_number(sieve, column, values)
        elif column.name == "currency":
            _check_currency_code(sieve, values)
        elif column.choices:
            _check_choice(sieve, column, values)
        elif column.kind in ("id", "text"):
            _check_text(sieve, column, values)
    _check_order(sieve)


def _check_number(sieve: Sieve, column: Column, values: pa.Array) -> None:
    name = column.name
    if pa.types.is_floating(values.type):
        finite = flags(pc.or_kleene(pc.is_finite(values), pc.is_null(values)))
        sieve.refuse(~finite, f"{name} is not a finite number: leave it empty where it is not known", (name,))
    if column.low is not None:
        what = "is negative" if column.low == 0.0 else f"is below {column.low:g}"
        hint = "" if column.kind == "integer" else "; correct it or leave the row out"
        sieve.refuse(flags(pc.less(values, column.low)), f"{name} {what}{hint}", (name,))
    if column.high is not None:
        hint = "; it is a fraction, not a percentage: 0.35 is 35 %" if column.kind == "fraction" else ""
        sieve.refuse(flags(pc.greater(values, column.high)), f"{name} is above {column.high:g}{hint}", (name,))
    if sieve.name == "fx" and name == "rate":
        sieve.refuse(flags(pc.less_equal(values, 0.0)), "rate is 0: give the units of base currency for one", (name,))


def _check_choice(sieve: Sieve, column: Column, values: pa.Array) -> None:
    allowed = pa.array(column.choices, pa.string())
    wrong = flags(pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, value_set=allowed))))
    if not wrong.any():
        return
    said = f"{column.name} is none of {', '.join(column.choices)}"
    found = pc.unique(values.filter(pa.array(wrong))).to_pylist()
    for text, value in [(text, meant_by(column, text)) for text in sorted(found)[:_WORDS]]:
        if value:
            hint = how_to_write(column.name, text, value)
            sieve.refuse(flags(pc.equal(values, pa.scalar(text))), f"{said}: {hint}", (column.name,))
            wrong &= ~flags(pc.equal(values, pa.scalar(text)))
    sieve.refuse(wrong, said, (column.name,))


def _check_currency_code(sieve: Sieve, values: pa.Array) -> None:
    found = [v for v in pc.unique(values).to_pylist() if v is not None and v not in CODES]
    for value in sorted(found)[:100]:
        meant = meant_code(value)
        hint = nearest(value, CODES) if len(value) == 3 else "use its three letters"
        if meant:
            hint = (
                f"write {meant}, or map it with {mapping_of('currency', {value: meant})} in a copy of the loader's toml"
            )
        wrong = flags(pc.equal(values, pa.scalar(value)))
        said = value if len(value) <= 20 else f"{value[:20]}..."
        sieve.refuse(wrong, f"currency {said!r} is no ISO 4217 code: {_brief(hint)}", ("currency",))
    if len(found) > 100:
        wrong = flags(pc.is_in(values, value_set=pa.array(found)))
        sieve.refuse(wrong, "currency is no ISO 4217 code: use its three letters", ("currency",))


def _brief(hint: str) -> str:
    return "use its three letters" if hint.startswith("known:") else hint


def _check_text(sieve: Sieve, column: Column, values: pa.Array) -> None:
    name = column.name
    classes = _classes_of_bytes(values)
    if column.kind == "id" and classes & _CONTROL:
        broken = flags(pc.match_substring_regex(values, _NOT_IN_AN_ID))
        sieve.refuse(broken, f"{name} holds a line break or another control character", (name,))
    elif classes & _NUL:
        sieve.refuse(flags(pc.match_substring(values, "\x00")), f"{name} holds a NUL character", (name,))
    if column.required or column.kind == "id":
        blank = pc.equal(pc.utf8_trim_whitespace(values), "") if classes & _SPACE else pc.equal(values, "")
        sieve.refuse(flags(blank), f"{name} is blank: leave it empty or give a value", (name,))


def _classes_of_bytes(values: pa.Array) -> int:
    """Return which classes of bytes occur in the texts: a look at the bytes spares looking at each text."""
    buffer = values.buffers()[2]
    if buffer is None:
        return 0
    offsets = np.frombuffer(values.buffers()[1], dtype=np.int32)
    begin, end = offsets[values.offset], offsets[values.offset + len(values)]
    return int(np.bitwise_or.reduce(_CLASS_OF[np.frombuffer(buffer, dtype=np.uint8)[begin:end]]))


def _check_order(sieve: Sieve) -> None:
    names = sieve.declared.names
    for first, last in (("from_on", "to_on"), ("decided_on", "expires_on")):
        if first in names and last in names:
            wrong = flags(pc.greater_equal(sieve.column(first), sieve.column(last)))
            sieve.refuse(wrong, f"{first} is not before {last}: it would hold on no day", (first, last))
    for low, high in _ORDERED:
        if low in names:
            wrong = flags(pc.greater(sieve.column(low), sieve.column(high)))
            sieve.refuse(wrong, f"{low} is above {high}: the lower bound comes first", (low, high))
