"""Centrality: who stands in the middle of each layer."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result

_LAYERS = {"combined": "all layers together"}


def answer(result: Result, reader: Reader) -> Answer:
    """Return the most central party of each layer, then the first of each by PageRank."""
    frame = result.scores
    ranked = frame.sort_values(["pagerank", "party_id"], ascending=[False, True], kind="stable", na_position="last")
    sentences = []
    layers = ranked.groupby("layer", sort=False)
    for layer, rows in sorted(layers, key=lambda one: one[0] != "combined"):
        top = rows.iloc[0]
        if top["pagerank"] == top["pagerank"]:
            links = int(top["in_degree"]) + int(top["out_degree"])
            sentences.append(
                reader.pick(
                    f"In the middle of {_LAYERS.get(str(layer), value_word(str(layer), 'en'))} stands {reader.party(top['party_id'])}, "
                    f"with {reader.count(links, 'link')}.",
                    f"{value_word(str(layer), 'zh')}层的中心是{reader.party(top['party_id'])}，共 {links:,} 条关系。",
                )
            )
    first = ranked.groupby("layer", sort=False).head(5)
    table = show(
        result,
        reader,
        "centrality_scores",
        title=reader.pick("The five most central of each layer, by PageRank", "各层最中心的五个主体（按 PageRank）"),
        frame=first,
        first=("layer", "party_id", "pagerank", "in_degree", "out_degree"),
        then=("betweenness", "core", "in_strength", "out_strength"),
    )
    return Answer(sentences=tuple(sentences), tables=(table,))
