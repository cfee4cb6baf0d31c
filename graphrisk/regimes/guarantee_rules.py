"""Rule packs on guarantees: lines of what a guarantor may give, whom they bind, and where it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest
from graphrisk.regimes.keys import refuse_unknown

MEASURES = ("guaranteed_to_net_assets", "debtors")
_SHIPPED = Path(__file__).parent / "guarantees"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeRule:
    """One rule: a measure of a guarantor, the lines it may reach (`watch`, `near`) and the one it may not exceed.

    `guaranteed_to_net_assets` is the sum of caps given over net assets, `debtors` the number of parties guaranteed.
    `not_for` and `only_for` are kinds of party; who meets all of `exempt` (column -> values or prefixes) is excepted.
    """

    rule: str
    of: str
    breach_above: float
    watch: float | None = None
    near: float | None = None
    not_for: tuple[str, ...] = ()
    only_for: tuple[str, ...] = ()
    exempt: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    legal: str = ""
    legal_en: str = ""
    reading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeRules:
    """A named pack of rules."""

    name: str
    title: str
    rules: tuple[GuaranteeRule, ...]


def pack_names(own: Path | None = None) -> list[str]:
    """Return the names of all packs; `own` is the folder `regimes` of a project."""
    folders = [_SHIPPED, *([own / "guarantees"] if own is not None else [])]
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.toml")})


def find_pack(name: str, own: Path | None = None) -> GuaranteeRules:
    """Return the pack called `name`, a project's own first; UsageError naming the nearest if there is none."""
    names = pack_names(own)
    if name not in names:
        raise UsageError(f"no rule pack on guarantees is called {name!r}", hint=nearest(name, names))
    path = _SHIPPED / f"{name}.toml"
    if own is not None and (own / "guarantees" / f"{name}.toml").is_file():
        path = own / "guarantees" / f"{name}.toml"
    try:
        return parse_pack(name, path.read_text("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8: {error}", where=str(path), hint="save it as UTF-8") from error


def parse_pack(name: str, text: str, where: str) -> GuaranteeRules:
    """Return the pack that a TOML text states; UsageError naming the place of a key or value that is wrong."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not valid TOML: {error}", where=where, hint="correct the line named") from error
    refuse_unknown(content, {"title", "rule"}, where)
    blocks = content.get("rule")
    if not isinstance(blocks, list) or not blocks:
        raise UsageError("holds no [[rule]]", where=where, hint="add one with rule, of and breach_above")
    rules = tuple(_rule(block, where) for block in blocks)
    if len({rule.rule for rule in rules}) < len(rules):
        raise UsageError("two rules have one name", where=where, hint="each rule has a name of its own")
    return GuaranteeRules(name=name, title=str(content.get("title", name)), rules=rules)


def _rule(block: Mapping[str, Any], where: str) -> GuaranteeRule:
    refuse_unknown(block, {f.name for f in fields(GuaranteeRule)}, where)
    place = f"{where}: rule {block.get('rule', '?')!r}"
    for key in ("rule", "of", "breach_above"):
        if key not in block:
            raise UsageError(f"lacks {key}", where=place, hint="rule, of and breach_above are required")
    if block["of"] not in MEASURES:
        raise UsageError(f"of is one of {', '.join(MEASURES)}, not {block['of']!r}", where=place)
    values = dict(block)
    lines = [values[key] for key in ("watch", "near", "breach_above") if values.get(key) is not None]
    if any(isinstance(line, bool) or not isinstance(line, int | float) or line < 0 for line in lines):
        raise UsageError("watch, near and breach_above are numbers of 0 or more", where=place)
    if lines != sorted(lines):
        raise UsageError("the lines do not rise: watch, near, breach_above", where=place)
    for key in ("not_for", "only_for"):
        values[key] = tuple(str(one) for one in values.get(key, ()))
    exempt = values.get("exempt", {})
    if not isinstance(exempt, Mapping) or set(exempt) - {"kind", "industry", "region", "size"}:
        raise UsageError("exempt names columns kind, industry, region or size of parties", where=place)
    values["exempt"] = {key: tuple(str(one) for one in given) for key, given in exempt.items()}
    return GuaranteeRule(**values)
