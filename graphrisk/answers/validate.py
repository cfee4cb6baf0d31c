"""Validation: whether PDs tell defaults apart and are as high as defaults are frequent, and whether the network helps."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return what validation found, the measures, and the table that answers."""
    found = {name: records(table) for name, table in result.tables.items()}
    sentences = [
        *_measured(found.get("validate_measures", []), reader),
        *_network(found.get("validate_network", []), reader),
    ]
    if not sentences:
        said = result.certificate
        sentences = [
            reader.pick(
                f"{said['rows']:,} clients at risk, {said['defaults']:,} defaults within a year; nothing could be measured.",
                f"{said['rows']:,} 户在险客户，一年内违约 {said['defaults']:,} 户；没有可衡量的内容。",
            )
        ]
    return Answer(sentences=tuple(sentences), tables=_tables(result, reader))


def _measured(rows: list[dict[str, Any]], reader: Reader) -> list[str]:
    out = []
    pairs = list(dict.fromkeys((row["model"], row["sample"]) for row in rows))
    for model, sample in pairs[:2]:
        by = {row["measure"]: row for row in rows if (row["model"], row["sample"]) == (model, sample)}
        auc = by.get("auc")
        if auc is not None:
            out.append(
                reader.pick(
                    f"{model} on {sample}: AUC {auc['value']:.3f} [{auc['low']:.3f}, {auc['high']:.3f}], {auc['verdict']}.",
                    f"{model}（{sample}）：AUC {auc['value']:.3f}［{auc['low']:.3f}，{auc['high']:.3f}］。",
                )
            )
        rate = by["jeffreys"]
        wrong = [name for name in ("hosmer_lemeshow", "spiegelhalter", "jeffreys") if _small(by.get(name))]
        fits = ", ".join(wrong).replace("_", "-")
        out.append(
            reader.pick(
                f"{reader.percent(rate['value'])} defaulted; {rate['verdict']}"
                + (f"; PDs and defaults differ by {fits}." if wrong else "; no test of calibration objects."),
                f"实际违约 {reader.percent(rate['value'])}；" + (f"未通过：{fits}。" if wrong else "校准检验均通过。"),
            )
        )
    return out


def _network(rows: list[dict[str, Any]], reader: Reader) -> list[str]:
    """Return whether the network helps, by the row that was fixed beforehand: the best of many would flatter.

    All network columns on top of the own score, on communities not learned from, over the shortest horizon that was
    tried.
    """
    fair = [row for row in rows if row["split"] == "community" and row["kind"] == "add_on" and row["features"] != "own"]
    if not fair:
        return []
    nearest = min(row["horizon_months"] for row in fair)
    row = [row for row in fair if row["horizon_months"] == nearest][-1]
    gain = f"{row['uplift']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
    english = f"to foretell defaults within {nearest} months: AUC {gain} beyond the own score, on communities not seen."
    chinese = f"（预测 {nearest} 个月内违约，未见过的群体）：在自有评分之外 AUC {gain}。"
    if row["verdict"] == "helps":
        return [reader.pick(f"The network helps {english}", f"网络特征有帮助{chinese}")]
    if row["verdict"] == "hurts":
        return [reader.pick(f"The network does harm where it is used {english}", f"网络特征反而有害{chinese}")]
    return [reader.pick(f"No help of the network is shown {english}", f"未见网络特征的帮助{chinese}")]


def _small(row: dict[str, Any] | None) -> bool:
    return row is not None and row["p_value"] is not None and row["p_value"] < 0.05


def _tables(result: Result, reader: Reader) -> tuple[Shown, ...]:
    order = (
        ("validate_measures", "Measures", "指标", ("model", "sample", "measure", "value"), ("low", "high", "p_value", "verdict")),
        ("validate_network", "Does the network help", "网络特征是否有帮助",
         ("horizon_months", "split", "kind", "features", "auc", "uplift", "low", "high", "verdict"), ("ap",)),
        ("validate_overrides", "Overrides", "人工调整", ("direction", "clients", "defaults", "default_rate"),
         ("mean_model_pd", "mean_final_pd", "auc_model", "auc_final")),
        ("validate_stability", "Stability", "稳定性", ("column", "psi", "band"), ()),
        ("validate_grades", "Predicted against actual", "预测与实际", ("grade", "clients", "defaults", "mean_pd", "default_rate"),
         ("low", "high", "jeffreys_p")),
        ("validate_guards", "As-of guards", "时点检查", ("as_of_on", "table", "guard", "rows"), ()),
    )  # fmt: skip
    frames = dict(result.tables)
    if (steps := frames.get("validate_network")) is not None:
        frames["validate_network"] = steps.assign(features=[_last_added(str(one), reader) for one in steps["features"]])
    return tuple(
        show(result, reader, name, title=reader.pick(english, chinese), frame=frames[name], first=first, then=then)
        for name, english, chinese, first, then in order
        if name in frames
    )


def _last_added(features: str, reader: Reader) -> str:
    """Return the family of columns that a step adds, in words: own, + structure, + neighbour defaults."""
    before, _, last = features.rpartition("+")
    return f"{'+ ' if before else ''}{value_word(last, reader.lang)}"
