"""Rule debtrank2012: the walk in which each party passes its distress on once, over exposures alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from graphrisk.analyze.contagion.compare import Outcome
from graphrisk.analyze.contagion.frames import importance_table
from graphrisk.analyze.contagion.tables import BASE, CALLS, FACILITIES, PARTIES, Scores
from graphrisk.analyze.tables import empty, texts
from graphrisk.cascade.added import MOVED
from graphrisk.cascade.first_losses import first_losses
from graphrisk.cascade.loss_lines import SAME
from graphrisk.cascade.params import Params
from graphrisk.cascade.shocks import Shock, resolve_shocks
from graphrisk.errors import DataError, UsageError
from graphrisk.graph.book import Book, build_book, layers_with_data
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.arrays.matrices import Matrix
from graphrisk.kernels.contagion.debtrank2012 import Walk, impact_matrix, walk
from graphrisk.kernels.contagion.ledger import Floats, Ints
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A walk from a shock, beside the one without it.

    `first` is each party's distress at the start, `when` the round in which it failed (-1); of a party that fails
    without the shock too, `when` and its cause are those of that walk.
    """

    book: Book
    shock: Shock
    impact: Matrix
    first: Floats
    broken: Floats  # distress before the shock: 1 for a party without equity, or whose status counts before it
    done: Walk
    base: Walk
    base_when: Ints
    base_causes: tuple[str | None, ...]
    when: Ints
    causes: tuple[str | None, ...]
    notes: tuple[str, ...]

    @property
    def equity_lost(self) -> float:
        """Fall of equity above 0, over all parties."""
        return float((self.done.distress * np.maximum(self.book.ledger.equity, 0.0)).sum())


def walk_from(graph: RiskGraph, params: Params, inputs: Inputs) -> Walked:
    """Return the walk from the shock. Raises UsageError for another layer, DataError where equity is not known."""
    for layer in params.layers or ():
        if layer != "exposures":
            raise UsageError(
                f"rule debtrank2012 knows exposures only, not {layer}", hint="--set layers=exposures, or rule debtrank"
            )
    shock = resolve_shocks(graph, params, inputs)
    book = build_book(graph, layers=("exposures",))
    others = [name for name in layers_with_data(graph) if name != "exposures"]
    notes = [*shock.notes, *book.notes]
    if others or graph.rows("facilities"):
        notes.append(
            Note(
                "layers_not_known",
                f"rule debtrank2012: {', '.join([*others, 'facilities'])} are left out, it knows exposures only",
                f"规则 debtrank2012 只计敞口：未计 {', '.join([*others, 'facilities'])}",
            )
        )
    blind = np.unique(book.claim_creditor[~book.ledger.known[book.claim_creditor]])
    if len(blind):
        raise DataError(
            f"{len(blind):,} creditors have no known equity, which rule debtrank2012 needs: "
            + ", ".join(str(i) for i in graph.party_ids[blind][:5]),
            hint="add it to financials, or take rule debtrank",
            where="financials.equity",
        )
    equity, known = book.ledger.equity, book.ledger.known
    claims = csr_array((book.claim, (book.claim_creditor, book.claim_debtor)), shape=(graph.size, graph.size))
    impact, failed = impact_matrix(claims, np.where(known, equity, 1.0))
    start = np.where(failed, 1.0, shock.fixed(known))
    healthy = known & ~failed
    part = np.divide(shock.money(equity, known), equity, out=np.zeros(graph.size), where=healthy)
    first = np.maximum(start, part)
    broken = np.where(failed, 1.0, np.where(known, shock.before, 0.0))
    when, causes = _failures(book, impact, first)
    base_when, base_causes = _failures(book, impact, broken)
    anyway = base_when >= 0
    when = np.where(anyway, base_when, when)
    causes = [one if before else after for one, after, before in zip(base_causes, causes, anyway, strict=True)]
    return Walked(
        book=book,
        shock=shock,
        impact=impact,
        first=first,
        broken=broken,
        done=walk(impact, first),
        base=walk(impact, broken),
        base_when=base_when,
        base_causes=tuple(base_causes),
        when=when,
        causes=tuple(causes),
        notes=tuple(notes),
    )


def walk_outcome(walked: Walked) -> Outcome:
    """Return where the walk ended; what happens to facilities, guarantees and collateral it does not know."""
    failed = walked.done.distress >= 1.0
    unknown = np.full(walked.book.graph.rows("facilities"), np.nan)
    return Outcome(
        shock=walked.shock,
        failed=failed,
        sure=first_losses(walked.book, walked.shock.taken, walked.shock.amount).sure,
        at_start=walked.first >= 1.0,
        touched=walked.done.distress > 0.0,
        unpaid=unknown,
        cover=unknown,
        price=1.0 + walked.shock.price_change,
        bank_loss_before=np.nan,
        shortfall=np.nan,
        guarantor_paid=np.nan,
        guarantee_unmet=np.nan,
        equity_lost=walked.equity_lost,
    )


def walk_tables(walked: Walked, params: Params) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the tables of a walk but for the comparison, and its certificate; without a shock, each party's score."""
    book, equity = walked.book, walked.book.ledger.equity
    quiet = walked.base
    scores = None if walked.shock.given else _each_alone(book, walked.impact, quiet, walked.broken)
    tables = {
        "contagion_parties": _parties(walked, all_rows=params.all_rows),
        "contagion_facilities": empty(FACILITIES),
        "contagion_calls": empty(CALLS),
        "contagion_importance": importance_table(book.graph.party_ids, scores),
        "contagion_base": _base(walked),
    }
    more = (walked.done.distress - quiet.distress) * np.maximum(equity, 0.0)
    return tables, {
        "converged": True,
        "rounds": walked.done.rounds,
        "residual": 0.0,
        "stop_rule": "each party has passed on the distress of its first hit, once",
        "layers": list(book.layers),
        "defaults_added": int(((walked.done.distress >= 1.0) & (quiet.distress < 1.0)).sum()),
        "equity_lost_added": float(more.sum()),
        "defaults": int((walked.done.distress >= 1.0).sum()),
        "equity_lost": walked.equity_lost,
        "baseline": {
            "defaults": int((quiet.distress >= 1.0).sum()),
            "bank_loss": 0.0,
            "equity_lost": float((quiet.distress * np.maximum(equity, 0.0)).sum()),
        },
    }


