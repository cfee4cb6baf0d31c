"""Tables for people: the first rows, as many columns as fit, and a word on what is left out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphrisk.cli.bars import clear_bars

if TYPE_CHECKING:
    import pandas as pd

SHOWN_ROWS = 20
CARD_COLUMNS = 8
"""One row of more columns than this is shown as a card, one line a column."""
_PIPED = 200
"""Width of what goes into a file or another program."""
_WORDY = 24
"""A column of sentences may be folded down to this width."""


def print_table(title: str, table: pd.DataFrame) -> None:
    """Print the first rows of a table for people; say how many rows there are more, and which columns do not fit."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from graphrisk.model.result import records

    clear_bars()
    console = Console(width=None if sys.stdout.isatty() else _PIPED)
    if table.empty:
        console.print(Text(f"{title}: no rows", style="dim"))
        return
    if len(table) == 1 and len(table.columns) > CARD_COLUMNS:
        card = Table(title=title, title_justify="left", title_style="bold", show_header=False)
        for name, value in records(table)[0].items():
            card.add_row(str(name), Text(_shown(str(name), value)))
        console.print(card)
        return
    names = [str(name) for name in table.columns]
    cells = [
        [_shown(n, v) for n, v in zip(names, row.values(), strict=True)] for row in records(table.head(SHOWN_ROWS))
    ]
    fitting, broken = _fitting(names, list(zip(*cells, strict=True)), console.width)
    grid = Table(title=title, title_justify="left", title_style="bold")
    for at in fitting:
        numeric = table.iloc[:, at].dtype.kind in "iuf"
        header = names[at].replace("_", "_\n") if broken else names[at]
        grid.add_column(Text(header), justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    for row in cells:
        grid.add_row(*(Text(row[at]) for at in fitting))
    console.print(grid)
    if len(table) > SHOWN_ROWS:
        console.print(Text(f"... {len(table) - SHOWN_ROWS:,} more rows (--format csv -o DIR writes all)", style="dim"))
    if left := [name for at, name in enumerate(names) if at not in fitting]:
        many = f"{len(left)} more columns" if len(left) > 1 else "1 more column"
        console.print(Text(f"... {many} (a wider window shows them): {', '.join(left)}", style="dim"))


def _fitting(names: Sequence[str], columns: Sequence[Sequence[str]], width: int) -> tuple[list[int], bool]:
    """Return which columns fit side by side, at least the first, and whether headers must be broken for it.

    Numbers and ids need their whole width, sentences at least that of their longest word.
    """
    from rich.cells import cell_len

    def need(name: str, cells: Sequence[str], broken: bool) -> int:
        parts = name.split("_") if broken else [name]
        header = max(cell_len(part) + 1 for part in parts) if broken else cell_len(name)
        words = [max((cell_len(word) for word in cell.split(" ")), default=0) for cell in cells]
        whole = [
            cell_len(cell) if cell_len(cell) <= _WORDY else max(_WORDY, word)
            for cell, word in zip(cells, words, strict=True)
        ]
        return max(header, *whole) + 3

    for broken in (False, True):
        needs = [need(name, cells, broken) for name, cells in zip(names, columns, strict=True)]
        if sum(needs) + 1 <= width:
            return list(range(len(names))), broken
    fitting, left = [0], width - 1 - needs[0]
    for at in range(1, len(names)):
        if needs[at] <= left:
            fitting.append(at)
            left -= needs[at]
    return fitting, True


def _shown(name: str, value: Any) -> str:
    return short(value, " > " if name == "parties" else ", ")


def short(value: Any, between: str = ", ") -> str:
    """Return a value as a person reads it; `between` stands between the items of a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value == 0:
            return "0"
        if abs(value) >= 1000:
            return f"{value:,.0f}" if value == round(value) else f"{value:,.2f}"
        return f"{value:.4g}"
    if isinstance(value, list):
        return between.join(short(item) for item in value)
    if isinstance(value, dict):
        return between.join(f"{short(item)} {key}" for key, item in value.items())
    return str(value)
