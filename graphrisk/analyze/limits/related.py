"""The rows of the bank's own related parties: each of them, the groups they stand in, and all together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from graphrisk.analyze.limits.tables import RELATED
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.exposure_values import OurExposures, owed_by
from graphrisk.credit.ladder import named, steps
from graphrisk.credit.limit_use import Capital
from graphrisk.credit.our_bank import our_bank
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.regimes.exposure_rule import ExposureRule
from graphrisk.standing.connected import Connected
from graphrisk.standing.related import related_parties

_ORDER = {"all": 0, "group": 1, "party": 2}


def related_rows(
    graph: RiskGraph,
    found: Connected,
    ours: OurExposures,
    rule: ExposureRule,
    capital: Capital,
    listed: Sequence[int],
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows, all first, then groups and parties by use; and notes where nothing can be said."""
    bank = our_bank(graph).party
    related = related_parties(graph, found.links.holdings, bank, listed)
    notes: list[str] = []
    rows: dict[str, list[object]] = {name: [] for name in RELATED.names}
    if not related:
        if bank < 0:
            notes.append(
                Note(
                    "related_parties_unknown",
                    "Our own related parties are not known: give --related FILE, or set [bank] party_id.",
                    "本行关联方未知：请提供 --related FILE，或设置 [bank] party_id。",
                )
            )
        return score_frame(RELATED, rows), notes
    if rule.related is None:
        notes.append(
            Note(
                "related_parties_without_limit",
                "The regime has no lines on the bank's own related parties (cn has): uses are shown without a limit.",
                "该制度未规定本行关联方限额（cn 有），仅列示占用。",
            )
        )
    mine = set(related)
    groups = [k for k, group in enumerate(found.groups) if not mine.isdisjoint(group.members)]
    subjects: list[tuple[str, str, str, Sequence[int]]] = [
        ("all", "all", "all related parties together", sorted(mine)),
        *((found.ids[k], "group", "the group of a related party", found.groups[k].members) for k in groups),
        *((str(graph.party_ids[one]), "party", why, [one]) for one, why in related.items()),
    ]
    member = np.array([one for *_, members in subjects for one in members], dtype=np.int64)
    owed = owed_by(ours, member, np.repeat(np.arange(len(subjects)), [len(s[3]) for s in subjects]), len(subjects))
    after = owed.exposure - owed.mitigation
    of = capital.net_capital if rule.related is None or rule.related.of == "net_capital" else capital.tier1
    use = after / of if of == of else np.full(len(after), np.nan)
    legal = {"party": np.nan, "group": np.nan, "all": np.nan}
    if rule.related is not None:
        legal = {"party": rule.related.party, "group": rule.related.group, "all": rule.related.all}
    line = np.array([legal[what] for _, what, _, _ in subjects])
    step = np.where(np.isnan(line), -1, steps(use, line, rule.internal_default * line))
    level = named(step)[1]
    order = sorted(
        range(len(subjects)),
        key=lambda k: (_ORDER[subjects[k][1]], -float(np.nan_to_num(use[k])), -after[k], subjects[k][0]),
    )
    for k in order:
        name, what, why, members = subjects[k]
        if what == "party" and owed.exposure[k] <= 0.0:
            continue
        values = (
            name, what, why, owed.exposure[k], owed.mitigation[k], after[k], of, use[k], line[k], level[k],
            None if rule.related is None else rule.related.legal,
            [str(graph.party_ids[one]) for one in members if one in mine],
        )  # fmt: skip
        for column, value in zip(RELATED.names, values, strict=True):
            rows[column].append(value)
    return score_frame(RELATED, rows), notes
