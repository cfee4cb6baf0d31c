"""What a stress scenario does, a sentence for each shock: whom it hits, how hard, and by which rules losses spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphrisk.views.wording.figures import money
from graphrisk.views.wording.masking import HIDDEN
from graphrisk.views.wording.words import WORDS, say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk

_NAMED = 6
"""Most parties or values named in a sentence."""
_PLAIN = frozenset(
    {"industry", "region", "country", "size", "kind", "status", "rating", "is_client", "listed", "asset_class"}
)
"""Columns whose values name nobody: a mask shows them."""


def sentences(desk: Desk, params: Mapping[str, Any]) -> list[str]:
    """Return what hits the book in a run with `params` (those of its Result), then the rules that it sets itself."""
    lang = desk.lang
    out = [
        say(lang, "hit.loss", whom=_party(desk, str(party)), part=_part(float(part)))
        for party, part in sorted(dict(params.get("shocks") or {}).items())
    ]
    scenario: Mapping[str, Any] = params.get("scenario") or {}
    out += [_sentence(desk, shock) for shock in _in_order(scenario)]
    if scenario.get("default_above") is not None:
        out.append(say(lang, "hit.default_above", level=_part(float(scenario["default_above"]))))
    rules = {**dict(scenario.get("params") or {}), **_prefixed(dict(scenario.get("portfolio") or {}))}
    if rules:
        said = ", ".join(f"{key} = {_flat(value)}" for key, value in sorted(rules.items()))
        out.append(
            say(lang, "hit.rules", rules=desk.mask.notes([said], desk.page_graph.names())[0] if desk.mask.on else said)
        )
    return out


def _prefixed(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {f"portfolio.{key}": value for key, value in settings.items()}


def _flat(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _in_order(scenario: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the shocks as they stand in the file."""
    names = ("party_shocks", "price_shocks", "pd_shocks", "factor_shocks")
    found = [shock for name in names for shock in scenario.get(name) or ()]
    return sorted(found, key=lambda shock: int("".join(c for c in str(shock["key"]) if c.isdigit()) or 0))


def _sentence(desk: Desk, shock: Mapping[str, Any]) -> str:
    lang = desk.lang
    if "price" in shock:
        what = _conditions(desk, shock["where"])
        return say(lang, "hit.price", what=what, part=_part(-float(shock["price"])))
    if "factors" in shock:
        named = _listed([_factor(desk, *factor) for factor in shock["factors"]], lang)
        return say(lang, "hit.factor", factor=named, move=f"{float(shock['move']):+g}")
    whom = _whom(desk, shock)
    if "multiplier" in shock:
        return say(lang, "hit.pd", whom=whom, times=f"{float(shock['multiplier']):g}")
    if shock["loss"] is not None:
        return say(lang, "hit.loss", whom=whom, part=_part(float(shock["loss"])))
    return say(lang, "hit.amount", whom=whom, amount=money(float(shock["loss_amount"]), lang))


def _factor(desk: Desk, kind: str, name: str) -> str:
    return say(desk.lang, f"factor.{kind}", name=name)


def _whom(desk: Desk, shock: Mapping[str, Any]) -> str:
    if shock["parties"]:
        return _listed([_party(desk, str(party)) for party in shock["parties"]], desk.lang)
    if not shock["where"]:
        return say(desk.lang, "whom.all")
    model = shock.get("rating_model")
    said = _conditions(desk, shock["where"])
    return say(desk.lang, "whom.where", what=said + (say(desk.lang, "whom.model", model=model) if model else ""))


def _conditions(desk: Desk, where: Mapping[str, Sequence[str]]) -> str:
    lang = desk.lang
    parts = [
        say(lang, "condition", column=_column(lang, column), values=_values(desk, column, values))
        for column, values in where.items()
    ]
    return say(lang, "and").join(parts)


def _column(lang: str, column: str) -> str:
    return say(lang, f"column.{column}") if f"column.{column}" in WORDS else column


def _values(desk: Desk, column: str, values: Sequence[str]) -> str:
    if desk.mask.on and column not in _PLAIN:
        return HIDDEN
    families = ("size", "asset", "kind", "status")
    said = []
    for value in values:
        keys = [
            f"{family}.{value}" for family in families if column == family or (column == "kind" and family == "asset")
        ]
        known = next((key for key in keys if key in WORDS), None)
        said.append(say(desk.lang, known) if known else str(value))
    return _listed(said, desk.lang, say(desk.lang, "or"))


def _listed(names: Sequence[str], lang: str, last: str = "") -> str:
    """Return names as a list in words, the first few of many."""
    if len(names) > _NAMED:
        return say(lang, "and_more", names=say(lang, "comma").join(names[:_NAMED]), count=f"{len(names) - _NAMED:,}")
    joint = last or say(lang, "and")
    return joint.join([say(lang, "comma").join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _party(desk: Desk, party: str) -> str:
    at = int(desk.page_graph.graph.locate("parties", [party])[0])
    return desk.name(at) if at >= 0 else str(desk.mask.identifier(party))


def _part(value: float) -> str:
    return f"{100 * value:.6g} %"
