"""The holdings of a client graph as stakes: bounds as the tables say, nominees looked through, rows of a pair added.

A row's bounds: both null is anything up to the remainder, one null 0 below or the remainder above. Votes that are not
given follow the shares (one share, one vote); shares that are not given while votes are, are unknown. Holdings through
a nominee (`via`) are part of what the nominee holds: its own row is reduced by them; what is left with a party of kind
nominee counts for nobody and is the firm's unknown share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.ownership.stakes import TOLERANCE, Bools, Ints, Stakes, make_stakes
from graphrisk.model.note import Note
from graphrisk.standing.pairs import distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """The stakes of a graph with what the arrays do not say.

    `unknown` (2, n): the most of each firm's capital and votes that lies with nominees whose principals are not named.
    `nominee`, `person`, `placeholder` (n,): kinds; a placeholder is of kind unknown and nobody holds of it.
    `undisclosed` (n,): placeholders of whom every holding is declared as not disclosed. `facts`: (controller,
    controlled) of the control table, self-links and nominees left out; `direct_facts` without those of level ultimate.
    `row_pair` (rows,): which stake each row of table ownership went into, -1 for none. `notes` say what was assumed.
    """

    stakes: Stakes
    unknown: Floats
    nominee: Bools
    person: Bools
    placeholder: Bools
    undisclosed: Bools
    facts: tuple[Ints, Ints]
    direct_facts: tuple[Ints, Ints]
    row_pair: Positions
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of parties."""
        return self.stakes.size


def holdings_of(graph: RiskGraph, *, nominee_as_one: bool = False) -> Holdings:
    """Return the holdings of a graph; with `nominee_as_one` each nominee is an owner like others."""
    notes: list[str] = []
    n = graph.size
    owner, owned = graph.ends("ownership")
    low, high, low_open, high_open, split = _bounds(graph, notes)
    kind = graph.texts("parties", "kind")
    nominee = np.asarray(kind == "nominee", dtype=bool)
    known = np.flatnonzero((owner >= 0) & (owned >= 0))
    pair = owner[known] * np.int64(max(n, 1)) + owned[known]
    keys, place = np.unique(pair, return_inverse=True)
    m = len(keys)
    pair_low = np.stack([sum_by(place, low[k][known], m) for k in (0, 1)])
    pair_high = np.stack([sum_by(place, high[k][known], m) for k in (0, 1)])  # NaN where one row is open above
    opened = np.zeros((2, 2, m), dtype=bool)
    for k, flags in enumerate((low_open, high_open)):
        for which in (0, 1):
            opened[k, which][place[flags[which][known]]] = True
    holder, firm = keys // max(n, 1), keys % max(n, 1)
    _look_through(graph, known, low, high, keys, n, pair_low, pair_high, notes)
    live = np.ones(m, dtype=bool) if nominee_as_one else ~nominee[holder]
    gone = (pair_high == 0.0).all(axis=0)
    stakes = make_stakes(
        n,
        holder[~gone],
        firm[~gone],
        pair_low[:, ~gone],
        pair_high[:, ~gone],
        live=live[~gone],
        low_open=opened[0][:, ~gone],
        high_open=opened[1][:, ~gone],
        split=split,
    )
    unknown = np.zeros((2, n))
    dead = ~stakes.live
    for which in (0, 1):
        unknown[which] = np.minimum(1.0, sum_by(stakes.owned[dead], stakes.high[which][dead], n))
    held = np.zeros(n, dtype=bool)
    held[owned[known]] = True
    held[graph.ends("control")[1][graph.ends("control")[1] >= 0]] = True
    row_pair = np.full(len(owner), -1, dtype=np.int64)
    kept = np.full(m, -1, dtype=np.int64)
    order = np.lexsort((holder[~gone], firm[~gone]))
    kept[np.flatnonzero(~gone)[order]] = np.arange(len(order))
    row_pair[known] = kept[place]
    _say_sources(graph, known, place, m, notes)
    placeholder = np.asarray(kind == "unknown", dtype=bool) & ~held
    facts, direct = _facts(graph, nominee & (not nominee_as_one))
    return Holdings(
        stakes=stakes,
        unknown=unknown,
        nominee=nominee & (not nominee_as_one),
        person=np.asarray(kind == "person", dtype=bool),
        placeholder=placeholder,
        undisclosed=placeholder & _undisclosed(graph, owner),
        facts=facts,
        direct_facts=direct,
        row_pair=row_pair,
        notes=tuple(notes),
    )


