"""What a channel of loss is asked for, and the channels that there are."""

from __future__ import annotations

import functools
from collections.abc import Collection
from types import ModuleType
from typing import NamedTuple

import numpy as np

from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.contagion.ledger import Ints
from graphrisk.members import find_member, member_names

LOSS_FRACTION, FALL_OF_EQUITY = "loss fraction", "fall of equity"
"""What the loss of a contract follows: how much of the other party's debts is lost, or how far its equity falls."""
ROOM, MARK, GROUP = "graphrisk.graph.channels", "FOLLOWS", "graphrisk.channels"


class ContractRows(NamedTuple):
    """Contracts, row by row of their table: `loser` loses `amount` times how `other` stands."""

    loser: Ints  # rows of parties
    other: Ints
    amount: Floats


class Joined(NamedTuple):
    """The contracts of several channels one after the other, and where those of each table begin."""

    rows: ContractRows
    tables: tuple[tuple[str, int], ...]

    def origin(self, row: int) -> tuple[str, int]:
        """Return (table, row in it) of a contract."""
        table, first = next((name, start) for name, start in reversed(self.tables) if start <= row)
        return table, row - first


@functools.cache
def channels() -> tuple[ModuleType, ...]:
    """Return the channels: those of this package, in the order of their names, then those of other packages."""
    names = member_names(ROOM, MARK, GROUP)
    found = [find_member("channel", name, ROOM, MARK, GROUP) for name in names]
    return tuple(sorted(found, key=lambda module: (not module.__name__.startswith(ROOM), module.__name__)))


def joined(graph: RiskGraph, follows: str, layers: Collection[str], notes: list[str]) -> Joined:
    """Return the contracts of all channels of `layers` whose loss follows the same."""
    parts, tables, first = [], [], 0
    for channel in channels():
        if channel.FOLLOWS != follows or channel.TABLE not in layers or not graph.rows(channel.TABLE):
            continue
        rows = channel.rows(graph, notes)
        parts.append(rows)
        tables.append((channel.TABLE, first))
        first += len(rows.loser)
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Joined(ContractRows(none, none, np.zeros(0)), ())
    return Joined(ContractRows(*(np.concatenate(column) for column in zip(*parts, strict=True))), tuple(tables))
