"""What an answer on limits says first, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from graphrisk.analyze.limits.use import steps_of
from graphrisk.credit.limit_use import Capital, legal_line, own_line
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.figures import money_en
from graphrisk.model.note import Note, reading_note
from graphrisk.regimes.exposure_rule import ExposureRule
from graphrisk.standing.connected import Connected

_KEY = {"tier1": "tier_one", "net_capital": "net_capital"}
_MEASURED = {
    "exposure": "exposures",
    "loan": "loans",
    "exposure_others": "exposures to members that are no institutions",
}
_CAPITAL = {"tier1": ("Tier 1 capital", "一级资本净额"), "net_capital": ("net capital", "资本净额")}


def headline(graph: RiskGraph, found: Connected, frames: Mapping[str, pd.DataFrame], rule: ExposureRule) -> list[str]:
    """Return the answer in one to four sentences."""
    use = frames["limits_use"]
    known = use[use["use"].notna()]
    if known.empty:
        said = [f"{len(use):,} uses of lines are listed without percentages: our capital is not known."]
    else:
        count = steps_of(known)
        above = f"{count['breach']:,} use{' is' if count['breach'] == 1 else 's are'} above a legal line"
        said = [
            f"{above}, {count['red'] + count['orange']:,} above our own, {count['yellow']:,} near it; "
            f"{count['blue']:,} to watch, {count['none']:,} well below."
        ]
        first = known.iloc[0]
        base = _CAPITAL[str(first["capital"])][0]
        measured = _MEASURED[str(first["measure"])]
        said.append(
            f"The highest: {_called(graph, found, first)} uses {first['use']:.2%} of {base} by {measured} "
            f"against {first['limit']:.0%} ({first['legal_basis']})."
        )
    related = frames["limits_related_parties"]
    if len(related):
        everybody = related.iloc[0]
        share = "" if pd.isna(everybody["use"]) else f", {everybody['use']:.2%} of net capital"
        said.append(
            f"Our own related parties owe {money_en(everybody['exposure_after'], graph.base_currency)} after "
            f"mitigation{share}."
        )
    return [*said, f"Rule: {rule.name}."]


def _called(graph: RiskGraph, found: Connected, row: pd.Series[Any]) -> str:
    name = str(row["subject_id"])
    if row["subject"] == "group":
        head = found.groups[found.ids.index(name)].head
        return f"the group of {graph.texts('parties', 'name')[head]} ({name})"
    called = str(graph.texts("parties", "name")[graph.position(name)])
    return name if called == name else f"{called} ({name})"


def said_of(
    graph: RiskGraph, rule: ExposureRule, capital: Capital, certificate: Mapping[str, Any], outside: int
) -> list[str]:
    """Return the notes: what is missing, whose lines were taken, what is our reading."""
    notes: list[str] = []
    if not certificate["applies"]:
        notes.append(
            Note(
                "regime_does_not_apply",
                f"{certificate['regime']} does not apply on {graph.as_of} and is answered all the same.",
                f"{certificate['regime']} 在 {graph.as_of} 不适用，仍予以回答。",
                severity="warning",
            )
        )
    needed = {line.of for line in rule.lines} | ({rule.related.of} if rule.related else set())
    for name in sorted(needed):
        if getattr(capital, name) != getattr(capital, name):
            english, chinese = _CAPITAL[name]
            notes.append(
                Note(
                    f"capital_unknown_{_KEY[name]}",
                    f"Our {english} is not known, so uses of it have no percentage: set {name} under [capital] in "
                    f"graphrisk.toml, or --set {name}=AMOUNT.",
                    f"{chinese}未知，相关占用无法计算比例：请在 graphrisk.toml 的 [capital] 中设置 {name}。",
                    severity="warning",
                )
            )
    notes += _own_lines(rule, capital)
    for currency in sorted({line.floor_currency for line in rule.lines if line.floor} - set(capital.rates)):
        notes.append(
            Note(
                f"no_rate_for_line_{currency.lower()}",
                f"A line is at least an amount in {currency}, of which table fx has no rate: the fraction of the "
                "capital alone is taken, which is stricter.",
                f"有限额以 {currency} 金额为下限，但 fx 表无该币种汇率：仅按资本比例计，更为严格。",
            )
        )
    if outside:
        notes.append(
            Note(
                "owing_but_no_clients",
                f"{outside:,} parties owe us and are marked as no clients: each counts by itself, and in no group.",
                f"{outside:,} 户对本行有债务但标记为非客户：单独计算，不计入关联客户组。",
                severity="warning",
            )
        )
    if rule.reading:
        notes.append(reading_note(str(certificate["regime"]), rule.reading, rule.reading_zh))
    return notes


def _own_lines(rule: ExposureRule, capital: Capital) -> list[str]:
    notes: list[str] = []
    for what, given in capital.internal.items():
        lines = [line for line in rule.lines if what in line.subjects]
        whom = {"client": "单一客户", "group": "集团"}[what]
        if given is None and lines:
            part = f"{rule.internal_default:g}"
            notes.append(
                Note(
                    f"own_line_default_{what}",
                    f"No line of our own is set for a {what}: {part} of the legal one is taken.",
                    f"未设置{whom}内部限额，按法定限额的 {part} 计。",
                )
            )
        over = [line for line in lines if own_line(line, what, rule, capital) > 0.9 * legal_line(line, capital) + 1e-12]
        if given is not None and over:
            legal = legal_line(over[0], capital)
            notes.append(
                Note(
                    f"own_line_high_{what}",
                    f"Our own line for a {what} ({given:.2%}) is above 0.9 of a legal one ({legal:.2%}): the steps "
                    "orange and red change places; look at the setting.",
                    f"{whom}内部限额（{given:.2%}）高于法定限额（{legal:.2%}）的 0.9，橙色与红色颠倒。",
                    severity="warning",
                )
            )
    return notes
