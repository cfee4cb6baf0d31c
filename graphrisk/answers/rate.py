"""PD models: how good one is, which columns may know too much, who is rated how and why."""

from __future__ import annotations

from typing import Any

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return what training, applying, showing or comparing found."""
    action = result.params.get("action")
    sentences = {"apply": _applied, "train": _trained, "show": _shown, "compare": _compared}[str(action)]
    return Answer(sentences=tuple(sentences(result, reader)), tables=_tables(result, reader))


def _trained(result: Result, reader: Reader) -> list[str]:
    said = result.certificate
    rows = records(result.tables["rate_comparison"])
    kind = result.params.get("kind")
    out = []
    if rows and rows[0]["auc"] is not None:
        row = rows[0]
        out.append(
            reader.pick(
                f"Model {said['model']} ({kind}) tells defaults from the others with an AUC of {_auc(row)} on clients that "
                f"it has not seen ({said['defaults']:,} defaults in {said['rows']:,} rows).",
                f"模型 {said['model']}（{kind}）在未见过的客户上 AUC 为 {_auc(row)}"
                f"（{said['rows']:,} 行中 {said['defaults']:,} 户违约）。",
            )
        )
        out.append(_calibration(row, reader))
    out.append(reader.pick(f"It is written to {said['file']}.", f"已写入 {said['file']}。"))
    return out


def _calibration(row: dict[str, Any], reader: Reader) -> str:
    mean, seen = reader.percent(row["mean_pd"]), reader.percent(row["default_rate"])
    p = row["hosmer_lemeshow_p"]
    fits = p is not None and p >= 0.05
    return reader.pick(
        f"Its mean PD is {mean}, and {seen} defaulted; "
        + (
            "over the range of PDs both agree"
            if fits
            else "over the range of PDs they differ, more than chance explains"
        )
        + ("" if p is None else f" (Hosmer-Lemeshow p {p:.3f})")
        + ".",
        f"平均违约概率 {mean}，实际违约 {seen}；" + ("各分段相符。" if fits else "各分段差异超出偶然范围。"),
    )


def _shown(result: Result, reader: Reader) -> list[str]:
    said = result.certificate
    out = [
        reader.pick(
            f"Model {said['model']} is a {said['kind']} of {len(said['columns'])} columns, trained on {said['rows']:,} rows "
            f"with {said['defaults']:,} defaults.",
            f"模型 {said['model']}：{said['kind']}，{len(said['columns'])} 列，训练样本 {said['rows']:,} 行、"
            f"{said['defaults']:,} 户违约。",
        )
    ]
    rows = records(result.tables["rate_comparison"])
    if rows and rows[0]["auc"] is not None:
        out.append(reader.pick(f"AUC out of sample: {_auc(rows[0])}.", f"样本外 AUC：{_auc(rows[0])}。"))
        out.append(_calibration(rows[0], reader))
    return out


def _compared(result: Result, reader: Reader) -> list[str]:
    rows = records(result.tables["rate_comparison"])
    best = max(rows, key=lambda row: row["auc"] or 0.0)
    if best["auc"] is None:
        return [reader.pick(f"{len(rows)} models, none of them measured.", f"共 {len(rows)} 个模型，均未检验。")]
    out = [
        reader.pick(
            f"{len(rows)} models: {best['model']} has the highest AUC out of sample, {_auc(best)}.",
            f"共 {len(rows)} 个模型：{best['model']} 的样本外 AUC 最高，为 {_auc(best)}。",
        )
    ]
    if best["auc_gain"] is not None:
        sure = best["gain_low"] > 0.0
        first = rows[0]["model"]
        out.append(
            reader.pick(
                f"That is {best['auc_gain']:+.3f} [{best['gain_low']:+.3f}, {best['gain_high']:+.3f}] against {first}"
                + ("." if sure else ": no difference that the sample shows."),
                f"与 {first} 相比 {best['auc_gain']:+.3f}［{best['gain_low']:+.3f}，{best['gain_high']:+.3f}］"
                + ("。" if sure else "：样本不足以显示差异。"),
            )
        )
    return out


def _applied(result: Result, reader: Reader) -> list[str]:
    rows = records(result.tables["rate_ratings"])
    rated = [row for row in rows if row["pd"] is not None]
    name = result.certificate["model"]
    if not rated:
        return [reader.pick(f"Model {name} rates none of {len(rows):,} rows.", f"模型 {name} 未能评级任何一行。")]
    mean = sum(row["pd"] for row in rated) / len(rated)
    worst = max(rated, key=lambda row: (row["pd"], row["party_id"]))
    out = [
        reader.pick(
            f"Model {name} rates {len(rated):,} of {len(rows):,}; the mean PD is {reader.percent(mean)}.",
            f"模型 {name} 评级 {len(rows):,} 行中的 {len(rated):,} 行；平均违约概率 {reader.percent(mean)}。",
        ),
        reader.pick(
            f"The highest is {reader.percent(worst['pd'])}, of {reader.party(worst['party_id'])}.",
            f"最高为 {reader.percent(worst['pd'])}：{reader.party(worst['party_id'])}。",
        ),
    ]
    written = result.certificate.get("snapshot")
    if written:
        out.append(
            reader.pick(
                f"The ratings are in snapshot {written}, a new version of the same day.",
                f"评级已写入快照 {written}（同日新版本）。",
            )
        )
    return out


def _tables(result: Result, reader: Reader) -> tuple[Shown, ...]:
    shown = []
    if "rate_ratings" in result.tables:
        frame = result.tables["rate_ratings"].sort_values(["pd", "party_id"], ascending=[False, True])
        shown.append(
            show(result, reader, "rate_ratings", title=reader.pick("Ratings, the highest PD first", "评级（违约概率由高到低）"),
                 frame=frame, first=("party_id", "pd", "grade"), then=("points", "coverage", "as_of_on"))
        )  # fmt: skip
        reasons = result.tables["rate_reasons"]
        if len(reasons):
            top = reasons.sort_values(["points_lost", "party_id", "factor"], ascending=[False, True, True])
            shown.append(
                show(result, reader, "rate_reasons", title=reader.pick("What costs points, the most first", "扣分原因"),
                     frame=top, first=("party_id", "factor", "points_lost"), then=("value",))
            )  # fmt: skip
    if "rate_comparison" in result.tables:
        shown.append(
            show(result, reader, "rate_comparison", title=reader.pick("On rows not seen in training", "样本外表现"),
                 first=("model", "auc", "auc_low", "auc_high"),
                 then=("ks", "ap", "brier", "mean_pd", "default_rate", "hosmer_lemeshow_p", "fit_s", "auc_gain"))
        )  # fmt: skip
    if "rate_factors" in result.tables:
        shown.insert(
            0, show(result, reader, "rate_factors", title=reader.pick("What it is made of", "模型构成"),
                    first=("factor",), then=("bin", "points", "weight", "woe", "goods", "bads", "iv"))
        )  # fmt: skip
    if "rate_grades" in result.tables and len(result.tables["rate_grades"]):
        shown.append(
            show(result, reader, "rate_grades", title=reader.pick("Grades: expected and seen", "等级：预期与实际"),
                 first=("grade", "clients", "defaults", "mean_pd", "default_rate"), then=("low", "high", "prudent_pd"))
        )  # fmt: skip
    leaks = result.tables.get("rate_leaks")
    if leaks is not None and bool(leaks["suspected"].fillna(False).any()):
        frame = leaks[leaks["suspected"].fillna(False).astype(bool)]
        shown.insert(
            0, show(result, reader, "rate_leaks", title=reader.pick("Columns that may know the outcome", "疑似泄露结果的列"),
                    frame=frame, first=("column", "auc_alone", "auc_without"), then=("auc_with",))
        )  # fmt: skip
    return tuple(shown)


def _auc(row: dict[str, Any]) -> str:
    if row.get("auc_low") is None:
        return f"{row['auc']:.3f}"
    return f"{row['auc']:.3f} [{row['auc_low']:.3f}, {row['auc_high']:.3f}]"
