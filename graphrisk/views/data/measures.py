"""What is known of each party, as numbers with their place in the whole book: for the side panel, fills and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from graphrisk.graph.riskgraph import Floats
from graphrisk.model.result import Result
from graphrisk.views.data.page_graph import PageGraph

Kind = Literal["money", "percent", "number", "count"]

_COUNTS = ("depth", "defaults_caused", "rank", "in_degree", "out_degree", "degree", "core", "k_core", "community")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number per node of the book, NaN where not known; `source` names the table it comes from."""

    key: str
    kind: Kind
    source: str
    values: Floats
    ranked: bool = True

    @property
    def known(self) -> int:
        """How many nodes have it."""
        return int((~np.isnan(self.values)).sum())

    def percentiles(self) -> Floats:
        """Return for each node the share of known values below its own, in [0, 1); NaN where not known."""
        given = ~np.isnan(self.values)
        out = np.full(len(self.values), np.nan)
        ordered = np.sort(self.values[given])
        if len(ordered) and self.ranked:
            out[given] = np.searchsorted(ordered, self.values[given], side="left") / len(ordered)
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """A measure that fills nodes: four ascending edges cut it into five steps; a group takes `group` of its members."""

    key: str
    kind: Kind
    edges: tuple[float, float, float, float]
    group: Literal["max", "weighted"]


def measures(page_graph: PageGraph, results: Mapping[str, Result]) -> list[Measure]:
    """Return every measure of the nodes: facts of the book first, then the scores of `results`."""
    asset = np.arange(page_graph.size) >= page_graph.parties
    exposure = np.where(asset | (page_graph.exposure == 0), np.nan, page_graph.exposure)
    equity = np.full(page_graph.size, np.nan)
    equity[: page_graph.parties] = page_graph.graph.equity
    value = np.full(page_graph.size, np.nan)
    value[page_graph.parties :] = page_graph.graph.floats("collateral", "value")
    found = [
        Measure(key="exposure", kind="money", source="facilities", values=exposure),
        Measure(key="equity", kind="money", source="financials", values=equity),
        Measure(key="value", kind="money", source="collateral", values=value),
        Measure(key="pd", kind="percent", source="ratings", values=page_graph.pd),
        Measure(key="days_past_due", kind="count", source="facilities", values=page_graph.days_past_due),
    ]
    tables = (
        ("chains", "chains_parties", ("guaranteed_in", "guaranteed_out", "over_guarantee_ratio", "depth")),
        ("contagion", "contagion_importance", ("rank", "loss_caused", "bank_loss_caused", "defaults_caused")),
    )
    for analyzer, table, columns in tables:
        if analyzer in results:
            frame = results[analyzer].tables.get(table)
            found += [
                _measure(page_graph, frame, column, table)
                for column in columns
                if frame is not None and column in frame
            ]
    found += _centrality(page_graph, results)
    return [measure for measure in found if measure.known]


def _measure(page_graph: PageGraph, frame: Any, column: str, source: str) -> Measure:
    values = np.full(page_graph.size, np.nan)
    at = page_graph.graph.locate("parties", frame["party_id"].tolist())
    given = frame[column].astype("float64").to_numpy()
    values[at[at >= 0]] = given[at >= 0]
    values[np.isinf(values)] = np.nan
    return Measure(
        key=column, kind=_kind(column), source=source, values=values, ranked=column not in ("rank", "community")
    )


def _kind(column: str) -> Kind:
    if column in _COUNTS:
        return "count"
    if column.startswith(("guaranteed_", "loss_", "bank_loss", "in_strength", "out_strength")):
        return "money"
    return "number"


def _centrality(page_graph: PageGraph, results: Mapping[str, Result]) -> list[Measure]:
    """Measures of the combined layer, or of the first layer where there is none."""
    frame = results["centrality"].tables.get("centrality_scores") if "centrality" in results else None
    if frame is None or not len(frame):
        return []
    layers = frame["layer"].unique().tolist()
    layer = "combined" if "combined" in layers else layers[0]
    mine = frame[frame["layer"] == layer]
    columns = [str(c) for c in mine.columns if c not in ("layer", "party_id") and mine[c].dtype.kind in "fiub"]
    return [_measure(page_graph, mine, column, f"centrality_scores, {layer}") for column in columns]


def lenses(found: list[Measure]) -> list[Lens]:
    """Return the measures that can fill nodes, the one to start with first."""
    by_key = {measure.key: measure for measure in found}
    out: list[Lens] = []
    if "pd" in by_key:
        out.append(Lens(key="pd", kind="percent", edges=(0.01, 0.03, 0.08, 0.20), group="weighted"))
    if "over_guarantee_ratio" in by_key:
        out.append(Lens(key="over_guarantee_ratio", kind="number", edges=(0.25, 0.5, 1.0, 2.0), group="max"))
    for key in ("loss_caused", "exposure"):
        if key in by_key:
            values = by_key[key].values
            positive = values[values > 0]
            if len(positive) >= 5:
                cuts = np.quantile(positive, [0.5, 0.8, 0.95, 0.99], method="higher")
                out.append(Lens(key=key, kind="money", edges=tuple(float(c) for c in cuts), group="max"))  # type: ignore[arg-type]
    if "days_past_due" in by_key:
        out.append(Lens(key="days_past_due", kind="count", edges=(1.0, 30.0, 60.0, 90.0), group="max"))
    return out


def of_group(lens: Lens, values: Floats, exposure: Floats) -> float:
    """Return the lens value of a group from those of its members; NaN where none is known.

    `weighted`: mean over members with a known value, weighted by exposure (plain where none has any).
    """
    given = ~np.isnan(values)
    if not given.any():
        return float("nan")
    if lens.group == "max":
        return float(values[given].max())
    weight = exposure[given]
    total = float(weight.sum())
    return float((values[given] * weight).sum() / total) if total > 0 else float(values[given].mean())
