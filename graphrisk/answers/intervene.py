"""Intervene: what to do, what it saves, what it costs."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result

_MONEY = frozenset({"bank_loss", "equity_lost", "loss"})


def answer(result: Result, reader: Reader) -> Answer:
    """Return the actions in sentences, then the best candidates."""
    said = result.certificate
    actions = [str(one) for one in result.actions["sentence"]]
    best = [str(one) for one in result.best["sentence"]]
    details = ((reader.pick("The best single actions", "最佳单项措施"), tuple(best)),) if best else ()
    sentences = actions[:3]
    if len(actions) > 3:
        sentences.append(
            reader.pick(f"{len(actions) - 3} more actions are in the table.", f"另有 {len(actions) - 3} 项措施见表。")
        )
    if not actions:
        sentences.append(reader.pick("No action was found that helps.", "未找到有效措施。"))
    elif said.get("reached") is not None:
        cost = reader.money(said.get("cost"))
        sentences.append(
            reader.pick(
                f"Together they cost {cost}"
                + (" and reach the target." if said["reached"] else "; the target is NOT reached."),
                f"合计成本 {cost}，" + ("达到目标。" if said["reached"] else "未达到目标。"),
            )
        )
    unit = "money" if str(said.get("measure", "bank_loss")) in _MONEY else ""
    candidates = result.candidates.assign(unit="base currency" if unit else "")
    tables = (
        show(
            result,
            reader,
            "intervene_actions",
            title=reader.pick("What to do, in order", "建议措施（按次序）"),
            first=("action", "party_id", "contract_id", "size", "cost"),
            then=("guarantor_id", "cumulative_cost"),
        ),
        show(
            result,
            reader,
            "intervene_candidates",
            title=reader.pick("Single actions, the most saved for its cost first", "单项措施（按单位成本效果排序）"),
            frame=candidates,
            first=("action", "party_id", "contract_id", "cost", "effect", "measure_after"),
            then=("size", "guarantor_id", "effect_per_cost"),
            unit_column="unit",
        ),
    )
    return Answer(sentences=tuple(sentences), details=details, tables=tables)
