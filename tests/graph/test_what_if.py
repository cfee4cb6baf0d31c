from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare
from graphrisk.cascade.what_if import with_capital, with_rows, with_values, without_rows
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import random_book
from tests.analyze.contagion_runs import graph_from


def same(one: Any, other: Any) -> bool:
    if one.dtype == object:
        return bool((one == other).all())
    return bool(np.array_equal(one, other, equal_nan=True))


def _arrays(made: Any) -> list[Any]:
    """Return all arrays in a tuple of tuples."""
    if isinstance(made, np.ndarray):
        return [made]
    if dataclasses.is_dataclass(made):
        return [array for field in dataclasses.fields(made) for array in _arrays(getattr(made, field.name))]
    if isinstance(made, pa.Table):
        return [column.to_numpy(zero_copy_only=False) for column in made.columns]
    return [array for part in made for array in _arrays(part)] if isinstance(made, tuple) else []


def check(graph: RiskGraph) -> int:
    """Compare every array that a changed graph took over with the one made from its tables; return how many."""
    bare, taken = dataclasses.replace(graph, _cache={}), dict(graph._cache)
    for key, array in taken.items():
        if key[0] == "made":
            if key not in bare._cache:
                prepare(bare, Params(), Inputs())
            for one, other in zip(_arrays(array), _arrays(bare._cache[key]), strict=True):
                assert same(one, other), key
            continue
        fresh = bare.latest(key[1]) if key[0] == "latest" else getattr(bare, key[0])(*key[1:])
        assert same(array, fresh), key
        assert not array.flags.writeable
    return len(taken)


@pytest.mark.parametrize("seed", range(6))
def test_arrays_taken_over_are_those_of_the_changed_tables(seed: int) -> None:
    rows = random_book(seed, size=9)
    if seed % 2:
        loan, other = rows["facilities"][0], rows["parties"]
        owing = next(row["party_id"] for row in other if row["party_id"] != loan["borrower_id"])
        rows["co_borrowers"] = [{"facility_id": loan["facility_id"], "party_id": owing}]
    graph = graph_from(rows)
    prepare(graph, Params(), Inputs())
    changes = [
        without_rows(graph, name, [0, graph.rows(name) - 1])
        for name in ("guarantees", "co_borrowers", "exposures", "ownership", "supplies", "pledges")
        if graph.rows(name)
    ]
    changes.append(with_values(graph, "facilities", "outstanding", [0], 1.5))
    known = np.flatnonzero(~np.isnan(graph.equity))
    changes.append(with_capital(graph, int(known[0]), 3.0))
    asset = {"collateral_id": "AA", "kind": "cash", "value": 4.0, "currency": "CNY"}
    changes.append(with_rows(graph, "collateral", [asset]))
    first, last = str(graph.party_ids[0]), str(graph.party_ids[-1])
    promise = {"guarantor_id": last, "debtor_id": first, "amount": 2.0, "currency": "CNY", "mode": "several"}
    loan_of = str(graph.texts("facilities", "facility_id")[0])
    promises = [{**promise, "guarantee_id": "zz"}, {**promise, "guarantee_id": "AA", "facility_id": loan_of}]
    changes.append(with_rows(graph, "guarantees", promises))
    read = ("positions", "guarantees", "guarantor_id")
    assert (read in graph._cache) == (read in changes[-1]._cache) != bool(seed % 2)  # joint debts are read elsewhere
    for changed in changes:
        assert check(changed) > 10
        again = with_values(changed, "facilities", "outstanding", [0], 2.5)
        assert check(again) > 10
        assert 2.5 == again.floats("facilities", "outstanding")[0]


def test_a_column_that_is_no_number_cannot_be_changed() -> None:
    graph = graph_from(random_book(1))
    with pytest.raises(UsageError, match="no column of numbers"):
        with_values(graph, "facilities", "borrower_id", [0], 1.0)
