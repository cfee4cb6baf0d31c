"""The records of delimited text, found exactly: every physical line belongs to one record, and each is good or bad.

Well-formed text (RFC 4180) is scanned with whole arrays; where a quote stands in the wrong place, the block is gone
through line by line, so that a quote that is never closed costs its own line and not the rest of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError
from graphrisk.loading.raw import BadLine, Ints

BLOCK = 32 << 20
LONGEST = 1 << 20
"""Bytes that one record may have: a longer one is refused. Names and remarks are far shorter."""
_FAR = 16  # how often a block is searched beyond LONGEST for the end of a quote
_MOST_BAD = 100_000  # bad lines beyond which a file is refused if they are also the larger part of it
_UNCLOSED = "is never closed"
_SHOWN = 32_000  # characters of a bad line that are kept: what a cell of a spreadsheet holds
_NEWLINE, _RETURN, _NUL = 10, 13, 0
_Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """Records of a part of the text: `good` is their bytes, all of the header's width, `lines` where they begin."""

    good: bytes | memoryview
    lines: Ints
    bad: tuple[BadLine, ...]
    blank: Ints
    several_lines: Ints
    spaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Records by position: `starts`, `ends` (past the line end), number of `fields`, reasons of malformed ones."""

    starts: Ints
    ends: Ints
    fields: Ints
    malformed: dict[int, str]
    quoted: bool = False


def scan(data: bytes, start: int, line: int, delimiter: str, quote: str, width: int) -> Iterator[TextBlock]:
    """Yield the records of `data` (UTF-8) from position `start`, the beginning of line number `line`."""
    whole = np.frombuffer(data, dtype=np.uint8)
    size = BLOCK
    while start < len(data):
        stop = min(start + size, len(data))
        found = _scan_fast(whole, start, stop, ord(delimiter), ord(quote) if quote else -1)
        if found is None or any(
            _is_doubtful(data, *record, delimiter.encode(), width) for record in _long(found, whole)
        ):
            found = _scan_slow(data, start, stop, delimiter.encode(), quote.encode(), width)
        if not len(found.ends):
            size *= 2  # a record longer than a block
            continue
        size = BLOCK
        yield _sorted(data, whole, found, line, width, ord(delimiter), ord(quote) if quote else -1)
        end = int(found.ends[-1])
        line += int(np.count_nonzero(whole[start:end] == _NEWLINE))
        start = end


def _scan_fast(whole: _Bytes, start: int, stop: int, delimiter: int, quote: int) -> _Found | None:
    """Return the whole records in [start, stop), None where a quote is out of place."""
    part = whole[start:stop]
    breaks = np.flatnonzero(part == _NEWLINE)
    parts = np.flatnonzero(part == delimiter)
    quotes = np.flatnonzero(part == quote) if quote >= 0 else np.zeros(0, dtype=np.int64)
    if len(quotes):
        breaks = breaks[np.searchsorted(quotes, breaks) % 2 == 0]
        parts = parts[np.searchsorted(quotes, parts) % 2 == 0]
    ends = breaks + 1
    if stop == len(whole) and (not len(ends) or ends[-1] < len(part)):
        ends = np.append(ends, len(part))
    if not len(ends):
        return _Found(starts=ends, ends=ends, fields=ends, malformed={})
    if len(quotes) and not _well_formed(part, quotes[quotes < ends[-1]], delimiter):
        return None
    starts = np.concatenate([[0], ends[:-1]])
    fields = np.diff(np.searchsorted(parts, ends), prepend=0) + 1
    return _Found(starts=starts + start, ends=ends + start, fields=fields, malformed={}, quoted=len(quotes) > 0)


def _long(found: _Found, whole: _Bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the records that run over several lines: where each begins and ends, and its number of fields."""
    if len(found.ends) and found.quoted:
        first, last = int(found.starts[0]), int(found.ends[-1])
        every = np.flatnonzero(whole[first:last] == _NEWLINE) + first
        inside = np.searchsorted(every, found.ends - 1) - np.searchsorted(every, found.starts)
        for row in np.flatnonzero(inside > 0).tolist():
            yield int(found.starts[row]), int(found.ends[row]), int(found.fields[row])


def _is_doubtful(data: bytes, start: int, end: int, fields: int, delimiter: bytes, width: int) -> bool:
    """Return whether a record of several lines may be a stray quote and the rows after it.

    It is where it has not the header's width, or where a line inside it would be a row of that width by itself.
    """
    if fields != width:
        return True
    if end - start > LONGEST or width < 3:
        return False
    inner = data[start:end].rstrip(b"\r\n").split(b"\n")[1:]
    return any(line.count(delimiter) == width - 1 for line in inner[:-1]) or inner[-1].count(delimiter) > width - 1


