"""The sentences of `explain` in Chinese, made from the columns of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphrisk.answers.coded_words import cause
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

Row = Mapping[str, Any]
_KINDS = {
    "guarantee": "担保合同",
    "lending": "授信",
    "exposure": "债权",
    "ownership": "持股",
    "supplies": "供货",
    "pledge": "质押",
}


def headline(result: Result, reader: Reader) -> list[str]:
    """Return whether and by what the party fails and what the shock adds to its loss; of a whole book what it adds."""
    said, party = result.certificate, result.params.get("party")
    if not said.get("headline"):
        if "loss" in said and party:
            return [f"{reader.party(party)}在该冲击下没有损失，也不违约。"]
        return []
    if not party:
        return [
            f"冲击使本行新增损失 {reader.money(said['bank_loss_added'])}，"
            f"本行损失与各方净资产损失合计新增 {reader.money(said['book_loss_added'])}；违约 {said['defaults']:,} 户。"
        ]
    who, lost = reader.party(party), reader.money(said["sum_of_lines"])
    rounds = [row["round"] for row in records(result.tables["explain_path"]) if row["party_id"] == party]
    when = f"在第 {int(rounds[-1])} 轮" if rounds and rounds[-1] is not None else ""
    why = f"（原因：{cause(str(said['cause']))}）" if said.get("cause") else ""
    if said["default_added"]:
        return [f"{who}{when}违约{why}：冲击使其损失增加 {lost}。"]
    if said["failed"]:
        return [f"{who}无论有无冲击都会违约{why}；以下损失合计 {lost}。"]
    return [f"{who}不因冲击违约：损失 {lost}。"]


def lines(result: Result, reader: Reader) -> list[str]:
    """Return what the party loses, contract by contract."""
    victim = str(result.params.get("party"))
    return [_line(victim, row["other_id"], row, reader) for row in records(result.tables["explain_lines"])]


def path(result: Result, reader: Reader) -> list[str]:
    """Return the steps from the shock to the party."""
    said = []
    shocked = {row["origin_id"] for row in records(result.tables["explain_origins"]) if row["kind"] == "shock"}
    for row in records(result.tables["explain_path"]):
        victim, source = row["party_id"], row["from_id"]
        if victim is None:
            said.append(f"{_who(source, reader)}陷入困境：其资产类别被抛售。")
            continue
        fails = f"{reader.party(victim)}在第 {int(row['round'])} 轮违约。" if row["round"] else ""
        if row["layer"] is None:
            start = (
                "初始即受到冲击"
                if victim in shocked or row["round"] is None
                else "初始即处于困境（受冲击或净资产不为正）"
            )
            said.append(f"{reader.party(victim)}{start}。")
        elif row["amount"] is None:
            said.append(f"{reader.party(victim)}因{_who(source, reader)}而减产。{fails}")
        else:
            said.append(_line(str(victim), source, row, reader) + fails)
    return said


def contracts(result: Result, reader: Reader) -> list[str]:
    """Return what would be without each of the contracts that were tried."""
    party, defaults = result.params.get("party"), result.certificate.get("defaults")
    said = []
    for row in records(result.tables["explain_contracts"]):
        name = _KINDS[row["kind"]] + (f" {row['contract_id']}" if row["kind"] in ("guarantee", "lending") else "")
        ends = (
            f"（{reader.party(row['from_id'])} → {reader.party(row['to_id'])}）"
            if row["from_id"]
            else f"（{reader.party(row['to_id'])}）"
        )
        parts = []
        if party and row["effect_on_party"] is not None:
            parts.append(_gap(row["effect_on_party"], f"{reader.party(party)}的损失", reader))
        parts += [_gap(row["effect_on_loss"], "总损失", reader), _gap(row["effect_on_bank_loss"], "本行损失", reader)]
        fell = f"因冲击违约 {int(row['defaults_without']):,} 户"
        said.append(f"若没有{name}{ends}：{'，'.join(parts)}，{fell}。")
    return said if defaults is not None else []


def _gap(gap: float, what: str, reader: Reader) -> str:
    if not gap:
        return f"{what}不变"
    return f"{what}{'减少' if gap > 0.0 else '增加'} {reader.money(abs(gap))}"


def _who(one: Any, reader: Reader) -> str:
    return "来源不明" if one is None else reader.party(one)


def _line(victim: str, other: Any, row: Row, reader: Reader) -> str:
    who, money, source = reader.party(victim), reader.money(row["amount"]), _who(other, reader)
    layer, contract, facility = row["layer"], row["contract_id"], row["facility_id"]
    unmet = row.get("unmet") or 0.0
    if layer == "guarantee":
        rest = f"，另有 {reader.money(unmet)} 无力代偿" if unmet > 0.0 else ""
        return f"{who}为{source}（授信 {facility}）提供的担保 {contract} 被要求代偿：支付 {money}{rest}。"
    if layer == "exposure":
        return f"{who}对{source}的债权损失 {money}。"
    if layer == "lending":
        return f"{who}向{source}发放的授信 {facility} 损失 {money}。"
    if layer == "ownership":
        return f"{who}持有{source}的股权损失 {money}。"
    if layer == "shock":
        return f"冲击在初始使{who}损失 {money}。"
    if layer == "own_stop":
        return f"{who}因自身停产损失利润 {money}。"
    if layer == "supplies":
        return f"{who}因与{source}的供货往来减少而损失利润 {money}。"
    if facility is not None:
        return f"{who}的资产 {contract} 为授信 {facility} 偿付 {money}。"
    return f"{who}的资产 {contract} 减值 {money}。"
