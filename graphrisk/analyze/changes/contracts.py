"""Contracts of two snapshots side by side: which are new, gone or changed, in what, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.changes.matching import Rows, Texts, codes_of, joined_codes, places
from graphrisk.analyze.changes.reasons import column_in_chinese, columns, joined, moved, said, said_in_chinese
from graphrisk.analyze.changes.tables import CONTRACTS
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.chinese import table_zh
from graphrisk.model.currency import rates_on
from graphrisk.model.note import Note
from graphrisk.model.note import both as reason

_MEASURE = {
    "facilities": "outstanding",
    "co_borrowers": "share",
    "guarantees": "amount",
    "exposures": "amount",
    "collateral": "value",
    "pledges": "allocated_amount",
    "supplies": "amount",
    "ownership": "share_max",
    "control": "",
    "dependencies": "ratio",
    "rebuttals": "",
    "declared_groups": "",
    "ties": "",
}
"""Tables that are compared -> the amount by which a contract is measured."""
_FRACTIONS = frozenset({"share", "share_max", "ratio"})
_ENDS = {
    "facilities": ("borrower_id", "lender_id"),
    "collateral": ("owner_id", None),
    "declared_groups": ("party_id", None),
}
_KIND = {"ties": "kind", "dependencies": "criterion", "rebuttals": "kind"}
"""Tables without a key -> the column that tells rows with the same ends apart."""
_BEGINS, _ENDS_ON = (
    {"facilities": "start_on", "rebuttals": "decided_on"},
    {"facilities": "maturity_on", "rebuttals": "expires_on"},
)
"""Tables -> the column of the day on which a contract began or ended, where it is not from_on, to_on."""
_SILENT = frozenset({"source", "row_key"})
"""Columns whose change is none of the contract."""
_SAME = 1e-12
_NAMED = 3
"""Columns of a contract that are named with their values; further ones by name alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractSide:
    """The contracts of one table in one snapshot, one a key.

    `code` numbers the keys alike on both sides, `row` is a row that has the key, `amount` the sum of all that have it
    (NaN where unknown); `whole` holds the rows where each is a contract, None where several of one end are summed.
    """

    code: Rows
    row: Rows
    amount: Floats
    ends: tuple[Texts, Texts]
    names: Texts | None
    kind: Texts | None
    whole: pa.Table | None

    def key(self, at: Rows) -> list[str]:
        """Return the keys of some of the contracts, as text."""
        if self.names is not None:
            return [str(name) for name in self.said(self.names, at)]
        pairs = zip(self.said(self.ends[0], at), self.said(self.ends[1], at), strict=True)
        if self.kind is None:
            return [f"{one} -> {other}" for one, other in pairs]
        return [
            f"{one} -> {other} ({kind})" for (one, other), kind in zip(pairs, self.said(self.kind, at), strict=True)
        ]

    def said(self, texts: Texts, at: Rows) -> list[str | None]:
        """Return what a column says of some of the contracts."""
        found: list[str | None] = texts.take(pa.array(self.row[at])).to_pylist()
        return found


def contract_changes(before: RiskGraph, after: RiskGraph, notes: list[str]) -> pd.DataFrame:
    """Return the contracts that are not the same in both snapshots, the largest movement first."""
    frames, keyless = [], []
    for name, measure in _MEASURE.items():
        if not before.rows(name) and not after.rows(name):
            continue
        if not CATALOG[name].key:
            keyless.append(name)
        frames.append(_compare(name, measure, before, after, *_sides(before, after, name, measure)))
    if keyless:
        notes.append(
            Note(
                "rows_without_key",
                f"{', '.join(keyless)}: their rows have no key of their own and are matched by the parties at their "
                "ends",
                f"{'、'.join(map(table_zh, keyless))}：各行没有自己的编号，按两端主体匹配。",
            )
        )
    if not frames:
        return score_frame(CONTRACTS, {name: [] for name in CONTRACTS.names})
    whole = pd.concat(frames, ignore_index=True)
    size = whole["difference"].abs().where(whole["unit"] == "base currency", 0.0).fillna(0.0)
    order = np.lexsort((whole["contract_id"], whole["table"], -size.to_numpy()))
    whole = whole.iloc[order]
    told = columns(whole["reason"].tolist())
    return score_frame(
        CONTRACTS, {**{name: whole[name].tolist() for name in CONTRACTS.names if name not in told}, **told}
    )


