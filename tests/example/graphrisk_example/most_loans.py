"""A page that draws the parties with the most loans."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.base import Options
from graphrisk.views.desk import Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture

TITLE = "The parties with the most loans"
ARG = "none"
NEEDS = ("loan_count",)


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture."""
    desk = open_desk(graph, results, options)
    ids = results["loan_count"].tables["loan_count_parties"]["party_id"].head(20).tolist()
    nodes = np.sort(graph.locate("parties", ids))
    links = desk.page_graph.links
    inside = np.isin(links.source, nodes) & np.isin(links.target, nodes)
    places = np.stack([np.arange(len(nodes)) * 80.0, np.zeros(len(nodes))], axis=1)
    drawing = Drawing(
        view="most_loans",
        title=TITLE,
        nodes=nodes,
        places=places,
        links=links.only(inside),
        empty="" if len(nodes) else "Nobody has a loan.",
    )
    return make_picture(desk, drawing)
