"""A workbook for people: sheets of typed, formatted cells that are written row by row, and print well.

Texts are never formulas. The same content gives the same bytes: XlsxWriter stamps no time of its own into the archive,
and the properties carry the day of the data.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

MOST_ROWS = 1_048_576
"""Rows of a sheet, header included (Microsoft, "Excel specifications and limits")."""
LONGEST_TEXT = 32_767
LONGEST_TITLE = 31
LEVEL = 2
"""How hard a file is compressed: the usual 6 takes over three times as long and makes it a sixth smaller."""
_FORMATS = {
    "money": "#,##0.00",
    "percent": "0.00%",
    "integer": "#,##0",
    "number": "General",
    "decimal": "#,##0.00",
    "part": "0.0000",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm:ss",
    "text": "",
    "flag": "",
}
_WIDTHS = {
    "money": 18,
    "percent": 11,
    "integer": 11,
    "number": 13,
    "decimal": 13,
    "part": 11,
    "date": 12,
    "time": 20,
    "flag": 9,
}
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column of a sheet: its heading, the kind of its cells (a key of the formats), and its width (0: by kind)."""

    text: str
    kind: str = "text"
    width: int = 0


class Workbook:
    """A workbook that is being written, from the first sheet to the last; nothing can be changed afterwards."""

    def __init__(self, path: Path, as_of: dt.date, *, wrap: bool = True) -> None:
        import xlsxwriter

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": _FORMATS["date"],
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.set_properties({"created": dt.datetime.combine(as_of, dt.time()), "author": "graphrisk"})
        self._wrap = wrap
        self._made: dict[tuple[Any, ...], Any] = {}
        self._titles: set[str] = set()
        self._taken: set[str] = set()

    def words(self, title: str, lines: Iterable[tuple[str, str]]) -> None:
        """Write a sheet of sentences: each line is (style, text), a style of heading, subheading, sentence, warning."""
        sheet = self._add(title)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 110)
        self._print(sheet, landscape=False)
        looks: dict[str, dict[str, Any]] = {
            "heading": {"bold": True, "font_size": 16},
            "subheading": {"bold": True, "font_size": 12, "top": 1},
            "warning": {"text_wrap": True, "valign": "top", "font_color": "#9C2A00"},
        }
        for row, (style, text) in enumerate(lines):
            look = self._look(**looks.get(style, {"text_wrap": True, "valign": "top"}))
            if style not in looks:
                sheet.set_row(row, 15 * max(1, -(-wide(text) // 115)))
            sheet.write_string(row, 0, clean(text), look)

    def sheet(self, title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Any]], *, count: int) -> None:
        """Write a sheet of typed cells under one line of headings; None is an empty cell.

        Raises DataError where there are more rows, or a text is longer, than Excel takes.
        """
        sheet, looks = self._headed(title, headings, count)
        text, number, day = sheet.write_string, sheet.write_number, sheet.write_datetime
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value is None or value != value:
                    continue
                if isinstance(value, str):
                    if len(value) > LONGEST_TEXT:
                        refuse_text(len(value), title)
                    text(at, column, clean(value), looks[column])
                elif isinstance(value, bool):
                    sheet.write_boolean(at, column, value, looks[column])
                elif isinstance(value, dt.date):
                    day(at, column, value, looks[column])
                else:
                    number(at, column, value, looks[column])

    def columns(self, title: str, headings: Sequence[Heading], table: pa.Table) -> None:
        """Write a sheet of a whole table, as `sheet` does, in an eighth of its time; texts are as long as Excel takes.

        XlsxWriter keeps the rows of a sheet in a file until it closes the book: they are put there ready-made.
        """
        from graphrisk.answers.sheet_xml import row_texts

        sheet, looks = self._headed(title, headings, table.num_rows)
        sheet._write_single_row(table.num_rows)  # the headings
        for text in row_texts(table, [look._get_xf_index() if look else 0 for look in looks], first=2):
            sheet.row_data_fh.write(text)
        sheet._check_dimensions(table.num_rows, len(headings) - 1)

    def _headed(self, title: str, headings: Sequence[Heading], count: int) -> tuple[Any, list[Any]]:
        """Return a new sheet with its line of headings, and the format of each column; DataError: too many rows."""
        refuse_rows(count, title)
        sheet = self._add(title)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, count, max(0, len(headings) - 1))
        self._print(sheet, landscape=True)
        sheet.repeat_rows(0)
        looks = []
        for at, heading in enumerate(headings):
            wrapped = self._wrap and heading.kind == "text" and heading.width > 40
            look: dict[str, Any] = {"num_format": _FORMATS[heading.kind]} if _FORMATS[heading.kind] else {}
            look |= {"text_wrap": True, "valign": "top"} if wrapped else {}
            looks.append(self._look(**look) if look else None)
            sheet.set_column(at, at, heading.width or _WIDTHS.get(heading.kind, 16))
        bold = self._look(bold=True, text_wrap=self._wrap, valign="top", bottom=1)
        for at, heading in enumerate(headings):
            sheet.write_string(0, at, clean(heading.text), bold)
        return sheet, looks

    def grid(self, title: str, rows: Iterable[tuple[bool, Sequence[Any]]], widths: Sequence[int]) -> None:
        """Write a sheet of plain rows, (whether they are bold, cells), with the widths of its columns."""
        sheet = self._add(title)
        self._print(sheet, landscape=True)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        bold = self._look(bold=True)
        for at, (heavy, cells) in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, str):
                    sheet.write_string(at, column, clean(value), bold if heavy else None)
                elif value is not None:
                    sheet.write_number(at, column, value, bold if heavy else None)

    def _add(self, title: str) -> Any:
        """Return a new sheet; a title that `title` gave is taken as it is, once."""
        kept = title in self._taken
        self._taken.discard(title)
        return self._book.add_worksheet(title if kept else self._unique(title))

    def title(self, wanted: str) -> str:
        """Return a name for a sheet that comes later: at most 31 characters that Excel takes, none twice."""
        name = self._unique(wanted)
        self._taken.add(name)
        return name

    def _unique(self, wanted: str) -> str:
        plain = _NOT_IN_TITLE.sub(" ", wanted).strip(" '") or "sheet"
        name, count = plain[:LONGEST_TITLE], 1
        while name.casefold() in self._titles or name.casefold() == "history":
            count += 1
            name = f"{plain[: LONGEST_TITLE - len(str(count)) - 1]}~{count}"
        self._titles.add(name.casefold())
        return name

    def close(self) -> None:
        """Finish the file."""
        from xlsxwriter import workbook as writer

        whole = writer.ZipFile
        writer.ZipFile = partial(whole, compresslevel=LEVEL)  # XlsxWriter has no option for it
        try:
            self._book.close()
        finally:
            writer.ZipFile = whole

    def abandon(self) -> None:
        """Give up the file, which XlsxWriter would finish when it is forgotten, and the rows that it keeps aside."""
        self._book.fileclosed = 1
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
            Path(sheet.row_data_filename).unlink(missing_ok=True)

    def _print(self, sheet: Any, *, landscape: bool) -> None:
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&A&RPage &P / &N")

    def _look(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(look)
        return self._made[key]


@contextmanager
def writing(target: Path, as_of: dt.date, *, wrap: bool = True) -> Iterator[Workbook]:
    """Give a workbook that becomes `target` when it is whole; where writing fails, nothing is left."""
    draft = target.with_name(f".{target.name}.part")
    book = Workbook(draft, as_of, wrap=wrap)
    try:
        yield book
        book.close()
        if target.exists() and (target.is_symlink() or not target.is_file()):  # a pipe, a device, somebody's link
            target.write_bytes(draft.read_bytes())
        else:
            draft.replace(target)
    except BaseException:
        book.abandon()
        raise
    finally:
        draft.unlink(missing_ok=True)


def clean(text: str) -> str:
    """Return `text` with each character that XML forbids replaced by the replacement character."""
    return _NOT_IN_XML.sub("\ufffd", text)


def refuse_rows(count: int, where: str) -> None:
    """Raise DataError where a sheet cannot hold so many rows below its header."""
    if count >= MOST_ROWS:
        raise DataError(
            f"{count:,} rows do not fit into a sheet of {MOST_ROWS - 1:,}",
            hint="write it with --to csv or --to parquet",
            where=where,
        )


def refuse_text(length: int, where: str) -> None:
    """Raise DataError for a text that no cell can hold."""
    raise DataError(
        f"a text of {length:,} characters does not fit into a cell of {LONGEST_TEXT:,}",
        hint="write it with --to csv or --to parquet",
        where=where,
    )


def wide(text: str) -> int:
    """Return how many columns a text takes; a Chinese character takes two."""
    return len(text) + len(_WIDE.findall(text))


def width_of(texts: Iterable[str], *, widest: int = 48) -> int:
    """Return a column's width for some of its texts; Chinese characters count twice."""
    return min(widest, 2 + max(map(wide, texts), default=5))
