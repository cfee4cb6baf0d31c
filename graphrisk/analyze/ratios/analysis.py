"""The analyzer: every ratio of every statement, its change in a year, where it stands among peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.ratios.tables import DEFINITIONS, FINDINGS, PARTIES, VALUES
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.identities import broken_identities
from graphrisk.credit.our_bank import clients
from graphrisk.credit.peers import ENOUGH, PeerGroups, Standing
from graphrisk.credit.ratios import NAMES, RATIOS, WITH_VALUE
from graphrisk.credit.statements import Statements, statements_of
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 1
TABLES = (PARTIES, VALUES, FINDINGS, DEFINITIONS)
WORST = 10.0
"""Percentile up to which a ratio is weak."""

Words = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `ratios`."""

    min_peers: int = param(ENOUGH, "peers below which the peer group is widened", low=1)
    industry_prefix: int = param(1, "leading characters of the industry code that form the wider industry", low=1)
    tolerance: float = param(0.01, "part of total assets by which an identity may miss, fraction", low=0.0, high=1.0)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the ratios of all statements in `graph`."""
    refuse_inputs("ratios", inputs)
    given = statements_of(graph)
    ours = clients(graph)
    groups = PeerGroups(given, ours, prefix=params.industry_prefix, enough=params.min_peers)
    values: dict[str, Floats] = {}
    codes: dict[str, Words] = {}
    standing: dict[str, Standing] = {}
    for number, ratio in enumerate(RATIOS):
        progress("comparing ratios with peers", number, len(RATIOS))
        values[ratio.name], codes[ratio.name] = ratio.compute(given)
        standing[ratio.name] = groups.standing(values[ratio.name], ratio.better)
    findings = broken_identities(given, params.tolerance)
    tables = {
        "ratios_parties": _party_rows(given, values, standing),
        "ratios_values": _value_rows(given, values, codes, standing),
        "ratios_findings": _finding_rows(graph, findings),
        "ratios_definitions": _definition_rows(given, ours, values, codes),
    }
    return make_result(
        "ratios",
        VERSION,
        graph,
        params,
        tables=tables,
        certificate={
            "converged": True,
            "statements": given.size,
            "parties": len(np.unique(given.party)),
            "values": int(sum((~np.isnan(v)).sum() for v in values.values())),
            "widened": int(sum(_widened(s, params.min_peers) for s in standing.values())),
            "identities_broken": len(findings["party_id"]),
        },
        notes=_notes(given, codes, standing, findings, params),
    )


def _widened(standing: Standing, enough: int) -> int:
    return int(((standing.peers < enough) & ~np.isnan(standing.percentile)).sum())


def _value_rows(
    given: Statements, values: Mapping[str, Floats], codes: Mapping[str, Words], standing: Mapping[str, Standing]
) -> pd.DataFrame:
    many, size = len(NAMES), given.size
    order = np.lexsort((-given.day, given.party))
    days = np.array([str(d) for d in given.ends()], dtype=object)

    def spread(columns: list[npt.NDArray[np.generic]]) -> npt.NDArray[np.generic]:
        return np.stack(columns, axis=1)[order].reshape(-1) if size else np.zeros(0, dtype=columns[0].dtype)

    trend = [values[n] - given.a_year_before(values[n]) for n in NAMES]
    return score_frame(
        VALUES,
        {
            "party_id": np.repeat(given.graph.party_ids[given.party[order]], many),
            "period_end_on": np.repeat(days[order], many) if size else [],
            "ratio": np.tile(np.array(NAMES, dtype=object), size),
            "value": spread([values[n] for n in NAMES]),
            "trend": spread(trend),  # type: ignore[arg-type]
            "peer_percentile": spread([standing[n].percentile for n in NAMES]),
            "peers": spread([np.where(np.isnan(values[n]), np.nan, standing[n].peers) for n in NAMES]),
            "peer_group": spread([standing[n].group for n in NAMES]),
            "code": spread([codes[n] for n in NAMES]),
        },
    )


def _party_rows(given: Statements, values: Mapping[str, Floats], standing: Mapping[str, Standing]) -> pd.DataFrame:
    last = given.latest()
    party = np.flatnonzero(last >= 0)
    at = last[party]
    ranks = np.stack([standing[n].percentile[at] for n in NAMES], axis=1) if len(at) else np.zeros((0, len(NAMES)))
    there = ~np.isnan(ranks)
    compared = there.sum(axis=1)
    mean = np.divide(np.nansum(ranks, axis=1), compared, out=np.full(len(at), np.nan), where=compared > 0)
    filled = np.where(there, ranks, np.inf)
    lowest = filled.argmin(axis=1) if len(at) else np.zeros(0, dtype=np.int64)
    weak = (there & (ranks <= WORST)).sum(axis=1)
    known = (~np.isnan(np.stack([values[n][at] for n in NAMES], axis=1))).sum(axis=1) if len(at) else compared
    order = np.lexsort((party, np.nan_to_num(mean, nan=np.inf), -weak))
    days = given.ends()
    names = np.array(NAMES, dtype=object)
    return score_frame(
        PARTIES,
        {
            "party_id": given.graph.party_ids[party[order]],
            "period_end_on": [str(days[k]) for k in at[order]],
            "known": known[order],
            "compared": compared[order],
            "weak": weak[order],
            "mean_percentile": mean[order],
            "weakest": np.where(compared > 0, names[lowest], None)[order] if len(at) else [],
            "weakest_percentile": np.where(compared > 0, filled.min(axis=1, initial=np.inf), np.nan)[order],
        },
    )


def _finding_rows(graph: RiskGraph, found: Mapping[str, npt.NDArray[np.generic]]) -> pd.DataFrame:
    ids = graph.party_ids[found["party_id"].astype(np.int64)]
    return score_frame(FINDINGS, {**found, "party_id": ids})


def _definition_rows(
    given: Statements, clients: npt.NDArray[np.bool_], values: Mapping[str, Floats], codes: Mapping[str, Words]
) -> pd.DataFrame:
    last = given.latest()
    last = last[(last >= 0) & clients]
    rows: list[tuple[object, ...]] = []
    for ratio in RATIOS:
        now = values[ratio.name][last]
        now = now[~np.isnan(now)]
        names, counts = np.unique(codes[ratio.name].astype(str), return_counts=True)
        said = [f"{name} {count:,}" for name, count in zip(names, counts, strict=True) if name != "ok"]
        median = float(np.median(now)) if len(now) else float("nan")
        known = int((~np.isnan(values[ratio.name])).sum())
        way = "more" if ratio.better > 0 else "less"
        rows.append((ratio.name, ratio.family, way, ratio.unit, ratio.definition, known, median, said))
    return score_frame(DEFINITIONS, dict(zip(DEFINITIONS.names, map(list, zip(*rows, strict=True)), strict=True)))


def _notes(
    given: Statements,
    codes: Mapping[str, Words],
    standing: Mapping[str, Standing],
    findings: Mapping[str, npt.NDArray[np.generic]],
    params: Params,
) -> tuple[Note, ...]:
    notes = []
    lost = int((given.balance("sales") < 0.0).sum())
    if lost:
        notes.append(
            Note(
                "negative_sales",
                f"{lost:,} statements have sales below zero: ratios over sales are null there",
                f"{lost:,} 份报表的营业收入为负：以营业收入为分母的比率为空",
                severity="warning",
            )
        )
    broken = len(findings["party_id"])
    if broken:
        notes.append(
            Note(
                "identities_broken",
                f"{broken:,} identities of statements do not hold: their ratios are made of the lines as they stand "
                "(ratios_findings)",
                f"{broken:,} 项报表勾稽关系不成立：比率按报表原值计算（见 ratios_findings）",
                severity="warning",
            )
        )
    few = sum(_widened(s, params.min_peers) for s in standing.values())
    if few:
        notes.append(
            Note(
                "few_peers",
                f"{few:,} values have fewer than {params.min_peers} peers among all clients: their percentile says "
                "little",
                f"{few:,} 个数值在全部客户中不足 {params.min_peers} 个可比对象：百分位参考意义有限",
            )
        )
    taken = {c: int(sum((codes[n] == c).sum() for n in NAMES)) for c in WITH_VALUE}
    if taken["closing_value"]:
        notes.append(
            Note(
                "closing_values",
                f"{taken['closing_value']:,} values are over the closing balance, because the year before is not known",
                f"{taken['closing_value']:,} 个数值因缺少上年数而按期末余额计算",
            )
        )
    if taken["material_cost"]:
        notes.append(
            Note(
                "material_margins",
                f"{taken['material_cost']:,} values take the cost of materials for cost of sales, which is not known "
                "(material margin)",
                f"{taken['material_cost']:,} 个数值因缺少营业成本而以材料成本代替（材料毛利）",
            )
        )
    part = int((given.months != 12.0).sum())
    if part:
        notes.append(
            Note(
                "flows_to_a_year",
                f"{part:,} statements cover another time than a year: their flows are taken times 12 / period_months",
                f"{part:,} 份报表不是整年：流量按 12/period_months 折算",
            )
        )
    return tuple(notes)
