"""A contagion Result as a replay: rounds as columns, flows of loss, a sentence for each default, who bears what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.model.result import Result, plain, records
from graphrisk.views.bearing import bearers, fractions, rounds_table
from graphrisk.views.book import CODES, Links
from graphrisk.views.causes import read_causes, sentence, source_of
from graphrisk.views.layout import Points
from graphrisk.views.palette import RELATIONS
from graphrisk.views.words import say

if TYPE_CHECKING:
    from graphrisk.views.picture import Desk

_LAYERS = {"exposures": "LENDS_TO", "ownership": "OWNS", "supplies": "SUPPLIES"}
_TALL = 13
"""Most parties of a round one above the other."""
_WIDEST = 8
"""Most columns of rounds."""
_WIDE, _HIGH, _SIDE = 280.0, 128.0, 175.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What one run looks like. `round` is -1 for a party that stands; `flows` run from who fails to who loses."""

    result: Result
    nodes: Positions
    places: Points
    round: Positions
    why: list[str]
    flows: Links
    causing: npt.NDArray[np.bool_]
    columns: list[dict[str, Any]]
    seeds: list[int]
    rounds: int
    outcome: Mapping[str, Floats]
    totals: Mapping[str, float | None]
    before: Mapping[str, float]
    panels: list[dict[str, Any]]
    left_out: list[str]
    hidden_failures: int
    by_round: list[dict[str, Any]]
    bearers: list[dict[str, Any]]
    fractions: list[int]

    @property
    def relations(self) -> list[str]:
        """The relation of each flow."""
        names = tuple(RELATIONS)
        return [names[int(code)] for code in self.flows.code]


def read_replay(desk: Desk, result: Result, failed_most: int, hit_most: int) -> Replay:
    """Return the replay of a contagion result; nothing is drawn where nobody fails."""
    parties = result.tables["contagion_parties"].sort_values("party_id", kind="stable").reset_index(drop=True)
    facilities, calls = result.tables.get("contagion_facilities"), result.tables.get("contagion_calls")
    at = desk.book.graph.locate("parties", parties["party_id"].tolist())
    fell = np.where(parties["defaulted"].astype(bool), parties["default_round"].fillna(-1).astype("int64"), -1)
    lost = (parties["equity"] - parties["equity_after"]).astype("float64").fillna(0.0).to_numpy()
    lost = lost + parties["guarantee_unmet"].astype("float64").to_numpy() * parties["equity"].isna().to_numpy()
    rounds = int(fell.max()) if len(fell) else 0
    failed = np.flatnonzero(fell >= 0)
    failed = failed[np.lexsort((failed, -lost[failed], fell[failed]))]
    drawn_failed = failed[:failed_most]
    causes = read_causes(desk, calls)
    flows = _sorted(_flows(desk, result, at[drawn_failed], calls))
    reached = np.isin(at, flows.target)
    hit = np.flatnonzero((fell < 0) & (lost > 0) & reached)
    hit = hit[np.lexsort((hit, -lost[hit]))][:hit_most]
    chosen = np.concatenate([drawn_failed, hit]).astype(np.int64) if len(failed) else np.zeros(0, dtype=np.int64)
    nodes = at[chosen]
    number = dict(zip(nodes.tolist(), fell[chosen].tolist(), strict=True))
    flows = flows.only(_forward(flows, number))
    rows = [parties.iloc[k].to_dict() for k in chosen.tolist()]
    source = {
        int(at[k]): source_of(desk, str(r["party_id"]), plain(r["cause"]), causes)
        for k, r in zip(chosen, rows, strict=True)
    }
    places, columns = _columns(desk, nodes, fell[chosen], flows)
    return Replay(
        result=result,
        nodes=nodes,
        places=places,
        round=fell[chosen],
        why=[sentence(desk, row, causes) for row in rows],
        flows=flows,
        causing=_causing(flows, source),
        columns=columns,
        seeds=[int(at[k]) for k in failed if parties["cause"].iloc[k] == "shock"],
        rounds=rounds,
        outcome=_outcome(desk, parties, at, fell, lost),
        totals=_totals(parties, facilities, fell, rounds, known=_knows_facilities(result)),
        before=_before(result),
        panels=_panels(desk, calls, facilities),
        left_out=_left_out(desk, failed[failed_most:], int(((fell < 0) & (lost > 0)).sum()) - len(hit)),
        hidden_failures=len(failed) - len(drawn_failed),
        by_round=rounds_table(parties, facilities if _knows_facilities(result) else None, rounds),
        bearers=bearers(desk, facilities, calls),
        fractions=fractions(parties),
    )