def _undisclosed(graph: RiskGraph, owner: Positions) -> Bools:
    """Return who holds something, and of whom every holding says that its holder is not disclosed (n,)."""
    hidden = np.asarray(graph.texts("ownership", "disclosed") == False, dtype=bool)  # noqa: E712 - null is true
    found, named = np.zeros(graph.size, dtype=bool), np.zeros(graph.size, dtype=bool)
    found[owner[hidden & (owner >= 0)]] = True
    named[owner[~hidden & (owner >= 0)]] = True
    return found & ~named


def _bounds(graph: RiskGraph, notes: list[str]) -> tuple[Floats, Floats, Bools, Bools, bool]:
    """Return low, high (2, rows; NaN = the remainder), whether each bound is exclusive, and whether votes differ."""
    shares = [graph.floats("ownership", c) for c in ("share_min", "share_max")]
    votes = [graph.floats("ownership", c) for c in ("votes_min", "votes_max")]
    no_share, no_vote = np.isnan(shares[0]) & np.isnan(shares[1]), np.isnan(votes[0]) & np.isnan(votes[1])
    follows = no_vote & ~no_share
    count = int(follows.sum())
    if count:
        notes.append(
            Note(
                "votes_follow",
                f"{count:,} of {len(follows):,} holdings give no votes: they have the votes of their shares (one "
                "share, one vote).",
                f"{len(follows):,} 条持股中有 {count:,} 条没有表决权比例：按一股一票取其持股比例。",
            )
        )
    low = np.stack([shares[0], np.where(no_vote, shares[0], votes[0])])
    high = np.stack([shares[1], np.where(no_vote, shares[1], votes[1])])
    reversed_ = (low > high).any(axis=0)
    if reversed_.any():
        notes.append(
            Note(
                "bounds_reversed",
                f"{int(reversed_.sum()):,} holdings have a lower bound above the upper one: they are read as the "
                "interval between the two.",
                f"{int(reversed_.sum()):,} 条持股的下限高于上限：按两者之间的区间读取。",
            )
        )
    low, high = np.where(low > high, high, low), np.where(low > high, low, high)
    unknown = int((no_share & no_vote).sum())
    if unknown:
        notes.append(
            Note(
                "shares_unknown",
                f"{unknown:,} holdings of unknown size count as anything from nothing to the firm's remainder.",
                f"{unknown:,} 条持股比例不详：按 0 至该企业剩余份额的区间计算。",
            )
        )
    low_open = np.tile(graph.flags("ownership", "min_exclusive"), (2, 1)) & ~np.isnan(low)
    high_open = np.tile(graph.flags("ownership", "max_exclusive"), (2, 1)) & ~np.isnan(high)
    split = bool((~no_vote & ~(np.isclose(votes[0], shares[0], equal_nan=True, rtol=0, atol=0)
                  & np.isclose(votes[1], shares[1], equal_nan=True, rtol=0, atol=0))).any())  # fmt: skip
    return np.nan_to_num(low), high, low_open, high_open, split


