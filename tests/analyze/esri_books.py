"""The published ESRI networks as books of a bank: parties and deliveries, no accounts.

A book says of each delivery whether it is essential, and of each firm its industry, which is both its market and the
kind of input it makes. What the published networks say beyond that is said by helpers:

- *Class 0*, an input that does not matter: the buyer's twin buys it. The twin sells next to nothing to the buyer's own
  customers, so that it loses its orders with the buyer, in the same round. A source that never stops sells the buyer
  as much, so that what it buys in all stays what it was, and the twin so much more that it wants for nothing.
- *No markets* (nosub): nobody has an industry. An essential input that several firms make is then bought by an agent
  of the buyer's, who needs each of them by its share. An agent passes on one round later, so that such a network meets
  the published one where it ends, not round by round.
"""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.analyze import contagion
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.workspace import Workspace
from tests.published.read import column, published_rows

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
NEXT_TO_NOTHING = 1e-18


@dataclass(frozen=True, kw_only=True)
class Network:
    """Deliveries `supplier` -> `buyer` worth `amount`; `classes` (industry of input, industry of buyer) in 0, 1, 2."""

    supplier: Ints
    buyer: Ints
    amount: Floats
    industry: Ints
    classes: Ints
    markets: bool

    @property
    def weights(self) -> Floats:
        """What each firm sells, over what all sell."""
        sales = np.bincount(self.supplier, self.amount, len(self.industry))
        return np.asarray(sales / sales.sum())

    @property
    def delayed(self) -> bool:
        """Whether the book needs agents, and meets the network only where it ends."""
        return any(name.startswith("agent") for name in parties_and_deliveries(self)[0])


def published_network(net: str, kind: str, *, markets: bool) -> Network:
    """Return a network of `esri_manifest.json`."""
    nodes, edges = published_rows(f"esri_{net}_nodes.csv"), published_rows(f"esri_{net}_edges.csv")
    names = sorted({row["industry"] for row in nodes}, key=lambda text: (len(text), text))
    table = np.full((len(names), len(names)), 2 if kind == "leo" else 1)
    if net in ("ex11", "fsri15"):
        rows = published_rows("esri_fsri15_E.csv" if net == "fsri15" else f"esri_ex11_E_{kind}.csv")
        table = np.array([[int(row[name]) for name in names] for row in rows])
    elif kind == "e24":
        table[1, 3] = 2
    return Network(
        supplier=column(edges, "supplier").astype(np.int64) - 1,
        buyer=column(edges, "buyer").astype(np.int64) - 1,
        amount=column(edges, "amount"),
        industry=np.array([names.index(row["industry"]) for row in nodes]),
        classes=table,
        markets=markets,
    )


def firm(number: int) -> str:
    return f"firm {number + 1:04d}"


def twin(number: int) -> str:
    return f"twin {number + 1:04d}"


def parties_and_deliveries(net: Network) -> tuple[dict[str, str], list[tuple[str, str, float, bool]]]:
    """Return the industry of each party ("" for none), and supplier, buyer, amount, essential of each delivery."""
    parties = {firm(i): f"I{k:03d}" if net.markets else "" for i, k in enumerate(net.industry.tolist())}
    rows: list[tuple[str, str, float, bool]] = []
    links = list(zip(net.supplier.tolist(), net.buyer.tolist(), net.amount.tolist(), strict=True))
    customers: dict[int, list[tuple[int, float]]] = {}
    makers: dict[tuple[int, int], set[int]] = {}
    for i, j, amount in links:
        customers.setdefault(i, []).append((j, amount))
        makers.setdefault((j, int(net.industry[i])), set()).add(i)
    of_agents: dict[tuple[int, int], float] = {}
    for i, j, amount in links:
        kind = int(net.classes[net.industry[i], net.industry[j]])
        needed = (j, int(net.industry[i]))
        if kind == 0:
            if twin(j) not in parties:
                parties[twin(j)] = ""
                rows.append(("source", twin(j), net.amount.sum() / NEXT_TO_NOTHING, False))
                rows += [(twin(j), firm(k), worth * NEXT_TO_NOTHING, False) for k, worth in customers.get(j, [])]
            parties["source"] = ""
            rows += [(firm(i), twin(j), amount, False), ("source", firm(j), amount, False)]
        elif kind == 2 and not net.markets and len(makers[needed]) > 1:
            parties[f"agent {needed}"] = ""
            of_agents[needed] = of_agents.get(needed, 0.0) + amount
            rows.append((firm(i), f"agent {needed}", amount, False))
        else:
            rows.append((firm(i), firm(j), amount, kind == 2))
    rows += [(f"agent {needed}", firm(needed[0]), amount, True) for needed, amount in of_agents.items()]
    return parties, rows


def load_book(net: Network, folder: Path) -> RiskGraph:
    """Return the client graph of the network, written as CSV and loaded by the loader of the banks."""
    parties, rows = parties_and_deliveries(net)
    source = folder / "in"
    source.mkdir(parents=True)
    _write(source / "parties.csv", ("party_id", "name", "kind", "industry"),
           [(name, name, "company", industry) for name, industry in parties.items()])  # fmt: skip
    _write(source / "supplies.csv", ("supplier_id", "buyer_id", "amount", "currency", "essential"),
           [(i, j, amount, "CNY", str(flag).lower()) for i, j, amount, flag in rows])  # fmt: skip
    with closing(Workspace(folder)) as workspace:
        workspace.load("bank_csv", source, as_of="2026-09-30", strict=True)
        return workspace.graph()


def _write(path: Path, header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def production_lost(graph: RiskGraph, stopped: int, count: int, **params: Any) -> Floats:
    """Return the part of its production that each of `count` firms loses when firm `stopped` stops."""
    names = [name for name in (firm(stopped), twin(stopped)) if name in set(graph.party_ids.tolist())]
    given = {"supply_default": "none", "layers": "supplies", "all_rows": True, **params}
    settings = parse_params(contagion.Params, given, where="contagion")
    result = contagion.run(graph, settings, inputs=Inputs(shocks=dict.fromkeys(names, 1.0)), progress=silent)
    lost = result.parties.set_index("party_id")["production_lost"]
    return np.array([lost[firm(i)] for i in range(count)], dtype=np.float64)
