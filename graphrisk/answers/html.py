"""Answers as HTML without scripts: for notebooks and for the page of a committee. Every text is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable

from graphrisk.answers.base import Answer, Shown
from graphrisk.answers.reader import Reader
from graphrisk.answers.workbook import wide
from graphrisk.model.result import records

MOST_ROWS = 20
_BRIEF = 12
"""Columns of text up to this width, a Chinese character two, are not broken."""


def answer_html(answer: Answer, reader: Reader) -> str:
    """Return an answer for a notebook: sentences, warnings, tables, and how it was obtained."""
    parts = [paragraphs(answer.sentences)]
    parts += [f"<p><b>{reader.pick('Warning', '注意')}:</b> {html.escape(line)}</p>" for line in answer.warnings]
    for heading, lines in answer.details:
        parts.append(f"<p><b>{html.escape(heading)}</b></p><ul>{items(lines)}</ul>")
    parts += [table_html(shown, reader) for shown in answer.tables]
    if answer.rest:
        parts.append(
            f"<p><small>{html.escape(reader.pick('Other tables', '其他表'))}: {html.escape(', '.join(answer.rest))}</small></p>"
        )
    parts.append(f"<p><small>{html.escape(answer.certificate)}</small></p>")
    return f"<div>{''.join(parts)}</div>"


def paragraphs(lines: Iterable[str]) -> str:
    """Return each line as a paragraph."""
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)


def items(lines: Iterable[str]) -> str:
    """Return each line as an item of a list."""
    return "".join(f"<li>{html.escape(line)}</li>" for line in lines)


def table_html(shown: Shown, reader: Reader, most: int = MOST_ROWS, *, styled: bool = True) -> str:
    """Return the first rows of a table, its caption in words with the currency, names beside the ids of parties.

    `styled`: with style attributes, where no style sheet says how it looks.
    """
    rows = records(shown.frame.head(most))
    money = False
    heads: list[str] = []
    columns: list[list[str]] = []
    for name, column, importance in shown.columns(reader):
        if name == shown.unit_column:
            continue
        values = [row[name] for row in rows]
        numeric = [isinstance(value, int | float) and not isinstance(value, bool) for value in values]
        units = [
            str(row[shown.unit_column]) if shown.unit_column and number else ""
            for row, number in zip(rows, numeric, strict=True)
        ]
        money |= (column is not None and column.kind == "money") or "base currency" in units
        cells = [reader.cell(column, value, unit or None) for value, unit in zip(values, units, strict=True)]
        if importance > 1 and not any(cell not in ("", "0", "0%") for cell in cells):
            continue
        named = reader.names(values) if column is not None and column.references == "parties" else []
        if any(named):
            cells = [
                f"{html.escape(name or '')} <small>{html.escape(cell)}</small>"
                for name, cell in zip(named, cells, strict=True)
            ]
        else:
            cells = [html.escape(cell) for cell in cells]
        right = any(numeric)
        brief = not right and not any(named) and max(map(wide, cells), default=0) <= _BRIEF
        whole = ";white-space:nowrap" if right or brief else ""
        look = f' style="text-align:{"right" if right else "left"}{whole}"' if styled else ""
        align = f' class="{"number" if right else "brief"}"{look}' if right or brief else look
        heads.append(f'<th scope="col"{align}>{html.escape(reader.heading(shown.table, name))}</th>')
        columns.append([f"<td{align}>{cell}</td>" for cell in cells])
    currency = f" ({reader.currency})" if money and reader.currency else ""
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
    left = len(shown.frame) - len(rows)
    more = reader.pick(f"{left:,} more rows", f"另有 {left:,} 行") if left > 0 else ""
    foot = f"<p><small>{more}</small></p>" if more else ""
    look = ' style="text-align:left;font-weight:bold"' if styled else ""
    caption = f"<caption{look}>{html.escape(shown.title + currency)}</caption>"
    return f"<table>{caption}<thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>{foot}"
