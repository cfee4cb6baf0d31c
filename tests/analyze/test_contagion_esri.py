"""Each published ESRI network, loaded as a book without accounts and run by contagion, loses what was published.

Published scores are iterates: all firms adjust together until none falls by more than eps. With supply_default=none,
schedule=staged and tolerance=eps the analyzer makes the same rounds, so that it meets them to rounding (19 score sets,
16 scores of 1,232 firms, the losses firm by firm of three networks), with these exceptions:

- fsri15 needs agents (see esri_books), which are a round late: it is met where both end (eps 1e-12).
- sf101 and er101 with essential inputs and without markets (e24 and leo, nosub) were stopped at eps 1e-2 and need
  agents too: a book cannot say them round by round. Where they end is compared with the bracket of
  `tests.published.models.esri.settle`, whose rounds meet the published ones, and lies not below them.
- mixed6 publishes downstream health alone; a book shows the larger of both losses.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.analyze.esri_books import Network, load_book, production_lost, published_network
from tests.published.models import esri
from tests.published.models.esri_network import SupplyNetwork, supply_network
from tests.published.read import column, published, published_rows

ENDED = [("ex11", kind, sub) for kind in ("lin", "leo", "mix") for sub in ("sub", "nosub")]
STOPPED = [
    *[(net, kind, "sub", "0.01") for net in ("sf101", "er101") for kind in ("lin", "e24", "leo")],
    *[(net, "lin", "nosub", eps) for net in ("sf101", "er101") for eps in ("0.01", "1e-04")],
]
LATE = [(net, kind) for net in ("sf101", "er101") for kind in ("e24", "leo")]
FIRMS = (*range(0, 101, 7), 1, 29, 61)
"""Of the networks of 101 firms: enough to see any slip, and the rest was compared once."""


def _kernel(net: Network) -> SupplyNetwork:
    market = net.industry if net.markets else None
    return supply_network(net.supplier, net.buyer, net.amount, net.industry, net.classes, market=market)


@pytest.mark.parametrize(("net", "kind", "sub"), ENDED)
def test_eleven_firms_lose_what_was_published(net: str, kind: str, sub: str, tmp_path: Path) -> None:
    network = published_network(net, kind, markets=sub == "sub")
    graph = load_book(network, tmp_path / "book")
    told = column(published_rows(f"esri_{net}_{kind}_{sub}_scores.csv"), "esri")
    for stopped, expected in enumerate(told.tolist()):
        lost = production_lost(graph, stopped, 11, tolerance=1e-12)
        assert expected == pytest.approx(float(network.weights @ lost), abs=1e-12)
        assert lost[stopped] == 1.0


@pytest.mark.parametrize(("net", "kind", "sub", "eps"), STOPPED)
def test_a_hundred_firms_lose_what_was_published_in_as_many_rounds(
    net: str, kind: str, sub: str, eps: str, tmp_path: Path
) -> None:
    network = published_network(net, kind, markets=sub == "sub")
    assert not network.delayed
    graph = load_book(network, tmp_path / "book")
    told = column(published_rows(f"esri_{net}_{kind}_{sub}_{eps}_scores.csv"), "esri")
    for stopped in FIRMS:
        lost = production_lost(graph, stopped, 101, schedule="staged", tolerance=float(eps))
        assert told[stopped] == pytest.approx(float(network.weights @ lost), abs=1e-12)


@pytest.mark.parametrize(("net", "kind"), LATE)
def test_what_agents_say_a_round_late_ends_where_the_network_ends(net: str, kind: str, tmp_path: Path) -> None:
    network = published_network(net, kind, markets=False)
    assert network.delayed
    graph, kernel = load_book(network, tmp_path / "book"), _kernel(network)
    told = column(published_rows(f"esri_{net}_{kind}_nosub_0.01_scores.csv"), "esri")
    for stopped in (0, 49, 100):
        alone = np.where(np.arange(101) == stopped, 0.0, 1.0)
        assert told[stopped] == pytest.approx(esri.cascade(kernel, alone, eps=1e-2).score, abs=1e-12)
        ended = esri.settle(kernel, alone, tolerance=1e-9)
        ours = float(network.weights @ production_lost(graph, stopped, 101, tolerance=1e-9))
        assert told[stopped] <= ours + 1e-9
        assert ended.lower - 1e-5 <= ours <= ended.upper + 1e-9


def test_fifteen_firms_lose_firm_by_firm_what_was_published(tmp_path: Path) -> None:
    network = published_network("fsri15", "gl", markets=False)
    graph = load_book(network, tmp_path / "book")
    told = np.array([[float(v) for v in row.values()] for row in published_rows("esri_fsri15_H.csv")])
    scores = column(published_rows("esri_fsri15_gl_nosub_scores.csv"), "esri")
    for stopped in range(15):
        lost = production_lost(graph, stopped, 15, tolerance=1e-13)
        np.testing.assert_allclose(lost, told[:, stopped], rtol=0, atol=1e-11)
        assert scores[stopped] == pytest.approx(float(network.weights @ lost), abs=1e-11)


def test_figure_1_of_diem_2024_firm_by_firm(tmp_path: Path) -> None:
    """All inputs count together and nobody has a market: the published losses of both directions."""
    network = published_network("mis11", "lin", markets=False)
    lost = production_lost(load_book(network, tmp_path / "book"), 2, 11, tolerance=1e-12)
    told = published_rows("esri_mis11_h.csv")
    np.testing.assert_allclose(lost, np.maximum(column(told, "hd"), column(told, "hu")), rtol=0, atol=1e-12)
    sales, inputs = (np.bincount(side, network.amount, 11) for side in (network.supplier, network.buyer))
    weights = np.maximum(sales, inputs) / np.maximum(sales, inputs).sum()
    (row,) = published_rows("esri_mis11_lin_shock3_scores.csv")
    assert float(row["esri"]) == pytest.approx(float(weights @ lost), abs=1e-12)


def test_the_mixed_case_of_the_julia_package(tmp_path: Path) -> None:
    case = published("esri_mixed6_cpp.json")
    supply = np.array(case["W"], dtype=float)
    giver, taker = np.nonzero(supply)
    network = Network(
        supplier=giver, buyer=taker, amount=supply[giver, taker], industry=np.array(case["industry"]) - 1,
        classes=np.array(case["classification"]), markets=True,
    )  # fmt: skip
    closed = case["closed_firm"] - 1
    lost = production_lost(load_book(network, tmp_path / "book"), closed, 6, tolerance=case["tol"])
    told = 1.0 - np.array(case["expected"]["downstream_health"])
    orders = 1.0 - esri.cascade(_kernel(network), np.where(np.arange(6) == closed, 0.0, 1.0), eps=case["tol"]).upstream
    np.testing.assert_allclose(lost, np.maximum(told, orders), rtol=0, atol=1e-12)
    assert (told >= orders).sum() >= 2  # those whose published loss is the one that shows


def test_1232_firms_with_the_ihs_matrix_of_essential_inputs(tmp_path: Path) -> None:
    case = published("esri_ihs1232.json")
    table = np.array([[int(float(v)) for v in list(row.values())[1:]]
                      for row in published_rows(case["classification_file"])])  # fmt: skip
    n = 1232
    supplier = np.repeat(np.arange(1, n + 1), 8)
    buyer = (supplier + np.tile([1, 37, 91, 173, 311, 509, 701, 997], n) - 1) % n + 1
    network = Network(
        supplier=supplier - 1, buyer=buyer - 1, amount=(1.0 + (13 * supplier + 7 * buyer) % 17).astype(np.float64),
        industry=(np.arange(1, n + 1) + 1) // 2 - 1, classes=table, markets=True,
    )  # fmt: skip
    graph = load_book(network, tmp_path / "book")
    told = published_rows("esri_ihs1232_scores.csv")
    for row in told[::3]:
        lost = production_lost(graph, int(row["firm"]) - 1, n, schedule="staged", tolerance=case["eps"])
        assert float(row["esri_1e2"]) == pytest.approx(float(network.weights @ lost), abs=1e-12)