def _well_formed(part: _Bytes, quotes: Ints, delimiter: int) -> bool:
    """Return whether each field's quotes stand at its two ends, and others are doubled."""
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    before = part[np.maximum(opening - 1, 0)]
    begins = (opening == 0) | (before == delimiter) | (before == _NEWLINE)
    begins[1:] |= opening[1:] == closing[:-1] + 1
    after = part[np.minimum(closing + 1, len(part) - 1)]
    ends = (closing == len(part) - 1) | (after == delimiter) | (after == _NEWLINE) | (after == _RETURN)
    ends[:-1] |= opening[1:] == closing[:-1] + 1
    return bool(begins.all() and ends.all())


def _scan_slow(data: bytes, start: int, stop: int, delimiter: bytes, quote: bytes, width: int) -> _Found:
    """Return the records from `start` up to the first that ends at or after `stop`, line by line.

    A record of several lines that is doubtful is taken for a stray quote: its first line is bad and the next line
    begins a record of its own.
    """
    starts: list[int] = []
    ends: list[int] = []
    fields: list[int] = []
    malformed: dict[int, str] = {}
    far = 0
    while start < stop:
        newline = data.find(b"\n", start)
        line_end = newline + 1 if newline >= 0 else len(data)
        end, count, reason = line_end, 0, ""
        if data.find(quote, start, line_end) < 0:
            count = data.count(delimiter, start, line_end) + 1
        else:
            end, count, reason = _quoted_record(data, start, line_end, delimiter, quote, start + LONGEST)
            if reason.endswith(_UNCLOSED) and far < _FAR:
                far += 1  # one field too long to keep is one bad record, not thousands
                distant = _quoted_record(data, start, line_end, delimiter, quote, len(data))
                if distant[1:] == (width, ""):
                    end, count, reason = distant
            if not reason and end > line_end and _is_doubtful(data, start, end, count, delimiter, width):
                reason = "a quoted field runs over the line end and into what look like other rows: close its quote"
        if reason:
            malformed[len(starts)] = reason
            end = line_end
        starts.append(start)
        ends.append(end)
        fields.append(count)
        start = end
    arrays = (np.array(values, dtype=np.int64) for values in (starts, ends, fields))
    first, last, many = arrays
    return _Found(starts=first, ends=last, fields=many, malformed=malformed)


def _quoted_record(
    data: bytes, at: int, line_end: int, delimiter: bytes, quote: bytes, limit: int
) -> tuple[int, int, str]:
    """Return where the record at `at` ends, its number of fields, and why it is malformed ("" if it is not).

    A quoted field is followed up to the position `limit`.
    """
    fields = 0
    while True:
        fields += 1
        if data[at : at + 1] != quote:
            newline = data.find(b"\n", at)
            newline = newline if newline >= 0 else len(data)
            comma = data.find(delimiter, at, newline)
            end = comma if comma >= 0 else newline
            if data.find(quote, at, end) >= 0:
                return (
                    line_end,
                    fields,
                    f"field {fields} holds a quote but does not begin with one: double it and quote the field",
                )
            if end == newline:
                return min(newline + 1, len(data)), fields, ""
            at = end + 1
            continue
        at += 1
        while True:
            at = data.find(quote, at, max(limit, line_end))
            if at < 0:
                return line_end, fields, f"the quote that opens field {fields} {_UNCLOSED}"
            if data[at + 1 : at + 2] != quote:
                break
            at += 2
        at += 1
        after = data[at : at + 1]
        if after == b"\r":
            after, at = data[at + 1 : at + 2], at + 1
            if after not in (b"\n", b""):
                return line_end, fields, f"field {fields} goes on after its closing quote"
        if after in (b"\n", b""):
            return min(at + 1, len(data)), fields, ""
        if after != delimiter:
            return line_end, fields, f"field {fields} goes on after its closing quote: double quotes inside a field"
        at += 1