def _look_through(
    graph: RiskGraph,
    known: Positions,
    low: Floats,
    high: Floats,
    keys: Ints,
    n: int,
    pair_low: Floats,
    pair_high: Floats,
    notes: list[str],
) -> None:
    """Reduce what a nominee holds in a firm by the rows that name it as the way; say where they are more than it."""
    via, owned = graph.positions("ownership", "via")[known], graph.positions("ownership", "owned_id")[known]
    owner = graph.positions("ownership", "owner_id")[known]
    through = (via >= 0) & (via != owner)
    if not through.any():
        return
    ways = via[through] * np.int64(max(n, 1)) + owned[through]
    place = np.searchsorted(keys, ways)
    there = (place < len(keys)) & (keys[np.minimum(place, len(keys) - 1)] == ways)
    rows, place = known[through][there], place[there]
    taken_low = np.stack([sum_by(place, low[k][rows], len(keys)) for k in (0, 1)])
    taken_high = np.stack([sum_by(place, high[k][rows], len(keys)) for k in (0, 1)])  # NaN stays
    touched = np.unique(place)
    more = (taken_low[:, touched] > pair_high[:, touched] + TOLERANCE).any(axis=0)
    if more.any():
        pairs = keys[touched[more]][:5]
        named = ", ".join(f"{graph.party_ids[k // n]} in {graph.party_ids[k % n]}" for k in pairs)
        notes.append(
            Note(
                "more_through_nominees",
                f"more is held through nominees than they hold ({int(more.sum()):,} cases): {named}. Nothing is left "
                "with them.",
                f"通过代持人持有的份额多于代持人自身所持（{int(more.sum()):,} 例）：{named}。代持人名下不再剩余。",
                severity="warning",
            )
        )
    for which in (0, 1):
        least = pair_low[which, touched] - np.nan_to_num(taken_high[which, touched], nan=np.inf)
        pair_low[which, touched] = np.maximum(0.0, least)
        pair_high[which, touched] = np.maximum(0.0, pair_high[which, touched] - taken_low[which, touched])
    close = (pair_high - pair_low) < 1e-12
    pair_low[close] = pair_high[close]
    pair_high[pair_high < 1e-12] = 0.0
    pair_low[pair_low < 1e-12] = 0.0


def _say_sources(graph: RiskGraph, known: Positions, place: Positions, pairs: int, notes: list[str]) -> None:
    """Say which pairs several sources record: their rows add up, and may be one holding told twice."""
    encoded = graph.tables.column("ownership", "source").combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)[known]
    seen = distinct(place * np.int64(len(encoded.dictionary) + 1) + codes) // (len(encoded.dictionary) + 1)
    several = np.flatnonzero(np.bincount(seen, minlength=pairs) > 1)
    if not len(several):
        return
    first = [int(np.flatnonzero(place == k)[0]) for k in several[:3]]
    owner, owned = graph.texts("ownership", "owner_id"), graph.texts("ownership", "owned_id")
    named = ", ".join(f"{owner[known[r]]} in {owned[known[r]]}" for r in first)
    notes.append(
        Note(
            "told_by_several",
            f"several sources record the same holding ({len(several):,} cases: {named}): rows of one pair add up, so "
            "one holding told twice counts twice. Keep one of them.",
            f"多个来源记录了同一持股（{len(several):,} 例：{named}）："
            "同一对主体的各行相加，重复记录会重复计算，请只保留一条。",
            severity="warning",
        )
    )


def over_subscribed(graph: RiskGraph, stakes: Stakes) -> list[str]:
    """Return a warning that names the firms whose known shares add up to more than 1; nothing where there is none."""
    over = np.flatnonzero(np.atleast_1d(stakes.over.any(axis=0)))
    if not len(over):
        return []
    worst = over[np.argsort(-stakes.budget[:, over].max(axis=0), kind="stable")][:3]
    named = ", ".join(f"{graph.party_ids[k]} {stakes.budget[:, k].max():.2%}" for k in worst)
    whose = "1 party add" if len(over) == 1 else f"{len(over):,} parties add"
    return [
        Note(
            "over_subscribed",
            f"the known shares of {whose} up to more than 100 % ({named}): they are computed as recorded, never "
            "rescaled, and may exceed 100 % themselves.",
            f"{len(over):,} 个主体的已知持股合计超过 100%（{named}）：按原始记录计算，绝不缩放，结果也可能超过 100%。",
            severity="warning",
        )
    ]


def _facts(graph: RiskGraph, nominee: Bools) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
    controller, controlled = graph.ends("control")
    keep = (controller >= 0) & (controlled >= 0) & (controller != controlled)
    keep[keep] &= ~nominee[controller[keep]]
    level = graph.texts("control", "level")
    direct = keep & np.asarray(level != "ultimate", dtype=bool)
    return (controller[keep], controlled[keep]), (controller[direct], controlled[direct])