def _sides(before: RiskGraph, after: RiskGraph, name: str, measure: str) -> tuple[ContractSide, ContractSide]:
    """Return the contracts of a table in both snapshots, their keys numbered alike."""
    key = CATALOG[name].key
    graphs = (before, after)
    rows = [_in_force(g, name) for g in graphs]
    ends = [tuple(end.take(pa.array(at)) for end in _ends(g, name)) for g, at in zip(graphs, rows, strict=True)]
    amounts = [_amount(g, name, measure)[at] for g, at in zip(graphs, rows, strict=True)]
    kinds = None
    if name in _KIND:
        kinds = [_column(g, name, _KIND[name]).take(pa.array(at)) for g, at in zip(graphs, rows, strict=True)]
    names = [_names(g, name, key) for g in graphs] if key else None
    codes = codes_of(names) if names else joined_codes([*zip(*ends, strict=True), *([kinds] if kinds else [])])
    if all(np.bincount(side, minlength=1).max() <= 1 for side in codes):
        return tuple(  # type: ignore[return-value]
            ContractSide(
                code=codes[k],
                row=np.arange(len(codes[k])),
                amount=amounts[k],
                ends=ends[k],
                names=names[k] if names else None,
                kind=kinds[k] if kinds else None,
                whole=_whole(graphs[k], name, rows[k]),
            )
            for k in (0, 1)
        )
    return tuple(  # type: ignore[return-value]
        _summed(codes[k], amounts[k], ends[k], None if kinds is None else kinds[k]) for k in (0, 1)
    )


def _whole(graph: RiskGraph, name: str, rows: Rows) -> pa.Table:
    """Return all declared columns of some rows of a table, read at once."""
    table = graph.tables.select(name, CATALOG[name].names)
    return table if len(rows) == table.num_rows else table.take(pa.array(rows))


def _in_force(graph: RiskGraph, name: str) -> Rows:
    """Return the rows of a table that hold on the day: all but rebuttals, which the graph keeps when they expire."""
    if name != "rebuttals":
        return np.arange(graph.rows(name))
    decided, expires = (
        graph.tables.column(name, "decided_on"),
        pc.fill_null(graph.tables.column(name, "expires_on"), date.max),
    )
    holds = pc.and_(pc.less_equal(decided, graph.as_of), pc.greater(expires, graph.as_of))
    return np.flatnonzero(holds.to_numpy(zero_copy_only=False))


def _column(graph: RiskGraph, name: str, column: str) -> Texts:
    """Return a column of a table as one array."""
    return graph.tables.column(name, column).combine_chunks()


def _ends(graph: RiskGraph, name: str) -> tuple[Texts, Texts]:
    """Return the parties at the ends of each row of a table."""
    if name == "co_borrowers":
        facility = graph.positions(name, "facility_id")
        borrower = _column(graph, "facilities", "borrower_id").take(pa.array(facility, mask=facility < 0))
        return _column(graph, name, "party_id"), borrower
    declared = CATALOG[name]
    first, second = _ENDS.get(name, (declared.source, declared.target))
    none = pa.nulls(graph.rows(name), pa.string())
    return _column(graph, name, first), _column(graph, name, second) if second else none


def _names(graph: RiskGraph, name: str, key: Sequence[str]) -> Texts:
    """Return the key of each row as one text."""
    parts = [_column(graph, name, column) for column in key]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, ": ")


