"""The steps of the slow reference: valuations, production, collateral, calls, each clause by clause.

It shares no code with the kernels: dictionaries by id, pulled sums, every sweep over everything.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Rows = Mapping[str, list[dict[str, Any]]]
DEFAULTS: dict[str, Any] = {
    "rule": "threshold",
    "recovery": 0.0,
    "alpha": None,
    "capacity": "net_assets",
    "missing_capacity": "zero",
    "recourse": 1.0,
    "layers": ("exposures", "guarantees", "ownership", "supplies", "collateral"),
    "tolerance": 1e-10,
    "beta": 1.0,
    "sigma": None,
    "seniority": "pari",
    "supply_default": "default",
    "schedule": "joint",
    "horizon_months": 12.0,
    "impact_beta": 0.0,
    "impact_depth": None,
}


class Steps:
    """The map over one book; `rows` as for `tests.worlds.build.graph_of`."""

    def __init__(self, rows: Rows, **params: Any) -> None:
        self.p = {**DEFAULTS, **params}
        on = set(self.p["layers"])
        self.parties = sorted(row["party_id"] for row in rows["parties"])
        self.E0: dict[str, float | None] = dict.fromkeys(self.parties)
        for row in rows.get("financials", []):
            self.E0[row["party_id"]] = row.get("equity")
        self.claims: dict[tuple[str, str], float] = defaultdict(float)
        for row in rows.get("exposures", []) if "exposures" in on else []:
            lgd = row.get("lgd")
            self.claims[row["creditor_id"], row["debtor_id"]] += row["amount"] * (1.0 if lgd is None else lgd)
        self.stakes: dict[tuple[str, str], float] = defaultdict(float)
        for row in rows.get("ownership", []) if "ownership" in on else []:
            share = row.get("share_max") if row.get("share_max") is not None else row.get("share_min")
            self.stakes[row["owner_id"], row["owned_id"]] += share or 0.0
        facilities = sorted(rows.get("facilities", []), key=lambda row: str(row["facility_id"]))
        self.facilities = {row["facility_id"]: row for row in facilities}
        self.assets = {row["collateral_id"]: row for row in rows.get("collateral", [])}
        self.pledges = list(rows.get("pledges", [])) if "collateral" in on else []
        self.guarantees = sorted(
            rows.get("guarantees", []) if "guarantees" in on else [], key=lambda r: r["guarantee_id"]
        )
        self.with_collateral = "collateral" in on
        self.accounts = {row["party_id"]: row for row in rows.get("financials", [])}
        self.industry = {row["party_id"]: row.get("industry") or f"own {row['party_id']}" for row in rows["parties"]}
        self.supplies = list(rows.get("supplies", [])) if "supplies" in on else []
        self.nominal: dict[tuple[str, str], float] = defaultdict(float)
        for row in rows.get("exposures", []) if "exposures" in on else []:
            self.nominal[row["creditor_id"], row["debtor_id"]] += row["amount"]

    # --- one sweep ---------------------------------------------------------------------------------------------

    def scale(self, i: str) -> float:
        return max(abs(self.E0[i] or 0.0), 1.0)

    def phi(self, i: str) -> float:
        rule = self.p["rule"]
        if rule == "threshold":
            return (1.0 - self.p["recovery"]) if self.failed[i] else 0.0
        if rule in ("en", "rv", "merton"):
            return self.valued(i, self.E[i])
        if self.failed[i]:
            return 1.0
        first = self.E0[i]
        h = self.fixed[i] if first is None else min(1.0, max(0.0, (first - self.E[i]) / first))
        if rule == "nonlinear":
            return h * math.exp((self.p["alpha"] or 0.0) * (h - 1.0))
        return h

    def valued(self, i: str, equity: float) -> float:
        """Loss fraction of a claim by the debtor's balance sheet: E, pbar, external assets."""
        inside = sum(a for (_, j), a in self.nominal.items() if j == i)
        inside += sum(row["outstanding"] for row in self.facilities.values() if row["borrower_id"] == i)
        claims = sum(a for (c, _), a in self.nominal.items() if c == i)
        claims += sum(row["outstanding"] for row in self.facilities.values() if row.get("lender_id") == i)
        owed = max(self.accounts.get(i, {}).get("total_liabilities") or 0.0, inside)
        external = (self.E0[i] or 0.0) + owed - claims - self.s[i]
        if self.p["rule"] == "merton":
            sigma = self.p["sigma"] or self.accounts[i]["equity_volatility"]
            if equity >= max(external, 0.0):
                return 0.0
            if external <= 0.0:
                return 1.0 - self.p["recovery"]
            x = (sigma**2 / 2 + math.log(1 - equity / external)) / (math.sqrt(2) * sigma)
            return (1.0 - self.p["recovery"]) * 0.5 * (1 + math.erf(x))
        outside = owed - inside if self.p["seniority"] == "senior" else 0.0
        due = owed - outside
        if equity >= -1e-12 * self.scale(i) or due <= 0.0:
            return 0.0
        if self.p["rule"] == "en":
            return 1.0 - max(equity + due, 0.0) / due
        alpha = 1.0 if self.p["alpha"] is None else self.p["alpha"]
        means = (alpha - self.p["beta"]) * external + self.p["beta"] * max(equity + due, 0.0)
        means -= (1.0 - self.p["beta"]) * outside
        means = min(means, max(equity + due, 0.0))  # costs of default never add to what there is
        return min(1.0, max(0.0, 1.0 - means / due))

    def stopped(self, i: str) -> float:
        """Production that a party loses by itself."""
        rule, own = self.p["supply_default"], self.production[i]
        if rule == "none":
            return own
        if self.failed[i]:
            return 1.0
        if rule == "default":
            return own
        first = self.E0[i]
        part = self.fixed[i] if first is None else min(1.0, max(0.0, (first - self.E[i]) / first))
        return max(own, part)

    def year(self, i: str, column: str) -> float | None:
        """A year of what a party sells or spends, by its accounts."""
        row = self.accounts.get(i, {})
        value = row.get(column) if row.get("sales") is not None else None
        return None if value is None else value * 12.0 / (row.get("period_months") or 12.0)

    def profit(self, i: str) -> float:
        """What a party without production loses over the horizon."""
        sales, cost = self.year(i, "sales"), self.year(i, "material_cost")
        if sales is None or cost is None:
            return 0.0
        return max(0.0, sales - cost - (self.year(i, "operating_costs") or 0.0)) * self.p["horizon_months"] / 12.0

    def produce(self) -> float:
        """One step of the supply layer; returns the largest change."""
        sold: dict[str, float] = defaultdict(float)
        bought: dict[str, float] = defaultdict(float)
        of_kind: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.supplies:
            sold[row["supplier_id"]] += row["amount"]
            bought[row["buyer_id"]] += row["amount"]
            of_kind[row["buyer_id"], self.industry[row["supplier_id"]]] += row["amount"]
        for i in self.parties:  # what the accounts say, where it is more than what is recorded
            sold[i] = max(sold[i], self.year(i, "sales") or 0.0)
            bought[i] = max(bought[i], self.year(i, "material_cost") or 0.0)
        room: dict[str, float] = defaultdict(float)
        for i in self.parties:
            room[self.industry[i]] += sold[i] * (1.0 - self.down[i])
        share = {
            i: 0.0 if sold[i] == 0 else 1.0 if room[self.industry[i]] <= 1e-12 * sold[i]
            else min(1.0, sold[i] / room[self.industry[i]])
            for i in self.parties
        }  # fmt: skip
        down, up = {}, {}
        self.because: dict[str, dict[str, float]] = {}
        for j in self.parties:
            groups: dict[str, dict[str, float]] = {"": defaultdict(float)}
            for row in self.supplies:
                i = row["supplier_id"]
                if row["buyer_id"] == j and row["amount"] > 0:
                    gone = share[i] * self.down[i] * row["amount"]
                    vital = row.get("essential")
                    whole = of_kind[j, self.industry[i]] if vital else bought[j]
                    group = groups.setdefault(self.industry[i] if vital else "", defaultdict(float))
                    group[f"supplies:{i}-{j}"] += gone / whole
            orders: dict[str, float] = defaultdict(float)
            for row in self.supplies:
                if row["supplier_id"] == j and row["amount"] > 0:
                    orders[f"supplies:{j}-{row['buyer_id']}"] += row["amount"] / sold[j] * self.up[row["buyer_id"]]
            own, inputs = self.stopped(j), max(groups.values(), key=lambda group: sum(group.values()))
            down[j] = min(1.0, max(own, sum(inputs.values())))
            up[j] = min(1.0, max(own, sum(orders.values())))
            worst = max(own, sum(inputs.values()), sum(orders.values()))
            lines = inputs if worst <= sum(inputs.values()) else orders
            if worst <= own:
                lines = {f"supplies:{j}-{j}": worst}
            self.because[j] = {key: value / worst for key, value in lines.items()} if worst > 0 else {}
        change = max(
            [abs(down[i] - self.down[i]) for i in self.parties] + [abs(up[i] - self.up[i]) for i in self.parties]
        )
        self.down, self.up = down, up
        return change

    def cover(self, price: Mapping[str, float]) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
        """Return what collateral pays of each facility, and which asset pays how much of it."""
        takes: dict[tuple[str, str], float] = defaultdict(float)
        for asset_id, asset in self.assets.items():
            part = price.get(asset_id, 1.0) * (1.0 - (asset.get("haircut") or 0.0))
            left = asset["value"] * part
            mine = [
                row
                for row in self.pledges
                if row["collateral_id"] == asset_id
                and (asset.get("owner_id") is None
                     or self.facilities[row["facility_id"]].get("lender_id") != asset["owner_id"])
            ]  # fmt: skip
            for rank in sorted({row.get("rank") or 1 for row in mine}):
                claims = []
                for row in mine:
                    if (row.get("rank") or 1) == rank:
                        due = self.facilities[row["facility_id"]]["outstanding"]
                        allocated = row.get("allocated_amount")
                        claims.append((row["facility_id"], min((due if allocated is None else allocated) * part, due)))
                total = sum(claim for _, claim in claims)
                share = 1.0 if total <= left else left / total
                for facility, claim in claims:
                    takes[facility, asset_id] += claim * share
                left = max(0.0, left - total)
        covered, pays = {}, {}
        for facility, row in self.facilities.items():
            total = sum(v for (f, _), v in takes.items() if f == facility)
            covered[facility] = min(row["outstanding"], total)
            if row["outstanding"] - covered[facility] <= 1e-12 * row["outstanding"]:
                covered[facility] = row["outstanding"]
            for (f, asset_id), v in takes.items():
                if f == facility and total > 0:
                    pays[f, asset_id] = v * covered[facility] / total
        return covered, pays

    def stands_behind(self, g: Mapping[str, Any], f: str) -> bool:
        """Whether a guarantee is called for a facility: never for the guarantor's own debt, nor its own loan."""
        row = self.facilities[f]
        if g["guarantor_id"] in (row["borrower_id"], row.get("lender_id")):
            return False
        named = g.get("facility_id")
        return bool(named == f or (named is None and row["borrower_id"] == g["debtor_id"]))

    def calls(
        self, short: Mapping[str, float], capacity: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[tuple[str, str], list[float]]]:
        """The call procedure, clause by clause. Returns what stays unpaid and [asked, paid] per contract, facility."""
        behind = {
            (g["guarantee_id"], f): g for g in self.guarantees for f in self.facilities if self.stands_behind(g, f)
        }
        unpaid = dict(short)
        largest = max(short.values(), default=0.0)
        none = 1e-12 * largest
        cap = {g["guarantee_id"]: g["amount"] for g in self.guarantees}
        y = dict(capacity)
        book: dict[tuple[str, str], list[float]] = {key: [0.0, 0.0] for key in behind}
        rank_of = {g["guarantee_id"]: g.get("rank") or 1 for g in self.guarantees}

        def share(g: dict[str, Any], f: str) -> float:
            if g.get("share") is not None:
                return float(g["share"])
            own = rank_of[g["guarantee_id"]]
            caps = sum(o["amount"] for (i, ff), o in behind.items() if ff == f and rank_of[i] == own)
            return g["amount"] / caps if caps > 0 else 0.0

        def cut(asks: dict[tuple[str, str], float], mode: str) -> None:
            for g in self.guarantees:
                mine = [key for key in asks if key[0] == g["guarantee_id"] and g.get("mode", "several") == mode]
                total = sum(asks[key] for key in mine)
                if g.get("facility_id") is None and total > cap[g["guarantee_id"]]:
                    for key in mine:
                        asks[key] *= cap[g["guarantee_id"]] / total

        for rank in sorted(set(rank_of.values())):
            number = 0
            while True:
                asks: dict[tuple[str, str], float] = {}
                if number == 0:
                    for (i, f), g in behind.items():
                        several = g.get("mode", "several") == "several"
                        if rank_of[i] == rank and several and unpaid[f] > none and cap[i] > none:
                            asks[i, f] = min(cap[i], share(g, f) * unpaid[f])
                    for f in self.facilities:
                        total = sum(a for (_, ff), a in asks.items() if ff == f)
                        if total > unpaid[f] > 0:
                            for key in [key for key in asks if key[1] == f]:
                                asks[key] *= unpaid[f] / total
                    cut(asks, "several")
                joint: dict[tuple[str, str], float] = {}
                for f in self.facilities:
                    rest = unpaid[f] - sum(a for (_, ff), a in asks.items() if ff == f)
                    able = [
                        (i, g) for (i, ff), g in behind.items()
                        if ff == f and rank_of[i] == rank and g.get("mode", "several") == "joint_several"
                        and cap[i] > none and y[g["guarantor_id"]] > none
                    ]  # fmt: skip
                    shares = sum(share(g, f) for _, g in able)
                    if rest > none and shares > 0:
                        for i, g in able:
                            joint[i, f] = min(cap[i], rest * share(g, f) / shares)
                cut(joint, "joint_several")
                asks.update(joint)
                of: dict[str, float] = defaultdict(float)
                for (i, f), a in asks.items():
                    of[behind[i, f]["guarantor_id"]] += a
                moved = 0.0
                for (i, f), a in asks.items():
                    k = behind[i, f]["guarantor_id"]
                    paid = a if of[k] <= y[k] else a * y[k] / of[k]
                    book[i, f][0] += a
                    book[i, f][1] += paid
                    cap[i] -= paid
                    unpaid[f] = max(0.0, unpaid[f] - paid)
                    moved += paid
                for k, a in of.items():
                    y[k] = max(0.0, y[k] - a)
                if number > 0 and moved <= none:
                    break
                number += 1
        return {f: (0.0 if u <= none else u) for f, u in unpaid.items()}, book
