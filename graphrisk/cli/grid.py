"""Tables for people: the first rows, the columns that matter, names beside ids, and a word on what is left out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphrisk.cli.bars import clear_bars
from graphrisk.cli.folding import fold, units
from graphrisk.model.controls import on_screen

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.answers.base import Shown
    from graphrisk.answers.reader import Reader
    from graphrisk.model.table import Column

SHOWN_ROWS = 20
CARD_COLUMNS = 8
"""One row of more columns than this is shown as a card, one line a column."""
_PIPED = 200
"""Width of what goes into a file or another program, where COLUMNS does not say another."""
_LEAST_TEXT = 14
"""A column of names or sentences may be folded down to this width."""
_GAP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One column on the screen: its cells as text; a `fluid` one may be folded, down to `least`.

    `told` is what it is called where it is left out.
    """

    name: str
    head: str
    told: str
    cells: tuple[str, ...]
    importance: int
    right: bool
    fluid: bool

    @property
    def whole(self) -> int:
        """Width at which nothing is folded."""
        from rich.cells import cell_len

        return max(cell_len(self.head), *(cell_len(cell) for cell in self.cells), 1)

    @property
    def least(self) -> int:
        """Width below which it is not readable."""
        from rich.cells import cell_len

        head = max(cell_len(word) for word in self.head.split(" "))
        if not self.fluid:
            return max(head, *(cell_len(cell) for cell in self.cells))
        word = max((cell_len(word) for cell in self.cells for word in units(cell)), default=1)
        return max(head, min(self.whole, max(_LEAST_TEXT, min(word, 2 * _LEAST_TEXT))))


def width() -> int:
    """Return how wide a line may be."""
    import shutil

    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit():
        return shutil.get_terminal_size().columns
    return _PIPED


def print_shown(shown: Shown, reader: Reader) -> None:
    """Print one table of an answer: titled in words, with the currency, names beside the ids of parties."""
    from graphrisk.model.result import records

    rows = records(shown.frame.head(SHOWN_ROWS))
    money = False
    strips: list[Strip] = []
    for name, column, importance in shown.columns(reader):
        units = [str(row[shown.unit_column]) if shown.unit_column else "" for row in rows]
        if name == shown.unit_column:
            continue
        values = [row[name] for row in rows]
        per_row = [unit if _is_number(value) else "" for unit, value in zip(units, values, strict=True)]
        money |= (column is not None and column.kind == "money") or "base currency" in per_row
        cells = [reader.cell(column, value, unit or None) for value, unit in zip(values, per_row, strict=True)]
        right = any(_is_number(value) for value in values)
        head = reader.heading(shown.table, name)
        if importance > 1 and not any(cell not in ("", "0", "0%") for cell in cells):
            continue  # a column of nothing says nothing
        names = reader.names(values) if column is not None and column.references == "parties" else []
        strips.append(_strip(name, head, cells, importance, right=right, column=column))
        if any(names):
            said = ["" if one is None else one for one in names]
            called, told = reader.pick("name", "名称"), reader.pick(f"name of {head}", f"{head}名称")
            strips.append(_strip(f"{name}_name", called, said, importance, right=False, told=told))
    currency = f" ({reader.currency})" if money and reader.currency else ""
    _print(f"{shown.title}{currency}", strips, len(shown.frame), reader.pick)


def print_table(title: str, table: pd.DataFrame, *, lang: str = "en") -> None:
    """Print the first rows of a table of any kind; say how many rows there are more, and which columns do not fit."""
    from graphrisk.answers.column_words import column_word
    from graphrisk.model.result import records

    names = [str(name) for name in table.columns]
    if len(table) == 1 and len(names) > CARD_COLUMNS:
        _print_card(title, records(table)[0])
        return
    rows = records(table.head(SHOWN_ROWS))
    strips = []
    for at, name in enumerate(names):
        cells = [short(row[name]) for row in rows]
        if lang == "zh":
            cells = [
                "是" if row[name] is True else "否" if row[name] is False else cell
                for row, cell in zip(rows, cells, strict=True)
            ]
        head = column_word(name, lang) if lang == "zh" else name
        strips.append(_strip(name, head, cells, 1 if at == 0 else 2, right=table.iloc[:, at].dtype.kind in "iuf"))
    _print(title, strips, len(table), lambda english, chinese: chinese if lang == "zh" else english)


