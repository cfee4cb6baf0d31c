"""Sheets of a workbook: every cell is read once, by exactly the inputs that name its sheet; merged cells are filled."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError
from graphrisk.loading.raw import RawFile
from graphrisk.loading.spec import InputSpec
from graphrisk.loading.workbook import read_sheet
from tests.loading.loads import load, own_loader, refused, rejects, workbook

PARTY = ["party_id", "name", "kind"]


def merged(rows: list[list[Any]], *ranges: str, sheet: str = "parties") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(row)
    for one in ranges:
        page.merge_cells(one)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(data: bytes, edit: Callable[[str], str]) -> bytes:
    """Return a workbook with the XML of its first sheet edited."""
    source, target = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for item in source.infolist():
            content = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                content = edit(content.decode("utf-8")).encode("utf-8")
            out.writestr(item, content)
    return target.getvalue()


def read(data: bytes, sheet: str = "parties", **spec: Any) -> RawFile:
    return read_sheet(data, "a.xlsx", InputSpec(name="parties", glob=(), table="parties", **spec), sheet)


def records(raw: RawFile) -> list[tuple[Any, ...]]:
    return list(zip(*(raw.columns.column(i).to_pylist() for i in range(raw.columns.num_columns)), strict=True))


# --- which sheet --------------------------------------------------------------------------------------------------

TWO = workbook({"a": [PARTY, ["A1", "a", "company"]], "b": [PARTY, ["B1", "b", "bank"]], "c": [["x"], ["y"]]})


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[inputs.a]\n%s\n[inputs.b]\n%s", ["A1", "B1"]),  # by their names
        ('[inputs.one]\nsheet="a"\n%s\n[inputs.two]\nsheet="b"\n%s', ["A1", "B1"]),
        ('[inputs.one]\nsheet="b"\n%s\n[inputs.two]\nsheet="a"\n%s', ["A1", "B1"]),
        ('[inputs.a]\n%s\n[inputs.two]\nsheet="b"\n%s', ["A1", "B1"]),  # one without a sheet, one with
        ('[inputs.two]\nsheet=" B "\n%s\n[inputs.a]\n%s', ["A1", "B1"]),  # up to case and space
        ('[inputs.one]\nsheet="b"\n%s', ["B1"]),
    ],
)
@pytest.mark.parametrize("glob", ['table="parties"\nglob="book.xlsx"', 'table="parties"\nglob="*"', 'table="parties"'])
def test_each_input_reads_its_own_sheet(tmp_path: Path, toml: str, expected: list[str], glob: str) -> None:
    own = own_loader(tmp_path / "loaders", "mine", toml.replace("%s", glob))
    loaded = load(tmp_path / "in", {"book.xlsx": TWO}, loader="mine", own_loaders=own)
    assert expected == sorted(loaded.tables["parties"]["party_id"].to_pylist())
    assert (len(expected), len(expected)) == (loaded.report.read, loaded.report.used)
    unread = [note for note in loaded.report.notes if "was not read" in note]
    assert 3 - len(expected) == len(unread)
    assert "sheet c was not read" in unread[-1]


@pytest.mark.parametrize("sheet", ["d", "A1", "客户"])
def test_a_sheet_that_is_missing_is_refused_with_those_there_are(tmp_path: Path, sheet: str) -> None:
    toml = f'[inputs.one]\ntable="parties"\nglob="book.xlsx"\nsheet="{sheet}"\n'
    own = own_loader(tmp_path / "loaders", "mine", toml)
    error = refused(tmp_path / "in", {"book.xlsx": TWO}, loader="mine", own_loaders=own)
    assert f"has the sheets a, b, c and none is called '{sheet}'" in error.message
    alone = workbook({"a": [PARTY, ["A1", "a", "company"]]})
    error = refused(tmp_path / "in2", {"book.xlsx": alone}, loader="mine", own_loaders=own)
    assert f"has the sheet a and none is called '{sheet}'" in error.message


def test_the_only_sheet_belongs_to_an_input_that_names_none(tmp_path: Path) -> None:
    data = workbook({"Sheet1": [PARTY, ["A1", "a", "company"]]})
    assert 1 == load(tmp_path, {"parties.xlsx": data}).tables["parties"].num_rows


def test_two_sheets_alike_up_to_case_are_told_apart_or_refused(tmp_path: Path) -> None:
    exact = workbook({"parties": [PARTY, ["A", "a", "bank"]], "parties ": [PARTY, ["B", "b", "bank"]]})
    loaded = load(tmp_path / "1", {"book.xlsx": exact})
    assert ["A"] == loaded.tables["parties"]["party_id"].to_pylist()
    assert "sheet parties  was not read" in loaded.report.notes[0]
    alike = workbook({"Parties": [PARTY, ["A", "a", "bank"]], "parties ": [PARTY, ["B", "b", "bank"]]})
    assert "which of them is 'parties'?" in refused(tmp_path / "2", {"book.xlsx": alike}).message


def test_one_sheet_may_feed_two_tables_but_not_one_table_twice(tmp_path: Path) -> None:
    rows = [["id", "n", "to", "amount"], ["A", "a", "B", 5], ["B", "b", "A", 7]]
    head = '[inputs.p]\ntable="parties"\nglob="*.xlsx"\nsheet="s"\nrename={id="party_id",n="name"}\n'
    head += 'constants={kind="bank"}\nignore=["*"]\n'
    lines = '[inputs.%s]\ntable="exposures"\nglob="*.xlsx"\nsheet="s"\nignore=["*"]\n'
    lines += 'rename={id="creditor_id",to="debtor_id"}\nconstants={currency="CNY",kind="%s"}\n'
    own = own_loader(tmp_path / "loaders", "once", head + lines % ("e", "loan"))
    own_loader(tmp_path / "loaders", "twice", head + lines % ("e", "loan") + lines % ("f", "loan"))
    own_loader(tmp_path / "loaders", "other", head + lines % ("e", "loan") + lines % ("f", "bond"))
    data = workbook({"s": rows})
    loaded = load(tmp_path / "in", {"a.xlsx": data}, loader="once", own_loaders=own)
    assert (2, 2) == (loaded.tables["parties"].num_rows, loaded.tables["exposures"].num_rows)
    assert (2, 2, ()) == (loaded.report.read, loaded.report.used, loaded.report.notes)
    error = refused(tmp_path / "in", loader="twice", own_loaders=own)
    assert "the inputs e and f bring the same rows for exposures: they would count twice" in error.message
    noted = load(tmp_path / "in", loader="other", own_loaders=own).report.notes
    assert any("each row is there twice" in note for note in noted)


def test_the_same_workbook_under_two_names_is_refused(tmp_path: Path) -> None:
    data = workbook({"parties": [PARTY, ["A", "a", "bank"]]})
    own = own_loader(tmp_path / "loaders", "mine", '[inputs.parties]\nglob="*.xlsx"\n')
    error = refused(tmp_path / "in", {"a.xlsx": data, "b.xlsx": data}, loader="mine", own_loaders=own)
    assert "hold the same: its rows would count twice" in error.message


SHEETS = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 4), min_size=1)


@settings(deadline=None)  # files are written and loaded: a busy machine takes its time
@given(SHEETS, st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 2)), unique=True, min_size=1, max_size=6))
def test_every_cell_is_read_once_by_exactly_the_inputs_that_name_it(
    tmp_path_factory: pytest.TempPathFactory, sheets: Mapping[str, int], inputs: list[tuple[str, int]]
) -> None:
    """Inputs name a sheet and one of its three id columns; each value of a sheet is its own address."""
    tmp_path = tmp_path_factory.mktemp("once")
    content = {s: [[f"{s}{r}{c}" for c in range(3)] for r in range(rows)] for s, rows in sheets.items()}
    inputs = [(s, c) for s, c in inputs if s in sheets] or [(next(iter(sheets)), 0)]
    toml = "".join(
        f'[inputs.i{n}]\ntable="parties"\nglob="book.xlsx"\nsheet="{s}"\nignore=["*"]\n'
        f'constants={{kind="bank"}}\nrename={{c{c}=["party_id","name"]}}\n'
        for n, (s, c) in enumerate(inputs)
    )
    own = own_loader(tmp_path / "loaders", "mine", toml)
    book = workbook({s: [["c0", "c1", "c2"], *rows] for s, rows in content.items()})
    expected = sorted(row[c] for s, c in inputs for row in content[s])
    if not expected:
        assert (
            "there is no row to load"
            in refused(tmp_path / "in", {"book.xlsx": book}, loader="mine", own_loaders=own).message
        )
        return
    loaded = load(tmp_path / "in", {"book.xlsx": book}, loader="mine", own_loaders=own)
    assert expected == sorted(loaded.tables["parties"]["party_id"].to_pylist())
    assert sum(len(content[s]) for s in {s for s, _ in inputs}) == loaded.report.read == loaded.report.used


# --- merged cells -------------------------------------------------------------------------------------------------


def test_a_range_has_its_value_in_every_row_and_column() -> None:
    rows = [["a", "b", "c"], ["1", "x", None], ["", "y", "v"], ["2", "z", "w"]]
    raw = read(merged(rows, "A2:A3", "B2:C2"))
    assert [("1", "x", "x"), ("1", "y", "v"), ("2", "z", "w")] == records(raw)
    assert "2 in a, c, the first A2:A3" in raw.notes[0]
    assert "split it" not in raw.notes[0]
    assert "split it" in read(merged([["a", "b"], ["1", 300], ["2", None]], "B2:B3")).notes[0]
    days = [["a", "b"], ["1", date(2026, 9, 30)], ["2", None]]
    assert "split it" not in read(merged(days, "B2:B3")).notes[0]


def test_a_record_that_is_two_rows_tall_stays_one() -> None:
    rows = [["a", "b"], ["1", "x"], [None, None], ["2", "y"], [None, None], ["3", "z"]]
    raw = read(merged(rows, "A2:A3", "B2:B3", "A4:A5", "B4:B5"))
    assert [("1", "x"), ("2", "y"), ("3", "z")] == records(raw)
    assert [3, 5] == raw.blank.tolist()


def test_errors_and_open_formulas_are_those_of_all_rows_of_their_range() -> None:
    raw = read(
        merged([["a", "b"], ["1", "=1+1"], ["2", None], ["3", "#N/A"], ["4", None], ["5", "x"]], "B2:B3", "B4:B5")
    )
    assert [("5", "x")] == records(raw)
    assert [2, 3, 4, 5] == [bad.line for bad in raw.bad]


def test_a_value_that_hides_under_a_range_is_no_value_of_its_own() -> None:
    """Merging by the format painter keeps the values below: alike they are fine, different ones are told."""
    rows = [["a", "b"], ["1", "x"], ["1", "y"], ["2", "z"], ["3", "w"]]
    hide = '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="A4:A5"/></mergeCells>'
    raw = read(edited(merged(rows), lambda xml: xml.replace("</sheetData>", "</sheetData>" + hide)))
    assert [("1", "x"), ("1", "y"), ("2", "z")] == records(raw)
    assert [(5, "A5 lies under the merged cells A4:A5 with another value")] == [(b.line, b.reason) for b in raw.bad]


def test_a_header_of_two_rows_is_joined_and_its_ranges_name_their_columns() -> None:
    rows = [
        ["title", None, None, None],
        ["party", "amount", None, "note"],
        [None, "open", "limit", None],
        ["1", "2", "3", "4"],
    ]
    data = merged(rows, "A1:D1", "A2:A3", "B2:C2", "D2:D3")
    raw = read(data, skip_lines=1, header_lines=2)
    assert ["party", "amount open", "amount limit", "note"] == raw.columns.column_names
    assert [("1", "2", "3", "4")] == records(raw)
    with pytest.raises(DataError, match=r"reach into row 3, which has values.*\n.*header_lines = 2"):
        read(data, skip_lines=1)


def test_a_tall_header_needs_no_word_and_a_wide_one_names_its_first_column() -> None:
    tall = merged([["a", "b"], [None, None], ["1", "x"]], "A1:A2", "B1:B2")
    assert [("1", "x")] == records(read(tall))
    wide = merged([["a", "b", None, "c"], ["1", "x", None, "y"]], "B1:C1", "B2:C2")
    assert ["a", "b", "c"] == read(wide).columns.column_names
    assert [("1", "x", "y")] == records(read(wide))
    with pytest.raises(DataError, match="column 3 \\(C\\) has values and no name"):
        read(merged([["a", "b", None, "c"], ["1", "x", "lost", "y"]], "B1:C1"))


@st.composite
def pages(draw: st.DrawFn) -> tuple[list[list[str | None]], list[tuple[int, int, int, int]]]:
    """Return the cells below a header, and ranges (top, left, bottom, right; from 0) that do not touch one another."""
    rows, width = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    cells = [[draw(st.sampled_from(["x", "y", None])) for _ in range(width)] for _ in range(rows)]
    ranges: list[tuple[int, int, int, int]] = []
    taken: set[tuple[int, int]] = set()
    for _ in range(draw(st.integers(0, 4))):
        top, left = draw(st.integers(0, rows - 1)), draw(st.integers(0, width - 1))
        bottom, right = draw(st.integers(top, rows - 1)), draw(st.integers(left, width - 1))
        area = {(r, c) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        if len(area) > 1 and not area & taken:
            taken |= area
            ranges.append((top, left, bottom, right))
    return cells, ranges


@settings(deadline=None)  # files are written and loaded: a busy machine takes its time
@given(pages())
def test_merged_cells_are_read_as_a_person_sees_them(
    page: tuple[list[list[str | None]], list[tuple[int, int, int, int]]],
) -> None:
    cells, ranges = page
    width = len(cells[0])
    seen, own = [list(row) for row in cells], [list(row) for row in cells]
    for top, left, bottom, right in ranges:
        for r in range(top, bottom + 1):
            for c in range(left, right + 1):
                seen[r][c] = cells[top][left]
                own[r][c] = cells[r][c] if (r, c) == (top, left) else None
    names = [f"{openpyxl.utils.get_column_letter(left + 1)}{t + 2}:{openpyxl.utils.get_column_letter(r + 1)}{b + 2}"
             for t, left, b, r in ranges]  # fmt: skip
    raw = read(merged([[f"c{i}" for i in range(width)], *cells], *names))
    kept = [r for r in range(len(cells)) if any(own[r])]
    assert [tuple(seen[r]) for r in kept] == records(raw)
    assert [r + 2 for r in kept] == raw.lines.tolist()
    assert () == raw.bad


# --- the order and the limits of a sheet --------------------------------------------------------------------------

PLAIN = merged([PARTY, ["A", "a", "bank"], ["B", "b", "bank"], ["C", "c", "bank"]])


@pytest.mark.parametrize(
    ("found", "put", "said"),
    [
        (r'<row r="3"', '<row r="2"', "row 2 twice"),
        (r'<row r="4"', '<row r="2"', "row 2 after row 3"),
        (r'<row r="4"', '<row r="1048577"', "row 1,048,577: Excel has rows 1 to 1,048,576"),
        (r'<row r="4"', '<row r="0"', "a row 0"),
        (r'<row r="4"', '<row r="-3"', "a row -3"),
        (r'<row r="4"', '<row r="x"', "a row numbered 'x'"),
        (r'<c r="B3"', '<c r="A3"', "the cell A3 twice"),
        (r'<c r="A3"', '<c r="C3"', "the cell B3 after C3"),
        (r'<c r="C3"', '<c r="XFE3"', "a cell in column 16,385"),
        (r'<c r="C3"', '<c r="ZZZZ3"', "a cell called 'ZZZZ3'"),
        (r'<c r="C3"', '<c r="C4"', "the cell C4 in row 3"),
        (r"</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:A2000000"/></mergeCells>', "which no sheet can"),
        (r"</sheetData>", '</sheetData><mergeCells><mergeCell ref="A2:B3"/><mergeCell ref="B3:B4"/></mergeCells>',
         "merged cells A2:B3 and B3:B4 over one another"),
        (r"spreadsheetml/2006/main", "spreadsheetml/2007/other", "not the usual one of Excel"),
    ],
)  # fmt: skip
def test_a_sheet_that_no_excel_could_show_is_refused(found: str, put: str, said: str) -> None:
    def edit(xml: str) -> str:
        assert re.search(found, xml)
        return re.sub(found, put, xml)

    with pytest.raises(DataError) as error:
        read(edited(PLAIN, edit))
    assert said in error.value.message
    assert "sheet parties" in error.value.where


def test_rows_and_cells_without_numbers_are_read_in_their_order() -> None:
    plain = edited(PLAIN, lambda xml: re.sub(r'<(row|c) r="[A-Z]*\d+"', r"<\1", xml))
    assert records(read(PLAIN)) == records(read(plain))
    assert 3 == len(records(read(plain)))


def test_the_last_row_of_excel_is_read_and_those_between_are_blank() -> None:
    far = edited(PLAIN, lambda xml: xml.replace('r="4"', 'r="1048576"').replace('4"', '1048576"', 3))
    far = edited(far, lambda xml: re.sub(r'r="([ABC])4"', r'r="\g<1>1048576"', xml))
    raw = read(far)
    assert [2, 3, 1048576] == raw.lines.tolist()
    assert 1048572 == len(raw.blank)


def test_a_formula_that_gives_the_empty_text_is_computed() -> None:
    data = merged([["a", "b"], ["1", "=X"], ["2", "=Y"]])
    data = edited(
        data, lambda xml: re.sub(r'<c r="B2"><f>X</f><v ?(/>|></v>)', '<c r="B2" t="str"><f>X</f><v></v>', xml)
    )
    raw = read(data)
    assert [("1", None)] == records(raw)
    assert [3] == [bad.line for bad in raw.bad]


# --- what a cell shows --------------------------------------------------------------------------------------------


def test_a_cell_shown_in_percent_is_not_scaled_again(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "ownership"
    for row in [
        ["owner_id", "owned_id", "pct"],
        ["A", "B", 0.45],
        ["A", "C", 35.5],
        ["A", "D", 20],
        ["A", "E", "7.5%"],
    ]:
        page.append(row)
    page["C2"].number_format = "0.00%"
    page["C4"].number_format = '0.0"%"'  # a sign of its own: the cell holds 20
    parties = book.create_sheet("parties")
    for row in [PARTY, *([name, name, "company"] for name in "ABCDE")]:
        parties.append(row)
    stream = io.BytesIO()
    book.save(stream)
    toml = '[inputs.parties]\n[inputs.ownership]\nrename={pct=["share_min","share_max"]}\n'
    toml += "scale={share_min=0.01,share_max=0.01}\n"
    own = own_loader(tmp_path / "loaders", "mine", toml)
    loaded = load(tmp_path / "in", {"a.xlsx": stream.getvalue()}, loader="mine", own_loaders=own)
    shares = {row["owned_id"]: row["share_min"] for row in loaded.tables["ownership"].to_pylist()}
    assert {"B": 0.45, "C": 0.355, "D": 0.2, "E": 0.075} == shares
    assert "2 values of share_min are written with %" in " ".join(loaded.report.notes)


def test_white_space_that_was_cut_is_noted(tmp_path: Path) -> None:
    rows = [PARTY, [" A", "a\u3000", "bank"], ["B ", "b", "bank"]]
    loaded = load(tmp_path, {"parties.xlsx": workbook({"parties": rows})})
    assert ["A", "B"] == sorted(loaded.tables["parties"]["party_id"].to_pylist())
    assert [
        "white space around 2 values of column 'party_id' was cut",
        "white space around 1 values of column 'name' was cut",
    ] == [note.rpartition(": ")[2] for note in loaded.report.notes]


def test_a_boolean_is_no_id(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"party_id": [True], "name": ["a"], "kind": ["bank"]}), tmp_path / "parties.parquet")
    assert "column party_id is of type bool, which is no id" in refused(tmp_path).message


def test_a_row_hidden_by_nothing_is_never_lost(tmp_path: Path) -> None:
    """Rows with an error, beyond the header, or under a range with another value are rejected by name."""
    rows = [PARTY, ["A", "a", "bank"], ["B", "b", "bank", "beyond"], ["C", "#REF!", "bank"]]
    found = load(tmp_path, {"parties.xlsx": workbook({"parties": rows})}).report
    assert {
        "has a value beyond the 3 columns of the header",
        "name holds an error value of Excel: correct the formula",
    } == {reason for reason, _, _ in rejects(found, "parties")}
