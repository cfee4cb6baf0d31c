"""Which texts a spreadsheet would run as a formula when it opens a CSV file, and how they are written instead.

Source: OWASP, "CSV Injection": a cell that begins with = + - @, a tab or a line end, or with the full-width forms of
these signs. Spaces, control characters and marks of the direction of writing before such a sign are looked through:
some spreadsheets cut them off. An apostrophe too many harms nobody.

Where a comma is the decimal sign, Excel parts a CSV file at semicolons when it is opened by a double click, and knows
no quotes that begin inside a cell: what follows a semicolon, a tab or a line end within a text may begin a cell there.
"""

from __future__ import annotations

import re

_UNSEEN = (
    r"\x00-\x20\x7f-\xa0" + "\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff"
)
RUNS = f"^[{_UNSEEN}]*[=+\\-@＝＋－＠]|^[\t\r\n]"
"""A regular expression for Python and for Arrow; `views/assets/js/82_export.js` says the same to the pages."""
PARTS = f"([;\t\r\n][{_UNSEEN}\"']*)([=+\\-@＝＋－＠])"
"""What runs within a text where that is parted, as two groups: an apostrophe goes between them."""
_RUNS, _PARTS = re.compile(RUNS), re.compile(PARTS)


def as_text(cell: str) -> str:
    """Return `cell` with an apostrophe before what a spreadsheet would run, else as it is.

    >>> [as_text(cell) for cell in ("=1+1", " @SUM(1)", "a=1", "a; =1", "")]
    ["'=1+1", "' @SUM(1)", 'a=1', "a; '=1", '']
    """
    parted = _PARTS.sub(r"\1'\2", cell)
    return f"'{parted}" if _RUNS.match(cell) else parted
