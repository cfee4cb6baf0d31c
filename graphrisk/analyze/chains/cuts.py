"""Cuts that separate a very large part of the guarantee layer, each with the contagion that it stops, run again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.tables import score_frame, several, share, whole
from graphrisk.cascade.engines import engine_after
from graphrisk.cascade.params import Params as Spreading
from graphrisk.cascade.run import prepare, unshocked_run
from graphrisk.cascade.what_if import without_rows
from graphrisk.errors import GraphRiskError
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.contagion.engine import Engine
from graphrisk.kernels.contagion.starts import Caused, each_alone, joined
from graphrisk.kernels.network.splitting import split
from graphrisk.model.columns import money, party
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs
from graphrisk.model.table import Table
from graphrisk.progress import Progress
from graphrisk.standing.guarantee_parts import Parts

CUTS = Table(
    name="chains_cuts",
    meaning="parts of more than max_piece parties, and the contracts without which none of their pieces has more; in "
    "the order of chains_parts",
    role="score",
    key=("part_id",),
    columns=(
        party("part_id", "smallest party id of the part"),
        several("guarantee_ids", "the contracts that would have to go"),
        whole("pieces", "pieces that are left, parties without a guarantee inside among them"),
        whole("largest_piece", "parties of the largest piece"),
        money("loss_stopped", "fall of the sum of bank_loss_caused over the defaults of its parties, one at a time"),
        money("guaranteed", "sum of the caps of these contracts"),
        money("loans_between", "loan balance that they guarantee"),
        share("kept_share", "part of the guaranteed loan balance that stays guaranteed inside a piece"),
        money("total_loss_stopped", "the same fall of loss_caused: losses of other parties and of the bank"),
        whole("defaults_stopped", "the same fall of defaults_caused"),
    ),
)
LINKS = Table(
    name="chains_links",
    meaning="the contracts of a cut by the two pieces that they join, the largest guaranteed balance of a part first; "
    "what cutting these alone does is run for the max_links largest of each part",
    role="score",
    key=("piece_a", "piece_b"),
    columns=(
        party("part_id", "smallest party id of the part"),
        party("piece_a", "smallest party id of the one piece"),
        party("piece_b", "that of the other"),
        several("guarantee_ids", "the contracts between them"),
        money("guaranteed", "sum of their caps"),
        money("loans_between", "loan balance that they guarantee"),
        money("loss_stopped", "fall of the sum of bank_loss_caused by cutting these alone; null where not run"),
        money("total_loss_stopped", "the same fall of loss_caused"),
        whole("defaults_stopped", "the same fall of defaults_caused"),
    ),
)


SAMPLE = 32
"""Parties that are run first, to tell how long all of them would take."""
LONGEST = 2_000
"""Sweeps after which a single default that does not settle is left out."""
ROUNDING = 1e-12
"""A fall below this part of what is compared is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutting:
    """The two tables of cuts, the piece of each party (n,), -1 where its part is not split, and what to know."""

    cuts: pd.DataFrame
    links: pd.DataFrame
    piece: Positions
    notes: list[Note]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """Contracts between two pieces, rows of `guarantees`."""

    part: int
    pieces: tuple[int, int]
    rows: Positions
    balance: float


