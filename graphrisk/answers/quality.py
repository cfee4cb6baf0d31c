"""Data quality: how much is wrong, the gravest first, and what to do."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.answers.words_of_findings import in_chinese
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return how many findings there are of each severity, and the gravest."""
    found = in_chinese(result.findings, reader.title) if reader.zh else result.findings
    counts = found["severity"].value_counts()
    said = {name: int(counts.get(name, 0)) for name in ("high", "medium", "low")}
    checks = int(result.certificate.get("checks", len(result.checks)))
    if found.empty:
        sentences = [reader.pick(f"{checks} checks found nothing wrong.", f"{checks} 项检查均未发现问题。")]
    else:
        high = said["high"]
        sentences = [
            reader.pick(
                f"{checks} checks found {len(found)} things to look at: "
                f"{high} that make numbers wrong (high), {said['medium']} that may (medium), "
                f"{said['low']} worth knowing (low).",
                f"{checks} 项检查发现 {len(found)} 个问题：严重 {high}，中等 {said['medium']}，轻微 {said['low']}。",
            )
        ]
        top = found.iloc[0]
        sentences.append(
            reader.pick(f"First: {top['finding']}. {top['action']}", f"首要问题：{top['finding']}。{top['action']}")
        )
    findings = show(
        result,
        reader,
        "quality_findings",
        title=reader.pick("What was found", "发现的问题"),
        frame=found,
        first=("severity", "finding", "rows", "action"),
        then=("exposure_share", "examples", "check", "table"),
    )
    coverage = result.coverage
    known = show(
        result,
        reader,
        "quality_coverage",
        title=reader.pick("What is known, and of how much of the exposure", "数据覆盖情况"),
        frame=coverage[coverage["needed"] > 0] if len(coverage) else coverage,
        first=("fact", "needed", "known", "share_known", "exposure_known"),
    )
    return Answer(sentences=tuple(sentences), tables=(findings, known))
