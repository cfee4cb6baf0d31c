"""The analyzer: the classic scores of every statement, and of each party's last one side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.scores.asset_value import merton_scores
from graphrisk.analyze.scores.classic import Scored, classic_scores
from graphrisk.analyze.scores.tables import ALTMAN, PARTIES, SCORES, VALUES
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.statements import Statements, statements_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 1
TABLES = (PARTIES, VALUES)
NO_FIRMS = ("bank", "fund", "guarantee_company", "public_body", "person")
"""Kinds of parties whose balance sheets these scores were not made for."""
_DISTRESS_FIRST = {"distress": 0, "grey": 1, "safe": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `scores`."""

    price_index: float = param(
        100.0, "level of prices that Ohlson divides total assets by (100: his base year)", low=1e-9
    )
    manufacturing: tuple[str, ...] = param(("C",), "first characters of the industry codes of manufacturers")
    emerging: tuple[str, ...] = param((), "countries in which the score of emerging markets stands for Z'' (CN, ...)")
    rate: float = param(0.03, "riskless rate a year, fraction", low=-0.5, high=1.0)
    drift: float | None = param(
        None, "yearly growth of the assets' value, fraction (default: rate)", low=-1.0, high=1.0
    )
    asset_volatility: float = param(
        0.25, "yearly volatility of a firm's assets where too few similar firms have market data", low=0.001, high=5.0
    )
    band: float = param(0.25, "part by which a borrowed volatility is moved for pd_low and pd_high", low=0.0, high=0.99)
    industry_prefix: int = param(1, "leading characters of the industry code within which firms are similar", low=1)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the classic scores of all statements in `graph`."""
    refuse_inputs("scores", inputs)
    given = statements_of(graph)
    progress("computing scores")
    found = classic_scores(
        given, manufacturing=params.manufacturing, emerging=params.emerging, price_index=params.price_index
    )
    progress("solving for asset values")
    found["merton"], unsolved = merton_scores(
        given,
        rate=params.rate,
        drift=params.rate if params.drift is None else params.drift,
        volatility=params.asset_volatility,
        band=params.band,
        prefix=params.industry_prefix,
    )
    strange = _leave_out(given, found)
    parties = _party_rows(given, found)
    residual = found["merton"].more["residual"]
    return make_result(
        "scores",
        VERSION,
        graph,
        params,
        tables={"scores_parties": parties, "scores_values": _value_rows(given, found)},
        certificate={
            "converged": True,
            "statements": given.size,
            "parties": len(parties),
            "without_altman": int(parties["altman"].isna().sum()),
            "solved_with_market_data": int((~np.isnan(residual)).sum()),
            "residual": float(np.nanmax(residual)) if (~np.isnan(residual)).any() else 0.0,
            "proxies": _proxies(found),
        },
        notes=_notes(found, params, unsolved, strange),
    )


def _leave_out(given: Statements, found: Mapping[str, Scored]) -> int:
    """Empty the scores of statements of parties for which they were not made; return how many there are."""
    kind = given.graph.texts("parties", "kind")[given.party].astype(str)
    strange = np.isin(kind, NO_FIRMS)
    for one in found.values():
        for values in (one.value, one.pd, *(v for k, v in one.more.items() if k != "proxy")):
            values[strange] = np.nan
        for texts in (one.zone, *((one.more["proxy"],) if "proxy" in one.more else ())):
            texts[strange] = None
        one.chosen[strange & (one.chosen == True)] = False  # noqa: E712 - elementwise, and not None
        one.reason[strange] = [f"not made for a {k.replace('_', ' ')}" for k in kind[strange]]
    return int(strange.sum())


def _proxies(found: Mapping[str, Scored]) -> int:
    return int((found["merton"].more["proxy"] == True).sum())  # noqa: E712 - elementwise, and not None


def _value_rows(given: Statements, found: Mapping[str, Scored]) -> pd.DataFrame:
    many, size = len(SCORES), given.size
    order = np.lexsort((-given.day, given.party))
    days = np.array([str(d) for d in given.ends()], dtype=object)

    def spread(name: str) -> npt.NDArray[Any]:
        columns = [
            getattr(found[s], name) if name in _OWN else found[s].more.get(name, _empty(name, size)) for s in SCORES
        ]
        return np.stack(columns, axis=1)[order].reshape(-1) if size else np.zeros(0, dtype=columns[0].dtype)

    return score_frame(
        VALUES,
        {
            "party_id": np.repeat(given.graph.party_ids[given.party[order]], many),
            "period_end_on": np.repeat(days[order], many) if size else [],
            "score": np.tile(np.array(SCORES, dtype=object), size),
            "value": spread("value"),
            "zone": spread("zone"),
            "chosen": spread("chosen"),
            "variant_reason": spread("reason"),
            "pd": spread("pd"),
            **{name: spread(name) for name in VALUES.names[8:]},
        },
    )


_OWN = ("value", "zone", "chosen", "reason", "pd")


def _empty(name: str, size: int) -> npt.NDArray[Any]:
    return np.full(size, None, dtype=object) if name == "proxy" else np.full(size, np.nan)


def _party_rows(given: Statements, found: Mapping[str, Scored]) -> pd.DataFrame:
    last = given.latest()
    party = np.flatnonzero(last >= 0)
    at = last[party]
    variant = np.full(len(at), None, dtype=object)
    value, zone = np.full(len(at), np.nan), np.full(len(at), None, dtype=object)
    for name in ALTMAN:
        mine = found[name].chosen[at].astype(bool)
        variant[mine], value[mine], zone[mine] = name, found[name].value[at][mine], found[name].zone[at][mine]
    merton = found["merton"]
    distance = merton.value[at]
    first = np.array([_DISTRESS_FIRST.get(z, 3) for z in zone], dtype=np.int64)
    order = np.lexsort((party, np.nan_to_num(distance, nan=np.inf), first))
    days = given.ends()
    return score_frame(
        PARTIES,
        {
            "party_id": given.graph.party_ids[party[order]],
            "period_end_on": [str(days[k]) for k in at[order]],
            "variant": variant[order],
            "altman": value[order],
            "zone": zone[order],
            "distance_to_default": distance[order],
            "merton_pd": merton.pd[at][order],
            "proxy": merton.more["proxy"][at][order],
            "ohlson_pd": found["ohlson"].pd[at][order],
            "zmijewski_pd": found["zmijewski"].pd[at][order],
        },
    )


def _notes(found: Mapping[str, Scored], params: Params, unsolved: int, strange: int) -> tuple[Note, ...]:
    notes = []
    if strange:
        notes.append(
            Note(
                "not_firms",
                f"{strange:,} statements of banks, funds, guarantee companies, public bodies or persons have no score: "
                "these are scores of firms",
                f"{strange:,} 份报表属于银行、基金、担保公司、公共机构或自然人，不予评分：这些评分只适用于企业",
            )
        )
    if any((~np.isnan(one.value)).any() for one in found.values()):
        notes.append(
            Note(
                "scores_are_no_pd",
                "zones are zones, and the probabilities of Ohlson and Zmijewski are of their samples: calibrate on own "
                "defaults before using them as a PD",
                "区间只是区间，Ohlson 与 Zmijewski 的概率属于其样本：作为违约概率使用前须以本行违约校准",
            )
        )
    if (~np.isnan(found["ohlson"].value)).any():
        notes.append(
            Note(
                "ohlson_inputs",
                "Ohlson: operating cash flow stands for funds from operations, and the price index is "
                f"{params.price_index:g}",
                f"Ohlson ：以经营现金流代替营运资金，物价指数取 {params.price_index:g}",
            )
        )
    proxies = _proxies(found)
    if proxies:
        notes.append(
            Note(
                "merton_proxies",
                f"{proxies:,} distances to default are proxies: book assets and a borrowed volatility, with a band of "
                f"{params.band:.0%} of it (pd_low, pd_high)",
                f"{proxies:,} 个违约距离为替代值：取账面资产与借用的波动率，带宽 {params.band:.0%}",
            )
        )
    if unsolved:
        notes.append(
            Note(
                "merton_unsolved",
                f"{unsolved:,} statements with market data have no asset value that solves both equations",
                f"{unsolved:,} 份有市场数据的报表无法求解资产价值",
                severity="warning",
            )
        )
    return tuple(notes)
