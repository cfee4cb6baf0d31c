"""What the queries on fund use and the public FinBench reads say, worked out row by row in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
TIES = (("ownership", "owner_id", "owned_id", "OWNS"), ("control", "controller_id", "controlled_id", "CONTROLS"))


def inside(day: date | None, first: date | None, last: date | None) -> bool:
    """Whether a day lies in a window; an unknown day lies in every one."""
    return day is None or ((first is None or day >= first) and (last is None or day <= last))


def holds(row: Row, on: date) -> bool:
    return (row.get("from_on") is None or row["from_on"] <= on) and (row.get("to_on") is None or row["to_on"] > on)


def latest(payments: Iterable[Row], most: int) -> tuple[list[Row], int]:
    """Return the latest payments, and how many were left out (days of the tests' books differ where it matters)."""
    ordered = sorted(payments, key=lambda e: e["paid_on"], reverse=True)
    return ordered[:most], max(0, len(ordered) - most)


def links(book: Rows, one: str, other: str, on: date) -> list[str]:
    """Return the kinds of direct links between two parties, by name."""
    found = set()
    for table, source, target, name in TIES:
        for row in book.get(table, []):
            if holds(row, on) and {one, other} == {row[source], row[target]}:
                found.add(name)
    for row in book.get("ties", []):
        if holds(row, on) and {one, other} == {row["a_id"], row["b_id"]}:
            found.add(row["kind"])
    return sorted(found)


def ways(
    start: Iterable[Row], book: Rows, steps: int, most: int, goes: Callable[[list[Row], Row], bool]
) -> tuple[list[list[Row]], int]:
    """Return all ways of 1 to `steps` payments, and how many payments were left out."""
    first, left = latest(start, most)
    found = [[e] for e in first]
    fresh = found
    for _ in range(steps - 1):
        longer = []
        for way in fresh:
            kept, over = latest((e for e in book["fund_flows"] if goes(way, e)), most)
            left += over
            longer += [[*way, e] for e in kept]
        fresh = longer
        found = found + longer
    return found, left


def medium(book: Rows, on: date, one: str, most: int, first: date | None, last: date | None) -> set[tuple[Any, ...]]:
    """FinBench CR1."""
    flows = [e for e in book["fund_flows"] if inside(e["paid_on"], first, last)]
    found, left = ways(
        (e for e in flows if e["payer_id"] == one),
        {"fund_flows": flows},
        3,
        most,
        lambda way, e: e["payer_id"] == way[-1]["payee_id"] and e["paid_on"] >= way[-1]["paid_on"] and e not in way,
    )
    near: dict[str, int] = {}
    for way in found:
        end = way[-1]["payee_id"]
        near[end] = min(near.get(end, 9), len(way))
    near.pop(one, None)
    bad = {p["party_id"] for p in book["parties"] if p.get("status") in ("defaulted", "closed")}
    out = set()
    for row in book["ties"]:
        if row["kind"] in ("phone", "address", "device") and holds(row, on):
            for q, m in ((row["a_id"], row["b_id"]), (row["b_id"], row["a_id"])):
                if q in near and m in bad and q != m:
                    out.add((q, near[q], m, row["kind"], left))
    return out or ({(None, None, None, None, left)} if left else set())


def trace(book: Rows, loan: Row, threshold: float, most: int) -> dict[str, tuple[float, int, int]]:
    """FinBench CR8: payee -> (ratio, distance, left out)."""
    lent = loan["limit_amount"] if loan.get("limit_amount") is not None else loan["outstanding"]
    seen = {loan["borrower_id"]}
    level: dict[str, float] = {loan["borrower_id"]: lent}
    inflow: dict[str, float] = {}
    distance: dict[str, int] = {}
    left = 0
    for step in (1, 2, 3):
        came: dict[str, float] = {}
        for payer, had in level.items():
            kept, over = latest(
                (
                    e
                    for e in book["fund_flows"]
                    if e["payer_id"] == payer
                    and e["payee_id"] != payer
                    and e["currency"] == loan["currency"]
                    and e["amount"] > threshold * had
                    and (step > 1 or e.get("facility_id") == loan["facility_id"])
                ),
                most,
            )
            left += over
            for e in kept:
                to = e["payee_id"]
                inflow[to] = inflow.get(to, 0.0) + e["amount"]
                distance.setdefault(to, step)
                came[to] = came.get(to, 0.0) + e["amount"]
        level = {to: amount for to, amount in came.items() if to not in seen}
        seen |= set(level)
    return {to: (inflow[to] / lent, distance[to], left) for to in inflow}


def chain(book: Rows, on: date, one: str, most: int, first: date | None, last: date | None) -> tuple[list[Row], int]:
    """The steps of a guarantee chain: contracts of each, and the parties reached first."""
    seen, level, left, steps = {one}, [one], 0, []
    for step in range(1, 6):
        used: list[Row] = []
        for giver in level:
            given = [
                g
                for g in book["guarantees"]
                if g["guarantor_id"] == giver
                and g["debtor_id"] != giver
                and holds(g, on)
                and inside(g.get("from_on"), first, last)
            ]
            given.sort(key=lambda g: (-g["amount"], g["guarantee_id"]))
            left += max(0, len(given) - most)
            used += given[:most]
        fresh = sorted({g["debtor_id"] for g in used} - seen)
        seen |= set(fresh)
        level = fresh
        if used:
            steps.append({"step": step, "used": used, "fresh": fresh})
    return steps, left
