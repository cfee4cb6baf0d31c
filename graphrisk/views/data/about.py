"""How the page's numbers were obtained: day, fingerprint, rows, analyzers with parameters and certificate, notes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import plain
from graphrisk.views.wording.masking import HIDDEN
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk, Drawing


def about(desk: Desk, drawing: Drawing) -> dict[str, Any]:
    """Return the provenance of the page, without a clock: the same input gives the same text."""
    graph, lang = desk.page_graph.graph, desk.lang
    known = desk.page_graph.names() if desk.mask.on else {}
    rows = [f"{say(lang, f'table.{name}')} {graph.rows(name):,}" for name in CATALOG if graph.rows(name)]
    facts = [
        ("as_of", graph.as_of.isoformat()),
        ("snapshot", graph.snapshot if not desk.mask.on else ""),
        ("fingerprint", graph.fingerprint),
        ("base_currency", graph.base_currency or ""),
        ("rows", " · ".join(rows)),
        ("masked", say(lang, "masked_yes") if desk.mask.on else ""),
        ("made_with", f"graphrisk {version('graphrisk')}"),
    ]
    return {
        "as_of": graph.as_of.isoformat(),
        "fingerprint": graph.fingerprint,
        "masked": desk.mask.on,
        "facts": [{"word": word, "text": text} for word, text in facts if text],
        "runs": [_run(desk, known, name) for name in sorted(desk.results)],
        "notes": desk.mask.notes([note.said(lang) for note in graph.notes], known),
        "left_out": list(drawing.left_out),
    }


def _run(desk: Desk, known: Mapping[str, str], name: str) -> dict[str, Any]:
    result = desk.results[name]
    own = [note.said(desk.lang) for note in result.notes if note not in desk.page_graph.graph.notes]
    return {
        "analyzer": name,
        "version": str(result.version),
        "params": _pairs(desk, known, result.params),
        "certificate": _pairs(desk, known, result.certificate),
        "notes": desk.mask.notes(own, known),
        "other_data": result.fingerprint != desk.page_graph.graph.fingerprint,
    }


def _pairs(desk: Desk, known: Mapping[str, str], given: Mapping[str, Any]) -> list[list[str]]:
    """Return settings as texts, nested ones a line each; what a mask may not show is left out."""
    out: list[list[str]] = []
    for key in sorted(given):
        value = plain(given[key])
        if isinstance(value, dict) and value and all(isinstance(inner, dict) for inner in value.values()):
            out += [[f"{key} · {name}", _hidden(desk, known, _flat(value[name]))] for name in sorted(value)]
        elif isinstance(value, dict) and desk.mask.on and value:
            out.append([str(key), HIDDEN])  # shocks and scenarios are keyed by party
        else:
            out.append([str(key), _hidden(desk, known, _flat(value))])
    return out


def _hidden(desk: Desk, known: Mapping[str, str], text: str) -> str:
    return desk.mask.notes([text], known)[0]


def _flat(value: Any) -> str:
    """Return a setting in words: the first dozen items of a list or a mapping."""
    if isinstance(value, dict):
        items = [f"{key} {_flat(inner)}" for key, inner in list(value.items())[:12]]
    elif isinstance(value, list):
        items = [_flat(inner) for inner in value[:12]]
    elif isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"
    elif isinstance(value, bool):
        return str(value).lower()
    else:
        return "–" if value is None else f"{value:,}" if isinstance(value, int) else str(value)
    return ", ".join(items) + (", …" if len(value) > 12 else "") if items else "–"