def _flows(desk: Desk, result: Result, failed: Positions, calls: Any) -> Links:
    """Return the ways a loss takes from the failed: reversed claims, shares and calls, deliveries as they run."""
    links = desk.book.links
    layers = result.certificate.get("layers") or list(_LAYERS)
    kept = [name for layer, name in _LAYERS.items() if layer in layers or name == "LENDS_TO"]
    supply = links.code == CODES["SUPPLIES"]
    start = np.where(supply, links.source, links.target)
    goal = np.where(supply, links.target, links.source)
    code = np.isin(links.code, [CODES[name] for name in kept])
    plain_flows = np.flatnonzero(code & np.isin(start, failed) & (start != goal))
    chosen = links.only(plain_flows)
    parts = [_turned(chosen, start[plain_flows], goal[plain_flows], chosen.amount)]
    if calls is not None and len(calls):
        row_of = {str(name): k for k, name in enumerate(desk.book.graph.texts("guarantees", "guarantee_id"))}
        guarantees = np.flatnonzero(links.table == "guarantees")
        by_row = dict(zip(links.row[guarantees].tolist(), guarantees.tolist(), strict=True))
        called = calls[calls["called"] > 0]
        at = np.array([by_row[row_of[str(g)]] for g in called["guarantee_id"]], dtype=np.int64)
        chosen = links.only(at)
        parts.append(_turned(chosen, chosen.target, chosen.source, called["called"].astype("float64").to_numpy()))
    return _joined(parts)


def _turned(links: Links, start: Positions, goal: Positions, amount: Floats) -> Links:
    return Links(
        source=start,
        target=goal,
        code=links.code,
        amount=amount,
        table=links.table,
        row=links.row,
        count=np.ones(len(links), dtype=np.int64),
    )


