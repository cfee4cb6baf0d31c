"""A slow reference of the contagion map in plain Python, written from docs/methods/contagion.md alone.

It shares no code with the kernels: dictionaries by id, pulled sums, every sweep over everything.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    "impact_beta": 0.0,
    "impact_depth": None,
}


class UnsettledError(Exception):
    """The sweeps swing for ever: calls that shift between guarantors are not monotone in every book."""


@dataclass
class Outcome:
    equity: dict[str, float | None] = field(default_factory=dict)
    after: dict[str, float | None] = field(default_factory=dict)
    fraction: dict[str, float | None] = field(default_factory=dict)
    failed: dict[str, bool] = field(default_factory=dict)
    round: dict[str, int | None] = field(default_factory=dict)
    cause: dict[str, str | None] = field(default_factory=dict)
    losses: dict[str, dict[str, float]] = field(default_factory=dict)
    facilities: dict[str, dict[str, float]] = field(default_factory=dict)
    calls: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    unpaid: dict[str, float] = field(default_factory=dict)


class Reference:
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

    def produce(self) -> float:
        """One step of the supply layer; returns the largest change."""
        sold: dict[str, float] = defaultdict(float)
        bought: dict[str, float] = defaultdict(float)
        of_kind: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.supplies:
            sold[row["supplier_id"]] += row["amount"]
            bought[row["buyer_id"]] += row["amount"]
            of_kind[row["buyer_id"], self.industry[row["supplier_id"]]] += row["amount"]
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
            mine = [row for row in self.pledges if row["collateral_id"] == asset_id]
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

    def calls(
        self, short: Mapping[str, float], capacity: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[tuple[str, str], list[float]]]:
        """The call procedure, clause by clause. Returns what stays unpaid and [asked, paid] per contract, facility."""
        behind: dict[tuple[str, str], dict[str, Any]] = {}
        for g in self.guarantees:
            for f, row in self.facilities.items():
                if g.get("facility_id") == f or (g.get("facility_id") is None and row["borrower_id"] == g["debtor_id"]):
                    behind[g["guarantee_id"], f] = g
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

    def run(
        self, shock: Mapping[str, float] | None = None, price: Mapping[str, float] | None = None, rounds: int = 3_000
    ) -> Outcome:
        """Iterate from the undistressed state; `shock`: fraction of equity, `price`: factor of each asset's value."""
        shock, price = shock or {}, price or {}
        price = price if self.with_collateral else {}
        s = {}
        for i in self.parties:
            first = self.E0[i]
            s[i] = 0.0 if first is None or first <= 1e-12 * self.scale(i) else first * shock.get(i, 0.0)
        self.fixed = {i: shock.get(i, 0.0) for i in self.parties}
        self.production = dict.fromkeys(self.parties, 0.0)
        if self.p["supply_default"] == "none" and self.supplies:
            self.production, s = dict(self.fixed), dict.fromkeys(self.parties, 0.0)
            self.fixed = dict.fromkeys(self.parties, 0.0)
        self.s = s
        self.E = {i: (self.E0[i] or 0.0) - s[i] for i in self.parties}
        self.failed, when, cause = {}, {}, {}
        for i in self.parties:
            if self.E0[i] is None:
                self.failed[i] = self.fixed[i] >= 1.0
            else:
                self.failed[i] = self.E[i] <= 1e-12 * self.scale(i)
            when[i] = 0 if self.failed[i] else None
            cause[i] = None
            if self.failed[i]:
                broken = self.E0[i] is not None and self.E0[i] <= 1e-12 * self.scale(i)
                cause[i] = "initial" if broken else "shock"
        covered, pays = self.cover(price)
        first_price, first_pays = {c: price.get(c, 1.0) for c in self.assets}, pays
        price = dict(first_price)
        lot = {c: row.get("asset_class") or f"kind {row.get('kind', 'real_estate')}" for c, row in self.assets.items()}
        self.down = {i: self.stopped(i) for i in self.parties}
        self.up = dict(self.down)
        if self.p["schedule"] == "staged":
            while self.produce() > self.p["tolerance"]:
                pass
        lent = dict.fromkeys(self.parties, 0.0)
        out = Outcome()
        for number in range(1, rounds + 1):
            phi = {i: self.phi(i) for i in self.parties}
            moved = self.produce() if self.supplies and self.p["schedule"] == "joint" else 0.0
            if self.p["impact_beta"] and self.with_collateral:
                for c in self.assets:
                    depth = self.p["impact_depth"]
                    if depth is None:
                        depth = sum(self.assets[o]["value"] * first_price[o] for o in self.assets if lot[o] == lot[c])
                    sold = sum(
                        amount / (1.0 - (self.assets[o].get("haircut") or 0.0)) * phi[self.facilities[f]["borrower_id"]]
                        for (f, o), amount in first_pays.items() if lot[o] == lot[c] and amount > 0
                    )  # fmt: skip
                    new = first_price[c] * math.exp(-self.p["impact_beta"] * sold / depth) if depth > 0 else price[c]
                    moved = max(moved, abs(new - price[c]))
                    price[c] = new
                covered, pays = self.cover(price)
            fallen = {
                i: 0.0 if self.E0[i] is None else max(self.E0[i], 0.0) - max(self.E[i], 0.0) for i in self.parties
            }
            lines: dict[str, dict[str, float]] = {i: defaultdict(float) for i in self.parties}
            by: dict[str, dict[str, float]] = {i: defaultdict(float) for i in self.parties}
            for i in self.parties:
                lines[i]["shock"] += s[i]
            for (i, j), a in self.claims.items():
                by[i]["exposures"] += a * phi[j]
                lines[i][f"exposure:{i}-{j}"] += a * phi[j]
            for (i, j), share in self.stakes.items():
                by[i]["ownership"] += share * fallen[j]
                lines[i][f"ownership:{j}"] += share * fallen[j]
            for i in self.parties if self.supplies else []:
                account = self.accounts.get(i, {})
                sales, cost = account.get("sales"), account.get("material_cost")
                profit = 0.0 if sales is None or cost is None else max(0.0, sales - cost)
                by[i]["supplies"] += max(self.down[i], self.up[i]) * profit
                for key, part in self.because.get(i, {}).items():
                    lines[i][key] += part * max(self.down[i], self.up[i]) * profit
            for (f, c), amount in pays.items():
                owner, borrower = self.assets[c].get("owner_id"), self.facilities[f]["borrower_id"]
                if owner is not None and owner != borrower:
                    by[owner]["collateral"] += amount * phi[borrower]
                    lines[owner][f"collateral:{c}"] += amount * phi[borrower]
            for c, asset in self.assets.items():
                if asset.get("owner_id") is not None:
                    fall = asset["value"] * (1.0 - price.get(c, 1.0))
                    by[asset["owner_id"]]["collateral"] += fall
                    lines[asset["owner_id"]][f"collateral:{c}"] += fall
            short = {}
            for f, row in self.facilities.items():
                loss = phi[row["borrower_id"]]
                liable = any(
                    g.get("liability") == "joint"
                    and (
                        g.get("facility_id") == f
                        or (g.get("facility_id") is None and g["debtor_id"] == row["borrower_id"])
                    )
                    for g in self.guarantees
                )
                part = loss + (1.0 - self.p["recourse"]) * (1.0 - loss) if liable and loss > 1e-12 else loss
                short[f] = (row["outstanding"] - covered[f]) * part
            capacity = {}
            for k in self.parties:
                if self.p["capacity"] == "unlimited":
                    capacity[k] = math.inf
                elif self.E0[k] is None:
                    capacity[k] = math.inf if self.p["missing_capacity"] == "caps" else 0.0
                else:
                    capacity[k] = max(0.0, self.E0[k] - s[k] - sum(by[k].values()) - lent[k])
            unpaid, book = self.calls(short, capacity)
            paid, asked = dict.fromkeys(self.parties, 0.0), dict.fromkeys(self.parties, 0.0)
            who = {g["guarantee_id"]: g["guarantor_id"] for g in self.guarantees}
            for (g, _), (a, p) in book.items():
                asked[who[g]] += a
                paid[who[g]] += p
                lines[who[g]][f"guarantee:{g}"] += p
            lent = dict.fromkeys(self.parties, 0.0)
            for f, row in self.facilities.items():
                if row.get("lender_id") is not None:
                    lent[row["lender_id"]] += unpaid[f]
                    lines[row["lender_id"]][f"exposure:{row['lender_id']}-{row['borrower_id']}"] += unpaid[f]
            change, fresh = 0.0, []
            for i in self.parties:
                after = self.E[i]
                if self.E0[i] is not None:
                    after = self.E0[i] - s[i] - sum(by[i].values()) - lent[i] - paid[i]
                change = max(change, abs(after - self.E[i]) / self.scale(i))
                fails = asked[i] - paid[i] > 1e-9 * asked[i] or (
                    self.E0[i] is not None and after <= 1e-12 * self.scale(i)
                )
                self.E[i] = after
                if fails and not self.failed[i]:
                    fresh.append(i)
            for i in fresh:
                self.failed[i], when[i] = True, number
                most = max(lines[i].values())
                if most > 0:
                    cause[i] = min(key for key, v in lines[i].items() if v >= most * (1 - 1e-9))
                else:
                    open_ = defaultdict(float)
                    for (g, _), (a, p) in book.items():
                        if who[g] == i:
                            open_[g] += a - p
                    cause[i] = "guarantee:" + min(g for g, v in open_.items() if v >= max(open_.values()) * (1 - 1e-9))
            if change <= self.p["tolerance"] and moved <= self.p["tolerance"] and not fresh:
                break
        else:
            raise UnsettledError(f"the reference did not settle in {rounds} rounds")
        for i in self.parties:
            first = self.E0[i]
            out.equity[i], out.after[i] = first, None if first is None else self.E[i]
            if first is None:
                out.fraction[i] = None
            elif first <= 1e-12 * self.scale(i):
                out.fraction[i] = 1.0
            else:
                out.fraction[i] = min(1.0, max(0.0, (first - self.E[i]) / first))
            out.losses[i] = {
                "loss_shock": s[i],
                "loss_exposures": by[i]["exposures"] + lent[i],
                "loss_ownership": by[i]["ownership"],
                "loss_supplies": by[i]["supplies"],
                "loss_collateral": by[i]["collateral"],
                "guarantee_paid": paid[i],
                "guarantee_unmet": asked[i] - paid[i] if asked[i] - paid[i] > 1e-9 * asked[i] else 0.0,
            }
        out.failed, out.round, out.cause, out.unpaid = dict(self.failed), when, cause, unpaid
        for f, row in self.facilities.items():
            out.facilities[f] = {
                "collateral_recovery": covered[f] * phi[row["borrower_id"]],
                "shortfall": short[f],
                "guarantor_paid": sum(p for (_, ff), (_, p) in book.items() if ff == f),
                "bank_loss": unpaid[f],
            }
        out.calls = {key: (a, p) for key, (a, p) in book.items() if a > 0}
        return out

    def importance(self) -> dict[str, tuple[float, float, int] | None]:
        """Return loss, bank loss and defaults caused by each party as the only seed; None where unsettled."""
        quiet = self.run()
        caused: dict[str, tuple[float, float, int] | None] = {}
        for seed in self.parties:
            if quiet.failed[seed]:
                caused[seed] = (0.0, 0.0, 0)
                continue
            try:
                one = self.run({seed: 1.0})
            except UnsettledError:
                caused[seed] = None
                continue
            bank = sum(one.unpaid.values()) - sum(quiet.unpaid.values())
            others = sum(
                max(quiet.after[i], 0.0) - max(one.after[i], 0.0)
                for i in self.parties
                if i != seed and self.E0[i] is not None
            )
            new = sum(one.failed[i] and not quiet.failed[i] for i in self.parties if i != seed)
            caused[seed] = (others + bank, bank, new)
        return caused
