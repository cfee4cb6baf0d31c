"""Groups of connected clients by their definition, slowly: every party as a head, all again until nothing moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.worlds.build import AS_OF

Rows = dict[str, list[dict[str, Any]]]


def groups_of(rows: Rows, *, family: bool = False, states: tuple[str, ...] = ()) -> list[list[str]]:
    """Return the groups of a book without payments and guarantees: inclusion-maximal sets of clients, sorted."""
    kinds = {p["party_id"]: p.get("kind", "company") for p in rows["parties"]}
    live = [r for r in rows.get("rebuttals", []) if r.get("decided_on", date(2026, 1, 1)) <= AS_OF
            and (r.get("expires_on") is None or AS_OF < r["expires_on"])]  # fmt: skip

    def cut(a: str, b: str, what: str) -> bool:
        return any({r["a_id"], r["b_id"]} == {a, b} and r.get("kind", "both") in (what, "both") for r in live)

    barred = {one for one, kind in kinds.items() if kind == "nominee"}
    held = {r["owned_id"] for r in rows.get("ownership", [])} | {r["controlled_id"] for r in rows.get("control", [])}
    for one in [one for one, kind in kinds.items() if kind == "unknown" and one not in held]:
        said = {r.get("disclosed") for r in rows.get("ownership", []) if r["owner_id"] == one}
        barred |= (
            {one} if said == {False} else set()
        )  # a declared holder whom nobody names; else only of a kind unknown
    own = {(r["owner_id"], r["owned_id"]): r["share_min"] for r in rows.get("ownership", [])}
    shares: dict[str, dict[str, float]] = {}
    for (owner, owned), share in own.items():
        if owner == owned or (owner not in barred and not cut(owner, owned, "control")):
            shares.setdefault(owned, {})[owner] = share
    pairs = [(r["controller_id"], r["controlled_id"]) for r in rows.get("control", [])]
    facts = [(x, y) for x, y in pairs if x not in barred and not cut(x, y, "control")]
    hangs = [(r["dependent_id"], r["on_id"]) for r in rows.get("dependencies", [])
             if r["dependent_id"] != r["on_id"] and not r.get("replaceable") and (r.get("ratio") or 1.0) >= 0.5
             and not cut(r["dependent_id"], r["on_id"], "economic")]  # fmt: skip
    kin: dict[str, set[str]] = {one: {one} for one in kinds}
    for tie in rows.get("ties", []) if family else []:
        a, b = tie["a_id"], tie["b_id"]
        if tie.get("kind", "family") == "family" and kinds[a] == kinds[b] == "person" and not cut(a, b, "control"):
            whole = kin[a] | kin[b]
            for one in whole:
                kin[one] = whole

    def commands(seed: set[str]) -> set[str]:
        found = set(seed)
        while True:
            more = {y for x, y in facts if x in found}
            more |= {y for y, held in shares.items() if sum(s for x, s in held.items() if x in found and x != y)
                     > 0.5 * (1.0 - held.get(y, 0.0)) + 1e-9}  # fmt: skip
            if more <= found:
                return found
            found |= more

    def closure(start: set[str]) -> set[str]:
        found = set(start)
        while True:
            more = {x for x, on in hangs if on in found and on not in states}
            for one in found - set(states):
                more |= kin[one] | commands(kin[one])
            if more <= found:
                return found
            found |= more

    clients = {p["party_id"] for p in rows["parties"] if p.get("is_client", True)}
    heads = [one for one in kinds if one not in states]  # a nominee commands nobody, but who depends on it falls
    sets = [closure({one}) for one in heads]
    for state in states:
        direct = {y for x, y in facts if x == state} | {y for y, held in shares.items() if held.get(state, 0.0) > 0.5}
        covered = set().union(*(commands({one}) for one in direct)) if direct else set()
        rest = commands({state}) - covered - {state}
        hanging = {x for x, on in hangs if on == state}
        sets += [{state} | closure({one}) for one in direct | rest | hanging]
    found = {frozenset(one & clients) for one in sets}
    return sorted(sorted(one) for one in found if len(one) > 1 and not any(one < other for other in found))
