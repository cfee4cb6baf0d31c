"""Explain: why a party loses, step by step, line by line."""

from __future__ import annotations

from graphrisk.answers import explain_chinese
from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result

SHOWN = 10
_LISTS = (
    ("How it came about", "传导过程", "explain_path"),
    ("What it loses, largest first", "损失构成（由大到小）", "explain_lines"),
    ("The contracts that matter most, each tried without it", "最关键的合同（逐一剔除后重算）", "explain_contracts"),
)

_IN_CHINESE = {
    "explain_path": explain_chinese.path,
    "explain_lines": explain_chinese.lines,
    "explain_contracts": explain_chinese.contracts,
}


def answer(result: Result, reader: Reader) -> Answer:
    """Return the headline, how the loss came about in sentences, and where it goes back to."""
    details = []
    for english, chinese, table in _LISTS:
        said = (
            _IN_CHINESE[table](result, reader) if reader.zh else [str(one) for one in result.tables[table]["sentence"]]
        )
        if len(said) > SHOWN:
            left = f"{len(said) - SHOWN:,}"
            said = [*said[:SHOWN], reader.pick(f"... {left} more ({table})", f"……另有 {left} 条（{table}）")]
        if said:
            details.append((reader.pick(english, chinese), tuple(said)))
    origins = show(
        result,
        reader,
        "explain_origins",
        title=reader.pick("Where the loss goes back to", "损失的源头"),
        first=("origin_id", "kind", "amount", "share"),
    )
    several = len(origins.frame) > 1
    return Answer(
        sentences=tuple(
            explain_chinese.headline(result, reader)
            if reader.zh
            else (str(one) for one in result.certificate.get("headline", ()))
        ),
        details=tuple(details),
        tables=(origins,) if several else (),
    )
