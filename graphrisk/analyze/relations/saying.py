"""What an answer on relations says first, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from graphrisk.analyze.relations.links import Relations
from graphrisk.analyze.relations.similar import INSTALL
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note


def hidden_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the hidden links, one row per pair: the strongest of each."""
    return pairs[pairs["hidden"].fillna(False).astype(bool)].drop_duplicates(["a_id", "b_id"])


def headline(graph: RiskGraph, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the answer in up to four sentences, in English."""
    pairs = frames["relations_pairs"]
    both = pairs[pairs["clients"] == 2].drop_duplicates(["a_id", "b_id"])
    hidden = hidden_pairs(pairs)
    said = [
        f"{_number(len(both), 'pair of clients is', 'pairs of clients are')} related; {len(hidden):,} by nothing "
        "but what they share (hints for review, in no group by themselves)."
    ]
    if len(hidden):
        top = hidden.iloc[0]
        said.append(f"First of these: {_name(graph, top['a_id'])} and {_name(graph, top['b_id'])}: {top['evidence']}.")
    common = frames["relations_common"]
    if len(common):
        most = common.iloc[0]
        said.append(
            f"{len(common):,} values or third parties are too common to be a link; most so {most['source']} "
            f"{most['value']!r}, shared by {most['parties']:,}."
        )
    alike = frames["relations_duplicates"]
    if len(alike):
        said.append(f"{_number(len(alike), 'pair of parties looks', 'pairs of parties look')} like one under two ids.")
    return said


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _name(graph: RiskGraph, party: str) -> str:
    name = graph.texts("parties", "name")[graph.position(party)]
    return str(party) if name is None or name == party else f"{name} ({party})"


def said_of(
    found: Relations,
    frames: Mapping[str, pd.DataFrame],
    *,
    left: int,
    uncompared: int,
    exact: bool,
    known: bool,
    holdings: Sequence[str],
) -> tuple[Note | str, ...]:
    """Return the notes of a result."""
    notes: list[Note | str] = []
    open_ = sum(bool(np.isnan(pair.strength)) for pair in found.pairs.values())
    if open_:
        notes.append(
            Note(
                "unknown_strength",
                f"{_number(open_, 'holding has', 'holdings have')} an unknown share: listed without a strength, "
                "and no chain runs through it.",
                f"{open_:,} 项持股比例未知：列出但无强度，关联链不经过它们。",
            )
        )
    if len(frames["relations_common"]):
        count = len(frames["relations_common"])
        notes.append(
            Note(
                "too_common",
                f"{count:,} values or third parties are shared by too many to be a link; see relations_common and "
                "max_shared, max_group.",
                f"{count:,} 个取值或第三方被过多主体共用，不作为关联，"
                "见 relations_common 及参数 max_shared、max_group。",
            )
        )
    if left:
        notes.append(
            Note(
                "chains_left_out",
                f"{left:,} more pairs of clients are related through others only; raise max_chains to see them.",
                f"另有 {left:,} 对客户仅通过第三方关联，提高 max_chains 可查看。",
                severity="warning",
            )
        )
    if exact:
        notes.append(
            Note(
                "equal_names_only",
                f"Only equal names were compared; similar ones need {INSTALL} (or were left out by names=exact).",
                f"仅比较了相同名称；相似名称比较需安装 {INSTALL}（或已由 names=exact 关闭）。",
            )
        )
    if uncompared:
        notes.append(
            Note(
                "names_not_compared",
                f"{uncompared:,} names begin or end as thousands of others do and were not compared with all of them.",
                f"{uncompared:,} 个名称与数千个名称首尾相同，未与其全部比较。",
            )
        )
    if not known:
        notes.append(
            Note(
                "no_client",
                "No party is known to be a client, so that every party was taken for one.",
                "数据中没有已知客户，因此将全部主体视为客户。",
            )
        )
    return (*notes, *holdings)
