"""A book in the order of memory is the same book: every contract joins the same parties by the same amount."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CLAIMS,
    CLUSTER,
    CONTRACT,
    GUARANTOR,
    LENDER,
    LINES,
    LOANS,
    PLEDGES,
    STAKES,
    Ints,
    Ledger,
)
from graphrisk.kernels.contagion.memory_order import in_memory_order, place_of
from graphrisk.kernels.contagion.supply_losses import Supply, no_supply
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import random_book
from tests.worlds.build import graph_of


def _of(start: Ints, names: Ints) -> Ints:
    return names[np.repeat(np.arange(len(start) - 1), np.diff(start))]


def _contracts(ledger: Ledger, party: Ints, facility: Ints) -> dict[str, list[tuple[object, ...]]]:
    """Return the contracts in the words of the book as given, in any order of parties and facilities."""
    lender = ledger.facility[LENDER]
    line_of, contract = _of(ledger.facility_start[LINES], facility), ledger.line[CONTRACT]
    guarantor = party[ledger.contract[GUARANTOR, contract]]
    tables = {
        "claims": (_of(ledger.start[CLAIMS], party), party[ledger.creditor], ledger.claim),
        "stakes": (_of(ledger.start[STAKES], party), party[ledger.owner], ledger.stake),
        "loans": (_of(ledger.start[LOANS], party), facility[ledger.loan]),
        "facilities": (facility, party[ledger.facility[BORROWER]], np.where(lender >= 0, party[lender], -1),
                       ledger.uncovered, ledger.facility[3], ledger.facility[CLUSTER] >= 0),
        "pledges": (_of(ledger.facility_start[PLEDGES], facility), party[ledger.pledger], ledger.pledged),
        "lines": (line_of, guarantor, ledger.line[1], ledger.share, ledger.cap[contract],
                  *ledger.contract[1:, contract]),
        "parties": (party, *ledger.party.T, ledger.cluster_of >= 0),
    }  # fmt: skip
    return {
        name: sorted(zip(*(column.tolist() for column in columns), strict=True)) for name, columns in tables.items()
    }


def _deliveries(supply: Supply, party: Ints) -> list[list[tuple[object, ...]]]:
    turned, firm = supply.in_turn, party[supply.in_turn.firm]
    sold_in, turned_in = supply.market_sales[supply.market], supply.market_sales[turned.market]
    tables = (
        (_of(supply.buyer_start, party), party[supply.supplier], supply.group, supply.weight),
        (_of(supply.supplier_start, party), party[supply.buyer], supply.order, supply.weight[supply.row]),
        (party, supply.sales, sold_in),
        (firm, turned.sales, turned.whole, turned_in),
        (_of(turned.buyer_start, firm), firm[turned.supplier], turned.group, turned.weight),
        (_of(turned.supplier_start, firm), firm[turned.buyer], turned.order),
    )
    return [sorted(zip(*(column.tolist() for column in columns), strict=True)) for columns in tables]


@pytest.mark.parametrize("seed", range(8))
def test_the_book_stays_the_same_in_another_order(seed: int) -> None:
    rows = random_book(seed, size=20)
    book = prepare(graph_of(**{name: table for name, table in rows.items() if table}), Params(), Inputs())[0]
    ledger, size = book.ledger, book.graph.size
    supply = no_supply(size) if book.supply is None else book.supply
    profit = np.random.default_rng(seed).random(size)
    there = in_memory_order(ledger, supply, profit)
    parties, facilities = np.arange(size), np.arange(len(ledger.uncovered))
    assert parties.tolist() == np.sort(there.party).tolist()
    assert _contracts(ledger, parties, facilities) == _contracts(there.ledger, there.party, there.facility)
    assert _deliveries(supply, parties) == _deliveries(there.supply, there.party)
    assert profit.tolist() == there.profit[place_of(there.party)].tolist()
    # A cluster keeps its facilities and its guarantors, under another number.
    pairs = {
        (a, b) for a, b in zip(ledger.facility[CLUSTER, there.facility], there.ledger.facility[CLUSTER], strict=True)
    }
    pairs |= {(a, b) for a, b in zip(ledger.cluster_of[there.party], there.ledger.cluster_of, strict=True)}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    # Firms lie in the order in which production is worked out.
    assert there.supply.in_turn.firm.tolist() == list(range(len(supply.in_turn.firm)))


def test_an_empty_book_has_an_order() -> None:
    book = prepare(graph_of(), Params(), Inputs())[0]
    there = in_memory_order(book.ledger, no_supply(0), np.zeros(0))
    assert 0 == len(there.party) == len(there.facility)
