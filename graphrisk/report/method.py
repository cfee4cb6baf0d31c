"""How the numbers were obtained: methods, certificates, notes, and which data they are of."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.report.base import ReportDesk, Section

ORDER = 90
NEEDS: tuple[str, ...] = ()


def section(desk: ReportDesk) -> Section | None:
    """Return a line for each analyzer: how it was obtained; then its notes."""
    reader, graph = desk.reader, desk.graph
    lines = [
        desk.pick(
            f"Data: snapshot {graph.snapshot} as of {graph.as_of}, fingerprint {graph.fingerprint}, amounts in "
            f"{graph.base_currency or 'no currency'}. The same data gives the same report.",
            f"数据：快照 {graph.snapshot}，数据日 {graph.as_of}，指纹 {graph.fingerprint}，金额单位 "
            f"{graph.base_currency or '无'}。相同数据得到相同报告。",
        )
    ]
    told: set[str] = set()
    for name in sorted(desk.results):
        answer = answer_of(desk.results[name], reader)
        method = desk.pick(f"method: docs/methods/{name}.md", f"方法见 docs/methods/{name}.md")
        lines.append(f"{answer.certificate} {method}.")
        for note in answer.notes:
            if note not in told:
                told.add(note)
                lines.append(f"— {note}")
    missing = tuple(
        desk.pick(f"{name} is not in this report: {why}", f"本报告不含 {name}：{why}")
        for name, why in desk.missing.items()
    )
    return Section(title=desk.pick("Method and certificate", "方法与证明"), sentences=tuple(lines), warnings=missing)
