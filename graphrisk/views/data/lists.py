"""The lists beside the picture: who the biggest risks are, and what is wrong with the data, before anybody clicks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.answers.column_words import table_word
from graphrisk.answers.words_of_findings import finding_in_chinese
from graphrisk.model.result import Result, plain
from graphrisk.views.data.page_graph import Links, PageGraph
from graphrisk.views.data.panels import panel
from graphrisk.views.wording.masking import Mask

ROWS = 15
"""Rows shown in a list; what is left out is said below it."""


class ScoreLists:
    """Turns score tables into lists of the page; cells that name a party carry its key, so that a click finds it."""

    def __init__(self, page_graph: PageGraph, results: Mapping[str, Result], mask: Mask, lang: str = "en") -> None:
        self.page_graph = page_graph
        self.results = results
        self.mask = mask
        self.lang = lang

    def frame(self, analyzer: str, table: str) -> Any:
        """Return a score table, or None where the analyzer was not run or has no rows."""
        result = self.results.get(analyzer)
        frame = None if result is None else result.tables.get(table)
        return frame if frame is not None and len(frame) else None

    def party(self, party_id: Any) -> dict[str, Any] | None:
        """Return the cell of one party: its node number in the book, which the page translates."""
        at = int(self.page_graph.graph.locate("parties", [str(party_id)])[0])
        return {"node": at} if at >= 0 else None

    def importance(self) -> dict[str, Any] | None:
        """Who causes the largest loss by failing alone."""
        frame = self.frame("contagion", "contagion_importance")
        if frame is None:
            return None
        frame = frame[frame["loss_caused"] > 0]
        top = frame.head(ROWS)
        rows = [
            [self.party(row.party_id), plain(row.loss_caused), plain(row.bank_loss_caused), plain(row.defaults_caused)]
            for row in top.itertuples()
        ]
        exact = bool(top["exact"].all()) if "exact" in top else True
        columns = [("party", "party"), ("loss_caused", "money"), ("bank_loss", "money"), ("defaults", "count")]
        return panel("importance", columns, rows, len(frame), "importance_note" if exact else "importance_bounds_note")

    def overstretched(self) -> dict[str, Any] | None:
        """Guarantors without net assets, beyond them, or of unknown ones, in the order of `chains_parties`."""
        chosen = self.stretched()
        if chosen is None:
            return None
        unknown = chosen["over_guarantee"] == "unknown"
        shown = (chosen[~unknown].head(ROWS), chosen[unknown].head(ROWS))  # the unknown are never crowded out
        rows = [
            [
                self.party(row.party_id),
                {"word": f"over_guarantee.{row.over_guarantee}"},
                plain(row.guaranteed_out),
                plain(row.net_assets),
                plain(row.over_guarantee_ratio),
            ]
            for part in shown
            for row in part.itertuples()
        ]
        columns = [("party", "party"), ("over_guarantee", "text"), ("guaranteed_out", "money")]
        columns += [("net_assets", "money"), ("ratio", "ratio")]
        return panel("overstretched", columns, rows, len(chosen), "overstretched_note")

    def stretched(self) -> Any:
        """Return the rows of guarantors whose net assets do not cover, or may not cover, what they gave."""
        frame = self.frame("chains", "chains_parties")
        return None if frame is None else frame[(frame["guaranteed_out"] > 0) & (frame["over_guarantee"] != "ok")]

    def circles(self) -> dict[str, Any] | None:
        """Circles of guarantees, the largest sum first."""
        frame = self.frame("chains", "chains_circles")
        if frame is None:
            return None
        ordered = frame.sort_values(["total_amount", "circle_id"], ascending=[False, True], kind="stable")
        rows = []
        for row in ordered.head(ROWS).itertuples():
            members = [self.party(p) for p in as_list(row.parties)]
            rows.append([{"nodes": [m["node"] for m in members if m]}, plain(row.length), plain(row.total_amount)])
        columns = [("members", "nodes"), ("length", "count"), ("total_amount", "money")]
        return panel("circles", columns, rows, len(frame), "circles_note")

    def defaulted(self) -> dict[str, Any] | None:
        """Parties in default or on watch, the largest exposure first."""
        status = self.page_graph.graph.texts("parties", "status")
        marked = np.array([value in ("defaulted", "watch") for value in status], dtype=bool)
        at = np.flatnonzero(marked)
        if not len(at):
            return None
        standing = np.array([status[k] != "defaulted" for k in at])
        order = at[np.lexsort((at, -self.page_graph.exposure[at], standing))]
        rows = [
            [{"node": int(k)}, {"word": f"status.{status[k]}"}, _number(self.page_graph.exposure[k])]
            for k in order[:ROWS]
        ]
        columns = [("party", "party"), ("status", "status"), ("exposure", "money")]
        return panel("defaulted", columns, rows, len(order))

    def quality(self, known: Mapping[str, str]) -> dict[str, Any] | None:
        """What the analyzer `quality` warns of, most severe first."""
        frame = self.frame("quality", "quality_findings")
        if frame is None:
            return None
        rows = []
        for row in frame.head(40).itertuples():
            found = str(row.finding)
            if self.lang == "zh":
                found = finding_in_chinese(row.check, table_word(row.table, "zh"), int(row.rows), found)
            text = self.mask.notes([found], known)[0]
            rows.append([{"word": f"severity.{row.severity}"}, text, plain(row.rows), plain(row.exposure_share)])
        columns = [("severity", "severity"), ("finding", "text"), ("rows", "count"), ("of_exposure", "percent")]
        return panel("quality", columns, rows, len(frame), "quality_note")

    def all(self, known: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the lists that hold something, in the order in which they are read."""
        panels = (self.importance(), self.overstretched(), self.circles(), self.defaulted(), self.quality(known))
        return [panel for panel in panels if panel is not None]


