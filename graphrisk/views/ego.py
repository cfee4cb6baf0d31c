"""One party and what it hangs on: its neighbours in rings, amounts on the lines, bundles of like leaves folded.

Eight or more leaves of one kind behind one set of relations of one party are drawn as one bundle, which opens on a
click. Where more is left than a reader can take in, more is folded, the farthest first (`arrangement.folding`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.arrangement.folding import fold
from graphrisk.views.arrangement.radial import fold_places, radial, spanning_tree
from graphrisk.views.base import Options
from graphrisk.views.data.neighbours import Neighbours, bundle
from graphrisk.views.desk import Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "One party and what it hangs on, step by step"
ARG = "required"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("quality", "centrality", "chains", "contagion")

NODES = 2_000
"""Most nodes of a page: the nearest first, of each relation in turn those with the largest amounts."""
SEEN = 45
"""Most nodes and bundles that are drawn when the page opens."""


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture of party `arg`. Raises UsageError where it is unknown."""
    if not arg:
        raise UsageError("this view needs the id of a party", hint="graphrisk view ego PARTY -o ego.html")
    desk = open_desk(graph, results, options)
    root = graph.position(arg)
    near = Neighbours(desk.page_graph, desk.page_graph.links)
    tree, more = spanning_tree(root, near.of, options.depth, NODES)
    folds = fold(tree, near.likeness, near.others, near.rank, SEEN)
    at = radial(tree)
    boxes, places = [], dict(at)
    for stand_in, (parent, members) in folds.items():
        x, y = at[stand_in]
        spread = fold_places(x, y, len(members), 62.0)
        places.update({node: (float(p[0]), float(p[1])) for node, p in zip(members, spread, strict=True)})
        boxes.append(bundle(desk, near, parent, members, x, y))
    nodes = np.array(sorted(places), dtype=np.int64)
    left_out = [say(desk.lang, "left_out_neighbours", nodes=f"{more:,}", limit=f"{NODES:,}")] if more else []
    drawing = Drawing(
        view="ego",
        title=say(desk.lang, "title.ego", name=desk.name(root)),
        nodes=nodes,
        places=np.array([places[n] for n in nodes.tolist()]),
        links=near.among(nodes),
        boxes=boxes,
        bundles=(),
        focus=root,
        amounts=True,
        banner=left_out,
        left_out=[*left_out, say(desk.lang, "ego_depth", depth=options.depth)],
    )
    return make_picture(desk, drawing)