def _joined(parts: Sequence[Links]) -> Links:
    names = ("source", "target", "code", "amount", "table", "row", "count")
    return Links(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _sorted(links: Links) -> Links:
    """Return the links in the order in which the page keeps them: relation, table, row."""
    return links.only(np.lexsort((links.row, links.table.astype(str), links.code)))


def _forward(flows: Links, number: Mapping[int, int]) -> npt.NDArray[np.bool_]:
    """Keep flows between drawn parties that reach one who still stood, and every call."""
    keep = np.zeros(len(flows), dtype=bool)
    for k, (a, b) in enumerate(zip(flows.source.tolist(), flows.target.tolist(), strict=True)):
        if a in number and b in number:
            later = number[b] < 0 or number[b] > number[a] >= 0
            keep[k] = later or flows.code[k] == CODES["GUARANTEES"]
    return keep


def _causing(flows: Links, source: Mapping[int, tuple[str, int]]) -> npt.NDArray[np.bool_]:
    """Mark the flows that are the stated cause of their target's default."""
    kinds = {"exposure": "LENDS_TO", "guarantee": "GUARANTEES", "ownership": "OWNS", "supplies": "SUPPLIES"}
    out = np.zeros(len(flows), dtype=bool)
    for k, (a, b, code) in enumerate(
        zip(flows.source.tolist(), flows.target.tolist(), flows.code.tolist(), strict=True)
    ):
        kind, origin = source.get(b, ("", -1))
        out[k] = origin == a and CODES.get(kinds.get(kind, "")) == code
    return out


def _spans(fell: Positions) -> list[tuple[int, int]]:
    """Return the rounds of each column: one a column, or runs of late rounds together where there are many."""
    numbers, counts = np.unique(fell[fell >= 0], return_counts=True)
    if len(numbers) <= _WIDEST:
        return [(int(n), int(n)) for n in numbers]
    enough = max(3, -(-int(counts[1:].sum()) // (_WIDEST - 1)))
    spans, begin, held = [(int(numbers[0]), int(numbers[0]))], 1, 0
    for k in range(1, len(numbers)):
        held += int(counts[k])
        if held >= enough or k == len(numbers) - 1:
            spans.append((int(numbers[begin]), int(numbers[k])))
            begin, held = k + 1, 0
    return spans


def _columns(desk: Desk, nodes: Positions, fell: Positions, flows: Links) -> tuple[Points, list[dict[str, Any]]]:
    """Return the places, a column a round or a run of rounds, and the heads; who is hit stands near who hit it."""
    places = np.zeros((len(nodes), 2))
    where = {int(node): k for k, node in enumerate(nodes.tolist())}
    before: dict[int, list[int]] = {}
    for a, b in zip(flows.source.tolist(), flows.target.tolist(), strict=True):
        before.setdefault(b, []).append(where[a])
    heads: list[dict[str, Any]] = []
    x = 0.0
    for first, last in [*_spans(fell), (-1, -1)]:
        mine = np.flatnonzero((fell >= first) & (fell <= last))
        if not len(mine):
            continue
        height = {
            k: float(np.mean([places[o, 1] for o in before.get(int(nodes[k]), []) if o != k] or [0.0]))
            for k in mine.tolist()
        }
        ordered = sorted(mine.tolist(), key=lambda k: (int(fell[k]), height[k], int(nodes[k])))
        across = -(-len(ordered) // _TALL)
        tall = -(-len(ordered) // across)
        for place, k in enumerate(ordered):
            column, row = divmod(place, tall)
            here = min(tall, len(ordered) - column * tall)
            shift = _HIGH / 2.0 if column % 2 else 0.0
            places[k] = (x + column * _SIDE, (row - (here - 1) / 2.0) * _HIGH + shift)
        heads.append(
            {
                "x": round(x + (across - 1) * _SIDE / 2.0),
                "y": round(float(places[mine, 1].min()) - 80.0),
                "text": _head(desk, first, last),
                "short": say(desk.lang, "column.hit_short")
                if first < 0
                else str(first)
                if first == last
                else f"{first}–{last}",
                "from": first,
                "to": last,
            }
        )
        x += (across - 1) * _SIDE + _WIDE
    level = min((int(head["y"]) for head in heads), default=0)
    return places, [{**head, "y": level} for head in heads]


def _head(desk: Desk, first: int, last: int) -> str:
    if first < 0:
        return say(desk.lang, "column.hit")
    return say(desk.lang, "column.round", round=first if first == last else f"{first}–{last}")


def _outcome(desk: Desk, parties: Any, at: Positions, fell: Positions, lost: Floats) -> dict[str, Floats]:
    out = {}
    for key in ("loss_fraction", "equity_after", "guarantee_paid", "guarantee_unmet"):
        out[key] = np.full(desk.book.size, np.nan)
        out[key][at] = parties[key].astype("float64").to_numpy()
    out["loss"] = np.full(desk.book.size, np.nan)
    out["loss"][at] = lost
    out["default_round"] = np.full(desk.book.size, np.nan)
    out["default_round"][at] = np.where(fell >= 0, fell, np.nan)
    return out


def _knows_facilities(result: Result) -> bool:
    """Return whether the rule of the run follows facilities and guarantees; where not, no loss of the bank is known."""
    compared = result.tables.get("contagion_comparison")
    if compared is None or not len(compared):
        return True
    return bool(compared.set_index("measure")["stressed"].notna()["shortfall"])


def _totals(parties: Any, facilities: Any, fell: Positions, rounds: int, *, known: bool) -> dict[str, float | None]:
    own = facilities[facilities["lender_id"].isna()] if facilities is not None else None
    equity, after = parties["equity"].astype("float64"), parties["equity_after"].astype("float64")
    return {
        "failed_parties": float((fell >= 0).sum()),
        "rounds_word": float(rounds),
        "shortfall": _sum(facilities, "shortfall", known),
        "guarantors_paid": _sum(facilities, "guarantor_paid", known),
        "bank_loss_all": _sum(own, "bank_loss", known),
        "equity_lost": float((equity.clip(lower=0.0) - after.clip(lower=0.0)).sum()),
    }


def _sum(frame: Any, column: str, known: bool) -> float | None:
    return None if not known else 0.0 if frame is None else float(frame[column].sum())


def _before(result: Result) -> dict[str, float]:
    """Return the figures of the same book without the shock, where the run was compared with it."""
    names = {
        "defaults": "failed_parties",
        "shortfall": "shortfall",
        "guarantor_paid": "guarantors_paid",
        "own_bank_loss": "bank_loss_all",
        "equity_lost": "equity_lost",
    }
    compared = result.tables.get("contagion_comparison")
    if compared is None or result.params.get("against") is not None:
        return {}
    known = compared[compared["baseline"].notna() & compared["measure"].isin(list(names))]
    return {names[row["measure"]]: row["baseline"] for row in records(known)}


def _panels(desk: Desk, calls: Any, facilities: Any) -> list[dict[str, Any]]:
    """Return the guarantees called and the facilities that fall short, the largest first."""
    graph, out = desk.book.graph, []
    if calls is not None and len(calls):
        ordered = calls.sort_values(
            ["called", "guarantee_id", "facility_id"], ascending=[False, True, True], kind="stable"
        )
        row_of = {str(name): k for k, name in enumerate(graph.texts("guarantees", "guarantee_id"))}
        debtor = graph.positions("guarantees", "debtor_id")
        rows = [
            [
                {"node": int(graph.locate("parties", [call.guarantor_id])[0])},
                {"node": int(debtor[row_of[str(call.guarantee_id)]])},
                plain(call.called),
                plain(call.paid),
                plain(call.unmet),
            ]
            for call in ordered.head(40).itertuples()
        ]
        names = (
            ("guarantor", "party"),
            ("debtor", "party"),
            ("called", "money"),
            ("paid", "money"),
            ("unmet", "money"),
        )
        out.append(_panel("calls", names, rows, len(calls)))
    if facilities is not None and len(facilities):
        ordered = facilities.sort_values(["shortfall", "facility_id"], ascending=[False, True], kind="stable")
        rows = [
            [
                {"node": int(graph.locate("parties", [row.borrower_id])[0])},
                plain(row.shortfall),
                plain(row.guarantor_paid),
                plain(row.bank_loss),
            ]
            for row in ordered.head(40).itertuples()
        ]
        heads = (("party", "party"), ("shortfall", "money"), ("guarantors", "money"), ("unpaid", "money"))
        out.append(_panel("shortfalls", heads, rows, len(facilities)))
    return out


def _panel(key: str, names: Sequence[tuple[str, str]], rows: list[Any], total: int) -> dict[str, Any]:
    heads = [{"word": word, "kind": kind} for word, kind in names]
    return {"key": key, "columns": heads, "rows": rows, "total": total, "note": f"{key}_note"}


def _left_out(desk: Desk, failed: Positions, hit: int) -> list[str]:
    out = []
    if len(failed):
        out.append(say(desk.lang, "left_out_failed", parties=f"{len(failed):,}"))
    if hit > 0:
        out.append(say(desk.lang, "left_out_hit", parties=f"{hit:,}"))
    return out
