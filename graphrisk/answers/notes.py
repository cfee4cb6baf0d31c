"""Notes for people: warnings first, what concerns the data in one line, the certificate as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphrisk.answers.reader import Reader
from graphrisk.model.note import Note
from graphrisk.model.result import Result

DATA = "data_quality"
"""How the keys of notes on the quality of the data begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Notes of a result, grouped."""

    warnings: tuple[str, ...]
    others: tuple[str, ...]


def grouped(result: Result, reader: Reader) -> Grouped:
    """Return the notes as warnings and the rest; those on the quality of the data become one sentence.

    What the headline says is not said again.
    """
    warnings: list[str] = []
    data: list[Note] = []
    others: list[str] = []
    said = {str(one) for one in result.certificate.get("headline", ())}
    for note in dict.fromkeys(result.notes):
        if said & {note.text, sentence(note.text)}:
            continue
        if note.severity == "warning":
            warnings.append(told(note, reader.lang))
        elif note.key.startswith(DATA):
            data.append(note)
        else:
            others.append(told(note, reader.lang))
    high = [note for note in data if note.key == f"{DATA}_high"]
    if high:
        worst, more = high[0].text.split(": ", 1)[1].rstrip("."), len(high) - 1
        chinese = high[0].chinese.split("：", 1)[-1].strip() or worst
        warnings.append(
            reader.pick(
                f"The data: {worst}" + (f", and {more} more of high severity" if more else "") + " (graphrisk check).",
                f"数据：{chinese}" + (f"；另有 {more} 项严重问题" if more else "") + "（见 graphrisk check）。",
            )
        )
    elif data:
        others.append(reader.pick("On the data: graphrisk check.", "数据问题见 graphrisk check。"))
    return Grouped(warnings=tuple(warnings), others=tuple(others))


def headline(result: Result, reader: Reader) -> list[str]:
    """Return the sentences by which an analyzer answers, in the reader's language: English where it has no other."""
    english, chinese = (list(map(str, result.certificate.get(name) or ())) for name in ("headline", "headline_zh"))
    if not reader.zh:
        return english
    noted = {note.text: note.chinese for note in result.notes if note.chinese}
    return chinese or [noted.get(one, one) for one in english]


def told(note: Note, lang: str) -> str:
    """Return a note as a sentence of its language."""
    if lang == "zh" and note.chinese:
        return note.chinese if note.chinese.endswith(("。", "！", "？")) else f"{note.chinese.rstrip('.')}。"
    return sentence(note.text)


def sentence(text: str) -> str:
    """Return an English text as a sentence: a capital first letter, unless it is a name, and a full stop."""
    head = text.split(" ", 1)[0].rstrip(":,")
    plain = head.isalpha() and head.isascii() and head.islower()
    said = text[:1].upper() + text[1:] if plain else text
    if said.endswith((".", "。", "!", "?", ")")):
        return said
    return f"{said}."


def certificate_sentence(result: Result, reader: Reader) -> str:
    """Return in one sentence how the result was obtained."""
    said = result.certificate
    kind = reader.pick(f"{result.analyzer} as of {result.as_of}", f"{result.analyzer}，数据日 {result.as_of}")
    how = _how(said, reader)
    data = reader.pick(f"data {result.fingerprint[:12]}", f"数据 {result.fingerprint[:12]}")
    return reader.pick(f"{kind}, {data}: {how}.", f"{kind}，{data}：{how}。")


def _how(said: Mapping[str, Any], reader: Reader) -> str:
    parts = []
    if said.get("converged") is False:
        parts.append(reader.pick("NOT converged", "未收敛"))
    elif "scenarios" in said:
        number = reader.number(said["scenarios"])
        parts.append(
            reader.pick(
                f"{number} simulated years, seed {said.get('seed')}", f"模拟 {number} 个年度，种子 {said.get('seed')}"
            )
        )
    elif "rounds" in said:
        rounds = said["rounds"]
        residual = said.get("residual")
        exactly = residual is not None and float(residual) == 0.0
        rest = "" if residual is None else f", {'exactly' if exactly else f'residual {float(residual):.1e}'}"
        parts.append(
            reader.pick(
                f"converged in {reader.count(rounds, 'round')}{rest}",
                f"{rounds} 轮收敛"
                + ("" if residual is None else "，无残差" if exactly else f"，残差 {float(residual):.1e}"),
            )
        )
    else:
        parts.append(reader.pick("computed to the end", "计算完成"))
    if said.get("complete") is False:
        parts.append(reader.pick("not complete (see the notes)", "不完整（见说明）"))
    seeds = said.get("exact_seeds")
    if seeds is not None:
        parts.append(reader.pick(f"{seeds:,} parties tried exactly", f"{seeds:,} 个主体逐一精确计算"))
    return reader.pick(", ", "，").join(parts)
