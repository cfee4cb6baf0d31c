"""Checks of register numbers that carry their own check: the LEI and the unified social credit code.

A number with a slip matches nobody's files: what other sources say of the party is not found, and one party becomes
two.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.model.register_codes import credit_code_is_right, lei_is_right

_NEAR = range(16, 21)
"""Lengths at which a Chinese number is meant to be a unified social credit code of 18: registration numbers before 2015
have 15 digits, organisation codes 9."""


def plain_codes(given: pa.Array | pa.ChunkedArray) -> list[str | None]:
    """Return register numbers in capitals and one width, without separators; None where a value is no number."""
    upper = pc.utf8_upper(pc.utf8_normalize(given, form="NFKC"))
    code = pc.replace_substring_regex(upper, r"[^\p{L}\p{N}]", "")
    telling = pc.and_(pc.match_substring_regex(code, r"[1-9]"), pc.greater_equal(pc.utf8_length(code), 4))
    found: list[str | None] = pc.if_else(telling, code, pa.scalar(None, pa.string())).to_pylist()
    return found


def _found(scope: Scope, wrong: Mask, looked_at: Mask, column: str) -> Found:
    at = np.flatnonzero(wrong)
    given = scope.graph.texts("parties", column)
    names = np.array([f"{scope.graph.party_ids[k]} ({given[k]})" for k in at], dtype=object)
    return Found(names=names, looked_at=int(looked_at.sum()), parties=at, size=scope.due_by_party[at])


def wrong_lei(scope: Scope) -> Found:
    codes = plain_codes(scope.graph.table("parties")["lei"])
    told = np.array([code is not None for code in codes], dtype=bool)
    wrong = np.array([code is not None and not lei_is_right(code) for code in codes], dtype=bool)
    return _found(scope, wrong, told, "lei")


def wrong_credit_code(scope: Scope) -> Found:
    """Numbers of Chinese parties that are no persons, of about the length of the code."""
    graph = scope.graph
    country, kind = graph.texts("parties", "country"), graph.texts("parties", "kind")
    codes = plain_codes(graph.table("parties")["national_id"])
    told = np.array(
        [
            code is not None and len(code) in _NEAR and country[k] == "CN" and kind[k] != "person"
            for k, code in enumerate(codes)
        ],
        dtype=bool,
    )
    wrong = np.array(
        [bool(told[k]) and not credit_code_is_right(str(code)) for k, code in enumerate(codes)], dtype=bool
    )
    return _found(scope, wrong, told, "national_id")


CHECKS = (
    Check(
        name="lei_check_digits",
        severity="medium",
        table="parties",
        one="party has an LEI that is none: its length or its check digits are wrong",
        many="parties have LEIs that are none: their length or their check digits are wrong",
        action="Look the LEI up again: a wrong one finds nothing in other sources.",
        find=wrong_lei,
    ),
    Check(
        name="credit_code_check_digit",
        severity="medium",
        table="parties",
        one="party has a unified social credit code that is none: its length, a character or its check is wrong",
        many="parties have unified social credit codes that are none: their length, a character or the check is wrong",
        action="Look the code up again (GB 32100-2015; the letters I, O, S, V, Z do not occur).",
        find=wrong_credit_code,
    ),
)
