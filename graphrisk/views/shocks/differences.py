"""Two runs side by side: what each does to the whole book, and which parties they treat differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.model.result import plain
from graphrisk.views.data.panels import panel
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk
    from graphrisk.views.shocks.replay import Replay

ROWS = 200
"""Most parties listed; what is left out is said below the list."""
_SAME = 1e-9
"""Losses closer than this part of the larger are the same."""
TOTALS = (
    ("failed_parties", "count"),
    ("rounds_word", "count"),
    ("shortfall", "money"),
    ("guarantors_paid", "money"),
    ("bank_loss_all", "money"),
    ("equity_lost", "money"),
)
"""What is said of a run as a whole: the word and its kind, in the order shown."""
_LISTED = 3
"""Most shocked parties named in the label of a run."""


def run_labels(desk: Desk, params: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what tells the runs apart: who or what is hit, where that differs, then the settings that differ."""
    if len(params) < 2:
        return [say(desk.lang, "run") for _ in params]
    one, other = params[0], params[1]
    settings = [
        key for key in sorted({*one, *other} - {"shocks", "scenario"}) if plain(one.get(key)) != plain(other.get(key))
    ]
    hits = [hit_label(desk, given) for given in params]
    apart = any(plain(one.get(key)) != plain(other.get(key)) for key in ("shocks", "scenario"))
    out = []
    for number, given in enumerate(params):
        parts = [f"{key}={_setting(desk, given.get(key))}" for key in settings]
        label = hits[number] if not apart or hits[0] != hits[1] else f"{hits[number]} ({'AB'[number]})"
        out.append(", ".join([label, *parts] if apart else parts) or say(desk.lang, "same_run"))
    return out


def hit_label(desk: Desk, params: Mapping[str, Any]) -> str:
    """Return what hits the book in a run: the scenario's name, the parties shocked, or nothing."""
    parts = []
    scenario = params.get("scenario")
    if scenario is not None:
        parts.append(say(desk.lang, "scenario_word") if desk.mask.on else str(scenario["name"]))
    shocks = sorted(dict(params.get("shocks") or {}).items())
    named = [_shock(desk, str(party), float(part)) for party, part in shocks[:_LISTED]]
    parts += [*named, "…"] if len(shocks) > _LISTED else named
    return ", ".join(parts) or say(desk.lang, "no_shock")


def _shock(desk: Desk, party: str, part: float) -> str:
    name = desk.name(int(desk.page_graph.graph.locate("parties", [party])[0]))
    return name if part >= 1.0 else f"{name} {100 * part:g} %"


def _setting(desk: Desk, value: Any) -> str:
    if value is None:
        return say(desk.lang, "default_setting")
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def difference_panels(replays: Sequence[Replay]) -> list[dict[str, Any]]:
    """Return the tables of the comparison: the totals of A and B, then each party whose round or loss differs."""
    if len(replays) < 2:
        return []
    one, other = replays[0], replays[1]
    totals = [
        [
            {"word": f"figure.{word}"},
            *(None if value is None else {"kind": kind, "value": value} for value in _with_change(one, other, word)),
        ]
        for word, kind in TOTALS
    ]
    first, second = (np.nan_to_num(replay.outcome["loss"]) for replay in (one, other))
    rounds = [replay.outcome["default_round"] for replay in (one, other)]
    moved = np.abs(first - second) > _SAME * np.maximum(np.abs(first), np.abs(second))
    moved |= np.nan_to_num(rounds[0], nan=-1.0) != np.nan_to_num(rounds[1], nan=-1.0)
    at = np.flatnonzero(moved)
    at = at[np.lexsort((at, -np.abs(first - second)[at]))]
    parties = [
        [
            {"node": int(n)},
            "\u00a0→\u00a0".join("–" if np.isnan(values[n]) else f"{values[n]:.0f}" for values in rounds),
            float(first[n]),
            float(second[n]),
            float(second[n] - first[n]),
        ]
        for n in at[:ROWS].tolist()
    ]
    money = ("money", "money", "change")
    return [
        _panel("compare_totals", [("measure", "text"), *zip(("a", "b", "difference"), money, strict=True)], totals),
        {"twin": True}
        | _panel(
            "compare",
            [
                ("party", "party"),
                ("rounds_ab", "text"),
                *zip(("loss_a", "loss_b", "difference"), money, strict=True),
            ],
            parties,
            len(at),
        ),
    ]


def _with_change(one: Replay, other: Replay, word: str) -> tuple[float | None, float | None, float | None]:
    a, b = one.totals[word], other.totals[word]
    return a, b, None if a is None or b is None else b - a


def _panel(key: str, heads: Sequence[tuple[str, str]], rows: list[Any], total: int | None = None) -> dict[str, Any]:
    return panel(key, heads, rows, len(rows) if total is None else total, f"{key}_note", tab="compare")