def _parties(walked: Walked, *, all_rows: bool) -> pd.DataFrame:
    book, done, first, when = walked.book, walked.done, walked.first, walked.when
    equity, known = book.ledger.equity, book.ledger.known
    standing, before = np.maximum(equity, 0.0), walked.base.distress
    down, given = done.distress >= 1.0, walked.shock.given
    moved = walked.shock.shocked | (np.abs(done.distress - before) > MOVED)
    rows = np.arange(len(equity)) if all_rows else np.flatnonzero(moved if given else done.distress > 0.0)
    more, added = np.where(known, (done.distress - before) * standing, np.nan), down & (before < 1.0)
    chosen = rows[np.lexsort((rows, -np.nan_to_num(more[rows]), ~added[rows]))]
    start, lost = first * standing, (done.distress - first) * standing
    columns = {
        "shocked": walked.shock.shocked,
        "equity": np.where(known, equity, np.nan),
        "equity_base": np.where(known, equity - before * standing, np.nan),
        "equity_after": np.where(known, equity - start - lost, np.nan),
        "loss_added": more,
        "loss_fraction": np.where(known, done.distress, np.nan),
        "defaulted": down,
        "default_added": added,
        "loss_shock": start,
        "loss_exposures": lost,
    }
    frame: dict[str, Any] = {name: column[chosen] for name, column in columns.items()}
    frame["party_id"] = texts(book.graph.party_ids[chosen])
    frame["default_round"] = pd.arrays.IntegerArray(when[chosen], when[chosen] < 0)
    frame["cause"] = texts([walked.causes[i] for i in chosen.tolist()])
    rest = dict.fromkeys((name for name in PARTIES.names if name not in frame), np.zeros(len(chosen)))
    return pd.DataFrame({**frame, **rest}, columns=list(PARTIES.names))


def _base(walked: Walked) -> pd.DataFrame:
    """Return who fails without the shock too."""
    ledger, when = walked.book.ledger, walked.base_when
    chosen = np.flatnonzero(when >= 0)
    chosen = chosen[np.lexsort((chosen, when[chosen]))]
    left = ledger.equity - walked.base.distress * np.maximum(ledger.equity, 0.0)
    return pd.DataFrame(
        {
            "party_id": texts(walked.book.graph.party_ids[chosen]),
            "default_round": pd.arrays.IntegerArray(when[chosen], when[chosen] < 0),
            "cause": texts([walked.base_causes[i] for i in chosen.tolist()]),
            "equity": np.where(ledger.known, ledger.equity, np.nan)[chosen],
            "equity_base": np.where(ledger.known, left, np.nan)[chosen],
            "bank_loss_base": np.full(len(chosen), np.nan),
        },
        columns=list(BASE.names),
    )


def _failures(book: Book, impact: Matrix, first: Floats) -> tuple[Ints, list[str | None]]:
    """Return the round in which each party reaches a distress of 1 (-1: never), and by which line most."""
    ids, equity = book.graph.party_ids, book.ledger.equity
    capped = impact.copy()
    capped.data = np.minimum(capped.data, 1.0)
    distress, passed = first.copy(), np.zeros(len(first))
    hit = first > 0.0
    when = np.where(first >= 1.0, 0, -1).astype(np.int64)
    cause: list[str | None] = [None] * len(first)
    for i in np.flatnonzero(first >= 1.0):
        cause[i] = "initial" if book.ledger.known[i] and equity[i] <= 0.0 else "shock"
    turn, active = 0, np.flatnonzero(hit)
    while len(active):
        turn += 1
        step = np.zeros(len(first))
        step[active] = distress[active]
        passed[active] = distress[active]
        distress = np.minimum(1.0, distress + capped @ step)
        for i in np.flatnonzero((distress >= 1.0) & (when < 0)):
            when[i] = turn
            row = slice(capped.indptr[i], capped.indptr[i + 1])
            lines = capped.data[row] * passed[capped.indices[row]]
            largest = int(capped.indices[row][lines >= lines.max() * (1.0 - SAME)].min())
            own = first[i] > lines.max() * (1.0 + SAME)
            cause[i] = "shock" if own else f"exposure:{ids[i]}-{ids[largest]}"
        active = np.flatnonzero((distress > 0.0) & ~hit)
        hit[active] = True
    return when, cause


def _each_alone(book: Book, impact: Matrix, quiet: Walk, start: Floats) -> Scores:
    size = len(start)
    base = np.maximum(book.ledger.equity, 0.0)
    loss, defaults = np.zeros(size), np.zeros(size, dtype=np.int64)
    for seed in np.flatnonzero(quiet.distress < 1.0):
        first = start.copy()
        first[seed] = 1.0
        more = walk(impact, first).distress
        fall = (more - quiet.distress) * base
        fall[seed] = 0.0
        loss[seed] = float(fall.sum())
        new = (more >= 1.0) & (quiet.distress < 1.0)
        defaults[seed] = int(new.sum()) - int(new[seed])
    return Scores(loss, np.zeros(size), defaults, loss, loss, np.ones(size, dtype=bool))
