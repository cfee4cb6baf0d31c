"""What the ratings say of each party on the as-of date: its probability of default, and its grade."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.credit.portfolio_params import REFUSE, SKIP
from graphrisk.errors import DataError, UsageError, nearest
from graphrisk.graph.riskgraph import Floats, RiskGraph, rows_that_say
from graphrisk.model.note import Note, Severity

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def pds_of(
    graph: RiskGraph,
    *,
    model: str | None,
    multiplier: float,
    missing: float | str,
    ead: Floats,
    skipped: str,
    notes: list[str],
    several: str = REFUSE,
) -> tuple[Floats, Flags]:
    """Return (PD (n,), who has one (n,)): of the latest rating on or before the as-of date; in default: 1.

    `model` None: the one that the project's settings name ([ratings] model), else the only one; where several rate and
    none is named DataError, or with `several` "highest" the highest PD of a party's latest day. `missing`: SKIP (PD 0,
    has none), REFUSE, or the PD taken instead. `skipped` says in words what becomes of a party without PD; `ead` (n,)
    weighs the notes. Raises DataError where a PD is missing and `missing` refuses that, UsageError for an unknown
    model.
    """
    given = graph.floats("ratings", "pd")
    model = model or _named(graph, several)
    if model is None and several == REFUSE:
        _refuse_several(graph, ~np.isnan(given))
    row, others = _latest(graph, ~np.isnan(given), model, given)
    if others:
        notes.append(
            Note(
                "pds_of_several_models",
                f"{others:,} PDs of another model on the same day: the highest is taken (pd_model chooses one)",
                f"{others:,} 个违约概率在同一天来自另一模型：取最高者（可用 pd_model 指定）",
            )
        )
    pd = np.full(graph.size, np.nan)
    pd[row >= 0] = given[row[row >= 0]]
    down = in_default(graph)
    total = float(ead.sum())
    if down.any():
        many, part = int(down.sum()), part_of(ead[down], total)
        notes.append(
            Note(
                "parties_in_default",
                f"{many:,} parties ({part} of EAD) have the status defaulted: their PD is 1",
                f"{many:,} 户（占 EAD 的 {part}）状态为违约：其违约概率为 1",
            )
        )
    pd = np.where(down, 1.0, np.minimum(pd * multiplier, 1.0))
    rated = ~np.isnan(pd)
    owing = ~rated & (ead > 0.0)
    if not rated.all():
        many, some, part = int((~rated).sum()), int(owing.sum()), part_of(ead[owing], total)
        said = f"{many:,} of {graph.size:,} parties have no PD, {some:,} of them borrowers with {part} of EAD"
        told = f"{graph.size:,} 户中 {many:,} 户没有违约概率，其中借款人 {some:,} 户，占 EAD 的 {part}"
        if missing == REFUSE:
            raise DataError(said, hint="load ratings for them, or set missing_pd to skip or to a number")
        if missing == SKIP:
            low = ", so that losses are too low" if owing.any() else ""
            told = f"{told}：不计其违约{'，损失因此偏低' if owing.any() else ''}"
            severity: Severity = "warning" if owing.any() else "info"
            notes.append(Note("parties_without_pd", f"{said}: {skipped}{low}", told, severity=severity))
        else:
            taken = f"{missing:g} x pd_multiplier (missing_pd)"
            notes.append(Note("parties_without_pd", f"{said}: taken as {taken}", f"{told}：取 {taken}"))
    if isinstance(missing, str):
        return np.where(rated, pd, 0.0), rated
    return np.where(rated, pd, min(1.0, missing * multiplier)), np.ones(graph.size, dtype=np.bool_)


def grades_of(
    graph: RiskGraph, model: str | None = None, *, where: str = "", several: str = REFUSE
) -> npt.NDArray[np.object_]:
    """Return the grade of each party's latest rating that has one (n,), None where there is none.

    `model` None: the one that the project's settings name, else of any model; of several on one day the grade with the
    highest PD, then of the first model by name. Raises UsageError for an unknown model.
    """
    model = model or _named(graph, several)
    grade = graph.texts("ratings", "grade")
    pd = np.nan_to_num(graph.floats("ratings", "pd"), nan=-1.0)
    row, _ = _latest(
        graph, graph.tables.column("ratings", "grade").is_valid().to_numpy().astype(bool), model, pd, where=where
    )
    found = np.full(graph.size, None, dtype=object)
    found[row >= 0] = grade[row[row >= 0]]
    return found


def _named(graph: RiskGraph, several: str) -> str | None:
    """Return the model that the settings name; None without one, or where an earlier day need not know it."""
    named = graph.settings.get("ratings.model") or None
    known = several == REFUSE or named in set(graph.texts("ratings", "model"))
    return named if known else None


def _refuse_several(graph: RiskGraph, usable: Flags) -> None:
    """Raise DataError where more than one model gives PDs and nobody said whose are meant."""
    names = sorted({str(name) for name in graph.texts("ratings", "model")[usable]})
    if len(names) > 1:
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise DataError(
            f"{len(names)} models rate the clients ({shown}), and none is named",
            where="ratings",
            hint=f'set model = "{names[0]}" under [ratings] in graphrisk.toml, or pd_model of portfolio',
        )


def in_default(graph: RiskGraph) -> Flags:
    """Return which parties have the status defaulted (n,)."""
    found: Flags = rows_that_say(graph, "parties", "status", "defaulted")
    return found


def part_of(amounts: Floats, total: float) -> str:
    """Return the part that `amounts` are of a total, in per cent."""
    return f"{float(amounts.sum()) / total:.1%}" if total > 0.0 else "0.0%"


def _latest(graph: RiskGraph, usable: Flags, model: str | None, worst: Floats, *, where: str = "") -> tuple[Rows, int]:
    """Return the row of `ratings` that counts for each party (n,), -1 without one, and how many differ on that day.

    The latest day; of several rows on it the one with the highest `worst`, then the first (rows run by party, day,
    model).
    """
    party = graph.positions("ratings", "party_id")
    day = graph.tables.column("ratings", "as_of_on").cast(pa.int32()).to_numpy()
    usable = usable & (party >= 0)
    if model is not None:
        names = graph.texts("ratings", "model")
        if model not in set(names):
            raise UsageError(
                f"no rating comes from a model called {model!r}",
                hint=nearest(model, sorted({str(name) for name in names})),
                where=where,
            )
        usable &= (names == model).astype(bool)
    at = np.flatnonzero(usable)
    found = np.full(graph.size, -1, dtype=np.int64)
    if not len(at):
        return found, 0
    whose, when = party[at], day[at]
    last = np.append(whose[1:] != whose[:-1], True)
    closing = np.repeat(when[last], np.diff(np.flatnonzero(np.append(True, last))))
    kept = (when == closing).astype(bool)
    at, whose = at[kept], whose[kept]
    order = np.lexsort((at, -worst[at], whose))
    at, whose = at[order], whose[order]
    first = np.append(True, whose[1:] != whose[:-1])
    found[whose[first]] = at[first]
    return found, int((worst[at] != worst[found[whose]]).sum())
