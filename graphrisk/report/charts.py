"""Charts as SVG without scripts: bars with their numbers, in black ink where colour fails."""

from __future__ import annotations

import html
from collections.abc import Sequence

_ROW, _GAP, _LABEL, _BAR, _FIGURE = 18, 6, 230, 330, 120
_INK, _FIRST, _SECOND = "#1f2430", "#0072B2", "#D55E00"
_WIDE = 2 * 6.5
_LONGEST = 30


def bars(title: str, rows: Sequence[tuple[str, float, str]], *, names: tuple[str, ...] = ()) -> str:
    """Return horizontal bars: (label, value, value in words); "" without rows. `names` says what the colours are."""
    return pairs(title, [(label, ((value, said),)) for label, value, said in rows], names=names)


def pairs(title: str, rows: Sequence[tuple[str, Sequence[tuple[float, str]]]], *, names: Sequence[str] = ()) -> str:
    """Return groups of horizontal bars, one colour a place in the group, the longest bar as long as the chart."""
    if not rows:
        return ""
    longest = max((abs(value) for _, group in rows for value, _ in group), default=0.0) or 1.0
    count = max(len(group) for _, group in rows)
    step = count * _ROW + _GAP
    head = 24 + (18 if names else 0)
    height = head + len(rows) * step
    width = _LABEL + _BAR + _FIGURE
    parts = [f'<text x="0" y="14" font-weight="bold" fill="{_INK}">{html.escape(title)}</text>']
    at = 0.0
    for place, name in enumerate(names):
        parts.append(f'<rect x="{at:.0f}" y="24" width="11" height="11" fill="{_colour(place)}"/>')
        parts.append(f'<text x="{at + 16:.0f}" y="34" fill="{_INK}">{html.escape(name)}</text>')
        at += 34 + sum(_WIDE if ord(sign) > 0x2E7F else 6.5 for sign in name)
    for row, (label, group) in enumerate(rows):
        top = head + row * step
        parts.append(
            f'<text x="{_LABEL - 8}" y="{top + _ROW * len(group) / 2 + 4:.0f}" text-anchor="end" fill="{_INK}">'
            f"{html.escape(_cut(label))}</text>"
        )
        for place, (value, said) in enumerate(group):
            y = top + place * _ROW
            length = max(1.0, _BAR * abs(value) / longest) if value else 0.0
            parts.append(
                f'<rect x="{_LABEL}" y="{y + 2}" width="{length:.1f}" height="{_ROW - 4}" fill="{_colour(place)}"/>'
                f'<text x="{_LABEL + length + 6:.1f}" y="{y + 13}" fill="{_INK}">{html.escape(said)}</text>'
            )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{html.escape(title, quote=True)}" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-size="12">{"".join(parts)}</svg>'
    )


def _colour(place: int) -> str:
    return (_FIRST, _SECOND)[place % 2]


def _cut(label: str) -> str:
    room, out = float(_LONGEST), ""
    for sign in label:
        room -= 2.0 if ord(sign) > 0x2E7F else 1.0
        if room < 0:
            return out + "…"
        out += sign
    return out
