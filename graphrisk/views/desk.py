"""What a view works with: the book, the results, the measures, how names are written; and the drawing it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphrisk.answers.industries import industry_names
from graphrisk.graph.riskgraph import Positions
from graphrisk.model.result import Result
from graphrisk.views.arrangement.layout import Points
from graphrisk.views.base import Options
from graphrisk.views.data.lists import ScoreLists
from graphrisk.views.data.measures import Lens, Measure, lenses, measures
from graphrisk.views.data.page_graph import Links, PageGraph, read_page_graph
from graphrisk.views.wording.masking import Mask
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A group of the picture: a hexagon until it is opened.

    `members` are all its nodes, `inside` whether the page holds them; `fold` marks a bundle of leaves of one hub.
    `radius` is that of the disc in which they stand, `size` that of the hexagon where it is another.
    """

    name: str
    members: Positions
    x: float
    y: float
    radius: float
    size: float = 0.0
    inside: bool = True
    opened: bool = False
    fold: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What one view draws: nodes with places, boxes, links among the nodes, lists and figures beside it.

    `dashed`: rows of tables whose links are dashed, whatever their relation. `calm`: the banner warns of nothing.
    `view` is the name of the view, `extra` what only its page holds: the runs of `cascade`, the chart of `explain`.
    """

    view: str
    title: str
    nodes: Positions
    places: Points
    links: Links
    boxes: Sequence[Box] = ()
    bundles: Sequence[Mapping[str, Any]] = ()
    panels: Sequence[Mapping[str, Any]] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    focus: int | None = None
    amounts: bool = False
    hidden: Sequence[str] = ()
    left_out: Sequence[str] = ()
    banner: Sequence[str] = ()
    calm: bool = False
    empty: str = ""
    dashed: Mapping[str, frozenset[int]] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every view starts from: the book, the results, the measures, and how names are written."""

    page_graph: PageGraph
    results: Mapping[str, Result]
    options: Options
    mask: Mask
    measures: list[Measure]
    lenses: list[Lens]
    lists: ScoreLists
    industries: Mapping[str, str]

    @property
    def lang(self) -> str:
        """Language of the page."""
        return self.options.lang

    def industry(self, code: Any) -> str | None:
        """Return an industry's code with its name beside it, where one is known; else the text of the book."""
        return None if code is None else self.industries.get(str(code), str(code))

    def name(self, node: int) -> str:
        """Return what the page calls a node: its name, or its pseudonym."""
        word = say(self.lang, f"kind.{self.page_graph.kind(node)}")
        return str(self.mask.name(self.page_graph.identifier(node), self.page_graph.name(node), word))


def open_desk(graph: RiskGraph, results: Mapping[str, Result], options: Options) -> Desk:
    """Return the desk of one page."""
    page_graph, mask = read_page_graph(graph), Mask(options.mask)
    found = measures(page_graph, results)
    lists = ScoreLists(page_graph, results, mask, options.lang)
    industries = industry_names(page_graph.graph, options.lang)
    return Desk(page_graph, results, options, mask, found, lenses(found), lists, industries)
