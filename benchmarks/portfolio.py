"""Scenarios per second of the portfolio engine with a contagion stage, against a loop over scenarios in scipy.

    python -m benchmarks.portfolio [PARTIES CLAIMS SCENARIOS]
    python -m benchmarks.portfolio bank [CLIENTS]

The second form times the whole contagion map on a demo bank, layer by layer, without a peer: there is none.

Target: at 100,000 parties, 500,000 claims and a PD of 1.5 % at least 25 times the scipy loop, and 2,500 scenarios per
second on two cores; and a factor shift that divides the variance at 99.9 % by 100. Both loops run in this process; the
wall time of two workers is shown beside CPU time, since other work on the machine changes the first and not the second.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.special import ndtr, ndtri

from benchmarks.against import Row
from benchmarks.networks import Floats, hub_network
from graphrisk.cascade.obligors import obligors_of
from graphrisk.cascade.stages import stages_of
from graphrisk.credit.portfolio_params import Params
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.world import bank_parts
from graphrisk.graph.build import build_graph
from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.default_spread import threshold_cascade
from graphrisk.kernels.portfolio.simulation import plan, simulate
from graphrisk.model.catalog import CATALOG

RHO = 0.12
PER_SECOND, FASTER, QUIETER = 2_500, 25.0, 100.0


def scipy_scenario(
    owed_to: sparse.csr_array, equity: Floats, pd: Floats, loss: Floats, dice: np.random.Generator
) -> float:
    """One scenario by hand: a number per party, then whole-network products until nobody else fails."""
    z = dice.standard_normal()
    down = dice.random(len(pd)) < ndtr((ndtri(pd) - np.sqrt(RHO) * z) / np.sqrt(1.0 - RHO))
    while True:
        after = down | (owed_to @ down.astype(float) >= equity)
        if (after == down).all():
            return float(loss @ down)
        down = after


def main(size: int = 100_000, claims: int = 500_000, scenarios: int = 4_000) -> list[Row]:
    creditor, debtor, amount = hub_network(size, claims)
    dice = np.random.default_rng(1)
    owed_to = sparse.csr_array((amount, (creditor, debtor)), shape=(size, size))
    equity = np.asarray(owed_to.sum(axis=1)) * dice.uniform(0.3, 1.5, size) + 1e-9
    equity[np.asarray(owed_to.sum(axis=1)) == 0.0] = 1.0
    pd = np.clip(0.015 * dice.lognormal(-0.5, 1.0, size), 1e-5, 0.5)
    loss = dice.pareto(2.5, size) + 0.1
    model = factor_model(pd, np.full(size, np.sqrt(RHO)))
    stage = threshold_cascade(owed_to, equity, loss)
    simulate(plan(model, loss, scenarios=2, seed=1, stage=stage))

    few = 40
    clock = time.thread_time()
    for _ in range(few):
        scipy_scenario(owed_to, equity, pd, loss, dice)
    hand = (time.thread_time() - clock) / few

    wide = plan(model, loss, scenarios=scenarios, seed=1, stage=stage, shift_level=None)
    cpu, wall = time.process_time(), time.perf_counter()
    plain = simulate(wide, workers=2)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    each = cpu / scenarios
    print(
        f"{size:,} parties, {claims:,} claims, mean PD {pd.mean():.2%}: {plain.defaults.mean():,.0f} first defaults, "
    )
    print(f"  {plain.touched.mean():,.0f} after contagion; by hand {hand * 1e3:.1f} ms of CPU per scenario")
    rate = 2.0 / each
    print(
        f"  ours {each * 1e3:.3f} ms of CPU: {hand / each:.0f} x by hand (target {FASTER:.0f}), {rate:,.0f}/s ",
        end="",
    )
    print(f"on two free cores (target {PER_SECOND:,}/s), {scenarios / wall:,.0f} measured here")
    shifted = simulate(plan(model, loss, scenarios=scenarios, seed=1, stage=stage), workers=2)
    tail = shifted.tail(0.999)
    print(
        f"  importance sampling: tail variance / {tail.variance_ratio:.0f}, ES / {tail.variance_ratio_es:.0f} ",
        end="",
    )
    print(f"(target {QUIETER:.0f}); VaR {tail.var:,.0f} in [{tail.var_low:,.0f}, {tail.var_high:,.0f}]")
    return [Row(f"a scenario of a portfolio, {size:,} parties and {claims:,} claims", each, "scipy loop", hand)]


def bank(clients: int = 2_000) -> None:
    """Time the second stage `full` on a demo bank: without supplies, with prices, with supplies."""
    parts = list(bank_parts(clients=clients, seed=1))
    graph = build_graph({name: pa.concat_tables([part[name] for part in parts]) for name in CATALOG}, as_of=AS_OF)
    contracts = ("exposures", "guarantees", "ownership", "collateral")
    for name, params in {
        "contracts": Params(layers=contracts),
        "contracts and prices": Params(layers=contracts, impact_beta=1.0),
        "all, supply first": Params(schedule="staged"),
        "all layers": Params(),
    }.items():
        given = obligors_of(graph, params)
        model, stage = factor_model(given.pd, given.loadings), stages_of(given, params, [])[1]
        simulate(plan(model, given.loss, scenarios=2, seed=2, stage=stage, shift_level=None))
        count, cpu = 16, 0.0
        while cpu < 2.0 and count < 20_000:
            count *= 2
            planned = plan(model, given.loss, scenarios=count, seed=1, stage=stage, shift_level=None)
            clock = time.process_time()
            simulate(planned, workers=2)
            cpu = time.process_time() - clock
        print(f"{clients:,} clients, {name}: {cpu / count * 1e3:.2f} ms of CPU, ", end="")
        print(f"{2 * count / cpu:,.0f}/s on two free cores")


if __name__ == "__main__":
    if sys.argv[1:2] == ["bank"]:
        bank(*(int(given) for given in sys.argv[2:]))
    else:
        main(*(int(given) for given in sys.argv[1:]))