def cut_parts(
    graph: RiskGraph, parts: Parts, max_piece: int, max_links: int, cut_work: int, progress: Progress
) -> Cutting:
    """Return the cuts of every part of more than `max_piece` parties."""
    guarantor, debtor = graph.ends("guarantees")
    rows = np.flatnonzero((guarantor >= 0) & (debtor >= 0) & (guarantor != debtor) & ~guarantees_for_oneself(graph))
    balance, caps = guaranteed_balance(graph), np.nan_to_num(graph.floats("guarantees", "amount"))
    piece = np.full(graph.size, -1, dtype=np.int64)
    notes: list[Note] = []
    large = np.flatnonzero(np.asarray(parts.columns["parties"]) > max_piece)
    links: list[_Link] = []
    whole: dict[int, Positions] = {}
    within = parts.number[guarantor[rows]]
    for part in large.tolist():
        members = np.flatnonzero(parts.number == part)
        mine = rows[within == part]
        weight = balance[mine] + 1e-6 * caps[mine] + 1e-12 * max(float(caps[mine].max(initial=0.0)), 1.0)
        one, other = np.searchsorted(members, guarantor[mine]), np.searchsorted(members, debtor[mine])
        piece[members] = members[split(len(members), one, other, weight, max_piece)]
        between = mine[piece[guarantor[mine]] != piece[debtor[mine]]]
        whole[part] = between
        links += _links(part, between, piece[guarantor[between]], piece[debtor[between]], balance)
    runs = _Runs(graph, cut_work, progress)
    cuts = [_cut_row(graph, parts, part, whole[part], piece, balance, caps, runs) for part in whole]
    shown = _link_rows(graph, parts, links, whole, caps, max_links, runs)
    if runs.failed:
        notes.append(
            Note(
                "cuts_without_loss",
                f"What a cut stops is not wholly known, because {runs.failed:,} runs of contagion did not give it: "
                f"{runs.why}.",
                f"有 {runs.failed:,} 次传染运行未得出完整结果，阻断损失不全：{runs.why}。",
            )
        )
    done = score_frame(CUTS, {name: [row[name] for row in cuts] for name in CUTS.names})
    if (done["loss_stopped"] < 0).any():
        notes.append(
            Note(
                "cuts_that_cost_cover",
                "Where loss_stopped is negative, the contracts of the cut protect the bank more than they spread loss: "
                "what guarantors would have paid is its own loss without them.",
                "阻断损失为负，说明所切担保对本行的保护大于其传染：没有这些担保，原由担保人代偿的部分成为本行损失。",
            )
        )
    return Cutting(cuts=done, links=shown, piece=piece, notes=notes)


def guaranteed_balance(graph: RiskGraph) -> Floats:
    """Return the loan balance behind which each contract stands: at most its cap (contracts,)."""
    due = np.nan_to_num(np.maximum(graph.floats("facilities", "outstanding"), 0.0))
    borrower = graph.positions("facilities", "borrower_id")
    of_party = sum_by(borrower, due, graph.size)
    facility, debtor = graph.positions("guarantees", "facility_id"), graph.positions("guarantees", "debtor_id")
    behind = np.where(debtor >= 0, of_party[debtor], 0.0) if graph.size else np.zeros(len(debtor))
    if len(due):
        behind = np.where(facility >= 0, due[facility], behind)
    balance: Floats = np.minimum(np.nan_to_num(np.maximum(graph.floats("guarantees", "amount"), 0.0)), behind)
    return balance


class _Runs:
    """Contagion of every party of some part alone, on the book with some contracts left out."""

    def __init__(self, graph: RiskGraph, most: int, progress: Progress) -> None:
        self.graph, self.most, self.progress = graph, most, progress
        self.kept: dict[tuple[int, bytes], npt.NDArray[np.float64] | None] = {}
        self.whole: Engine | None = None
        self.failed, self.why = 0, ""

    def stopped(self, part: int, seeds: Positions, rows: Positions) -> tuple[float, float, float]:
        """Return the fall of bank loss, of all loss and of defaults without the `rows`; NaN where a run fails."""
        before = self._caused(part, seeds, rows[:0])
        after = None if before is None else self._caused(part, seeds, rows)
        if before is None or after is None:
            return float("nan"), float("nan"), float("nan")
        both = (before[3] >= 0) & (after[3] >= 0)
        if not both.all():
            self.failed += 1
            self.why = f"{int((~both).sum()):,} single defaults do not settle and are left out"
        bank, loss, defaults = (_fall(before[k][both], after[k][both]) for k in range(3))
        return bank, loss, defaults

    def _caused(self, part: int, seeds: Positions, rows: Positions) -> npt.NDArray[np.float64] | None:
        key = (part, rows.tobytes())
        if key not in self.kept:
            self.progress("contagion without the contracts of a cut", len(self.kept))
            try:
                found = _each_alone(self._engine(rows), seeds, self.most)
                self.kept[key] = np.stack([found.bank_loss, found.loss, found.defaults, found.rounds]).astype(float)
            except GraphRiskError as error:
                self.kept[key] = None
                self.failed, self.why = self.failed + 1, error.message
        return self.kept[key]

    def _engine(self, rows: Positions) -> Engine:
        """Return the settled book without some guarantees; the whole book is settled once."""
        if len(rows):
            return _settled(without_rows(self.graph, "guarantees", rows))
        if self.whole is None:
            self.whole = _settled(self.graph)
        return self.whole


def _settled(graph: RiskGraph) -> Engine:
    params = Spreading()
    book, shock, _ = prepare(graph, params, Inputs())
    return engine_after(unshocked_run(book, shock, params, explain=False), params)


