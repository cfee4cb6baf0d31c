"""A slow reference of the contagion map in plain Python, written from docs/methods/contagion.md alone.

It shares no code with the kernels: dictionaries by id, pulled sums, every sweep over everything.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.analyze.contagion_steps import Steps


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


class Reference(Steps):
    """The map over one book; `rows` as for `tests.worlds.build.graph_of`."""

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
                profit = self.profit(i)
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
                liable = any(g.get("liability") == "joint" and self.stands_behind(g, f) for g in self.guarantees)
                part = loss + (1.0 - self.p["recourse"]) * (1.0 - loss) if liable and loss > 1e-9 else loss
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
            before, lent = lent, dict.fromkeys(self.parties, 0.0)
            for f, row in self.facilities.items():
                if row.get("lender_id") is not None:
                    lent[row["lender_id"]] += unpaid[f]
                    lines[row["lender_id"]][f"exposure:{row['lender_id']}-{row['borrower_id']}"] += unpaid[f]
            change, fresh = max(abs(lent[i] - before[i]) / self.scale(i) for i in self.parties), []
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
            if quiet.failed[seed] and not (self.p["supply_default"] == "none" and self.supplies):
                caused[seed] = (0.0, 0.0, 0)
                continue
            try:
                one = self.run({seed: 1.0})
            except UnsettledError:
                caused[seed] = None
                continue
            ours = [f for f, row in self.facilities.items() if row.get("lender_id") is None]
            bank = sum(one.unpaid[f] - quiet.unpaid[f] for f in ours)
            others = sum(
                max(quiet.after[i], 0.0) - max(one.after[i], 0.0)
                for i in self.parties
                if i != seed and self.E0[i] is not None
            )
            new = sum(one.failed[i] and not quiet.failed[i] for i in self.parties if i != seed)
            caused[seed] = (others + bank, bank, new)
        return caused
