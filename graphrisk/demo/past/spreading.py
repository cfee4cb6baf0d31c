"""Who falls by the default of others in a month: the engine of contagion on that month's contracts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from graphrisk.cascade.contract_lines import COLLATERAL, GUARANTEE, SUPPLIES, Moment
from graphrisk.cascade.loss_lines import LineFinder
from graphrisk.cascade.obligors import obligors_of
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import no_shock, spread_shock
from graphrisk.credit.portfolio_params import SKIP
from graphrisk.credit.portfolio_params import Params as BookParams
from graphrisk.demo.dice import Floats, Ints
from graphrisk.graph.book import Book
from graphrisk.graph.build import build_graph
from graphrisk.kernels.contagion.ledger import BORROWER

_TOLERANCE = 1e-6
"""That of portfolio's scenarios."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A default that another one brought: by whom, through which contract, in which sweep."""

    party: str
    by: str
    through: str
    sweep: int


def spread_month(tables: Mapping[str, pa.Table], day: date, ids: pa.Array, fallen: Ints) -> tuple[list[Passed], Floats]:
    """Return who falls by the own defaults `fallen` (positions in `ids`), and what each of `ids` loses of its equity.

    An id that is no party of the month loses nothing.
    Contracts and the equity with which each starts are those of `tables`, losses given default those stated, as
    `portfolio` and `network_pd` have it. Nobody is in default before; who fell in earlier months has no contract left.
    """
    graph = build_graph(tables, as_of=day, configured_base="CNY")
    given = obligors_of(graph, BookParams(missing_pd=SKIP))
    book = dataclasses.replace(given.book, ledger=given.ledger)
    place = graph.locate("parties", ids.to_pylist())
    fraction = np.zeros(graph.size)
    fraction[place[fallen]] = 1.0
    shock = dataclasses.replace(no_shock(book), fraction=fraction, given=True)
    finder, found = LineFinder(book), []
    ours = np.zeros(graph.size, dtype=bool)
    ours[place[place >= 0]] = True
    sweep = 0

    def told(fresh: Ints, moment: Moment, _: Moment | None) -> None:
        nonlocal sweep
        sweep += 1
        for party, *line in zip(fresh.tolist(), *finder.causes(fresh, moment), strict=True):
            if ours[party]:
                by, through = _by(book, party, *(int(part) for part in line))
                found.append(Passed(party=str(graph.party_ids[party]), by=by, through=through, sweep=sweep))

    done = spread_shock(book, shock, Params(tolerance=_TOLERANCE), record=told)
    lost = np.where(given.ledger.known, done.balance.fallen, 0.0)
    return found, np.where(place >= 0, lost[place], 0.0)


def _by(book: Book, victim: int, kind: int, key: int, other: int) -> tuple[str, str]:
    """Return who passed a default on, and the contract (a loss line as `contagion_parties.cause` names it)."""
    graph = book.graph
    if kind == GUARANTEE:
        by = int(graph.ends("guarantees")[1][key])
    elif kind == SUPPLIES:
        by = key if other == victim else other
    elif kind == COLLATERAL:
        by = int(book.ledger.facility[BORROWER, book.pledges.facility[book.pledges.asset == key]][0])
    else:
        by = key
    return str(graph.party_ids[by]), LineFinder(book).text(victim, kind, key, other)
