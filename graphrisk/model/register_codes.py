"""Register numbers that carry their own check: the LEI (ISO 17442) and the unified social credit code (GB 32100-2015).

A right check says that a number was written down without a slip, not that somebody has it.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

CREDIT_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified social credit code: none that looks like another (I, O, S, V, Z)."""
_LEI = re.compile("[0-9A-Z]{18}[0-9]{2}")
_CREDIT_VALUES = np.full(256, -1, dtype=np.int64)
_CREDIT_VALUES[[ord(character) for character in CREDIT_CODE_CHARACTERS]] = np.arange(31)
_CREDIT_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], dtype=np.int64)


def lei_is_right(code: str) -> bool:
    """Whether an LEI has 20 characters and right check digits: ISO 7064, MOD 97-10, letters as two digits.

    >>> lei_is_right("529900T8BM49AURSDO55"), lei_is_right("529900T8BM49AURSDO56")
    (True, False)
    """
    if not _LEI.fullmatch(code):
        return False
    return int("".join(str(int(character, 36)) for character in code)) % 97 == 1


def credit_codes_are_right(codes: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which unified social credit codes have 18 characters of the alphabet and a right check character.

    GB 32100-2015, 4.6: the weights are 3^k mod 31, the last character makes the sum a multiple of 31.

    >>> credit_codes_are_right(pa.array(["91350100M000100Y43", "91350100M000100Y34", "91", None])).tolist()
    [True, False, False, False]
    """
    fitting = pc.and_(pc.equal(pc.utf8_length(codes), 18), pc.equal(pc.binary_length(codes), 18))
    at = np.flatnonzero(pc.fill_null(fitting, False).to_numpy(zero_copy_only=False))
    written = np.array(codes.take(pa.array(at)).to_pylist(), dtype="S18").view(np.uint8).reshape(-1, 18)
    values = _CREDIT_VALUES[written]
    right = np.zeros(len(codes), dtype=bool)
    right[at] = (values >= 0).all(axis=1) & (-(values[:, :17] @ _CREDIT_WEIGHTS) % 31 == values[:, 17])
    return right
