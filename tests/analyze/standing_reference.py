"""A plain slow reference of ownership, control and owners, written from the definitions in docs/methods.

It reads rows as they stand in the tables and shares nothing with the program: bounds by pair, sweeps from 0 upwards for
shares, the fixpoint of control by going over all firms again and again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Row = Mapping[str, Any]
CAPITAL, VOTES = 0, 1
SWEEPS = 4000


@dataclass(frozen=True)
class Book:
    """`low`, `high` (2, n, n): what holder k has of firm j at [k, j], of capital and votes; `live`: no nominee."""

    ids: list[str]
    low: Any
    high: Any
    live: Any
    facts: frozenset[tuple[int, int]]

    @property
    def budget(self) -> Any:
        return np.maximum(1.0, self.low.sum(axis=1))


def read(kinds: Mapping[str, str], rows: Iterable[Row], facts: Iterable[tuple[str, str]] = ()) -> Book:
    ids = sorted(kinds)
    at = {one: k for k, one in enumerate(ids)}
    n = len(ids)
    low, high = np.zeros((2, n, n)), np.zeros((2, n, n))
    taken = np.zeros((2, 2, n, n))
    for row in rows:
        i, j = at[row["owner_id"]], at[row["owned_id"]]
        share = (row.get("share_min"), row.get("share_max"))
        votes = (row.get("votes_min"), row.get("votes_max"))
        for kind, given in ((CAPITAL, share), (VOTES, share if votes == (None, None) else votes)):
            least = 0.0 if given[0] is None else given[0]
            most = np.inf if given[1] is None else given[1]
            least, most = min(least, most), max(least, most)
            low[kind, i, j] += least
            high[kind, i, j] += most
            if row.get("via") is not None:
                taken[0, kind, at[row["via"]], j] += least
                taken[1, kind, at[row["via"]], j] += most
    through = taken[1] > 0
    low = np.where(through, np.maximum(0.0, low - taken[1]), low)
    with np.errstate(invalid="ignore"):
        high = np.where(through, np.maximum(0.0, np.nan_to_num(high - taken[0], nan=0.0)), high)
    budget = np.maximum(1.0, low.sum(axis=1))
    rest = budget[:, None, :] - (low.sum(axis=1)[:, None, :] - low)
    high = np.maximum(low, np.minimum(high, rest))
    live = np.array([kinds[one] != "nominee" for one in ids])
    known = frozenset((at[a], at[b]) for a, b in facts if live[at[a]] and a != b)
    return Book(ids=ids, low=low, high=high, live=live, facts=known)


def best_column(book: Book, kind: int, firm: int, worth: Any) -> Any:
    """Return the completion of a firm's holders that is worth the most: minima first, then the dearest to its most."""
    column = book.low[kind, :, firm].copy()
    rest = book.budget[kind, firm] - column.sum()
    for k in sorted(range(len(worth)), key=lambda k: -worth[k]):
        more = min(rest, book.high[kind, k, firm] - column[k])
        if more > 0:
            column[k] += more
            rest -= more
    return column


def shares(book: Book, owner: int, kind: int, *, most: bool) -> Any:
    """Return the least (or most) corrected share of `owner` in every firm, by sweeps from nothing upwards."""
    n = len(book.ids)
    x = np.zeros(n)
    for _ in range(SWEEPS):
        worth = np.where(book.live, x, 0.0)
        worth[owner] = 1.0
        columns = [best_column(book, kind, j, worth) for j in range(n)] if most else book.low[kind].T
        new = np.array([float(np.dot(worth, column)) for column in columns])
        if np.abs(new - x).max() < 1e-13:
            break
        x = new
    x[owner] = 0.0
    return x


def completion_at_most(book: Book, owner: int, kind: int) -> Any:
    """Return the completion (n, n) at which the most shares of `owner` are reached."""
    worth = np.where(book.live, shares(book, owner, kind, most=True), 0.0)
    worth[owner] = 1.0
    return np.stack([best_column(book, kind, j, worth) for j in range(len(book.ids))], axis=1)


def held(book: Book, members: set[int], firm: int, kind: int, *, most: bool) -> float:
    """Return the least (or most) part of a firm that `members` hold together, of what is not treasury shares."""
    mine = [k for k in members if k != firm and book.live[k]]
    others = [k for k in range(len(book.ids)) if k not in mine and k != firm]
    low, high = book.low[kind, mine, firm].sum(), book.high[kind, mine, firm].sum()
    own = book.low[kind, firm, firm], book.high[kind, firm, firm]
    if not most:
        return float(low / (1.0 - own[0])) if own[0] < 1.0 else 0.0  # a firm that holds itself whole: nobody's
    spoken = book.low[kind, others, firm].sum()
    ends = [t for t in {*np.linspace(*own, 501), *own} if t < 1.0]
    return max((float(min(high, max(low, 1.0 - spoken - t)) / (1.0 - t)) for t in ends), default=0.0)


