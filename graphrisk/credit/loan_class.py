"""Which of the five classes a loan stands in, and which loans are non-performing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.contagion.ledger import Flags
from graphrisk.model.note import Note

PASS, SPECIAL_MENTION, SUBSTANDARD, DOUBTFUL, LOSS = 1, 2, 3, 4, 5
OVERDUE_DAYS = 90.0
"""A loan whose oldest unpaid amount is older than this many days is non-performing, whatever its class says."""

_WORDS = {
    PASS: "pass passed normal standard performing 正常 1 stage1",
    SPECIAL_MENTION: "specialmention mention watch watchlist 关注 2 stage2",
    SUBSTANDARD: "substandard 次级 3 stage3 不良 npl nonperforming default defaulted impaired 违约",
    DOUBTFUL: "doubtful 可疑 4",
    LOSS: "loss 损失 bad writtenoff 5",
}
_CLASS = {word: number for number, words in _WORDS.items() for word in words.split()}


def loan_class(text: str | None) -> int:
    """Return the class (1 pass to 5 loss) that a word means, 0 where there is none, -1 where it is no word we know.

    Case, spaces, hyphens and the endings 类 and 贷款 do not matter: `Special Mention`, `次级类`, `03`. Stages 1, 2, 3
    of IFRS 9 are read as pass, special mention, substandard.

    >>> [loan_class(text) for text in ("次级类", "Special-Mention", "02", None, "BBB")]
    [3, 2, 2, 0, -1]
    """
    word = "".join((text or "").lower().split()).replace("-", "").replace("_", "")
    word = word.removesuffix("贷款").removesuffix("类")
    word = word.lstrip("0") if word.isdigit() else word
    return _CLASS.get(word, -1) if word else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanQuality:
    """Of every facility (f,): what is outstanding, its class (0 not given, -1 not known), and what it says of it.

    `non_performing`: more than 90 days overdue, substandard or worse, or of a borrower in default. `overdue`: 1 to 90
    days. `told`: days, class or status say something of it. An unknown outstanding amount counts as 0.
    """

    outstanding: Floats
    graded: Positions
    non_performing: Flags
    special_mention: Flags
    overdue: Flags
    told: Flags
    notes: tuple[Note, ...]


def loan_quality(graph: RiskGraph) -> LoanQuality:
    """Return the quality of each facility of the book."""
    words = graph.texts("facilities", "classification")
    known = {word: loan_class(word) for word in set(words.tolist())}
    graded = np.array([known[word] for word in words.tolist()], dtype=np.int64)
    days = graph.floats("facilities", "days_past_due")
    borrower = graph.positions("facilities", "borrower_id")
    status = np.full(len(borrower), None, dtype=object)
    has = borrower >= 0
    status[has] = graph.texts("parties", "status")[borrower[has]]
    strange = graded < 0
    notes = []
    if strange.any():
        named = sorted({str(word) for word in words[strange].tolist()})[:5]
        notes.append(
            Note(
                "loan_classes_not_known",
                f"The class of {int(strange.sum()):,} facilities is no word that we know ({', '.join(named)}): whether "
                "they perform follows from days past due and the borrower's status alone.",
                f"{int(strange.sum()):,} 笔融资的分类无法识别（{'、'.join(named)}）："
                "是否不良仅按逾期天数和借款人状态判断。",
            )
        )
    return LoanQuality(
        outstanding=np.nan_to_num(np.maximum(graph.floats("facilities", "outstanding"), 0.0)),
        graded=graded,
        non_performing=(days > OVERDUE_DAYS) | (graded >= SUBSTANDARD) | (status == "defaulted").astype(bool),
        special_mention=graded == SPECIAL_MENTION,
        overdue=(days > 0.0) & (days <= OVERDUE_DAYS),
        told=~np.isnan(days) | (graded > 0) | np.array([word is not None for word in status.tolist()], dtype=bool),
        notes=tuple(notes),
    )
