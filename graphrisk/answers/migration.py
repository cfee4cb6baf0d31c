"""Migration: how many clients stay in their grade, who falls into default, what is too few to tell."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return what was read, where default comes from, what moves; then the grades and the one-year matrix."""
    grades = records(result.grades)
    if not grades:
        nothing = reader.pick("No grades of ratings are in this book.", "本数据中没有评级等级。")
        return Answer(sentences=(nothing,))
    said = result.certificate
    sentences = []
    if said["source"] == "ratings":
        sentences.append(
            reader.pick(
                f"{reader.count(said['clients'], 'client')} with {reader.number(said['client_years'])} client-years of "
                f"grades by {said['model']}, {reader.count(said['defaults'], 'default')}.",
                f"{said['model']} 评级的客户 {said['clients']:,} 户，{reader.number(said['client_years'])} 客户年，"
                f"违约 {said['defaults']:,} 户。",
            )
        )
    known = [row for row in grades[:-1] if row["default"] is not None]
    if known:
        worst = max(known, key=lambda row: row["default"])
        interval = (
            f" ({reader.percent(worst['default_low'])} – {reader.percent(worst['default_high'])})"
            if worst["default_low"] is not None
            else ""
        )
        sentences.append(
            reader.pick(
                f"Within a year {reader.percent(worst['default'])}{interval} of grade {worst['grade']} default, the most "
                f"of all grades, and {reader.percent(known[0]['default'])} of grade {known[0]['grade']}.",
                f"一年内 {worst['grade']} 级违约 {reader.percent(worst['default'])}{interval}，为各级最高；"
                f"{known[0]['grade']} 级为 {reader.percent(known[0]['default'])}。",
            )
        )
        moves = max(known, key=lambda row: row["worse"] or 0.0)
        if moves["worse"]:
            sentences.append(
                reader.pick(
                    f"Most downgrades leave {moves['grade']}: {reader.percent(moves['worse'])} a year, "
                    f"{reader.percent(moves['stays'])} stay.",
                    f"下调最多的是 {moves['grade']} 级：每年 {reader.percent(moves['worse'])}，"
                    f"{reader.percent(moves['stays'])} 保持不变。",
                )
            )
    small = [str(row["grade"]) for row in grades if row["small"]]
    if small:
        sentences.append(
            reader.pick(
                f"Too few client-years to tell much: {', '.join(small)}.",
                f"样本过少、参考意义有限的等级：{'、'.join(small)}。",
            )
        )
    matrix = result.matrix
    one = matrix[(matrix["years"] == 1) & (matrix["estimator"] == matrix["estimator"].iloc[0])]
    wide = one.pivot_table(index="from_grade", columns="to_grade", values="probability", dropna=False, sort=False)
    order = [str(row["grade"]) for row in grades]
    wide = wide.reindex(index=order, columns=order).map(lambda v: "" if v != v else reader.percent(v))
    wide.columns.name = None
    tables = (
        show(
            result,
            reader,
            "migration_grades",
            title=reader.pick("What became of each grade within a year", "各等级一年后的去向"),
            first=("grade", "from_count", "stays", "default"),
            then=("default_low", "default_high", "stated_pd", "better", "worse", "default_5y", "small"),
        ),
        show(
            result,
            reader,
            "migration_matrix",
            title=reader.pick("Moves within a year, from row to column", "一年期迁移矩阵（行至列）"),
            frame=wide.reset_index(),
            first=("from_grade", *order),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)
