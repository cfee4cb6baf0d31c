from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError
from graphrisk.loading import scan
from graphrisk.loading.delimited import WHITE, read_delimited
from graphrisk.loading.raw import RawFile
from graphrisk.loading.spec import InputSpec

SPEC = InputSpec(name="parties", glob=("parties.csv",), table="parties")


def read(text: str | bytes, **options: Any) -> RawFile:
    spec = InputSpec(name="parties", glob=("parties.csv",), table="parties", **options)
    return read_delimited(text if isinstance(text, bytes) else text.encode(), "parties.csv", spec)


def values(raw: RawFile) -> list[list[str | None]]:
    return [list(row.values()) for row in raw.columns.to_pylist()]


CELLS = st.text(st.sampled_from('ab甲 ,"\n;€0'), max_size=6)


ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8)
QUOTING = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])


@given(ROWS, QUOTING, st.sampled_from(["\n", "\r\n"]), st.sampled_from([1, 7, 1 << 20]))
@settings(max_examples=300, deadline=None)
def test_what_the_csv_module_writes_is_read_or_named(rows: list[list[str]], quoting: Any, end: str, block: int) -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=quoting, lineterminator=end).writerows([["x", "y", "z"], *rows])
    before, scan.BLOCK = scan.BLOCK, block
    try:
        raw = read(stream.getvalue())
    finally:
        scan.BLOCK = before
    expected = [[cell.strip(WHITE) or None for cell in row] for row in rows]
    doubtful = {bad.line for bad in raw.bad}  # a field whose lines look like rows: refused by name, not read wrongly
    if not doubtful:
        assert [row for row in expected if any(row)] == [row for row in values(raw) if any(row)]
    assert len(raw.lines) + len(raw.bad) + len(raw.blank) >= len(rows)
    assert all(row in expected for row in values(raw)) or doubtful


@given(st.text(st.sampled_from('a,"\n\r b'), max_size=60), st.sampled_from([1, 5, 1 << 20]))
@settings(max_examples=600, deadline=None)
def test_every_line_belongs_to_exactly_one_record_whatever_the_text(body: str, block: int) -> None:
    before, scan.BLOCK = scan.BLOCK, block
    try:
        raw = read("x,y,z\n" + body)
    finally:
        scan.BLOCK = before
    begins = sorted([*raw.lines.tolist(), *raw.blank.tolist(), *(bad.line for bad in raw.bad)])
    assert len(begins) == len(set(begins))
    physical = body.count("\n") + (1 if body and not body.endswith("\n") else 0)
    assert begins == [] if physical == 0 else begins[0] == 2
    if '"' not in body:  # no record can run over a line end
        assert list(range(2, physical + 2)) == begins
    assert raw.columns.num_rows == len(raw.lines)


@given(st.text(st.sampled_from('a,"\n'), max_size=50))
@settings(max_examples=500, deadline=None)
def test_the_fast_scan_agrees_with_the_scan_by_line(body: str) -> None:
    whole = read("x,y,z\n" + body)
    kept = scan._scan_fast
    try:
        scan._scan_fast = lambda *_: None  # type: ignore[assignment]
        by_line = read("x,y,z\n" + body)
    finally:
        scan._scan_fast = kept
    assert values(whole) == values(by_line)
    assert whole.lines.tolist() == by_line.lines.tolist()
    assert [(b.line, b.text) for b in whole.bad] == [(b.line, b.text) for b in by_line.bad]


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    raw = read('x,y\na,1\n\n"b\nc",2\nd\ne,3')
    assert [2, 4, 7] == raw.lines.tolist()
    assert [3] == raw.blank.tolist()
    assert [(6, "1 field where the header has 2")] == [(b.line, b.reason) for b in raw.bad]
    assert [["a", "1"], ["b\nc", "2"], ["e", "3"]] == values(raw)
    assert any("1 records run over several lines" in note for note in raw.notes)


def test_a_quote_that_is_never_closed_costs_its_own_line() -> None:
    raw = read('x,y,z\na,"open,1\nb,c,2\nd,"e",3\n')
    assert [["b", "c", "2"], ["d", "e", "3"]] == values(raw)
    assert [2] == [bad.line for bad in raw.bad]