def as_list(value: Any) -> list[str]:
    """Return a list column's value, however the store kept it."""
    if isinstance(value, str):
        value = json.loads(value)
    return [str(item) for item in value]


def largest_contracts(links: Links) -> dict[str, Any] | None:
    """The largest of the guarantees given."""
    mine = np.flatnonzero(~np.isnan(links.amount))
    if not len(mine):
        return None
    order = mine[np.lexsort((links.target[mine], links.source[mine], -links.amount[mine]))]
    rows = [
        [{"node": int(links.source[k])}, {"node": int(links.target[k])}, float(links.amount[k])] for k in order[:ROWS]
    ]
    columns = [("guarantor", "party"), ("debtor", "party"), ("amount", "money")]
    return panel("largest_guarantees", columns, rows, len(order))


def indicators(page_graph: PageGraph, lists: ScoreLists) -> list[dict[str, Any]]:
    """Return the figures at the top of the overview: word, value, how it is written, whether it is a warning."""
    graph = page_graph.graph
    clients = int(graph.flags("parties", "is_client").sum())
    given = page_graph.guarantees().amount
    out: list[dict[str, Any]] = [
        {
            "word": "parties",
            "value": graph.size,
            "kind": "count",
            "sub": {"word": "of_which_clients", "value": clients},
        },
        {
            "word": "exposure",
            "value": float(page_graph.exposure.sum()),
            "kind": "money",
            "sub": {"word": "facilities", "value": graph.rows("facilities")},
        },
        {
            "word": "guarantees",
            "value": float(np.nansum(given)),
            "kind": "money",
            "sub": {"word": "contracts", "value": len(given)},
        },
    ]
    if "chains" in lists.results:
        panel, joined = lists.circles(), lists.frame("chains", "chains_components")
        circles = 0 if joined is None else len(joined)
        rings = {"word": "rings", "value": panel["total"] if panel else 0}
        out.append({"word": "circles", "value": circles, "kind": "count", "warn": circles > 0, "sub": rings})
        out.append(_stretched_figure(lists.stretched()))
    status = graph.texts("parties", "status")
    failed = np.flatnonzero(np.array([value == "defaulted" for value in status], dtype=bool))
    if any(value is not None for value in status):
        out.append(
            {
                "word": "in_default",
                "value": len(failed),
                "kind": "count",
                "warn": len(failed) > 0,
                "sub": {"word": "exposure_of", "value": float(page_graph.exposure[failed].sum()), "kind": "money"},
            }
        )
    frame = lists.frame("quality", "quality_findings")
    if "quality" in lists.results:
        high = 0 if frame is None else int((frame["severity"] == "high").sum())
        many = 0 if frame is None else len(frame)
        sub = {"word": "of_high_severity", "value": high}
        out.append({"word": "data_warnings", "value": many, "kind": "count", "warn": high > 0, "sub": sub})
    return out


def _stretched_figure(stretched: Any) -> dict[str, Any]:
    """Return how many guarantors gave more than their net assets, and what those of unknown net assets gave."""
    unknown = None if stretched is None else stretched["over_guarantee"] == "unknown"
    count = 0 if unknown is None else int((~unknown).sum())
    figure: dict[str, Any] = {"word": "overstretched_short", "value": count, "kind": "count", "warn": count > 0}
    if unknown is not None and unknown.any():
        caps = float(stretched.loc[unknown, "guaranteed_out"].sum())
        figure["sub"] = {"word": "of_unknown_net_assets", "value": caps, "kind": "money"}
    return figure


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
