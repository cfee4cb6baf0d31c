"""Contagion: what a shock does beside the book without it; without a shock, what each party would cause alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.industries import with_industry_names
from graphrisk.answers.notes import headline
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

if TYPE_CHECKING:
    import pandas as pd


def answer(result: Result, reader: Reader) -> Answer:
    """Return what a shock adds, by whom and on which loans, or who would be the costliest to fail."""
    if result.comparison.empty:
        return _importance(result, reader)
    stress = "scenario" in result.params
    sentences = [*headline(result, reader), *_worst(result, reader)]
    if stress:
        sentences[1:1] = _book(result, reader)
    parties = show(
        result,
        reader,
        "contagion_parties",
        title=reader.pick("Parties that lose most by it", "损失最大的主体"),
        frame=_by(_moved(result.parties), "loss_added", "default_added"),
        first=("party_id", "loss_added", "equity_after", "default_added", "cause"),
        then=("default_round", "loss_fraction", "equity", "guarantee_paid", "loss_exposures", "loss_ownership"),
    )
    if stress:
        return Answer(
            sentences=tuple(sentences), tables=(_comparison(result, reader), _groups(result, reader), parties)
        )
    facilities = show(
        result,
        reader,
        "contagion_facilities",
        title=reader.pick("Loans on which more is lost", "新增损失的授信"),
        frame=_by(result.facilities[result.facilities["bank_loss_added"] != 0.0], "bank_loss_added"),
        first=("facility_id", "borrower_id", "bank_loss_added"),
        then=("outstanding", "collateral_recovery", "guarantor_paid", "lender_id"),
    )
    calls = result.calls
    moved = calls[(calls["paid_added"] != 0.0) | (calls["unmet_added"] != 0.0)]
    called = show(
        result,
        reader,
        "contagion_calls",
        title=reader.pick("Guarantees called by it", "新增的担保代偿"),
        frame=_by(moved, "paid_added"),
        first=("guarantee_id", "guarantor_id", "paid_added", "unmet_added"),
        then=("facility_id", "called"),
    )
    return Answer(sentences=tuple(sentences), tables=(parties, facilities, called))


def _by(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows, the largest first."""
    held = [name for name in columns if name in frame.columns]
    return frame.sort_values(held, ascending=False, kind="stable", na_position="last") if held else frame


def _moved(parties: pd.DataFrame) -> pd.DataFrame:
    """Return the parties that the shock costs something, or puts in default."""
    return parties[(parties["loss_added"].fillna(0.0) != 0.0) | parties["default_added"] | parties["shocked"]]


def _measures(result: Result) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in records(result.comparison)}


def _worst(result: Result, reader: Reader) -> list[str]:
    """Return who loses most by the shock, beside those that it hits itself."""
    parties = result.parties
    hit = parties[~parties["shocked"].astype(bool) & (parties["loss_added"] > 0)]
    if hit.empty:
        return []
    top = _by(hit, "loss_added").iloc[0]
    falls = bool(top["default_added"])
    return [
        reader.pick(
            f"Hit hardest beside the shocked: {reader.party(top['party_id'])} loses {reader.money(top['loss_added'])}"
            + (" and fails." if falls else "."),
            f"除被冲击者外受损最大的是{reader.party(top['party_id'])}：损失 {reader.money(top['loss_added'])}"
            + ("，并违约。" if falls else "。"),
        )
    ]


def _book(result: Result, reader: Reader) -> list[str]:
    found = _measures(result)
    lines = []
    rate, loss = found.get("own_loss_rate"), found.get("bank_loss")
    if rate and loss and rate["stressed"] is not None:
        lines.append(
            reader.pick(
                f"The bank's loss goes from {reader.money(loss['baseline'])} ({reader.percent(rate['baseline'])} of its "
                f"loans) to {reader.money(loss['stressed'])} ({reader.percent(rate['stressed'])}).",
                f"本行损失由 {reader.money(loss['baseline'])}（占贷款 {reader.percent(rate['baseline'])}）变为 "
                f"{reader.money(loss['stressed'])}（{reader.percent(rate['stressed'])}）。",
            )
        )
    expected = found.get("expected_loss")
    if expected and expected["stressed"] is not None and expected["change"]:
        lines.append(
            reader.pick(
                f"Expected loss goes from {reader.money(expected['baseline'])} to {reader.money(expected['stressed'])}.",
                f"预期损失由 {reader.money(expected['baseline'])} 变为 {reader.money(expected['stressed'])}。",
            )
        )
    return lines


