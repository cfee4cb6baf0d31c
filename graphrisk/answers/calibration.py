"""Calibration: is the level of the PDs right, what do the tests say, where does it differ."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

SURE = 0.05
"""p value below which a test objects."""
SCALE_TESTS = {"hosmer_lemeshow": "Hosmer-Lemeshow", "spiegelhalter": "Spiegelhalter"}
"""Tests of the PDs along the whole scale; Jeffreys' and the binomial one test the level alone."""


def answer(result: Result, reader: Reader) -> Answer:
    """Return the verdict, what was compared, the grades that are off; then the grades and the tests."""
    if not len(result.grades):
        return Answer(sentences=verdict(result, reader))
    tables = (
        show(
            result,
            reader,
            "calibration_grades",
            title=reader.pick("Predicted against actual, by grade", "各等级：预测与实际"),
            first=("grade", "clients", "defaults", "mean_pd", "default_rate", "verdict"),
            then=("low", "high", "jeffreys_p"),
        ),
        show(
            result,
            reader,
            "calibration_measures",
            title=reader.pick("Tests of calibration", "校准检验"),
            first=("measure", "value", "p_value"),
            then=("low", "high"),
        ),
    )
    return Answer(sentences=verdict(result, reader), tables=tables)


def verdict(result: Result, reader: Reader) -> tuple[str, ...]:
    """Return sentences: whether the level is right, what the tests of the whole scale say, which grades are off."""
    grades = records(result.grades)
    if not grades:
        return (
            reader.pick(
                "No PD can be compared with what came: no rating is followed by a year whose defaults are known.",
                "无法比较违约概率与实际违约：没有任何评级之后已满一年的结果。",
            ),
        )
    said, by = result.certificate, {row["measure"]: row for row in records(result.measures)}
    few = any(note.key == "few_defaults" for note in result.notes)
    return (_level(said, by, reader, few=few), _scale(by, reader), *_grades(grades, reader))


def _level(said: Any, by: dict[str, Any], reader: Reader, *, few: bool) -> str:
    test = by["jeffreys"]
    expected, came = reader.percent(said["mean_pd"]), reader.percent(test["value"])
    interval = f"{reader.percent(test['low'])} – {reader.percent(test['high'])}"
    tests = f"Jeffreys {_p(test['p_value'])}"
    if test["p_value"] < SURE:
        english, chinese = "The PDs are too low", "违约概率偏低"
    elif test["p_value"] > 1.0 - SURE:
        english, chinese = "The PDs are too high", "违约概率偏高"
    elif few:
        english, chinese = (
            "Too few defaults to tell whether the level of the PDs is right",
            "违约过少，尚不能判断违约概率水平",
        )
    else:
        english, chinese = "The level of the PDs is right", "违约概率水平合适"
    return reader.pick(
        f"{english}: {expected} was expected, {came} defaulted (95 % interval {interval}; {tests}, binomial "
        f"{_p(by['binomial']['p_value'])}), {reader.count(said['defaults'], 'default')} in "
        f"{reader.count(said['client_years'], 'client-year')} of model {said['model']}.",
        f"{chinese}：模型 {said['model']} 的 {said['client_years']:,} 客户年中违约 {said['defaults']:,} 次，预期 {expected}，"
        f"实际 {came}（95% 区间 {interval}；{tests}，二项 {_p(by['binomial']['p_value'])}）。",
    )


def _scale(by: dict[str, Any], reader: Reader) -> str:
    known = {name: by[name]["p_value"] for name in SCALE_TESTS if name in by and by[name]["p_value"] is not None}
    told = ", ".join(
        [*(f"{SCALE_TESTS[name]} {_p(p)}" for name, p in known.items()), f"Brier {by['brier']['value']:.4f}"]
    )
    if any(p < SURE for p in known.values()):
        return reader.pick(
            f"Along the scale PDs and defaults differ more than chance explains ({told}).",
            f"各级违约概率与实际违约的差异超出偶然（{told}）。",
        )
    if not known:
        return reader.pick(
            f"Too few or too extreme PDs for a test along the scale ({told}).",
            f"违约概率过少或过于极端，无法逐级检验（{told}）。",
        )
    return reader.pick(f"Along the scale no test objects ({told}).", f"各级检验均未否定（{told}）。")


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p {value:.3f}"


def _grades(grades: list[dict[str, Any]], reader: Reader) -> list[str]:
    low = [str(row["grade"]) for row in grades if row["verdict"] == "too_low"]
    high = [str(row["grade"]) for row in grades if row["verdict"] == "too_high"]
    out = []
    if low:
        out.append(reader.pick(f"PDs too low in grade {', '.join(low)}.", f"违约概率偏低的等级：{'、'.join(low)}。"))
    if high:
        out.append(reader.pick(f"PDs too high in grade {', '.join(high)}.", f"违约概率偏高的等级：{'、'.join(high)}。"))
    return out
