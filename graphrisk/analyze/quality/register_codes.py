"""Checks of register numbers that carry their own check: the LEI and the unified social credit code.

A number with a slip matches nobody's files: what other sources say of the party is not found, and one party becomes
two.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.model.register_codes import credit_codes_are_right, lei_is_right

_NEAR = (16, 17, 18, 19, 20)
"""Lengths at which a Chinese number is meant to be a unified social credit code of 18: registration numbers before 2015
have 15 digits, organisation codes 9."""


def numbers_of(scope: Scope, column: str) -> pa.Array:
    """Return register numbers in capitals and one width, without separators; null where a value is none ("n/a")."""
    key = f"numbers in {column}"
    if key not in scope.shared:
        given = scope.graph.tables.column("parties", column).combine_chunks()
        upper = pc.utf8_upper(pc.utf8_normalize(given, form="NFKC"))
        code = pc.replace_substring_regex(upper, r"[^\p{L}\p{N}]", "")
        telling = pc.and_(pc.match_substring_regex(code, r"[1-9]"), pc.greater_equal(pc.utf8_length(code), 4))
        scope.shared[key] = pc.if_else(telling, code, pa.scalar(None, pa.string()))
    return scope.shared[key]


def _found(scope: Scope, wrong: Mask, looked_at: Mask, column: str) -> Found:
    at = np.flatnonzero(wrong)
    given = scope.graph.texts("parties", column)
    names = np.array([f"{scope.graph.party_ids[k]} ({given[k]})" for k in at], dtype=object)
    return Found(names=names, looked_at=int(looked_at.sum()), parties=at, size=scope.due_by_party[at])


def wrong_lei(scope: Scope) -> Found:
    codes = numbers_of(scope, "lei")
    told = _mask(codes.is_valid())
    wrong = told.copy()
    wrong[told] = [not lei_is_right(code) for code in codes.drop_null().to_pylist()]
    return _found(scope, wrong, told, "lei")


def wrong_credit_code(scope: Scope) -> Found:
    """Numbers of Chinese parties that are no persons, of about the length of the code."""
    parties = scope.graph.tables.select("parties", ["country", "kind"])
    codes = numbers_of(scope, "national_id")
    chinese = pc.and_(pc.equal(parties["country"], "CN"), pc.fill_null(pc.not_equal(parties["kind"], "person"), True))
    told = _mask(chinese) & _mask(pc.is_in(pc.utf8_length(codes), pa.array(_NEAR, pa.int32())))
    return _found(scope, told & ~credit_codes_are_right(codes), told, "national_id")


def _mask(said: pa.Array | pa.ChunkedArray) -> Mask:
    return np.asarray(pc.fill_null(said, False).to_numpy(zero_copy_only=False), dtype=bool)


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
