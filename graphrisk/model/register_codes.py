"""Register numbers that carry their own check: the LEI (ISO 17442) and the unified social credit code (GB 32100-2015).

A right check says that a number was written down without a slip, not that somebody has it.
"""

from __future__ import annotations

import re
from functools import lru_cache

CREDIT_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified social credit code: none that looks like another (I, O, S, V, Z)."""
REMEMBERED = 1 << 17
"""Codes that are checked once: another snapshot holds nearly the same."""
_LEI = re.compile("[0-9A-Z]{18}[0-9]{2}")
_CREDIT_VALUE = {character: value for value, character in enumerate(CREDIT_CODE_CHARACTERS)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def lei_is_right(code: str) -> bool:
    """Whether an LEI has 20 characters and right check digits: ISO 7064, MOD 97-10, letters as two digits.

    >>> lei_is_right("529900T8BM49AURSDO55"), lei_is_right("529900T8BM49AURSDO56")
    (True, False)
    """
    if not _LEI.fullmatch(code):
        return False
    return int("".join(str(int(character, 36)) for character in code)) % 97 == 1


@lru_cache(maxsize=REMEMBERED)
def credit_code_is_right(code: str) -> bool:
    """Whether a unified social credit code has 18 characters of its alphabet and a right check character.

    GB 32100-2015, 4.6: the weights are 3^k mod 31, the last character makes the sum a multiple of 31.

    >>> credit_code_is_right("91350100M000100Y43"), credit_code_is_right("91350100M000100Y34")
    (True, False)
    """
    if len(code) != 18 or any(character not in _CREDIT_VALUE for character in code):
        return False
    total = sum(weight * _CREDIT_VALUE[character] for weight, character in zip(_CREDIT_WEIGHTS, code[:17], strict=True))
    return CREDIT_CODE_CHARACTERS[-total % 31] == code[17]