def test_a_stray_quote_does_not_swallow_rows_up_to_the_next_one() -> None:
    raw = read('x,y,z\na,"open,1\nb,c,2\nd,close",3\ne,f,4\n')
    assert [["b", "c", "2"], ["e", "f", "4"]] == values(raw)
    assert [2, 4] == [bad.line for bad in raw.bad]


def test_a_field_of_50_mb_is_one_bad_record() -> None:
    for field in ("x" * 50_000_000, '"' + "word\n" * 10_000_000 + '"'):
        raw = read(f"x,y\na,{field}\nb,2\n")
        assert [["b", "2"]] == values(raw)
        (bad,) = raw.bad
        assert "bytes long" in bad.reason
        assert len(bad.text) < 100_000


def test_a_text_that_is_mostly_rubble_is_refused() -> None:
    with pytest.raises(DataError, match="lines are no records under this header; the first is line 2"):
        read("x,y\n" + "z\n" * 150_000)


def test_nul_bytes_and_lone_carriage_returns_refuse_their_line() -> None:
    raw = read("x,y\na\x00,1\nb\rc,2\nd,3\n")
    assert ["holds a NUL byte", "holds a carriage return inside the line"] == [bad.reason for bad in raw.bad]
    assert [["d", "3"]] == values(raw)


def test_line_ends_of_all_kinds_are_read() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert [["a", "1"], ["b", "2"]] == values(read(end.join(["x,y", "a,1", "b,2"])))


def test_white_space_around_values_is_cut_and_counted() -> None:
    raw = read("x,y\n\u3000007 ,甲\u3000公司\u3000\n\ufeff8,\u00a0\n")
    assert [["007", "甲\u3000公司"], ["8", None]] == values(raw)
    assert ["parties.csv: white space around 2 values of column 'x' was cut"] == [n for n in raw.notes if "'x'" in n]


def test_empty_texts_are_null_also_in_quotes() -> None:
    assert [[None, "1"], [None, "2"]] == values(read('x,y\n,1\n"",2\n'))


def test_another_delimiter_quote_and_lines_above_the_header_are_read_where_they_are_stated() -> None:
    raw = read("客户清单\n2026-09-30\nx;y\n'a;b';1\n", delimiter=";", quote="'", skip_lines=2)
    assert [["a;b", "1"]] == values(raw)
    assert [4] == raw.lines.tolist()
    assert [['a"b', "1"]] == values(read('x,y\na"b,1\n', quote=""))


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("", "is empty", "first line names the columns"),
        ("\n \n", "is empty", ""),
        ("x;y\n1;2\n", "the header has no ',' but ';'", 'delimiter = ";"'),
        ("x\ty\n1\t2\n", "the header has no ',' but", 'delimiter = "\\t"'),
        ("x,y,X\n1,2,3\n", "columns 1 and 3 of the header are both called 'X'", "its own name"),
        ('x,"y\n1,2\n', "a quote in the header is never closed", ""),
        ("x\x00,y\n", "NUL", "utf-16"),
    ],
)
def test_a_file_without_a_usable_header_is_refused(text: str, said: str, hint: str) -> None:
    with pytest.raises(DataError) as error:
        read(text)
    assert said in error.value.message
    assert hint in error.value.hint
    assert "parties.csv" in error.value.where


def test_wrong_encodings_are_named_with_the_line_and_the_one_that_fits() -> None:
    gbk = "x,y\n1,a\n2,甲\n".encode("gb18030")
    with pytest.raises(DataError, match="line 3 is not utf-8") as error:
        read(gbk)
    assert "--encoding gb18030" in error.value.hint
    assert [["1", "a"], ["2", "甲"]] == values(read(gbk, encoding="gb18030"))
    with pytest.raises(DataError, match="UTF-16") as error:
        read("x,y\n1,2\n".encode("utf-16"))
    assert "--encoding utf-16" in error.value.hint
    assert [["1", "2"]] == values(read("x,y\n1,2\n".encode("utf-16"), encoding="utf-16"))
    with pytest.raises(DataError, match=r"is UTF-8, not gb18030|is not gb18030"):
        read("x,y\n1,甲乙\n".encode(), encoding="gb18030")


def test_a_byte_order_mark_is_skipped() -> None:
    assert ["x", "y"] == read(b"\xef\xbb\xbfx,y\n1,2\n").columns.column_names
