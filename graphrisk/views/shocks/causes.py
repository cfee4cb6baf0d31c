"""Why a party failed, as a sentence with the contract and the amounts: the cause column of contagion put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.model.result import plain
from graphrisk.views.data.page_graph import CODES
from graphrisk.views.wording.figures import money, percent
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk


@dataclass(frozen=True, slots=True)
class LossSource:
    """What a cause names: its kind, the node from which the loss came (-1: none), the row of a guarantee (-1: none)."""

    kind: str
    node: int
    row: int = -1


@dataclass(frozen=True, slots=True)
class Causes:
    """What the sentences need beside the party's own row: the calls by guarantee, and whether there was a shock."""

    calls: Mapping[str, Mapping[str, float]]
    guarantee_row: Mapping[str, int]
    given: bool


def read_causes(desk: Desk, calls: Any, *, given: bool) -> Causes:
    """Return what the sentences need of the graph and of the calls of a run (`ShockEffect.calls`)."""
    ids = desk.page_graph.graph.texts("guarantees", "guarantee_id")
    row = {str(name): k for k, name in enumerate(ids)}
    columns = ["more_called", "more_paid", "more_unmet", "before"]
    summed = calls.groupby("guarantee_id")[columns].sum()
    held = {str(name): dict(zip(columns, map(float, values), strict=True)) for name, *values in summed.itertuples()}
    return Causes(held, row, given)


def source_of(desk: Desk, party_id: str, cause: str | None, causes: Causes) -> LossSource:
    """Return what the cause of a party's failure names."""
    kind, _, rest = (cause or "").partition(":")
    graph = desk.page_graph.graph
    if kind == "exposure":
        return LossSource(kind, int(graph.locate("parties", [rest.removeprefix(f"{party_id}-")])[0]))
    if kind == "guarantee":
        row = causes.guarantee_row.get(rest, -1)
        return LossSource(kind, int(graph.positions("guarantees", "debtor_id")[row]) if row >= 0 else -1, row)
    if kind == "ownership":
        return LossSource(kind, int(graph.locate("parties", [rest])[0]))
    if kind == "supplies":
        return LossSource(kind, _supplier(desk, party_id, rest))
    if kind == "collateral":
        at = int(graph.locate("collateral", [rest])[0])
        return LossSource(kind, desk.page_graph.parties + at if at >= 0 else -1)
    return LossSource(kind, -1)


def _supplier(desk: Desk, party_id: str, rest: str) -> int:
    """Return the other end of "supplier-buyer", of which the party is one."""
    graph = desk.page_graph.graph
    others = [rest.removesuffix(f"-{party_id}"), rest.removeprefix(f"{party_id}-")]
    found = graph.locate("parties", others)
    return int(next((at for at, text in zip(found, others, strict=True) if at >= 0 and text != rest), -1))


def _contract(desk: Desk, kind: str, party_id: str, source: int) -> str:
    """Return the contracts behind a cause that is no guarantee, in words: claim, stake or deliveries, with the size."""
    relation = {"exposure": "LENDS_TO", "ownership": "OWNS", "supplies": "SUPPLIES"}.get(kind)
    if relation is None or source < 0:
        return ""
    links, graph = desk.page_graph.links, desk.page_graph.graph
    me = int(graph.locate("parties", [party_id])[0])
    between = (links.source == me) & (links.target == source)
    if kind == "supplies":
        between |= (links.source == source) & (links.target == me)
    found = np.flatnonzero(between & (links.code == CODES[relation]))
    if kind == "ownership":
        part = float(np.nansum(graph.floats("ownership", "share_max")[links.row[found]]))
        return say(desk.lang, "by.ownership", part=percent(part, 1)) if part > 0 else ""
    amount = float(np.nansum(links.amount[found]))
    return say(desk.lang, f"by.{kind}", amount=money(amount, desk.lang)) if amount > 0 else ""


