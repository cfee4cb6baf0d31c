"""How large the bank's loss of a year can be: its curve, with and without contagion, and who adds to the tail.

The curve shows for each loss the probability that it is exceeded, on a logarithmic scale, so that the rare losses that
capital is held for can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result, plain
from graphrisk.views.base import Options
from graphrisk.views.data.lists import ROWS
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "How large the bank's loss of a year can be, with and without contagion"
ARG = "none"
NEEDS: tuple[str, ...] = ("portfolio",)

CURVES = ("before_guarantors", "without_contagion", "with_contagion")


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:  # noqa: ARG001
    """Return the picture."""
    desk = open_desk(graph, results, options)
    run = results.get("portfolio")
    curve = None if run is None else run.tables.get("portfolio_distribution")
    empty = curve is None or not len(curve) or not float(curve["with_contagion"].max()) > 0
    parties = np.zeros(0, dtype=np.int64)
    if run is not None:
        given = run.tables["portfolio_contributions"]["party_id"].head(300).tolist()
        parties = np.sort(graph.locate("parties", given))
    links = desk.page_graph.links
    inside = np.isin(links.source, parties) & np.isin(links.target, parties)
    drawing = Drawing(
        view="distribution",
        title=say(desk.lang, "title.distribution"),
        nodes=parties,
        places=np.zeros((len(parties), 2)),
        links=links.only(inside),
        panels=[] if run is None else _panels(desk, run),
        figures=[] if run is None else _figures(run),
        empty=say(desk.lang, "no_distribution") if empty else "",
        extra={"chart": {"kind": "curve", "nodes": [], "flows": [], **({} if run is None or empty else _chart(run))}},
    )
    return make_picture(desk, drawing)


def _chart(run: Result) -> dict[str, Any]:
    frame = run.tables["portfolio_distribution"]
    beyond = 1.0 - frame["probability"].astype("float64").to_numpy()
    names = [name for name in CURVES if name in frame]
    curves = [{"key": name, "loss": [plain(float(v)) for v in frame[name].astype("float64")]} for name in names]
    return {"beyond": [float(f"{b:.10g}") for b in beyond], "curves": curves, "marks": _marks(run)}


def _marks(run: Result) -> list[dict[str, Any]]:
    """Return VaR with contagion at each level, as points to be marked."""
    rows = run.tables["portfolio_summary"]
    rows = rows[(rows["measure"] == "VaR") & rows["with_contagion"].notna()]
    return [
        {"text": f"VaR {_level(level)}", "loss": loss, "beyond": float(f"{1.0 - level:.10g}")}
        for level, loss in zip(rows["level"].astype("float64"), rows["with_contagion"].astype("float64"), strict=True)
    ]


def _level(level: float) -> str:
    return f"{100 * level:.6g} %"


def _figures(run: Result) -> list[dict[str, Any]]:
    rows = run.tables["portfolio_summary"]
    out = []
    for row in rows[rows["measure"].isin(["EL", "VaR", "ES"])].itertuples():
        level = plain(row.level)
        out.append(
            {
                "word": f"risk_{row.measure}",
                "at": "" if level is None else _level(float(level)),
                "value": plain(row.with_contagion),
                "kind": "money",
                "warn": row.measure == "ES",
                "sub": {"word": "without_contagion", "value": plain(row.without_contagion), "kind": "money"},
            }
        )
    return out[:7]


def _panels(desk: Desk, run: Result) -> list[dict[str, Any]]:
    """Return who adds to the tail: borrowers, then industries, regions and guarantee networks."""
    graph, out = desk.page_graph.graph, []
    frame = run.tables["portfolio_contributions"]
    rows = [
        [
            {"node": int(graph.locate("parties", [str(row.party_id)])[0])},
            plain(row.ead),
            plain(row.es_contribution),
            plain(row.es_share),
        ]
        for row in frame.head(ROWS).itertuples()
    ]
    heads = [("party", "party"), ("exposure", "money"), ("adds_to_es", "money"), ("of_es", "percent")]
    out.append(_panel("contributions", heads, rows, len(frame)))
    groups = run.tables["portfolio_groups"]
    for dimension in groups["dimension"].unique().tolist():
        mine = groups[groups["dimension"] == dimension]
        rows = [
            [_group(desk, str(dimension), row.group), plain(row.ead), plain(row.es_share)]
            for row in mine.head(8).itertuples()
        ]
        heads = [("group", "text"), ("exposure", "money"), ("of_es", "percent")]
        out.append(_panel(f"es_{dimension}", heads, rows, len(mine), ""))
    return out


def _group(desk: Desk, dimension: str, value: Any) -> str:
    text = plain(value)
    if text is None:
        return "–"
    if dimension != "guarantee_network":
        return str(desk.industry(text) if dimension == "industry" else text)
    at = int(desk.page_graph.graph.locate("parties", [str(text)])[0])
    return desk.name(at) if at >= 0 else str(desk.mask.identifier(str(text)))


def _panel(
    key: str, heads: list[tuple[str, str]], rows: list[Any], total: int, note: str | None = None
) -> dict[str, Any]:
    return panel(key, heads, rows, total, f"{key}_note" if note is None else note)