def _strip(
    name: str,
    head: str,
    cells: Sequence[str],
    importance: int,
    *,
    right: bool,
    column: Column | None = None,
    told: str = "",
) -> Strip:
    fluid = not right and (column is None or column.kind not in ("id", "date", "bool", "category"))
    shown = tuple(on_screen(cell) for cell in cells)
    return Strip(
        name=name,
        head=on_screen(head),
        told=on_screen(told or head),
        cells=shown,
        importance=importance,
        right=right,
        fluid=fluid,
    )


def _print(title: str, strips: Sequence[Strip], rows: int, pick: Callable[[str, str], str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    clear_bars()
    console = Console(width=width(), highlight=False)
    if not rows or not strips:
        return
    fitting = _fitting(strips, console.width)
    grid = Table(
        title=Text(on_screen(title)),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    widths = _widths([strips[at] for at in fitting], console.width)
    for at, wide in zip(fitting, widths, strict=True):
        strip = strips[at]
        grid.add_column(
            Text(strip.head),
            justify="right" if strip.right else "left",
            overflow="fold",
            width=wide,
        )
    for row in zip(*(strips[at].cells for at in fitting), strict=True):
        grid.add_row(*(Text("\n".join(fold(cell, wide))) for cell, wide in zip(row, widths, strict=True)))
    console.print(grid)
    if rows > SHOWN_ROWS:
        more = f"{rows - SHOWN_ROWS:,}"
        said = pick(
            f"... {more} more rows (--format csv -o DIR writes all)",
            f"……另有 {more} 行（--format csv -o DIR 导出全部）",
        )
        console.print(Text(said, style="dim"), soft_wrap=True)
    gone = [strip for at, strip in enumerate(strips) if at not in fitting]
    left = [strip.told for strip in gone if not any(strip.name == f"{other.name}_name" for other in gone)]
    if left:
        many = f"{len(left)} more columns" if len(left) > 1 else "1 more column"
        said = pick(
            f"... {many} (a wider window shows them): {', '.join(left)}",
            f"……另有 {len(left)} 列（加宽窗口显示）：{'、'.join(left)}",
        )
        console.print(Text(said, style="dim"), soft_wrap=False)


def _print_card(title: str, row: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    clear_bars()
    card = Table(
        title=Text(on_screen(title)), title_justify="left", title_style="bold", show_header=False, box=box.SIMPLE
    )
    for name, value in row.items():
        if value is not None:
            card.add_row(Text(on_screen(str(name))), Text(on_screen(short(value))))
    Console(width=width(), highlight=False).print(card)


def _fitting(strips: Sequence[Strip], room: int) -> list[int]:
    """Return which columns fit, folded as far as can be: the least important go first, of equals the last."""
    kept = list(range(len(strips)))
    while len(kept) > 1 and sum(strips[at].least + _GAP for at in kept) > room:
        worst = max(strips[at].importance for at in kept)
        gone = [at for at in kept if strips[at].importance == worst and at != kept[0]]
        if not gone:
            break
        name = strips[gone[-1]].name
        kept = [at for at in kept if strips[at].name not in (name, f"{name}_name")]
    return kept


def _widths(strips: Sequence[Strip], room: int) -> list[int]:
    """Return the width of each column: its whole width where there is room, else the widest fluid ones are folded."""
    widths = [strip.whole for strip in strips]
    least = [strip.least for strip in strips]
    over = sum(wide + _GAP for wide in widths) - room
    while over > 0:
        slack = [at for at in range(len(widths)) if widths[at] > least[at]]
        if not slack:
            break
        at = max(slack, key=lambda k: widths[k])
        widths[at] -= 1
        over -= 1
    return widths


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