def sentence(desk: Desk, row: Mapping[str, Any], causes: Causes) -> str:
    """Return why the party of `row` (of `ShockEffect.parties`) failed, or what the shock costs it and it stands."""
    lang, party_id = desk.lang, str(row["party_id"])
    if row["anyway"]:
        return baseline_sentence(desk, row, causes)
    source = source_of(desk, party_id, plain(row["cause"]), causes)
    kind, equity, lost = source.kind, plain(row["before"]), plain(row["lost"])
    said = {
        "name": desk.name(int(desk.page_graph.graph.locate("parties", [party_id])[0])),
        "equity": money(equity, lang) if equity is not None else say(lang, "not_known"),
        "lost": money(lost, lang) if lost is not None else say(lang, "not_known"),
        "source": (desk.name(source.node) if source.node >= 0 else "–") + _contract(desk, kind, party_id, source.node),
        "fraction": percent(min(lost / equity, 1.0), 1) if equity is not None and equity > 0 and lost else "0 %",
        "round": int(row["fell"]),
    }
    if row["fell"] < 0:
        key = "why.stands" if equity is not None else "why.stands_unknown"
        hit = say(lang, "why.hit") if row["shocked"] else ""
        paid = money(_paid_by(causes, desk, party_id), lang) if equity is None else ""
        return say(lang, key, **said, paid=paid) + hit
    if kind == "guarantee":
        return _called(desk, row, causes, said)
    if kind == "shock":
        taken, stopped = float(row["loss_shock"] or 0.0), float(row["loss_own_stop"] or 0.0)
        key = "why.shock_unknown" if equity is None else "why.shock" if row["fell"] == 0 else "why.shock_later"
        if equity is not None and not taken and stopped:  # its production was shocked, not its equity
            key = "why.shock_production" if row["shocked"] else "why.own_stop"
        return say(lang, key, **said, part=money(taken or stopped, lang))
    known = kind in ("initial", "exposure", "ownership", "supplies", "collateral")
    return say(lang, f"why.{kind}" if known else "why.other", **said)


def _called(desk: Desk, row: Mapping[str, Any], causes: Causes, said: Mapping[str, Any]) -> str:
    lang, guarantee = desk.lang, str(row["cause"]).partition(":")[2]
    call = causes.calls.get(guarantee)
    if call is None:
        return say(lang, "why.guarantee_then", **said, contract=desk.mask.identifier(guarantee))
    amounts = {part: money(plain(call[f"more_{part}"]), lang) for part in ("called", "paid", "unmet")}
    if call["before"] > 0:
        amounts["called"] = say(lang, "why.more", amount=amounts["called"])
    key = "why.guarantee_unmet" if call["more_unmet"] > 0 else "why.guarantee"
    return say(lang, key, **said, **amounts, contract=desk.mask.identifier(guarantee))


def _paid_by(causes: Causes, desk: Desk, party_id: str) -> float:
    graph = desk.page_graph.graph
    me = int(graph.locate("parties", [party_id])[0])
    guarantor = graph.positions("guarantees", "guarantor_id")
    return sum(call["more_paid"] for name, call in causes.calls.items() if guarantor[causes.guarantee_row[name]] == me)


def baseline_sentence(desk: Desk, row: Mapping[str, Any], causes: Causes) -> str:
    """Return what is to be said of a party that fails without the shock too; `row` may lack what the shock adds."""
    lang, lost = desk.lang, plain(row.get("lost"))
    name = desk.name(int(desk.page_graph.graph.locate("parties", [str(row["party_id"])])[0]))
    said = {"name": name, "cause": cause_in_words(desk, row, causes), "round": int(row["default_round"])}
    if lost is None or abs(lost) <= 0.0:
        return say(lang, "why.anyway_same", **said)
    return say(lang, "why.anyway", **said, lost=money(lost, lang))


def cause_in_words(desk: Desk, row: Mapping[str, Any], causes: Causes) -> str:
    """Return the cause of a party's failure in a few words: "guarantee for X"."""
    party_id = str(row["party_id"])
    source = source_of(desk, party_id, plain(row["cause"]), causes)
    who = desk.name(source.node) if source.node >= 0 else "–"
    known = source.kind in ("initial", "exposure", "guarantee", "ownership", "supplies", "collateral", "shock")
    equity = plain(row["equity"])
    return say(
        desk.lang,
        f"cause.{source.kind}" if known else "cause.other",
        source=who,
        equity=money(equity, desk.lang) if equity is not None else say(desk.lang, "not_known"),
    )
