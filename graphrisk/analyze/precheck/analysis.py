"""The analyzer precheck: the book with the proposed rows beside the book as it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.precheck.clients import group_rows
from graphrisk.analyze.precheck.closing import GuaranteeWays, closing_circles
from graphrisk.analyze.precheck.layers import BothBooks, chain_rows, new_pairs, part_rows, party_rows
from graphrisk.analyze.precheck.losses import loss_rows
from graphrisk.analyze.precheck.params import Params
from graphrisk.analyze.precheck.tables import CIRCLES, MEASURES, SUMMARY, TABLES
from graphrisk.analyze.tables import empty, score_frame
from graphrisk.cascade.params import Params as Spreading
from graphrisk.credit.expected_loss import credit_of
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.portfolio_params import Params as Portfolio
from graphrisk.credit.stressed_pd import pds_under
from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.model.note import Note, both
from graphrisk.model.params import parse_params
from graphrisk.model.proposal import Proposal
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.standing.guarantee_layer import circle_id, guarantee_layer

VERSION = 2
TAKES_SCENARIO = True


_UNITS = {
    "over_guarantee": "ratio",
    **dict.fromkeys(("chain_loans", "loss_added", "loss_debtor", "loss_guarantor"), "money"),
    **dict.fromkeys(("expected_loss", "exposure", "guaranteed"), "money"),
}


_NOTHING = both("", "")


@dataclass(slots=True, kw_only=True)
class Summary:
    """The rows of the summary, in the order in which they are said."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        measure: str,
        before: float | None,
        after: float | None,
        *,
        threshold: float | None = None,
        broken: bool | None = None,
        party: str | None = None,
        detail: Note = _NOTHING,
    ) -> None:
        """Add a measure; `broken` follows from the threshold where it is not said."""
        one = math.nan if before is None else float(before)
        other = math.nan if after is None else float(after)
        if threshold is not None and broken is None:
            broken = math.isnan(other) or other > threshold * (1.0 + 1e-12)
        self.rows.append(
            {
                "measure": measure,
                "before": one,
                "after": other,
                "change": other - one,
                "threshold": math.nan if threshold is None else threshold,
                "broken": broken,
                "party_id": party,
                "detail": detail.text,
                "detail_zh": detail.chinese,
                "unit": _UNITS.get(measure, "count"),
            }
        )

    def frame(self) -> pd.DataFrame:
        """Return the summary: what is broken first, then what holds, then what has no threshold."""

        def key(row: dict[str, Any]) -> tuple[int, int]:
            return {True: 0, False: 1, None: 2}[row["broken"]], MEASURES.index(row["measure"])

        rows = sorted(self.rows, key=key)
        return score_frame(SUMMARY, {name: [row[name] for row in rows] for name in SUMMARY.names})


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what the proposed rows of `inputs` do; empty tables without any."""
    spreading = _spreading(inputs)
    proposal: Proposal | None = inputs.proposed
    if proposal is None:
        said = Note(
            "precheck_without_proposal",
            "Nothing is proposed: graphrisk precheck FOLDER names a folder of rows to be checked.",
            "没有拟议合同：graphrisk precheck FOLDER 指定待检查的文件夹。",
        )
        return make_result(
            "precheck", VERSION, graph, params, tables={table.name: empty(table) for table in TABLES},
            certificate={"converged": True, "broken": 0}, notes=(said,),
        )  # fmt: skip
    before, notes = proposal.before, list(proposal.notes)
    progress("guarantees before and after")
    old, new = guarantee_layer(before), guarantee_layer(graph)
    pair = BothBooks(before, graph, old, new)
    chain = chain_rows(pair, proposal, params.chain_loans)
    fresh = new_pairs(pair)
    ways = GuaranteeWays(arcs=new.arcs, size=graph.size)
    closing = closing_circles(ways, fresh, params.max_length, params.max_circles)
    circles = _circle_rows(graph, ways, closing.circles)
    if closing.closes and not closing.circles:
        notes.append(
            Note(
                "longer_circles_close",
                f"A circle of more than {params.max_length} guarantees closes: it is not listed; raise max_length.",
                f"有超过 {params.max_length} 笔担保的圈闭合，未列出；提高 max_length。",
                severity="warning",
            )
        )
    if not closing.complete:
        notes.append(
            Note(
                "closing_circles_not_complete",
                f"Not all circles that close are listed: the search ended at {len(closing.circles):,}; raise "
                "max_circles.",
                f"闭合的圈未全部列出：搜索止于 {len(closing.circles):,} 个；提高 max_circles。",
            )
        )
    own = sum(a == b for a, b in zip(chain["guarantor_id"], chain["debtor_id"], strict=True))
    if own:
        notes.append(
            Note(
                "proposed_for_oneself",
                f"{own:,} proposed guarantees are of a party for itself: they stand behind nobody else's debt.",
                f"{own:,} 笔拟议担保为主体为自身担保：不为他人债务提供保障。",
                severity="warning",
            )
        )
    named = np.zeros(graph.size, dtype=bool)
    ends = [*proposal.column("guarantees", "guarantor_id"), *proposal.column("guarantees", "debtor_id")]
    named[graph.locate("parties", ends)] = True
    parties = party_rows(pair, named)
    parts = part_rows(pair)
    losses = loss_rows(before, graph, _roles(proposal), params.max_runs, spreading, notes, progress)
    summary = Summary()
    _say_circles(summary, params, pair, circles, closing.closes)
    _say_chain(summary, params, chain, parts)
    _say_losses(summary, params, losses)
    _say_guarantors(summary, params, parties)
    progress("groups and limits before and after")
    groups, limits = group_rows(before, graph, proposal, params, notes)
    _say_clients(summary, params, groups, limits)
    progress("expected loss before and after")
    _say_book(summary, before, graph, notes)
    table = summary.frame()
    tables = {
        "precheck_summary": table,
        "precheck_circles": circles,
        "precheck_chain": chain,
        "precheck_groups": groups,
        "precheck_limits": limits,
        "precheck_parties": parties,
        "precheck_parts": parts,
        "precheck_losses": losses,
    }
    broken = table["broken"].fillna(False).astype(bool)
    return make_result(
        "precheck",
        VERSION,
        graph,
        params,
        tables={one.name: tables[one.name] for one in TABLES},
        certificate={
            "converged": True,
            "broken": int(broken.sum()),
            "proposed": {name: rows.num_rows for name, rows in sorted(proposal.rows.items())},
            "replaced": {name: many for name, many in sorted(proposal.replaced.items()) if many},
            "fingerprint_before": before.fingerprint,
            "contagion": {
                f.name: getattr(spreading, f.name) for f in fields(spreading) if getattr(spreading, f.name) != f.default
            },
        },
        notes=tuple(notes),
    )


def _spreading(inputs: Inputs) -> Spreading:
    """Return the parameters of contagion: those of a scenario, else the default ones. Raises UsageError for shocks."""
    scenario = inputs.scenario
    if inputs.shocks or inputs.against is not None:
        refuse_inputs("precheck", inputs)
    if scenario is None:
        return Spreading()
    if scenario.shocks or scenario.default_above is not None or scenario.limits or scenario.portfolio:
        raise UsageError(
            "the default of each debtor and guarantor is run alone: of a scenario precheck takes the parameters only",
            hint="give a file with [contagion] and neither [[shock]], default_above, [limits] nor [portfolio]",
            where=f"scenario {scenario.name}",
        )
    return parse_params(Spreading, scenario.params, where=f"scenario {scenario.name}: contagion")


def _circle_rows(graph: RiskGraph, ways: GuaranteeWays, found: list[tuple[int, ...]]) -> pd.DataFrame:
    ids = graph.party_ids
    named = [[str(ids[k]) for k in circle] for circle in found]
    caps = [[ways.amount(a, b) for a, b in zip(circle, (*circle[1:], circle[0]), strict=True)] for circle in found]
    return score_frame(
        CIRCLES,
        {
            "circle": named,
            "amount": [sum(one) for one in caps],
            "bottleneck_amount": [min(one) for one in caps],
            "length": [len(one) for one in found],
            "circle_id": [circle_id(one) for one in named],
        },
    )


def _roles(proposal: Proposal) -> dict[str, str]:
    """Return whose default is run, in the order of the proposal: debtors and guarantors of what is proposed."""
    roles: dict[str, str] = {}
    of = {
        "guarantees": (("debtor_id", "debtor"), ("guarantor_id", "guarantor")),
        "facilities": (("borrower_id", "debtor"),),
        "exposures": (("debtor_id", "debtor"),),
        "co_borrowers": (("party_id", "debtor"),),
    }
    for table, columns in of.items():
        for column, role in columns:
            for party in proposal.column(table, column):
                if party is not None:
                    roles[party] = role if roles.get(party, role) == role else "both"
    before = proposal.before
    at = before.locate("facilities", proposal.column("pledges", "facility_id"))
    for borrower in before.positions("facilities", "borrower_id")[at[at >= 0]].tolist():
        roles.setdefault(str(before.party_ids[borrower]), "debtor")
    for party in proposal.column("ownership", "owned_id"):
        roles.setdefault(party, "debtor")
    return roles


def _say_circles(summary: Summary, params: Params, pair: BothBooks, circles: pd.DataFrame, closes: bool) -> None:
    around = " -> ".join([*circles.iloc[0]["circle"], circles.iloc[0]["circle"][0]]) if len(circles) else ""
    summary.add(
        "circles", 0, len(circles), threshold=None if params.circles else 0.0,
        broken=None if params.circles else bool(closes or len(circles)),
        detail=both(around, around),
    )  # fmt: skip
    summary.add("parties_in_circles", int(pair.old.in_circle.sum()), int(pair.new.in_circle.sum()))


def _say_chain(summary: Summary, params: Params, chain: pd.DataFrame, parts: pd.DataFrame) -> None:
    if len(chain):
        top = chain.iloc[int(np.lexsort((np.arange(len(chain)), -chain["loans_sum"].to_numpy()))[0])]
        summary.add(
            "chain_loans", top["loans_before"], top["loans_sum"], threshold=params.chain_loans,
            party=top["guarantor_id"],
            detail=both(f"{top['loans_count']} loans of {len(top['reach'])} parties",
                         f"{len(top['reach'])} 户的 {top['loans_count']} 笔贷款"),
        )  # fmt: skip
    if len(parts):
        deep, large = (int(parts[name].max()) for name in ("depth_after", "parties_after"))
        summary.add("longest_chain", int(parts["depth_before"].max()), deep)
        summary.add("largest_part", int(parts["parties_before"].max()), large)


def _say_losses(summary: Summary, params: Params, losses: pd.DataFrame) -> None:
    """Say the largest loss of all defaults, against the threshold, then that of debtors and that of guarantors."""
    for measure, roles in (
        ("loss_added", ("debtor", "guarantor", "both")),
        ("loss_debtor", ("debtor", "both")),
        ("loss_guarantor", ("guarantor", "both")),
    ):
        mine = losses[losses["role"].isin(roles)]
        if mine.empty:
            continue
        after = mine["bank_loss_after"].to_numpy(dtype=float)
        top = mine.iloc[int(np.argmax(np.where(np.isnan(after), np.inf, after)))]
        summary.add(
            measure, top["bank_loss_before"], top["bank_loss_after"],
            threshold=params.loss_added if measure == "loss_added" else None,
            party=top["party_id"], detail=both("bank loss that its default adds", "其违约新增的本行损失"),
        )  # fmt: skip


def _say_guarantors(summary: Summary, params: Params, parties: pd.DataFrame) -> None:
    gave = parties[parties["guaranteed_out_after"] > 0]
    gone = ("beyond_net_assets", "no_net_assets")
    if len(gave):
        ratio = gave["ratio_after"].to_numpy(dtype=float)
        class_ = gave["over_guarantee_after"].to_numpy(dtype=object)
        worst = np.where(class_ == "no_net_assets", np.inf, np.where(class_ == "unknown", 1e300, ratio))
        top = gave.iloc[int(np.argmax(np.nan_to_num(worst, nan=-1.0, posinf=np.inf)))]
        blind = top["over_guarantee_after"] in ("no_net_assets", "unknown")
        summary.add(
            "over_guarantee", top["ratio_before"], top["ratio_after"], threshold=params.over_guarantee,
            broken=True if blind and params.over_guarantee is not None else None, party=top["party_id"],
            detail=_OVER.get(str(top["over_guarantee_after"]), _CAPS),
        )  # fmt: skip
    if len(parties):
        summary.add(
            "beyond_net_assets",
            int(parties["over_guarantee_before"].isin(gone).sum()),
            int(parties["over_guarantee_after"].isin(gone).sum()),
        )


def _say_clients(summary: Summary, params: Params, groups: pd.DataFrame, limits: pd.DataFrame) -> None:
    was, now = {one for joined in groups["joined"] for one in joined}, groups[groups["change"] != "gone"]
    merged = int((groups["change"] == "merged").sum())
    summary.add(
        "groups",
        len(was),
        len(now),
        detail=both(f"groups that change; {merged:,} of them merged", f"变动的客户集团，其中合并 {merged:,} 个"),
    )
    over = [int((limits[f"level_{side}"] == "breach_legal").sum()) for side in ("before", "after")]
    blind = bool(limits["level_after"].isna().any())
    first = limits[limits["level_after"] == "breach_legal"]
    summary.add(
        "limits", over[0], over[1], threshold=0.0 if params.limits else None,
        broken=bool(over[1] or blind) if params.limits else None,
        detail=_CAPITAL if blind else _named(first.iloc[0]) if len(first)
        else both("uses above a legal line", "超过法定限额的占用"),
    )  # fmt: skip


_OVER = {
    "no_net_assets": both("it has no net assets", "无净资产"),
    "unknown": both("nobody knows its net assets", "净资产不详"),
}
_CAPS = both("caps given over net assets", "对外担保上限与净资产之比")
_CAPITAL = both("our capital is not known", "本行资本未知")


def _named(row: pd.Series[Any]) -> Note:
    chinese = {"client": "客户", "group": "集团"}[str(row["subject"])]
    return both(f"{row['subject']} {row['subject_id']}", f"{chinese} {row['subject_id']}")


def _say_book(summary: Summary, before: RiskGraph, after: RiskGraph, notes: list[Note]) -> None:
    sides: list[tuple[float | None, float]] = []
    for graph in (before, after):
        try:
            if graph is after:
                sides.append(_expected(graph, notes))
                continue
            if ("precheck_expected",) not in graph._cache:
                graph._cache["precheck_expected",] = _expected(graph, [])
            sides.append(graph._cache["precheck_expected",])
        except GraphRiskError as error:
            sides.append((None, own_book(graph).total))
            notes.append(
                Note(
                    "expected_loss_not_known",
                    f"The expected loss is not known: {error.message}",
                    f"预期损失无法得出：{error.message}",
                )
            )
    summary.add("expected_loss", sides[0][0], sides[1][0])
    summary.add("exposure", sides[0][1], sides[1][1])
    caps = [float(np.nan_to_num(graph.floats("guarantees", "amount")).sum()) for graph in (before, after)]
    summary.add("guaranteed", caps[0], caps[1])


def _expected(graph: RiskGraph, notes: list[Note]) -> tuple[float | None, float]:
    """Return the expected loss of our book, None where no party has a PD, and its EAD."""
    own = own_book(graph)
    said: list[str] = []
    ead = sum_by(own.borrower, own.ead, graph.size)
    pds = pds_under(graph, None, Portfolio(), ead, said, skipped="they are left out of the expected loss")
    nothing = np.zeros(graph.rows("collateral"))
    credit = credit_of(graph, pds, nothing, np.zeros(graph.size, dtype=bool), said)[0]
    notes += [note for note in said if isinstance(note, Note)]
    return (credit.total if credit.known else None), own.total
