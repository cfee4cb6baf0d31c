"""Whom a rule pack on guarantees finds: guarantors near or beyond a line, those nobody can judge, those excepted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.model.note import Note
from graphrisk.regimes.guarantee_rules import GuaranteeRule, GuaranteeRules
from graphrisk.standing.guarantee_layer import GuaranteeLayer
from graphrisk.standing.over_guarantee import ROUNDING

LEVELS = ("breach", "unknown", "near", "watch", "exempt")
"""In the order in which findings are listed."""
REACHED = 1e-12
"""A line is reached from so much below it on."""


def findings_of(
    graph: RiskGraph, layer: GuaranteeLayer, pack: GuaranteeRules
) -> tuple[dict[str, list[object]], list[Note]]:
    """Return the findings of every rule, columns by name, and how many guarantors no rule of the pack binds.

    A guarantor whose net assets are not known is `unknown` under a rule that sets them against what it gave, never ok;
    one without net assets is in breach of it, and has no value.
    """
    guarantors = np.flatnonzero(layer.given > 0)
    kinds = graph.texts("parties", "kind")[guarantors]
    bound = np.zeros(len(guarantors), dtype=bool)
    rows: list[tuple[int, float, int, GuaranteeRule]] = []
    for rule in pack.rules:
        applies = np.isin(kinds.astype(str), rule.only_for) if rule.only_for else np.ones(len(kinds), dtype=bool)
        applies &= ~np.isin(kinds.astype(str), rule.not_for)
        bound |= applies
        subject = guarantors[applies]
        value, level = _levels(graph, layer, rule, subject)
        level[(level >= 0) & _exempt(graph, rule, subject)] = LEVELS.index("exempt")
        rows += [(int(level[k]), float(value[k]), int(subject[k]), rule) for k in np.flatnonzero(level >= 0).tolist()]
    rows.sort(key=lambda row: (row[0], -np.inf if np.isnan(row[1]) else -row[1], row[2], row[3].rule))
    at = np.array([row[2] for row in rows], dtype=np.int64)
    columns: dict[str, list[object]] = {
        "party_id": graph.party_ids[at].tolist(),
        "rule": [row[3].rule for row in rows],
        "level": [LEVELS[row[0]] for row in rows],
        "value": [row[1] for row in rows],
        "line": [row[3].breach_above for row in rows],
        "guaranteed_out": layer.given[at].tolist(),
        "net_assets": graph.equity[at].tolist(),
        "debtors": layer.debtors[at].tolist(),
        "legal_basis": [row[3].legal for row in rows],
    }
    return columns, _notes(pack, int((~bound).sum()), len(guarantors))


def _levels(
    graph: RiskGraph, layer: GuaranteeLayer, rule: GuaranteeRule, subject: Positions
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return what the rule measures of each guarantor and the place of its level in LEVELS, -1 where it is fine."""
    level = np.full(len(subject), -1, dtype=np.int64)
    if rule.of == "debtors":
        value = layer.debtors[subject].astype(np.float64)
        nothing = unknown = np.zeros(len(subject), dtype=bool)
    else:
        equity = graph.equity[subject]
        unknown, nothing = np.isnan(equity), equity <= 0
        value = np.divide(layer.given[subject], equity, out=np.full(len(subject), np.nan), where=equity > 0)
    for name, line in (("watch", rule.watch), ("near", rule.near)):
        if line is not None:
            level[value >= line * (1.0 - REACHED)] = LEVELS.index(name)
    level[nothing | (value > rule.breach_above * (1.0 + ROUNDING))] = LEVELS.index("breach")
    level[unknown] = LEVELS.index("unknown")
    return value, level


def _exempt(graph: RiskGraph, rule: GuaranteeRule, subject: Positions) -> npt.NDArray[np.bool_]:
    """Return who meets all that exempts from a rule; nobody where nothing does."""
    found = np.full(len(subject), bool(rule.exempt))
    for column, values in rule.exempt.items():
        given = graph.texts("parties", column)[subject]
        known = {text: text is not None and any(_meets(str(text), value) for value in values) for text in set(given)}
        found &= np.array([known[text] for text in given], dtype=bool)
    return found


def _meets(text: str, value: str) -> bool:
    """Return whether a text is a value, or a code or Chinese word that begins with it (`A`: A01, not Automotive)."""
    text, value = text.strip().lower(), value.lower()
    rest = text[len(value) :]
    return text.startswith(value) and (not rest or rest[0].isdigit() or not value.isascii())


def _notes(pack: GuaranteeRules, free: int, guarantors: int) -> list[Note]:
    if not free:
        return []
    return [
        Note(
            "guarantors_bound_by_no_rule",
            f"No rule of the pack {pack.name} binds {free:,} of {guarantors:,} guarantors: their kind is left out.",
            f"{guarantors:,} 户担保人中 {free:,} 户因主体类型不适用规则包 {pack.name} 的任何规则。",
        )
    ]
