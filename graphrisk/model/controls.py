"""Characters that steer a terminal instead of being read, and how they are shown: a name of the data may hold any.

Source: ECMA-48 (C0 and C1 control functions: colours, moves of the cursor, titles, links, bells); Unicode 9, which
embeds, overrides and isolates the direction of writing (CVE-2021-42574, "Trojan Source"). A tab, a line feed and the
line end of Windows stay.
"""

from __future__ import annotations

import re

_ALWAYS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_TURNING = r"\u2028-\u202e\u2066-\u2069"
CONTROLS = rf"[{_ALWAYS}]|\r(?!\n)"
"""What no file for people needs."""
DIRECTIONS = f"[{_TURNING}]"
"""What belongs into a file, and not on a screen where it changes the order of what stands beside it."""
_NO_LINE_END = r"(?!(?<=\r)\n)"
_CONTROLS = re.compile(rf"[{_ALWAYS}\r]{_NO_LINE_END}")
_SCREEN = re.compile(rf"[{_ALWAYS}\r{_TURNING}]{_NO_LINE_END}")
"""As one set each, which `re` finds many times as fast in a large text as one of several."""


def without_controls(text: str) -> str:
    """Return a text for a file with each control character written as its number.

    >>> print(without_controls("\\x1b[31m red"), without_controls("one\\ttwo"))
    \\x1b[31m red one	two
    """
    return _CONTROLS.sub(_number, text)


def on_screen(text: str) -> str:
    """Return a text as a terminal may show it: with the marks of the direction of writing as their numbers, too."""
    return _SCREEN.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
