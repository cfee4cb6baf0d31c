"""Why a party failed, as a sentence with the contract and the amounts: the cause column of contagion put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.model.result import plain
from graphrisk.views.book import CODES
from graphrisk.views.figures import money, percent
from graphrisk.views.words import say

if TYPE_CHECKING:
    from graphrisk.views.picture import Desk


@dataclass(frozen=True, slots=True)
class Causes:
    """What the sentences need beside the party's own row: the calls, by guarantee."""

    calls: Mapping[str, Mapping[str, Any]]
    guarantee_row: Mapping[str, int]


def read_causes(desk: Desk, calls: Any) -> Causes:
    """Return what the sentences need of the graph and of `contagion_calls` (None: no guarantee was called)."""
    ids = desk.book.graph.texts("guarantees", "guarantee_id")
    row = {str(name): k for k, name in enumerate(ids)}
    summed: dict[str, dict[str, float]] = {}
    if calls is not None:
        for call in calls.itertuples():
            held = summed.setdefault(str(call.guarantee_id), {"called": 0.0, "paid": 0.0, "unmet": 0.0})
            for part in held:
                held[part] += float(getattr(call, part))
    return Causes(summed, row)


def source_of(desk: Desk, party_id: str, cause: str | None, causes: Causes) -> tuple[str, int]:
    """Return the kind of cause and the node from which the loss came; -1 where it is the party's own or not a party."""
    kind, _, rest = (cause or "").partition(":")
    graph = desk.book.graph
    if kind == "exposure":
        return kind, int(graph.locate("parties", [rest.removeprefix(f"{party_id}-")])[0])
    if kind == "guarantee":
        row = causes.guarantee_row.get(rest, -1)
        return kind, int(graph.positions("guarantees", "debtor_id")[row]) if row >= 0 else -1
    if kind == "ownership":
        return kind, int(graph.locate("parties", [rest])[0])
    if kind == "supplies":
        return kind, _supplier(desk, party_id, rest)
    if kind == "collateral":
        at = int(graph.locate("collateral", [rest])[0])
        return kind, desk.book.parties + at if at >= 0 else -1
    return kind, -1


def _supplier(desk: Desk, party_id: str, rest: str) -> int:
    """Return the other end of "supplier-buyer", of which the party is one."""
    graph = desk.book.graph
    others = [rest.removesuffix(f"-{party_id}"), rest.removeprefix(f"{party_id}-")]
    found = graph.locate("parties", others)
    return int(next((at for at, text in zip(found, others, strict=True) if at >= 0 and text != rest), -1))


def _contract(desk: Desk, kind: str, party_id: str, source: int) -> str:
    """Return the contracts behind a cause that is no guarantee, in words: claim, stake or deliveries, with the size."""
    relation = {"exposure": "LENDS_TO", "ownership": "OWNS", "supplies": "SUPPLIES"}.get(kind)
    if relation is None or source < 0:
        return ""
    links, graph = desk.book.links, desk.book.graph
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
    """Return why the party of `row` (of contagion_parties) failed, or what it lost and stands."""
    lang, party_id = desk.lang, str(row["party_id"])
    kind, source = source_of(desk, party_id, plain(row["cause"]), causes)
    name = desk.name(int(desk.book.graph.locate("parties", [party_id])[0]))
    equity, after = plain(row["equity"]), plain(row["equity_after"])
    lost = None if equity is None or after is None else equity - after
    said = {
        "name": name,
        "equity": money(equity, lang) if equity is not None else say(lang, "not_known"),
        "lost": money(lost, lang) if lost is not None else say(lang, "not_known"),
        "source": (desk.name(source) if source >= 0 else "–") + _contract(desk, kind, party_id, source),
        "fraction": percent(plain(row["loss_fraction"]), 1),
    }
    if not row["defaulted"]:
        key = "why.stands" if equity is not None else "why.stands_unknown"
        return say(lang, key, **said, paid=money(plain(row["guarantee_paid"]), lang))
    if kind == "guarantee":
        guarantee = str(row["cause"]).partition(":")[2]
        call = causes.calls.get(guarantee, {"called": np.nan, "paid": np.nan, "unmet": np.nan})
        called = {part: money(plain(float(call[part])), lang) for part in ("called", "paid", "unmet")}
        key = "why.guarantee_unmet" if float(call["unmet"]) > 0 else "why.guarantee"
        return say(lang, key, **said, **called, contract=desk.mask.identifier(guarantee))
    column = {"exposure": "loss_exposures", "ownership": "loss_ownership", "supplies": "loss_supplies"}
    part = money(plain(row[column.get(kind, "loss_collateral")]), lang)
    if kind == "shock":
        return say(
            lang,
            "why.shock" if equity is not None else "why.shock_unknown",
            **said,
            part=money(plain(row["loss_shock"]), lang),
        )
    known = kind in ("initial", "exposure", "ownership", "supplies", "collateral")
    return say(lang, f"why.{kind}" if known else "why.other", **said, part=part)