def _comparison(result: Result, reader: Reader) -> Shown:
    frame = result.comparison
    moved = (frame["change"].fillna(0.0) != 0.0) | frame["limit"].notna() | frame["stressed"].isna()
    same = set(frame["measure"]) >= {"bank_loss", "own_bank_loss"}
    frame = frame[moved & ~(same & (frame["measure"] == "own_bank_loss"))]
    limits = ("limit", "breached") if frame["limit"].notna().any() else ()
    return show(
        result,
        reader,
        "contagion_comparison",
        title=reader.pick("The book beside the book without it", "压力前后对比"),
        frame=frame,
        first=("measure", "baseline", "stressed", "change", *limits),
        unit_column="unit",
    )


def _groups(result: Result, reader: Reader) -> Shown:
    frame = result.groups.assign(bank_loss_added=result.groups["bank_loss"] - result.groups["bank_loss_baseline"])
    frame = with_industry_names(frame, reader.graph, reader.lang)
    frame = frame[(frame["bank_loss_added"] != 0) | (frame["shocked"] > 0)]
    return show(
        result,
        reader,
        "contagion_groups",
        title=reader.pick(
            "Industries, regions, sizes and grades that lose most", "损失增加最多的行业、地区、规模与等级"
        ),
        frame=_by(frame, "bank_loss_added", "expected_loss"),
        first=("dimension", "group", "bank_loss_added", "ead"),
        then=("defaults", "shocked", "parties", "expected_loss"),
    )


def _importance(result: Result, reader: Reader) -> Answer:
    frame = result.importance
    sentences = []
    harmful = frame[frame["loss_caused"] > 0]
    if len(harmful):
        bank = harmful.sort_values(["bank_loss_caused", "party_id"], ascending=[False, True], kind="stable").iloc[0]
        sentences.append(_costliest(bank, reader))
        top = harmful.iloc[0]
        if top["party_id"] != bank["party_id"]:
            sentences.append(
                reader.pick(
                    f"The largest loss of all, the other parties' too, is caused by {reader.party(top['party_id'])}: "
                    f"{reader.money(top['loss_caused'])}.",
                    f"计入其他主体损失后，影响最大的是{reader.party(top['party_id'])}：{reader.money(top['loss_caused'])}。",
                )
            )
    else:
        sentences.append(reader.pick("No party's failure would cost anybody anything.", "任何单户违约均不引致损失。"))
    sentences += headline(result, reader)
    exact = bool(frame["exact"].all()) if len(frame) else True
    bounds = () if exact else ("lower", "upper", "exact")
    importance = show(
        result,
        reader,
        "contagion_importance",
        title=reader.pick("What it would cost if each failed alone", "单户违约的后果"),
        frame=harmful,
        first=("party_id", "loss_caused", "bank_loss_caused", "defaults_caused", *bounds),
    )
    base = show(
        result,
        reader,
        "contagion_base",
        title=reader.pick("Parties that fail without any shock", "无冲击时已违约的主体"),
        frame=_by(result.base, "bank_loss_base"),
        first=("party_id", "bank_loss_base", "equity", "cause"),
        then=("default_round", "equity_base"),
    )
    return Answer(sentences=tuple(sentences), tables=(importance, base))


def _costliest(top: Any, reader: Reader) -> str:
    loss, others = top["bank_loss_caused"], int(top["defaults_caused"])
    return reader.pick(
        f"The costliest single failure for the bank is {reader.party(top['party_id'])}: it would lose "
        f"{reader.money(loss)}{reader.of_book(loss)}, and {reader.count(others, 'other would fail', 'others would fail')} "
        "with it.",
        f"对本行影响最大的单户违约是{reader.party(top['party_id'])}：本行损失 {reader.money(loss)}{reader.of_book(loss)}，"
        f"并牵连 {others:,} 户违约。",
    )
