"""Lines of a cell that is too wide: broken between words and Chinese characters, never within an id or a number."""

from __future__ import annotations

import re

_UNIT = re.compile(r"\n|[^\S\n]+|[（《“]*(?:[^\s\u2e80-\uffff“”]+|.)[、，。；：）》”]*")
"""What stays on one line: a word, id or number, or one Chinese character, with the marks that open or close it."""


def units(text: str) -> list[str]:
    """Return the pieces of a text that are not broken, blanks and line breaks among them.

    >>> units("C0000413、甲公司（A1）, 5")
    ['C0000413、', '甲', '公', '司', '（A1）', ',', ' ', '5']
    """
    return _UNIT.findall(text)


def fold(text: str, wide: int) -> list[str]:
    """Return the lines of a text, each at most `wide` columns; a word longer than that is cut.

    >>> fold("C0000413、C0000701、+22", 12)
    ['C0000413、', 'C0000701、', '+22']
    """
    from rich.cells import cell_len, chop_cells

    lines, line, blank = [], "", ""
    for unit in units(text):
        if unit == "\n":
            lines.append(line)
            line, blank = "", ""
        elif unit.isspace():
            blank = unit if line else ""
        elif cell_len(line + blank + unit) <= wide:
            line, blank = line + blank + unit, ""
        else:
            *full, rest = chop_cells(unit, wide) if cell_len(unit) > wide else [unit]
            lines += [*([line] if line else []), *full]
            line, blank = rest, ""
    return [*lines, line]