def _summed(code: Rows, amount: Floats, ends: tuple[Texts, Texts], kind: Texts | None) -> ContractSide:
    unique, row, group = np.unique(code, return_index=True, return_inverse=True)
    total: Floats = np.bincount(group, np.nan_to_num(amount), minlength=len(unique)).astype(np.float64)
    known = np.bincount(group, ~np.isnan(amount), minlength=len(unique))
    total[known == 0] = np.nan
    return ContractSide(code=unique, row=row, amount=total, ends=ends, names=None, kind=kind, whole=None)


def _amount(graph: RiskGraph, name: str, measure: str) -> Floats:
    if not measure:
        return np.full(graph.rows(name), np.nan)
    amount = graph.floats(name, measure)
    return np.where(np.isnan(amount), graph.floats(name, "share_min"), amount) if measure == "share_max" else amount


def _compare(
    name: str, measure: str, before: RiskGraph, after: RiskGraph, old: ContractSide, new: ContractSide
) -> pd.DataFrame:
    at = places(old.code, new.code)
    both = np.flatnonzero(at >= 0)
    born = np.flatnonzero(at < 0)
    gone = np.ones(len(old.code), dtype=bool)
    gone[at[both]] = False
    died = np.flatnonzero(gone)
    was, now = old.amount[at[both]], new.amount[both]
    differs = _differs(was, now)
    columns = _moved_columns(name, old, new, at[both], both)
    for flags in columns.values():
        differs |= flags
    kept = np.flatnonzero(differs)
    unit = "" if not measure else "fraction" if measure in _FRACTIONS else "base currency"
    told = _reasons(name, before, after, old, new, at[both][kept], both[kept], columns, kept)
    parts = [
        _rows(new, born, "new", None, new.amount[born], _born(name, new, born)),
        _rows(old, died, "gone", old.amount[died], None, _died(name, old, died, after)),
        _rows(new, both[kept], "changed", was[kept], now[kept], told),
    ]
    return pd.concat(parts, ignore_index=True).assign(table=name, unit=unit)


def _differs(was: np.ndarray, now: np.ndarray) -> np.ndarray:
    unknown = np.isnan(was) != np.isnan(now)
    gap = np.abs(np.nan_to_num(now) - np.nan_to_num(was))
    found: np.ndarray = unknown | (gap > _SAME * np.maximum(np.abs(np.nan_to_num(was)), np.abs(np.nan_to_num(now))))
    return found


def _moved_columns(
    name: str, old: ContractSide, new: ContractSide, at: np.ndarray, both: np.ndarray
) -> dict[str, np.ndarray]:
    """Return for each column that moved anywhere, in which of the contracts in both snapshots it did."""
    if old.whole is None or new.whole is None:
        return {}
    found = {}
    for column in CATALOG[name].columns:
        if column.name in _SILENT or column.name in CATALOG[name].key:
            continue
        was = old.whole[column.name].combine_chunks().take(pa.array(at))
        now = new.whole[column.name].combine_chunks().take(pa.array(both))
        if column.kind in ("money", "number", "fraction"):
            pair = (side.cast(pa.float64()).to_numpy(zero_copy_only=False) for side in (was, now))
            flags = _differs(*pair)
        else:
            nulls = pc.not_equal(was.is_null(), now.is_null())
            flags = np.asarray(
                pc.or_(nulls, pc.fill_null(pc.not_equal(was, now), False)).to_numpy(zero_copy_only=False), dtype=bool
            )
        if flags.any():
            found[column.name] = flags
    return found


def _rows(
    side: ContractSide, at: np.ndarray, change: str, was: np.ndarray | None, now: np.ndarray | None, reasons: list[Note]
) -> pd.DataFrame:
    nothing = np.full(len(at), np.nan)
    before, after = (nothing if was is None else was), (nothing if now is None else now)
    gap = np.nan_to_num(after) - np.nan_to_num(before)
    gap[np.isnan(before) & np.isnan(after)] = np.nan
    return pd.DataFrame(
        {
            "contract_id": pd.Series(side.key(at), dtype=object),
            "party_id": pd.Series(side.said(side.ends[0], at), dtype=object),
            "other_id": pd.Series(side.said(side.ends[1], at), dtype=object),
            "change": change,
            "before": before,
            "after": after,
            "difference": gap,
            "reason": pd.Series(reasons, dtype=object),
        }
    )


