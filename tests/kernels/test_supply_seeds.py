"""Each seed alone where production spreads: the same losses as one run of the whole map per seed."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.analyze.contagion.importance import _run_each
from graphrisk.analyze.contagion.params import Params
from graphrisk.analyze.contagion.unified import Spread, prepare, spread_shock
from graphrisk.kernels.supply_seeds import each_seed_with_supply
from graphrisk.model.result import Inputs
from tests.worlds.build import graph_of, parties


def _quiet_run(seed: int, params: Params, size: int = 14) -> Spread:
    """Return the unshocked run of a random book; amounts are no round numbers, so that no equity ends at exactly 0."""
    rng = np.random.default_rng(seed)
    ids = [f"P{k:02d}" for k in range(size)]
    industries = ["A", "B", "C", None]

    def pairs(number: int) -> list[tuple[str, str]]:
        drawn = rng.integers(0, size, (number, 2))
        return [(ids[a], ids[b]) for a, b in drawn if a != b]

    graph = graph_of(
        parties=[{**row, "industry": industries[int(rng.integers(0, 4))]} for row in parties(*ids)],
        financials=[
            {"party_id": i, "equity": -1.0 if k == 0 else rng.uniform(5, 60),
             "sales": rng.uniform(10, 60), "material_cost": rng.uniform(0, 40)}
            for k, i in enumerate(ids) if k != 1
        ],
        supplies=[
            {"supplier_id": a, "buyer_id": b, "amount": rng.uniform(1, 20), "essential": rng.random() < 0.4}
            for a, b in pairs(40)
        ],
        exposures=[{"creditor_id": a, "debtor_id": b, "amount": rng.uniform(1, 20)} for a, b in pairs(12)],
        facilities=[{"facility_id": f"F{k}", "borrower_id": i, "outstanding": 19.7} for k, i in enumerate(ids)],
        guarantees=[
            {"guarantor_id": a, "debtor_id": b, "facility_id": f"F{ids.index(b)}", "amount": 14.3}
            for a, b in pairs(10)
        ],
    )  # fmt: skip
    book, shock, _ = prepare(graph, params, Inputs())
    return spread_shock(book, shock, params)


@pytest.mark.parametrize("rule", ["threshold", "debtrank"])
@pytest.mark.parametrize("supply_default", ["default", "linear"])
@pytest.mark.parametrize("seed", range(6))
def test_each_seed_loses_what_a_whole_run_of_it_loses(rule: str, supply_default: str, seed: int) -> None:
    params = Params(rule=rule, supply_default=supply_default)
    quiet = _quiet_run(seed, params)
    assert quiet.supply is not None
    seeds = np.flatnonzero(~quiet.run.state.failed)
    expected = _run_each(quiet, params, seeds)
    actual = each_seed_with_supply(
        quiet.ledger, quiet.rule, quiet.run.state, quiet.supply, seeds, tolerance=1e-10, max_rounds=100_000
    )
    assert expected.loss.max() > 0.0
    assert actual.rounds.min() >= 0
    np.testing.assert_allclose(actual.loss, expected.loss, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(actual.bank_loss, expected.bank_loss, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(expected.defaults, actual.defaults)


def test_the_pieces_of_the_work_do_not_change_the_numbers() -> None:
    params = Params()
    quiet = _quiet_run(3, params)
    assert quiet.supply is not None
    seeds = np.flatnonzero(~quiet.run.state.failed)

    def run(some: np.ndarray) -> np.ndarray:
        return each_seed_with_supply(
            quiet.ledger, quiet.rule, quiet.run.state, quiet.supply, some, tolerance=1e-10, max_rounds=1000
        ).loss

    np.testing.assert_array_equal(run(seeds), np.concatenate([run(seeds[k : k + 1]) for k in range(len(seeds))]))
