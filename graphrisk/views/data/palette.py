"""Colours, shapes and dashes: what carries meaning in every picture, on white and on dark paper.

Type is told by shape first and border colour second, a relation by dash and colour, risk by fill. The colours are
checked in tests/views/test_palette.py: CIE76 distance under normal vision and the three dichromacies of Machado,
Oliveira and Fernandes (IEEE TVCG 15(6), 2009, severity 1), and WCAG 2.1 contrast against the paper.
Base hues: Okabe and Ito, Color Universal Design (2008); risk ramp: ColorBrewer OrRd, darkened at the end.
"""

from __future__ import annotations

from typing import Any

PAPER = ("#ffffff", "#12171d")
"""Background of the drawing, light and dark."""

KINDS: dict[str, tuple[str, str, str]] = {
    "company": ("dot", "#0072B2", "#7CB8FF"),
    "person": ("triangle", "#B06C00", "#D98E00"),
    "bank": ("diamond", "#CC5F9A", "#F2B0D4"),
    "guarantee_company": ("diamond", "#CC5F9A", "#F2B0D4"),
    "public_body": ("star", "#CC5F9A", "#F2B0D4"),
    "fund": ("triangleDown", "#0072B2", "#7CB8FF"),
    "nominee": ("triangleDown", "#B06C00", "#D98E00"),
    "unknown": ("dot", "#6b7682", "#93A0AD"),
    "collateral": ("square", "#009E73", "#0FA873"),
}
"""Kind of node: shape, border colour on light, on dark."""

RELATIONS: dict[str, tuple[str, str, tuple[int, ...], float]] = {
    "GUARANTEES": ("#D55E00", "#FF8A3D", (), 2.2),
    "LENDS_TO": ("#0072B2", "#7CB8FF", (12, 4), 1.8),
    "OWNS": ("#7A5AA6", "#B08CF0", (), 1.1),
    "CONTROLS": ("#7A5AA6", "#B08CF0", (10, 3, 2, 3), 1.6),
    "SUPPLIES": ("#4a545e", "#C3CCD5", (6, 4), 1.4),
    "DEPENDS_ON": ("#4a545e", "#C3CCD5", (6, 3, 1, 3), 1.4),
    "SECURED_BY": ("#009E73", "#0FA873", (2, 3), 1.8),
    "HAS_COLLATERAL": ("#009E73", "#0FA873", (2, 8), 1.1),
    "TIED_TO": ("#B06C00", "#D98E00", (1, 5), 1.4),
    "PAID": ("#CC5F9A", "#F2B0D4", (14, 6, 3, 6), 1.1),
}
"""Relation: colour on light, on dark, dash, base width. In the order of the legend."""

RISK = (
    ("#fef0d9", "#fdcc8a", "#fc8d59", "#d7301f", "#7f0000"),
    ("#3a434d", "#75452f", "#c04f28", "#ff8558", "#ffd0ba"),
)
"""Five steps of risk, low to high, on light and on dark."""

UNKNOWN = ("#ffffff", "#12171d")
"""Fill where the measure is not known: the paper itself, never the lowest step."""

DEFAULTED = ("#000000", "#ffffff")
"""Ring around a party in default."""


def as_payload() -> dict[str, Any]:
    """Return the palette as the page reads it."""
    return {
        "kinds": {name: {"shape": shape, "line": [light, dark]} for name, (shape, light, dark) in KINDS.items()},
        "relations": {
            name: {"line": [light, dark], "dash": list(dash), "width": width}
            for name, (light, dark, dash, width) in RELATIONS.items()
        },
        "relation_order": list(RELATIONS),
        "kind_order": list(KINDS),
        "risk": [list(RISK[0]), list(RISK[1])],
        "unknown": list(UNKNOWN),
        "unknown_line": list(KINDS["unknown"][1:]),
        "paper": list(PAPER),
        "defaulted": list(DEFAULTED),
    }
