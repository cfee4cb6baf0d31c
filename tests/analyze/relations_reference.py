"""Relations worked out slowly from docs/methods/relations.md: sets and loops over rows, ways by trying all of them."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations
from typing import Any

Rows = dict[str, list[dict[str, Any]]]
STRENGTH = {
    "same_as": 1.0, "family": 0.8, "officer": 0.7, "device": 0.6, "phone": 0.5, "value": 0.5, "guarantee": 0.5,
    "co_guarantor": 0.4, "same_person": 0.4, "associate": 0.4, "address": 0.4, "accountant": 0.3, "auditor": 0.2,
}  # fmt: skip
SHARED = {"officer", "address", "phone", "device", "same_person", "auditor", "accountant"}
HINTS = SHARED | {"associate", "value"}
Links = dict[tuple[str, str, str], float]


def links(rows: Rows, *, most: int) -> tuple[Links, set[tuple[str, str]]]:
    """Return the strength of each (a, b, kind) of ties, guarantees and phones, and which of them are through others."""
    found: Links = {}
    direct: set[tuple[str, str, str]] = set()

    def add(a: str, b: str, kind: str, strength: float, through: bool) -> None:
        if a != b:
            key = (min(a, b), max(a, b), kind)
            found[key] = max(found.get(key, 0.0), strength)
            if not through:
                direct.add(key)

    around: dict[tuple[str, str], set[str]] = {}
    for row in rows.get("ties", []):
        kind = "officer" if row["kind"] == "director" else row["kind"]
        add(row["a_id"], row["b_id"], kind, STRENGTH[kind], False)
        if kind in SHARED and row["a_id"] != row["b_id"]:
            around.setdefault((kind, row["a_id"]), set()).add(row["b_id"])
            around.setdefault((kind, row["b_id"]), set()).add(row["a_id"])
    for (kind, _), others in around.items():
        if len(others) <= most:
            for a, b in combinations(sorted(others), 2):
                add(a, b, kind, STRENGTH[kind] ** 2, True)
    behind: dict[str, set[str]] = {}
    for row in rows.get("guarantees", []):
        if row["guarantor_id"] != row["debtor_id"]:
            add(row["guarantor_id"], row["debtor_id"], "guarantee", STRENGTH["guarantee"], False)
            behind.setdefault(row["debtor_id"], set()).add(row["guarantor_id"])
    for givers in behind.values():
        if len(givers) <= most:
            for a, b in combinations(sorted(givers), 2):
                add(a, b, "co_guarantor", STRENGTH["co_guarantor"], False)
    phones: dict[str, set[str]] = {}
    for row in rows["parties"]:
        if row.get("phone"):
            phones.setdefault(row["phone"], set()).add(row["party_id"])
    for members in phones.values():
        if len(members) <= most:
            for a, b in combinations(sorted(members), 2):
                add(a, b, "phone", STRENGTH["phone"], False)
    through = {key for key in found if key not in direct}
    return found, through


def chains(
    found: Links, through: Any, clients: set[str], *, steps: int, weakest: float
) -> dict[tuple[str, str], float]:
    """Return the strongest way between clients without a link, of all simple ways of up to `steps` links."""
    best: dict[tuple[str, str], float] = {}
    for (a, b, kind), strength in found.items():
        if (a, b, kind) not in through:
            best[a, b] = max(best.get((a, b), 0.0), strength)
    joined = {(a, b) for a, b, _ in found}
    ids = sorted({one for pair in best for one in pair})
    out: dict[tuple[str, str], float] = {}
    for a, b in combinations(sorted(clients), 2):
        if (a, b) in joined:
            continue
        strongest = 0.0
        for length in range(1, steps):
            for middle in permutations([i for i in ids if i not in (a, b)], length):
                way = [a, *middle, b]
                product = 1.0
                for x, y in pairwise(way):
                    product *= best.get((min(x, y), max(x, y)), 0.0)
                strongest = max(strongest, product)
        if strongest >= weakest - 1e-12:
            out[a, b] = strongest
    return out
