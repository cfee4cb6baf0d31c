"""A room as a table: every field of its parts lies in the row, and has the form, that compiled functions read."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.graph.book import build_book
from graphrisk.kernels.arrays.borrowed import Borrowed
from graphrisk.kernels.contagion import rooms
from graphrisk.kernels.contagion.engine import no_prices, no_supplies
from graphrisk.kernels.contagion.ledger import fresh_state
from tests.worlds.build import graph_of


def test_every_field_of_a_room_is_read_where_it_lies_and_as_what_it_is() -> None:
    graph = graph_of(
        parties=[{"party_id": name} for name in ("BANK", "FIRM")],
        facilities=[{"facility_id": f, "borrower_id": "FIRM", "lender_id": "BANK", "outstanding": 3.0} for f in "AB"],
    )
    ledger = build_book(graph, layers=("exposures", "lending", "guarantees")).ledger
    room = rooms.Room(ledger, fresh_state(ledger), no_supplies(2), no_prices())
    assert room.supplies is not None
    table, seen = rooms.borrowed(room), 0

    def follow(kind: Borrowed, part: Any) -> None:
        nonlocal seen
        for name, (of, row) in kind.places.items():
            value = getattr(part, name)
            if isinstance(of, Borrowed):
                follow(of, value)
                continue
            assert row == seen, name
            seen += 1
            if isinstance(value, np.ndarray):
                assert of.ndim == value.ndim, name
                assert table[row, 0] == value.__array_interface__["data"][0], name
                assert table[row, 1 : 1 + value.ndim].tolist() == list(value.shape), name
                assert str(of.dtype) == str(value.dtype), name
            else:
                assert str(of) == ("int64" if isinstance(value, int) else "float64"), name

    kinds = (rooms._LEDGER, rooms._STATE, rooms._SUPPLIES, rooms._PRICES)
    for kind, part in zip(kinds, room, strict=True):
        follow(kind, part)
    assert seen == len(table)
    alone = rooms.borrowed_supplies(room.supplies)
    first = len(room.ledger) + len(room.state)
    assert np.array_equal(alone[first:], table[first : len(alone)])
