"""Merton's distance to default of every statement: with market data exactly, else by a proxy that is marked as one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.analyze.scores.classic import Scored
from graphrisk.credit.statements import Statements
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.credit.merton import TOLERANCE, default_probability, distance_to_default, solve_merton

Words = npt.NDArray[np.object_]
LEAST_FIRMS = 5
"""Firms with market data whose median volatility says something of others."""


def merton_scores(
    given: Statements, *, rate: float, drift: float, volatility: float, band: float, prefix: int
) -> tuple[Scored, int]:
    """Return the distance to default of every statement, and how many with market data could not be solved.

    Default point: current liabilities and half of the long-term debt. `volatility`: of the assets of a firm without
    market data, where too few similar firms have them; `band`: the part by which it is moved for pd_low and pd_high.
    """
    debt, debt_said = _default_point(given)
    worth, moves = given.balance("market_value_equity"), given.balance("equity_volatility")
    market = (worth > 0.0) & (moves > 0.0)
    firm = solve_merton(np.where(market, worth, np.nan), moves, debt, rate=rate)
    solved = firm.residual <= TOLERANCE
    unsolved = market & (debt > 0.0) & ~solved
    value, sigma = np.where(solved, firm.value, np.nan), np.where(solved, firm.volatility, np.nan)
    borrowed, from_whom = _borrowed(given, sigma, volatility, prefix)
    assets = given.balance("total_assets")
    proxy = ~market & (assets > 0.0) & (debt > 0.0)
    value, sigma = np.where(proxy, assets, value), np.where(proxy, borrowed, sigma)
    distance = distance_to_default(value, sigma, debt, drift=drift)
    chance = default_probability(distance)
    low, high = (
        np.where(
            proxy, default_probability(distance_to_default(value, sigma * (1.0 + move), debt, drift=drift)), np.nan
        )
        for move in (-band, band)
    )
    reason = np.full(given.size, "", dtype=object)
    reason[solved] = "market value and volatility of the equity" + debt_said[solved]
    reason[proxy] = "book assets, " + from_whom[proxy] + debt_said[proxy]
    reason[unsolved] = "the two equations could not be solved"
    for gone, said in (
        (np.isnan(debt), "missing: current_liabilities or total_liabilities"),
        (debt <= 0.0, "zero or less: nothing is owed"),
        (~market & np.isnan(assets), "missing: total_assets, or market_value_equity and equity_volatility"),
        (~market & (assets <= 0.0), "zero or less: total_assets"),
    ):
        reason[gone & (reason == "")] = said
    none = np.full(given.size, None, dtype=object)
    return Scored(
        value=distance,
        reason=reason,
        zone=none,
        pd=chance,
        chosen=none.copy(),
        more={
            "pd_low": np.fmin(low, high),
            "pd_high": np.fmax(low, high),
            "proxy": np.where(proxy, True, np.where(solved, False, None)),  # type: ignore[call-overload]
            "residual": np.where(solved, firm.residual, np.nan),
            "asset_value": value,
            "asset_volatility": sigma,
        },
    ), int(unsolved.sum())


def _default_point(given: Statements) -> tuple[Floats, Words]:
    """Return short-term debt and half of the long-term debt (k,), and what had to be taken for it."""
    short, long, total = (given.balance(c) for c in ("current_liabilities", "long_term_debt", "total_liabilities"))
    said = np.full(given.size, "", dtype=object)
    rest = np.maximum(total - short, 0.0)
    point = short + 0.5 * np.where(np.isnan(long), rest, long)
    lacks = np.isnan(long) & ~np.isnan(short)
    said[lacks & ~np.isnan(rest)] = "; long-term debt is taken as the other liabilities"
    alone = lacks & np.isnan(rest)
    point[alone] = short[alone]
    said[alone] = "; long-term debt is not known and left out"
    whole = np.isnan(short)
    point[whole] = total[whole]
    said[whole & ~np.isnan(total)] = "; all liabilities, because current ones are not known"
    return point, said


def _borrowed(given: Statements, sigma: Floats, default: float, prefix: int) -> tuple[Floats, Words]:
    """Return for each statement (k,) the median asset volatility of similar firms with market data, and in words whose.

    Of the last statement of each such firm; of the same industry and size, else of the industry, the size, of all; with
    fewer than LEAST_FIRMS among all the default.
    """
    graph = given.graph
    known = np.flatnonzero(~np.isnan(sigma))
    last = np.full(graph.size, -1, dtype=np.int64)
    last[given.party[known]] = known
    firms = np.flatnonzero(last >= 0)
    moves = sigma[last[firms]]
    industry = [None if i is None else str(i)[:prefix] for i in graph.texts("parties", "industry")]
    size = graph.texts("parties", "size")
    names: list[list[str | None]] = [
        [None if i is None or s is None else f"industry {i}*, size {s}" for i, s in zip(industry, size, strict=True)],
        [None if i is None else f"industry {i}*" for i in industry],
        [None if s is None else f"size {s}" for s in size],
        ["all"] * graph.size,
    ]
    found = np.full(graph.size, default)
    said = np.full(graph.size, f"volatility {default:g} by default", dtype=object)
    for level in reversed(names):  # the narrowest is written last and stands
        group = np.array(level, dtype=object)
        for name in sorted({str(n) for n in group[firms] if n is not None}):
            inside = group[firms] == name
            if int(inside.sum()) >= LEAST_FIRMS:
                middle = float(np.median(moves[inside]))
                mine = group == name
                found[mine] = middle
                said[mine] = f"volatility {middle:.3g}, the median of {int(inside.sum())} listed firms ({name})"
    return found[given.party], said[given.party]