def _sorted(data: bytes, whole: _Bytes, found: _Found, line: int, width: int, delimiter: int, quote: int) -> TextBlock:
    """Part the records into good, bad and blank ones."""
    starts, ends = found.starts, found.ends
    first, last = int(starts[0]), int(ends[-1])
    part = whole[first:last]
    breaks = np.flatnonzero(part == _NEWLINE) + first
    lines = np.searchsorted(breaks, starts) + line
    content = ends - starts - (whole[ends - 1] == _NEWLINE)
    content -= (content > 0) & (whole[np.maximum(starts + content - 1, 0)] == _RETURN)
    blank = (content == found.fields - 1) | (content == 0)
    blank[list(found.malformed)] = False
    reasons = dict(found.malformed)
    ragged = (found.fields != width) & ~blank
    ragged[list(reasons)] = False
    if (many := int(ragged.sum())) > _MOST_BAD:
        first_ragged = int(np.flatnonzero(ragged)[0])
        _refuse_rubble({first_ragged: "another number of fields than the header"}, lines, len(ragged) - many, many)
    for row in np.flatnonzero((found.fields != width) & ~blank).tolist():
        count = int(found.fields[row])
        reasons.setdefault(row, f"{count} field{'s' if count != 1 else ''} where the header has {width}")
    for row in np.flatnonzero(content > LONGEST).tolist():
        reasons[row] = f"{content[row]:,} bytes long: a record may have {LONGEST:,}"
    for row in _holding(part, first, ends, _NUL):
        reasons.setdefault(row, "holds a NUL byte")
    for row in _lone_returns(part, first, starts, ends, quote):
        reasons.setdefault(row, "holds a carriage return inside the line")
    good = ~blank
    good[list(reasons)] = False
    _refuse_rubble(reasons, lines, int(good.sum()))
    bad = tuple(
        BadLine(line=int(lines[row]), reason=reasons[row], text=_text(data, int(starts[row]), int(content[row])))
        for row in sorted(reasons)
    )
    kept = np.flatnonzero(good)
    span = np.searchsorted(breaks, starts + content) + line - lines
    return TextBlock(
        good=memoryview(data)[first:last] if good.all() else _joined(data, starts, ends, kept),
        lines=lines[kept],
        bad=bad,
        blank=lines[blank],
        several_lines=lines[good & (span > 0)],
        spaced=bool(np.any(span > 0)) or _is_spaced(part, delimiter, quote),
    )


def _refuse_rubble(reasons: dict[int, str], lines: Ints, good: int, bad: int | None = None) -> None:
    """Refuse a text of which the larger part is no records: it is read in the wrong way, or not delimited text."""
    bad = len(reasons) if bad is None else bad
    if bad > max(_MOST_BAD, good):
        row = min(reasons)
        raise DataError(
            f"{bad:,} lines are no records under this header; the first is line {lines[row]}: {reasons[row]}",
            hint="check delimiter, quote and skip_lines in the loader's toml, and whether the file is whole",
        )


def _text(data: bytes, start: int, length: int) -> str:
    text = data[start : start + min(length, 4 * _SHOWN)].decode("utf-8", "replace")
    return text if len(text) <= _SHOWN and length <= 4 * _SHOWN else f"{text[:_SHOWN]}... ({length:,} bytes)"


def _holding(part: _Bytes, first: int, ends: Ints, byte: int) -> list[int]:
    at = np.flatnonzero(part == byte)
    return [int(row) for row in np.unique(np.searchsorted(ends, at + first, side="right"))]


def _lone_returns(part: _Bytes, first: int, starts: Ints, ends: Ints, quote: int) -> list[int]:
    """Return the records that hold a carriage return that neither ends the line nor is quoted."""
    at = np.flatnonzero(part == _RETURN)
    if not len(at):
        return []
    after = part[np.minimum(at + 1, len(part) - 1)]
    at = at[(after != _NEWLINE) & (at < len(part) - 1)]
    quotes = np.flatnonzero(part == quote) if quote >= 0 else at[:0]
    rows = np.searchsorted(ends, at + first, side="right")
    before = np.searchsorted(quotes, at) - np.searchsorted(quotes, starts[rows] - first)  # in its own record
    return [int(row) for row in np.unique(rows[before % 2 == 0])]


def _joined(data: bytes, starts: Ints, ends: Ints, kept: Ints) -> bytes:
    """Return the bytes of the records kept, run by run."""
    if not len(kept):
        return b""
    gaps = np.flatnonzero(np.diff(kept) > 1)
    first = starts[kept[np.concatenate([[0], gaps + 1])]]
    last = ends[kept[np.concatenate([gaps, [len(kept) - 1]])]]
    runs = [data[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    return b"".join(runs)


_BEFORE = np.zeros(256, dtype=bool)  # last bytes of white space: " ", tab, NBSP, U+2000-200B, U+3000, U+FEFF
_BEFORE[[0x20, 0x09, 0x0B, 0x0C, 0xA0, 0xBF, *range(0x80, 0x8C)]] = True
_AFTER = np.zeros(256, dtype=bool)  # their first bytes
_AFTER[[0x20, 0x09, 0x0B, 0x0C, 0xC2, 0xE2, 0xE3, 0xEF]] = True


def _is_spaced(part: _Bytes, delimiter: int, quote: int) -> bool:
    """Return whether a field may begin or end with white space."""
    edges = np.zeros(256, dtype=bool)
    edges[[delimiter, _NEWLINE, _RETURN, *([quote] if quote >= 0 else [])]] = True
    edge = edges[part]
    if len(part) and (_AFTER[part[0]] or _BEFORE[part[-1]]):
        return True
    return bool(np.any(edge[:-1] & _AFTER[part[1:]]) or np.any(edge[1:] & _BEFORE[part[:-1]]))