def _dates(side: ContractSide, column: str, at: np.ndarray) -> list[object]:
    if side.whole is None or column not in side.whole.column_names:
        return [None] * len(at)
    found: list[object] = side.whole[column].combine_chunks().take(pa.array(at)).to_pylist()
    return found


def _born(name: str, side: ContractSide, at: np.ndarray) -> list[Note]:
    began = _dates(side, _BEGINS.get(name, "from_on"), at)
    return [reason("new", "新增") if day is None else reason(f"began on {day}", f"{day} 起") for day in began]


def _died(name: str, side: ContractSide, at: np.ndarray, after: RiskGraph) -> list[Note]:
    ended = _dates(side, _ENDS_ON.get(name, "to_on"), at)
    word, chinese = ("was due on", "到期") if name == "facilities" else ("ended on", "终止")
    return [
        reason(f"{word} {day}", f"{day} {chinese}")
        if day is not None and day <= after.as_of  # type: ignore[operator]
        else reason("no longer in the data", "已不在数据中")
        for day in ended
    ]


def _reasons(
    name: str,
    before: RiskGraph,
    after: RiskGraph,
    old: ContractSide,
    new: ContractSide,
    at: np.ndarray,
    both: np.ndarray,
    columns: dict[str, np.ndarray],
    kept: np.ndarray,
) -> list[Note]:
    """Return in words what moved in each contract that changed."""
    if not len(kept):
        return []
    if old.whole is None or new.whole is None:
        measure = _MEASURE[name]
        return [moved(name, measure, float(a), float(b)) for a, b in zip(old.amount[at], new.amount[both], strict=True)]
    pieces: list[list[Note]] = [[] for _ in range(len(kept))]
    rates = _moved_rates(before, after)
    for column, flags in columns.items():
        hit = np.flatnonzero(flags[kept])
        was = old.whole[column].combine_chunks().take(pa.array(at[hit])).to_pylist()
        now = new.whole[column].combine_chunks().take(pa.array(both[hit])).to_pylist()
        money = column in CATALOG[name].money
        for k, a, b in zip(hit.tolist(), was, now, strict=True):
            if money and rates and (foreign := _by_rate(a, b, rates)):
                word = column_in_chinese(column, name)
                pieces[k].append(
                    reason(
                        f"{column} only by the exchange rate of {foreign} ({said(a)} → {said(b)})",
                        f"{word} 仅因 {foreign} 汇率变动（{said_in_chinese(a)} → {said_in_chinese(b)}）",
                    )
                )
            elif len(pieces[k]) < _NAMED:
                pieces[k].append(moved(name, column, a, b))
            else:
                pieces[k].append(reason(column, column_in_chinese(column, name)))
    return [joined(found) for found in pieces]


def _moved_rates(before: RiskGraph, after: RiskGraph) -> list[tuple[str, float]]:
    """Return the currencies whose rate moved, each with the rate after over before."""
    rates = [rates_on(graph.table("fx"), graph.as_of, graph.base_currency) for graph in (before, after)]
    return [
        (money, rates[1][money] / rates[0][money])
        for money in sorted(rates[0].keys() & rates[1].keys())
        if rates[0][money] and rates[0][money] != rates[1][money]
    ]


def _by_rate(was: float | None, now: float | None, rates: Sequence[tuple[str, float]]) -> str:
    """Return the currency by whose rate alone an amount moved, "" without one.

    A graph holds amounts in base currency, so the ratio of the two says it: no other change gives that of a rate
    to nine digits.
    """
    if not was or not now:
        return ""
    return next((money for money, ratio in rates if abs(now / was - ratio) <= 1e-9 * ratio), "")
