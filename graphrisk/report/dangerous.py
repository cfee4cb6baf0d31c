"""The ten most dangerous clients: what the bank loses if each fails, why, and by which contract."""

from __future__ import annotations

from typing import Any

import pandas as pd

from graphrisk.answers.base import Shown
from graphrisk.answers.reader import Reader
from graphrisk.model.columns import party
from graphrisk.model.figures import money
from graphrisk.model.result import Result, records
from graphrisk.model.table import Column, Table
from graphrisk.report.base import ReportDesk, Section
from graphrisk.report.charts import bars

ORDER = 20
NEEDS = ("contagion",)
COUNT = 10
"""Clients that are shown; the run of each failure is asked for by `failures`."""

TABLE = Table(
    name="report_dangerous",
    meaning="clients whose failure costs the bank most",
    role="score",
    columns=(
        party("party_id", "the client"),
        Column(name="bank_loss", kind="money", meaning="our bank's loss if it fails alone", unit="base currency"),
        Column(name="loss_caused", kind="money", meaning="the loss of all", unit="base currency"),
        Column(name="defaults_caused", kind="integer", meaning="others that fail with it"),
        Column(name="contract_id", kind="id", meaning="the contract by which most is lost"),
        Column(name="reason", kind="text", meaning="how the loss comes about"),
    ),
)


def failures(importance: pd.DataFrame) -> list[str]:
    """Return the clients whose failure costs the bank most, the costliest first."""
    harmful = importance[importance["bank_loss_caused"] > 0]
    order = harmful.sort_values(["bank_loss_caused", "party_id"], ascending=[False, True], kind="stable")
    return [str(one) for one in order["party_id"].head(COUNT)]


def section(desk: ReportDesk) -> Section | None:
    """Return the ten with their reasons."""
    result = desk.results.get("contagion")
    if result is None or result.importance.empty:
        return None
    chosen = failures(result.importance)
    reader = Reader(lang=desk.lang, graph=desk.graph, tables={**desk.declared, TABLE.name: TABLE})
    if not chosen:
        said = desk.pick(
            "No client's failure alone would cost the bank anything.", "任何单户违约均不会给本行带来损失。"
        )
        return Section(title=_title(desk), sentences=(said,))
    found = {str(row["party_id"]): row for row in records(result.importance)}
    rows = []
    for one in chosen:
        contract, reason = _why(desk.failures.get(one), one, reader)
        row = found[one]
        rows.append((one, row["bank_loss_caused"], row["loss_caused"], row["defaults_caused"], contract, reason))
    frame = pd.DataFrame(rows, columns=list(TABLE.names))
    shown = Shown(title=_title(desk), table=TABLE.name, frame=frame, first=TABLE.names)
    total = float(frame["bank_loss"].iloc[0])
    sentence = desk.pick(
        f"The costliest is {reader.party(chosen[0])}: its failure alone would cost the bank {reader.money(total)}"
        f"{reader.of_book(total)}.",
        f"影响最大的是{reader.party(chosen[0])}：其单户违约将使本行损失 {reader.money(total)}{reader.of_book(total)}。",
    )
    chart = bars(
        desk.pick("What the bank loses if one fails", "单户违约时本行的损失"),
        [(reader.name(row[0]) or row[0], float(row[1]), money(row[1], desk.lang)) for row in rows],
    )
    return Section(title=_title(desk), sentences=(sentence,), charts=(chart,), tables=((shown, reader),))


def _title(desk: ReportDesk) -> str:
    return desk.pick("The ten most dangerous clients", "最危险的十个客户")


def _why(run: Result | None, party_id: str, reader: Reader) -> tuple[str | None, str]:
    """Return the contract by which most is lost when a party fails, and how the loss comes about, in words."""
    if run is None:
        return None, ""
    own = run.facilities[run.facilities["borrower_id"] == party_id]
    others = run.facilities[(run.facilities["borrower_id"] != party_id) & (run.facilities["bank_loss_added"] > 0)]
    calls = run.calls[run.calls["paid_added"] > 0]
    fallen = run.parties[run.parties["default_added"] & ~run.parties["shocked"]]
    parts, contract = [], None
    lost = float(own["bank_loss_added"].sum())
    if lost > 0:
        top = _top(own, "bank_loss_added")
        contract = str(top["facility_id"])
        parts.append(
            reader.pick(
                f"its own loans lose {reader.money(lost)}, most on {contract}",
                f"自身贷款损失 {reader.money(lost)}，主要为 {contract}",
            )
        )
    if len(calls):
        top = _top(calls, "paid_added")
        contract = contract or str(top["guarantee_id"])
        parts.append(
            reader.pick(
                f"guarantee {top['guarantee_id']} of {reader.party(top['guarantor_id'])} pays {reader.money(top['paid_added'])}",
                f"担保 {top['guarantee_id']}（{reader.party(top['guarantor_id'])}）代偿 {reader.money(top['paid_added'])}",
            )
        )
    if len(fallen):
        first = records(fallen.head(3))
        named = reader.pick(", ", "、").join(reader.name(row["party_id"]) or str(row["party_id"]) for row in first)
        more = len(fallen) - len(first)
        verb = "fails" if len(fallen) == 1 else "fail"
        parts.append(
            reader.pick(
                f"{named}{f' and {more} more' if more > 0 else ''} {verb} with it",
                f"牵连 {named}{f' 等 {len(fallen)} 户' if more > 0 else ''} 违约",
            )
        )
    if len(others):
        top = _top(others, "bank_loss_added")
        if lost < float(top["bank_loss_added"]):
            contract = str(top["facility_id"])
        total = float(others["bank_loss_added"].sum())
        parts.append(
            reader.pick(f"loans of others lose {reader.money(total)}", f"其他主体贷款损失 {reader.money(total)}")
        )
    return contract, reader.pick("; ", "；").join(parts)


def _top(frame: pd.DataFrame, column: str) -> Any:
    return frame.sort_values(column, ascending=False, kind="stable").iloc[0]
