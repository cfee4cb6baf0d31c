"""Bytes of a text file to UTF-8, or a refusal that says which encoding it may be in."""

from __future__ import annotations

import codecs

from graphrisk.errors import DataError
from graphrisk.loading.spec import check_encoding

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_THREE_BYTES = 0x800  # code points from here take three bytes in UTF-8, which other encodings hardly ever imitate


def to_utf8(data: bytes, encoding: str, where: str) -> bytes:
    """Return the text in `data` as UTF-8 without a byte-order mark.

    Raises DataError where the bytes are not in `encoding`, naming the line and an encoding that fits, and where
    `encoding` is plainly not the one the file is in.
    """
    mark, marked = next(((m, name) for m, name in _MARKS if data.startswith(m)), (b"", ""))
    wanted = codecs.lookup(check_encoding(encoding, where)).name
    if marked == "utf-8":
        data = data[len(mark) :]
        wanted = "utf-8"
    elif marked and not wanted.startswith(marked):
        raise DataError(
            f"is not {encoding}: it begins with the mark of {marked.upper()}",
            hint=f"read it with --encoding {marked}",
            where=where,
        )
    if wanted in ("utf-8", "utf-8-sig", "ascii"):
        _decode(data, "utf-8", where)
        return data
    text = _decode(data, wanted, where)
    if not wanted.startswith(("utf", "ascii")) and _is_utf8(data):
        raise DataError(
            f"is UTF-8, not {encoding}",
            hint='leave --encoding out, or say encoding = "utf-8" for this input in the loader\'s toml',
            where=where,
        )
    return text.removeprefix("\ufeff").encode("utf-8")


def _decode(data: bytes, encoding: str, where: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = data[error.start : error.start + 1].hex().upper()
        raise DataError(
            f"line {line} is not {encoding} (byte 0x{found} at position {error.start + 1:,})",
            hint=_suggest(data, encoding),
            where=where,
        ) from error


def _suggest(data: bytes, tried: str) -> str:
    if data[:65536].count(0) > len(data[:65536]) // 4:
        return "it looks like UTF-16: read it with --encoding utf-16-le"
    for name in ("utf-8", "gb18030"):
        if name != tried and _decodes(data, name):
            return f"read it with --encoding {name}"
    return "say which encoding it is in: --encoding gb18030, big5, cp1252, ..."


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_utf8(data: bytes) -> bool:
    try:
        return max(data.decode("utf-8"), default="") >= chr(_THREE_BYTES)
    except UnicodeDecodeError:
        return False