def controlled(
    book: Book, seeds: Iterable[int], *, threshold: float = 0.5, strict: bool = True, kind: int = VOTES,
    possible: bool = False, facts: bool = True,
) -> set[int]:  # fmt: skip
    """Return whom the set of seeds controls (the seeds left out)."""
    members = set(seeds)
    before = -1
    while len(members) != before:
        before = len(members)
        for firm in range(len(book.ids)):
            if firm in members:
                continue
            part = held(book, members, firm, kind, most=possible)
            meets = part > threshold + 1e-9 if strict else part >= threshold - 1e-9
            if meets or (facts and any((m, firm) in book.facts for m in members)):
                members.add(firm)
    return members - set(seeds)


def owners(book: Book, kinds: Mapping[str, str], regime: str) -> dict[tuple[str, str], str]:
    """Return {(party, owner): basis} of a book, at its least, under amlr or psc."""
    who = [k for k, one in enumerate(book.ids) if kinds[one] == "person"]
    firms = [k for k, one in enumerate(book.ids) if kinds[one] == "company"]
    found = {}
    share = {p: [shares(book, p, kind, most=False) for kind in (CAPITAL, VOTES)] for p in who}
    reach = {k: controlled(book, [k]) for k in [*who, *firms]}
    for p in who:
        for t in firms:
            control, ground, joint = t in reach[p], False, False
            if regime == "psc":
                ground = any(held(book, {p} | reach[p], t, kind, most=False) > 0.25 + 1e-9 for kind in (0, 1))
            else:
                ground = any(x[t] >= 0.25 - 1e-9 for x in share[p])
                joint = any(held(book, reach[p] - {t}, t, kind, most=False) >= 0.25 - 1e-9 for kind in (0, 1))
                joint |= any(t in reach[c] and any(x[c] >= 0.25 - 1e-9 for x in share[p]) for c in firms if c != t)
            if joint or (ground and control):
                found[book.ids[t], book.ids[p]] = "ownership_and_control"
            elif ground or control:
                found[book.ids[t], book.ids[p]] = "ownership" if ground else "control"
    return found


def completed(book: Book, rng: np.random.Generator, *, tied: bool) -> list[dict[str, Any]]:
    """Return rows of one completion: every holding fixed inside its bounds and the budget of its firm.

    `tied`: votes are capital, as in a book that gives no votes.
    """
    n = len(book.ids)
    fixed = np.zeros((2, n, n))
    for kind in (CAPITAL, VOTES):
        for j in range(n):
            column = book.low[kind, :, j].copy()
            rest = (book.budget[kind, j] - column.sum()) * (1.0 if rng.random() < 0.5 else rng.random())
            for k in rng.permutation(n):
                more = min(rest, book.high[kind, k, j] - column[k]) * (1.0 if rng.random() < 0.7 else rng.random())
                column[k] += more
                rest -= more
            fixed[kind, :, j] = column
    return exact_rows(book, fixed[CAPITAL], fixed[CAPITAL if tied else VOTES])


def exact_rows(book: Book, capital: Any, votes: Any) -> list[dict[str, Any]]:
    """Return rows of ownership with exact shares."""
    return [
        {"owner_id": book.ids[i], "owned_id": book.ids[j], "share_min": float(capital[i, j]),
         "share_max": float(capital[i, j]), "votes_min": float(votes[i, j]), "votes_max": float(votes[i, j])}
        for i in range(len(book.ids)) for j in range(len(book.ids)) if capital[i, j] > 0 or votes[i, j] > 0
    ]  # fmt: skip


def random_rows(
    rng: np.random.Generator, firms: Sequence[str], holders: Sequence[str], *, exact: bool, votes: bool
) -> list[dict[str, Any]]:
    """Return random rows: circles, self-holdings, bands, halves, nulls on one or both sides, columns of exactly 1."""
    rows: list[dict[str, Any]] = []
    for firm in firms:
        count = int(rng.integers(1, 5))
        chosen = [str(one) for one in rng.choice([*firms, *holders], size=count, replace=False)]
        if firm in chosen and rng.random() < 0.6:
            chosen.remove(firm)
        parts = rng.choice([1, 1, 2, 2, 3, 4, 5], size=len(chosen)) / 8.0
        if parts.sum() > 1.0 or rng.random() < 0.3:
            parts = parts / parts.sum()
        for holder, part in zip(chosen, parts.tolist(), strict=True):
            if holder == firm:
                part = min(part, 0.3)
            row: dict[str, Any] = {"owner_id": holder, "owned_id": firm, "share_min": part, "share_max": part}
            turn = rng.random()
            if not exact and turn < 0.5:
                wide = float(rng.choice([0.1, 0.25, 0.5]))
                row |= [
                    {"share_min": None, "share_max": None},
                    {"share_min": None},
                    {"share_max": None},
                    {"share_min": max(0.0, part - wide), "share_max": min(1.0, part + wide)},
                ][int(rng.integers(4))]
            if votes and rng.random() < 0.3:
                other = float(rng.choice([0.0, 0.25, 0.5, 0.75])) * (1.0 - sum(r.get("votes_min") or 0.0 for r in rows
                                                                               if r["owned_id"] == firm))  # fmt: skip
                row |= {"votes_min": other, "votes_max": other if exact else min(1.0, other + 0.2)}
            rows.append(row)
    return rows
