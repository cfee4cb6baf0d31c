"""A book as CSV files whose every text field of every canonical table holds every hostile text, each with its own mark.

Tables and columns come from the catalog: one that is added later is in the book by itself. Closed sets of choices,
currencies, numbers and dates take what the model allows.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from graphrisk.model.catalog import CATALOG
from graphrisk.model.table import Column, Table

PAYLOADS = (
    "</script><script>window.pwned=1</script>",
    '"><img src=x onerror="window.pwned=1">',
    "javascript:window.pwned=1",
    "${window.pwned=1}{{7*7}}{%raw%}",
    "' onmouseover='window.pwned=1",
    "]]><svg onload=window.pwned=1>",
    "\u202egpj.exe\u2028\u2029window.pwned=1//",
    ";}*{display:none}</style><style>@import url(http://evil.example/x.css)",
    "--><a href='javascript:window.pwned=1'>href</a>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    '=HYPERLINK("http://evil.example","y")',
    "+1+1",
    "@SUM(1)",
    "-2+3",
    "＝1+1",
    "\u200e=1+1",
)
"""What a client file may hold; the last are formulas to a spreadsheet."""
FORMULAS = PAYLOADS[10:]
ROWS = len(PAYLOADS)
MARK = "¦"
"""Stands between a payload and the name of its field."""

_STORY: dict[str, dict[str, Any]] = {
    "parties": {"is_client": "true", "status": "active"},
    "facilities": {"lender_id": "", "outstanding": 50, "limit_amount": 80, "lgd": 0.4},
    "ownership": {"share_min": 0.3, "share_max": 0.6, "votes_min": 0.3, "votes_max": 0.6},
    "guarantees": {"amount": 50, "share": "", "mode": "several"},
    "co_borrowers": {"mode": "joint_several", "share": ""},
    "dependencies": {"ratio": 0.6},
    "financials": {"equity": 30, "sales": 90, "net_income": -5.5},
    "fx": {"currency": "CNY", "rate": 1},
}
"""What makes the book one: loans of our own, guarantees as large as they are, little equity."""
_ONE_FOR_ALL = {"ratings": ("model",), "declared_groups": ("group_id", "group_name")}
"""A book is rated by one model, and a group has several members."""
_NOT_IN_IDS = dict.fromkeys((0x2028, 0x2029))


def text_fields(table: Table) -> list[Column]:
    """Return the columns that a source writes freely: texts, and ids with the references to them."""
    return [c for c in table.columns if c.kind in ("text", "id")]


def marked(table: str, column: str, row: int) -> str:
    """Return the text of a field: each of the payloads stands in one of the rows. An id holds no line separator."""
    text = PAYLOADS[(sum(map(ord, f"{table}.{column}")) + row) % ROWS]
    if CATALOG[table].column(column).kind == "id":
        text = text.translate(_NOT_IN_IDS)
    return f"{text}{MARK}{table}.{column}.{row}"


def rows_of(table: Table) -> list[dict[str, Any]]:
    """Return as many rows as there are payloads, all of which the model takes; one rate of exchange."""
    rows = [{c.name: _cell(table, c, row) for c in table.columns} for row in range(ROWS)]
    return rows[:1] if table.name == "fx" else rows


def refused_rows(table: Table) -> list[dict[str, Any]]:
    """Return a row for each column with a closed set of choices, or a currency, that holds a payload instead."""
    closed = [c for c in table.columns if c.kind == "category"]
    own = [c.name for c in table.columns if c.name in table.key and not c.references and c.kind == "id"]
    rows = []
    for at, column in enumerate(closed):
        row = {**rows_of(table)[0], **{name: marked(table.name, name, ROWS + at) for name in own}}
        rows.append({**row, column.name: f"{FORMULAS[at % len(FORMULAS)]}{MARK}{PAYLOADS[at]}"})
    return rows


def write_book(folder: Path) -> None:
    """Write one CSV file a table: rows that are taken, then those that are refused."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in CATALOG.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, table.names)
            writer.writeheader()
            writer.writerows(rows_of(table) + refused_rows(table))


def _cell(table: Table, column: Column, row: int) -> Any:
    told = _STORY.get(table.name, {})
    if column.name in told:
        return told[column.name]
    if column.references:
        return _reference(table, column, row)
    if column.kind in ("id", "text"):
        return marked(table.name, column.name, 0 if column.name in _ONE_FOR_ALL.get(table.name, ()) else row)
    if column.choices:
        return column.choices[row % len(column.choices)]
    if column.kind == "category":
        return "CNY"
    if column.required and column.kind == "date":
        return "2026-06-30"
    if column.kind in ("money", "fraction", "number"):
        low, high = column.low or 0.0, 1.0 if column.kind == "fraction" else column.high
        return round(low + 0.02 * ((high or 500.0) - low), 6)
    return {"bool": "true", "integer": "1"}.get(column.kind, "") if column.required else ""


def _reference(table: Table, column: Column, row: int) -> str:
    """Return an id of the same row, or of the next for the first of two parties: each relation makes rings of four."""
    target = CATALOG[str(column.references)]
    alike = [c.name for c in table.columns if c.references == column.references]
    ahead = 0 if len(alike) == 1 or table.name == "facilities" else (1, 0, 2)[alike.index(column.name) % 3]
    return marked(target.name, target.key[0], row // 4 * 4 + (row + ahead) % 4)
