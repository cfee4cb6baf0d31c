"""The rating of each party over time: spells in a grade, until default, withdrawal or the as-of date."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.note import Note

DEFAULT_WORDS = frozenset({"D", "DEFAULT", "违约"})
WITHDRAWN = frozenset({"NR", "WR", "WD", "撤销", "未评级"})
"""Grades, in capitals, that say that there is none: the party is no longer observed."""
DEFAULT_EVENTS = ("default", "bankruptcy_filed", "liquidation")
_SCALE = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
_YEAR = 365
_NOTCH = {"+": 0, "": 1, "-": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """Spells (k,) by party, then day: `party`, `state`, from `begin` to `end` (days since 1970, end excluded).

    `grades` (s,) names the states, the best first, default last. `model` is whose ratings they are. `left` counts what
    was not used. A party in default stays there until `last`, the as-of date.
    """

    party: Positions
    state: Positions
    begin: Positions
    end: Positions
    grades: tuple[str, ...]
    model: str
    last: int
    notes: tuple[Note, ...] = ()

    @property
    def size(self) -> int:
        """The number of states."""
        return len(self.grades)


def histories_of(graph: RiskGraph, model: str | None, *, default_grade: str, use_events: bool) -> Histories:
    """Return the rating histories of one model; UsageError for an unknown one.

    None: of the models that gave grades a year ago or earlier (of all, where none did) the one that the project's
    settings name ([ratings] model), else the one with most grades: what has rated for less than a year has not moved.

    Default is the first day with a grade of DEFAULT_WORDS, a PD of 1, or (`use_events`) an event of default; what comes
    after it is not read. One grade of two days is one spell.
    """
    notes: list[Note] = []
    names, grade = graph.texts("ratings", "model"), graph.texts("ratings", "grade")
    party, pd = graph.positions("ratings", "party_id"), graph.floats("ratings", "pd")
    day = _days(graph, "ratings", "as_of_on")
    graded = np.array([g is not None and str(g).strip() != "" for g in grade], dtype=bool) & (party >= 0)
    graded |= (pd >= 1.0) & (party >= 0)
    last = int(np.datetime64(graph.as_of, "D").astype(np.int64))
    old = graded & (day <= last - _YEAR)
    usable = old if model is None and old.any() else graded
    named = graph.settings.get("ratings.model")
    if model is None and named and bool(usable[names == named].any()):
        model = named
    young = model is None and bool(named) and bool(graded[names == named].any())
    chosen = _model(names, usable, graded, model, [] if young else notes)
    if young:
        notes.append(_too_young(str(named), str(chosen)))
    rows = np.flatnonzero(graded & np.array([n == chosen for n in names], dtype=bool))
    text = [default_grade if _is_default(grade[r], pd[r]) else str(grade[r]).strip() for r in rows]
    failed = _first_defaults(graph, last) if use_events else {}
    order = _grade_order(text, pd[rows], default_grade)
    state_of = {name: k for k, name in enumerate(order)}
    bad = len(order) - 1
    spells: list[tuple[int, int, int, int]] = []
    after = 0
    by_party: dict[int, list[tuple[int, str]]] = {}
    for r, name in zip(rows, text, strict=True):
        by_party.setdefault(int(party[r]), []).append((int(day[r]), name))
    for one, steps in sorted(by_party.items()):
        steps.sort()
        fails = min([failed.get(one, last + 1), *(d for d, name in steps if name == default_grade)])
        current: list[int] | None = None  # begin, state
        for when, name in steps:
            if when >= fails:
                after += name != default_grade and when > fails
                continue
            state = None if name.upper() in WITHDRAWN else state_of[name]
            if current is not None and current[1] == state:
                continue
            if current is not None:
                spells.append((one, current[1], current[0], when))
            current = None if state is None else [when, state]
        if current is not None:
            spells.append((one, current[1], current[0], min(fails, last)))
        if fails <= last:
            spells.append((one, bad, fails, last))
    if after:
        notes.append(
            Note(
                "ratings_after_default",
                f"{after:,} ratings after a default are not read: default is for ever here",
                f"违约之后的 {after:,} 条评级未计入：此处违约为吸收状态",
            )
        )
    never = sum(one not in by_party for one in failed)
    if never:
        notes.append(
            Note(
                "defaults_without_rating",
                f"{never:,} parties defaulted without ever being rated by this model: they count nowhere",
                f"{never:,} 户违约但从未由该模型评级：不计入",
            )
        )
    columns = np.array(spells, dtype=np.int64).reshape(-1, 4)
    return Histories(
        party=columns[:, 0],
        state=columns[:, 1],
        begin=columns[:, 2],
        end=columns[:, 3],
        grades=tuple(order),
        model=chosen or "",
        last=last,
        notes=tuple(notes),
    )


def _days(graph: RiskGraph, table: str, column: str) -> Positions:
    values = graph.tables.column(table, column).cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.int64)


def _is_default(grade: object, pd: float) -> bool:
    return pd >= 1.0 or (grade is not None and str(grade).strip().upper() in DEFAULT_WORDS)


def _model(names: object, usable: object, graded: object, wanted: str | None, notes: list[Note]) -> str | None:
    """Return the model whose ratings are read: of those with usable ones the one with most, noted if others grade."""
    found, counts = np.unique(np.asarray(names)[np.asarray(usable)].astype(str), return_counts=True)
    if wanted is not None:
        if wanted not in found:
            raise UsageError(f"no grade comes from a model called {wanted!r}", hint=nearest(wanted, found.tolist()))
        return wanted
    if not len(found):
        return None
    most = str(found[int(np.argmax(counts))])
    models = len(np.unique(np.asarray(names)[np.asarray(graded)].astype(str)))
    if models > 1:
        notes.append(
            Note(
                "several_rating_models",
                f"{models:,} models give grades; the one with most of them is read: {most} (model names another)",
                f"{models:,} 个模型给出等级，取等级最多的 {most}（可用 model 指定）",
                severity="warning",
            )
        )
    return most


def _too_young(named: str, chosen: str) -> Note:
    return Note(
        "rating_model_too_young",
        f"model {named} of the settings has rated for less than a year, so nothing of it has moved yet: grades of "
        f"{chosen} are read",
        f"设置所指模型 {named} 评级不足一年，尚无迁移：取 {chosen} 的等级",
    )


def _first_defaults(graph: RiskGraph, last: int) -> dict[int, int]:
    """Return the day of each party's first event of default, on or before `last`."""
    kind, party = graph.texts("events", "kind"), graph.positions("events", "party_id")
    day = _days(graph, "events", "occurred_on")
    found: dict[int, int] = {}
    for k, p, d in zip(kind, party.tolist(), day.tolist(), strict=True):
        if k in DEFAULT_EVENTS and p >= 0 and d <= last:
            found[p] = min(d, found.get(p, d))
    return found


def _grade_order(text: list[str], pd: object, default_grade: str) -> list[str]:
    """Return the grades, the best first: on the scale of agencies, else by median PD, else as numbers and words."""
    names = sorted({name for name in text if name != default_grade and name.upper() not in WITHDRAWN})
    chances: dict[str, list[float]] = {name: [] for name in names}
    for name, chance in zip(text, np.asarray(pd).tolist(), strict=True):
        if name in chances and chance == chance:
            chances[name].append(chance)
    if names and all(_on_scale(name) is not None for name in names):
        ordered = sorted(names, key=lambda n: _on_scale(n) or (0, 0))
    elif names and all(chances[name] for name in names):
        ordered = sorted(names, key=lambda n: (float(np.median(chances[n])), n))
    else:
        ordered = sorted(names, key=_as_read)
    return [*ordered, default_grade]


def _as_read(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", name)]


def _on_scale(name: str) -> tuple[int, int] | None:
    stem, notch = (name[:-1], name[-1]) if name[-1:] in ("+", "-") else (name, "")
    return (_SCALE.index(stem), _NOTCH[notch]) if stem in _SCALE else None
