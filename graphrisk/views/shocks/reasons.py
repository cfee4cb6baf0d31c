"""Why a party loses, in the language of the page and under its mask: the rows of explain as sentences of our own.

explain writes its sentences in English and with names; on an English page without a mask they are shown as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphrisk.model.result import records
from graphrisk.views.wording.figures import money
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk

Row = Mapping[str, Any]


def reasons(desk: Desk, table: str, frame: Any, party: str) -> list[str]:
    """Return a sentence for each row of an explain table: `explain_path`, `explain_lines` or `explain_contracts`.

    `party` is the one whose loss is explained.
    """
    if desk.lang == "en" and not desk.mask.on:
        return [str(sentence) for sentence in frame["sentence"]]
    rows = records(frame)
    if table == "explain_lines":
        return [_line(desk, {**row, "party_id": party, "from_id": row["other_id"]}) for row in rows]
    return [_step(desk, row) if table == "explain_path" else _without(desk, row) for row in rows]


def _line(desk: Desk, row: Row) -> str:
    lang, layer = desk.lang, row["layer"]
    who, other = _party(desk, row["party_id"]), _party(desk, row["from_id"])
    said = {
        "who": who,
        "other": other,
        "amount": money(row["amount"], lang),
        "contract": desk.mask.identifier(row["contract_id"]) or "–",
        "facility": desk.mask.identifier(row["facility_id"]) or "–",
    }
    key = f"reason.{layer}"
    if layer == "collateral" and row["facility_id"] is None:
        key = "reason.price"
    if layer == "own_stop" or (layer == "supplies" and row["from_id"] in (None, row["party_id"])):
        key = "reason.own_production"
    text = say(lang, key, **said)
    unmet = row.get("unmet")
    return text + (say(lang, "reason.unmet", amount=money(unmet, lang)) if unmet else "")


def _step(desk: Desk, row: Row) -> str:
    lang = desk.lang
    if row["party_id"] is None:
        return say(lang, "reason.sale", other=_party(desk, row["from_id"]))
    who = _party(desk, row["party_id"])
    fails = "" if row["round"] is None else say(lang, "reason.fails", who=who, round=row["round"])
    if row["layer"] is None:
        return say(lang, "reason.begins", who=who) + fails
    if row["amount"] is None:
        return say(lang, "reason.production", who=who, other=_party(desk, row["from_id"])) + fails
    return _line(desk, row) + fails


def _without(desk: Desk, row: Row) -> str:
    lang = desk.lang
    ends = [_party(desk, row[name]) for name in ("from_id", "to_id") if row[name] is not None]
    named = row["kind"] in ("guarantee", "lending")
    return say(
        lang,
        "reason.without",
        kind=say(lang, f"contract.{row['kind']}") + (f" {desk.mask.identifier(row['contract_id'])}" if named else ""),
        ends=" → ".join(ends),
        party=_gap(lang, row["effect_on_party"]),
        loss=_gap(lang, row["effect_on_loss"]),
        bank=_gap(lang, row["effect_on_bank_loss"]),
        defaults=f"{row['defaults_without']:,}",
    )


def _gap(lang: str, effect: float | None) -> str:
    if not effect:
        return say(lang, "reason.same")
    return say(lang, "reason.smaller" if effect > 0 else "reason.larger", amount=money(abs(effect), lang))


def _party(desk: Desk, key: str | None) -> str:
    if key is None:
        return "–"
    graph = desk.page_graph.graph
    at = int(graph.locate("parties", [key])[0])
    if at >= 0:
        return desk.name(at)
    asset = int(graph.locate("collateral", [key])[0])
    return desk.name(desk.page_graph.parties + asset) if asset >= 0 else str(desk.mask.identifier(key))
