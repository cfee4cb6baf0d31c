"""The systematic factors that parties load on: the market, and by the parameters one per sector, region or both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.credit.portfolio_params import Params
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.scenario import MARKET, REGION, SECTOR, FactorShock

UNKNOWN = ""
"""The name of the group of those whose sector or region is not known; nobody can name it in a scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """Independent standard normal factors: `names` (f,) as (kind, name), `loadings` (n, f)."""

    names: tuple[tuple[str, str], ...]
    loadings: Floats


def factors_of(graph: RiskGraph, drawn: npt.NDArray[np.bool_], params: Params, notes: list[str]) -> Factors:
    """Return the factors; the squares of a party's loadings sum to rho. `drawn` (n,): who has a PD, for the notes.

    Two parties of the same groups correlate with rho; those that share none with inter x rho; with sector_region those
    that share one of the two with rho (1 + inter) / 2.
    """
    size, rho, inter = graph.size, params.rho, params.inter
    if params.factors == "one":
        return Factors(names=((MARKET, ""),), loadings=np.full((size, 1), np.sqrt(rho)))
    names: list[tuple[str, str]] = [(MARKET, "")]
    columns = [np.full((size, 1), np.sqrt(rho * inter))]
    kinds = [kind for kind in (SECTOR, REGION) if kind in params.factors]
    for kind in kinds:
        values = graph.texts("parties", "industry" if kind == SECTOR else "region")
        length = params.sector_length if kind == SECTOR else 0
        groups = np.array([UNKNOWN if v is None else str(v)[: length or None] for v in values], dtype=object)
        missing = int(((groups == UNKNOWN) & drawn).sum())
        if missing:
            notes.append(
                f"{missing:,} of {int(drawn.sum()):,} parties with a PD have no known {kind}: "
                f"they make up one {kind} of their own"
            )
        group, found = pd.factorize(groups, sort=True)
        own = np.zeros((size, len(found)))
        own[np.arange(size), group] = np.sqrt(rho * (1.0 - inter) / len(kinds))
        columns.append(own)
        names += [(kind, str(name)) for name in found]
    return Factors(names=tuple(names), loadings=np.hstack(columns))


def held_factors(
    factors: Factors, shocks: tuple[FactorShock, ...], params: Params
) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return (columns (k,), values (k,)) of the factors that `shocks` move, in the order of the columns.

    Raises UsageError, with a hint, for a factor that the parameters do not have or that is moved twice.
    """
    held: dict[int, float] = {}
    at = {name: column for column, name in enumerate(factors.names)}
    for shock in shocks:
        for kind, name in shock.factors:
            where = f"{shock.key}.factor"
            if (kind, name) not in at or (kind != MARKET and name == UNKNOWN):
                raise _unknown(factors, kind, name, params, where)
            column = at[kind, name]
            if column in held:
                raise UsageError(
                    f"{_said(kind, name)} is moved twice: a move says where it is held", hint="leave one of the moves",
                    where=where,
                )  # fmt: skip
            held[column] = shock.move
    columns = sorted(held)
    return np.array(columns, dtype=np.int64), np.array([held[c] for c in columns], dtype=np.float64)


def moves_in_words(shocks: tuple[FactorShock, ...]) -> str:
    """Return the moves in words: "the market at -2, sector C at -1"."""
    return ", ".join(f"{_said(kind, name)} at {shock.move:g}" for shock in shocks for kind, name in shock.factors)


def _unknown(factors: Factors, kind: str, name: str, params: Params, where: str) -> UsageError:
    there = [other for own, other in factors.names if own == kind and other != UNKNOWN]
    if not there:
        wanted = "sector_region" if params.factors != "one" else kind
        return UsageError(
            f"there is no factor of a {kind}, because factors is {params.factors}",
            hint=f'write [portfolio] and below it factors = "{wanted}"',
            where=where,
        )
    more = ""
    if kind == SECTOR and params.sector_length:
        more = f"; sectors are the first {params.sector_length} characters of the industry (sector_length)"
    return UsageError(f"no party is of the {kind} {name!r}", hint=nearest(name, there) + more, where=where)


def _said(kind: str, name: str) -> str:
    return "the market" if kind == MARKET else f"{kind} {name}"