def _fall(before: Floats, after: Floats) -> float:
    """Return the fall of a sum, 0 where it is rounding."""
    fall = float((before - after).sum())
    return fall if abs(fall) > ROUNDING * max(float(np.abs(before).sum()), float(np.abs(after).sum())) else 0.0


def _each_alone(engine: Engine, seeds: Positions, most: int) -> Caused:
    """Return what each of some parties causes alone; GraphRiskError where that would follow more than `most` contracts.

    How many it would be is told from a few of them, spread over the part.
    """
    few = np.unique(np.linspace(0, len(seeds) - 1, min(SAMPLE, len(seeds))).astype(np.int64))
    of_few = each_alone(engine, seeds[few], max_rounds=LONGEST)
    expected = float(of_few.work.mean()) * len(seeds)
    if expected > most:
        raise GraphRiskError(
            f"about {expected:,.0f} contracts would have to be followed, and cut_work allows {most:,}; raise it"
        )
    others = np.setdiff1d(np.arange(len(seeds)), few)
    both = joined([of_few, each_alone(engine, seeds[others], max_rounds=LONGEST)])
    order = np.argsort(np.concatenate([few, others]))
    loss, bank_loss, defaults, rounds, work = both
    return Caused(loss[order], bank_loss[order], defaults[order], rounds[order], work[order])


def _links(part: int, rows: Positions, one: Positions, other: Positions, balance: Floats) -> list[_Link]:
    """Return the contracts of a cut by the pair of pieces that they join."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    found: dict[tuple[int, int], list[int]] = {}
    for row, a, b in zip(rows.tolist(), low.tolist(), high.tolist(), strict=True):
        found.setdefault((a, b), []).append(row)
    made = [
        _Link(part=part, pieces=pieces, rows=np.array(mine, dtype=np.int64), balance=float(balance[mine].sum()))
        for pieces, mine in found.items()
    ]
    return sorted(made, key=lambda link: (-link.balance, link.pieces))


def _cut_row(
    graph: RiskGraph,
    parts: Parts,
    part: int,
    rows: Positions,
    piece: Positions,
    balance: Floats,
    caps: Floats,
    runs: _Runs,
) -> dict[str, object]:
    members = np.flatnonzero(parts.number == part)
    count = count_by(piece[members], graph.size)
    guarantor = graph.positions("guarantees", "guarantor_id")
    mine = np.flatnonzero((guarantor >= 0) & (parts.number[guarantor] == part))
    held, lost = float(balance[mine].sum()), float(balance[rows].sum())
    stopped = runs.stopped(part, members, rows)
    return {
        "part_id": graph.party_ids[parts.first[part]],
        "guarantee_ids": _ids(graph, rows),
        "pieces": int((count > 0).sum()),
        "largest_piece": int(count.max()),
        "guaranteed": float(caps[rows].sum()),
        "loans_between": lost,
        "kept_share": 1.0 - lost / held if held else float("nan"),
        **_stopped(stopped),
    }


def _stopped(found: tuple[float, float, float]) -> dict[str, object]:
    bank, loss, defaults = found
    return {
        "loss_stopped": bank,
        "total_loss_stopped": loss,
        "defaults_stopped": None if np.isnan(defaults) else int(defaults),
    }


def _link_rows(
    graph: RiskGraph,
    parts: Parts,
    links: list[_Link],
    whole: dict[int, Positions],
    caps: Floats,
    max_links: int,
    runs: _Runs,
) -> pd.DataFrame:
    rows, seen = [], dict.fromkeys(whole, 0)
    for link in links:
        seen[link.part] += 1
        stopped = (float("nan"),) * 3
        if seen[link.part] <= max_links:
            stopped = runs.stopped(link.part, np.flatnonzero(parts.number == link.part), link.rows)
        rows.append(
            {
                "part_id": graph.party_ids[parts.first[link.part]],
                "piece_a": graph.party_ids[link.pieces[0]],
                "piece_b": graph.party_ids[link.pieces[1]],
                "guarantee_ids": _ids(graph, link.rows),
                "guaranteed": float(caps[link.rows].sum()),
                "loans_between": link.balance,
                **_stopped(stopped),
            }
        )
    return score_frame(LINKS, {name: [row[name] for row in rows] for name in LINKS.names})


def _ids(graph: RiskGraph, rows: Positions) -> list[str]:
    return sorted(str(one) for one in graph.texts("guarantees", "guarantee_id")[rows].tolist())
