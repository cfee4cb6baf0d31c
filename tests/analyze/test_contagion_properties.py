"""Laws that every run keeps: conserved, bounded, monotone, additive, blind to order and names."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import ConvergenceError
from graphrisk.graph.build import build_graph
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.analyze.contagion_runs import by_id, graph_from, run
from tests.worlds.build import AS_OF, tables_of

RULE = st.sampled_from(["threshold", "debtrank", "nonlinear"])
SEED = st.integers(0, 10_000)
FEW = settings(max_examples=25, deadline=None, derandomize=True)
LOSSES = (
    "loss_shock", "loss_exposures", "loss_ownership", "loss_supplies", "loss_own_stop", "loss_collateral",
    "guarantee_paid",
)  # fmt: skip


def _settled(rows: Rows, shock: dict[str, float], **params: Any) -> Any:
    """Return the run, or None where the calls of this book swing for ever."""
    try:
        return run(rows, shock, all_rows=True, max_rounds=2_000, **params)
    except ConvergenceError:
        return None


@FEW
@given(seed=SEED, rule=RULE)
def test_every_unit_of_loss_has_one_bearer(seed: int, rule: str) -> None:
    rows = random_book(seed)
    result = _settled(rows, random_shock(seed, rows), rule=rule)
    if result is None:
        return
    facilities, calls, table = result.facilities, result.calls, result.parties
    total = facilities["shortfall"].sum()
    assert total == pytest.approx(facilities["guarantor_paid"].sum() + facilities["bank_loss"].sum(), abs=1e-9 * 500)
    assert calls["paid"].sum() == pytest.approx(facilities["guarantor_paid"].sum(), abs=1e-9 * 500)
    assert calls["paid"].sum() == pytest.approx(table["guarantee_paid"].sum(), abs=1e-9 * 500)
    known = table[table["equity"].notna()]
    gap = known["equity"] - known[list(LOSSES)].sum(axis=1) - known["equity_after"]
    assert float(gap.abs().max()) <= 1e-9 * 500
    assert (table[[*LOSSES, "guarantee_unmet"]] >= -1e-9).all().all()
    assert known["loss_fraction"].between(0.0, 1.0).all()
    assert (calls["called"] - calls["paid"] >= -1e-9).all()
    assert (facilities["bank_loss"] >= 0.0).all()


@FEW
@given(seed=SEED, rule=RULE)
def test_more_shock_and_more_exposure_never_lose_less(seed: int, rule: str) -> None:
    rows = {**random_book(seed), "guarantees": []}  # calls shift between guarantors: they are not monotone
    shock = random_shock(seed, rows)
    more = {party: min(1.0, part * 1.5) for party, part in shock.items()} | {"P0": 1.0}
    larger = {**rows, "exposures": [{**row, "amount": row["amount"] * 1.3} for row in rows["exposures"]]}
    first, shocked, exposed = (_settled(r, s, rule=rule) for r, s in ((rows, shock), (rows, more), (larger, shock)))
    for other in (shocked, exposed):
        fall = (by_id(first)["equity_after"] - by_id(other)["equity_after"]).fillna(0.0)
        assert (fall >= -1e-7).all()
        assert set(first.parties["party_id"][first.parties["defaulted"]]) <= set(
            other.parties["party_id"][other.parties["defaulted"]]
        )


@FEW
@given(seed=SEED)
def test_two_books_side_by_side_add_up(seed: int) -> None:
    one, two = random_book(seed), random_book(seed + 1)
    for rows in (one, two):
        for party in rows["parties"]:
            party["industry"] = None  # an industry would be a market of both
        if not one["supplies"] or not two["supplies"]:
            rows["supplies"] = []  # with the layer on, whoever is in default loses its profit
    other = {
        name: [{k: f"Z{v}" if k.endswith("_id") and v is not None else v for k, v in row.items()} for row in table]
        for name, table in two.items()
    }
    shock, shock_two = random_shock(seed, one), random_shock(seed + 1, two)
    both = {name: [*one[name], *other[name]] for name in one}
    shocks = shock | {f"Z{party}": part for party, part in shock_two.items()}
    results = [_settled(one, shock), _settled(two, shock_two), _settled(both, shocks)]
    if any(result is None for result in results):
        return
    apart = np.concatenate([by_id(results[0])["equity_after"], by_id(results[1])["equity_after"]]).astype(float)
    np.testing.assert_allclose(by_id(results[2])["equity_after"].to_numpy(float), apart, atol=1e-8)


@FEW
@given(seed=SEED, rule=RULE)
def test_the_order_of_rows_changes_no_byte(seed: int, rule: str) -> None:
    rows = random_book(seed)
    tables = tables_of(**{name: table for name, table in rows.items() if table})
    rng = np.random.default_rng(seed)
    turned = {name: t.take(pa.array(rng.permutation(t.num_rows))) for name, t in tables.items()}
    shock = random_shock(seed, rows)
    texts = []
    for given_tables in (tables, turned):
        graph = build_graph(given_tables, as_of=AS_OF)
        try:
            texts.append(run(graph, shock, rule=rule, max_rounds=2_000).to_json())
        except ConvergenceError as error:
            texts.append(str(error))
    assert texts[0] == texts[1]


@FEW
@given(seed=SEED)
def test_a_closed_book_stays_as_it_is(seed: int) -> None:
    graph = graph_from(random_book(seed))
    before = {name: table.to_pydict() for name, table in graph.tables.items()}
    with contextlib.suppress(ConvergenceError):
        run(graph, {"P1": 1.0}, impact_beta=0.5, max_rounds=2_000)
    assert before == {name: table.to_pydict() for name, table in graph.tables.items()}


def test_a_tolerance_below_rounding_is_met_or_refused() -> None:
    rows = random_book(3)
    result = run(rows, {"P1": 1.0}, rule="debtrank", tolerance=1e-13, max_rounds=5_000)
    assert result.certificate["residual"] <= 1e-11
    with pytest.raises(ConvergenceError, match="raise max_rounds"):
        run(rows, {"P1": 1.0, "P0": 0.5, "P3": 0.5}, rule="debtrank", max_rounds=1)
