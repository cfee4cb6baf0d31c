"""How the page's numbers were obtained: day, fingerprint, rows, analyzers with parameters and certificate, notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import graphrisk
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import plain
from graphrisk.views.masking import HIDDEN
from graphrisk.views.words import say

if TYPE_CHECKING:
    from graphrisk.views.picture import Desk, Picture


def about(desk: Desk, picture: Picture) -> dict[str, Any]:
    """Return the provenance of the page, without a clock: the same input gives the same text."""
    graph, lang = desk.book.graph, desk.lang
    known = desk.book.names() if desk.mask.on else {}
    rows = [f"{say(lang, f'table.{name}')} {graph.rows(name):,}" for name in CATALOG if graph.rows(name)]
    facts = [
        ("as_of", graph.as_of.isoformat()),
        ("snapshot", graph.snapshot if not desk.mask.on else ""),
        ("fingerprint", graph.fingerprint),
        ("base_currency", graph.base_currency or ""),
        ("rows", " · ".join(rows)),
        ("masked", say(lang, "masked_yes") if desk.mask.on else ""),
        ("made_with", f"graphrisk {_version()}"),
    ]
    return {
        "as_of": graph.as_of.isoformat(),
        "fingerprint": graph.fingerprint,
        "masked": desk.mask.on,
        "facts": [{"word": word, "text": text} for word, text in facts if text],
        "runs": [_run(desk, known, name) for name in sorted(desk.results)],
        "notes": desk.mask.notes(graph.notes, known),
        "left_out": list(picture.left_out),
    }


def _run(desk: Desk, known: Mapping[str, str], name: str) -> dict[str, Any]:
    result = desk.results[name]
    own = [note for note in result.notes if note not in desk.book.graph.notes]
    return {
        "analyzer": name,
        "version": str(result.version),
        "params": _pairs(desk, known, result.params),
        "certificate": _pairs(desk, known, result.certificate),
        "notes": desk.mask.notes(own, known),
        "other_data": result.fingerprint != desk.book.graph.fingerprint,
    }


def _pairs(desk: Desk, known: Mapping[str, str], given: Mapping[str, Any]) -> list[list[str]]:
    """Return settings as texts; what is not a single value is counted, and under a mask checked for names."""
    out = []
    for key in sorted(given):
        value = plain(given[key])
        if isinstance(value, dict | list):
            value = HIDDEN if desk.mask.on and value else _flat(value)
        text = "–" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        out.append([str(key), desk.mask.notes([text], known)[0] if isinstance(value, str) else text])
    return out


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        shown = [f"{k}={v:.6g}" if isinstance(v, float) else f"{k}={v}" for k, v in list(value.items())[:12]]
        return ", ".join(shown) + (", …" if len(value) > 12 else "")
    shown = [str(v) for v in value[:12]]
    return ", ".join(shown) + (", …" if len(value) > 12 else "")


def _version() -> str:
    return str(getattr(graphrisk, "__version__", "")) or "0"
