"""A synthetic bank in memory, and what a credit officer would count in it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graphrisk.analyze.base import find_analyzer
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.world import bank_parts
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent

USD = 7.1


@cache
def tables(clients: int, seed: int) -> dict[str, pa.Table]:
    """Return the whole bank by table."""
    parts = list(bank_parts(clients=clients, seed=seed))
    return {name: pa.concat_tables([part[name] for part in parts]) for name in CATALOG}


@cache
def graph_of(clients: int, seed: int) -> RiskGraph:
    """Return the bank as a graph of its day."""
    return build_graph(tables(clients, seed), as_of=AS_OF)


def analyzed(name: str, clients: int, seed: int, **params: Any) -> Result:
    """Return what an analyzer finds at its defaults, but for `params`, with no shock."""
    analyzer = find_analyzer(name)
    settings = parse_params(analyzer.Params, params, where=name)
    return analyzer.run(graph_of(clients, seed), settings, inputs=Inputs(), progress=silent)


def frame(name: str, clients: int, seed: int) -> pd.DataFrame:
    """Return a table; amounts of loans and guarantees have their value in CNY beside them (`cny`)."""
    rows: pd.DataFrame = tables(clients, seed)[name].to_pandas()
    amount = {"facilities": "outstanding", "guarantees": "amount"}.get(name)
    if amount:
        rows["cny"] = rows[amount] * np.where(rows["currency"] == "USD", USD, 1.0)
    return rows


def own_loans(clients: int, seed: int) -> pd.DataFrame:
    """Return the loans of our own bank on which something is owed."""
    loans = frame("facilities", clients, seed)
    return loans[loans["lender_id"].isna() & (loans["outstanding"] > 0)]
