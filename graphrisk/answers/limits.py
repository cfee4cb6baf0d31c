"""Limits: the answer in sentences, then uses from the highest step of the ladder down, and our own related parties."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return the headline, the uses and the related parties."""
    tables = (
        show(
            result,
            reader,
            "limits_use",
            title=reader.pick("Use of limits, breaches first", "限额占用（超限在前）"),
            first=("subject_id", "subject", "measure", "exposure_after", "use", "limit", "ladder"),
            then=("headroom", "indirect", "internal_limit", "recognised_mitigation", "level", "legal_basis"),
        ),
        show(
            result,
            reader,
            "limits_related_parties",
            title=reader.pick("Our own related parties", "本行关联方"),
            first=("subject_id", "subject", "exposure_after", "use", "limit", "level"),
            then=("why", "parties", "legal_basis"),
        ),
    )
    return Answer(
        sentences=tuple(result.certificate["headline"]), tables=tuple(one for one in tables if len(one.frame))
    )
