"""Names that nobody bears: composed of invented places, syllables and trades; persons of surname and given characters.

Likeness to a real firm or person is chance. The words are single common characters, not lists of existing names.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.dice import Dice, Ints
from graphrisk.demo.filling import words
from graphrisk.demo.sectors import INDUSTRIES

_PLACES = [a + b for a in "云临泽沅浔澜汀淇沐溆" for b in "溪浦川陵岭洲"]
_FIRST = "恒盛鼎瑞泰昌宏嘉裕祥丰锦永源广润安达华诚德凯博远"
_SECOND = "隆兴程禾璟晟岳霖钧熠珩曜峻屿航烨芃翎沣铭骏驰辰麟"
_BRANDS = [a + b for a in _FIRST for b in _SECOND]
_SUFFIXES = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司")
_HOLDING = ("控股", "集团", "投资控股")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN_1 = ["", *"子文志晓国建海明雅思宇一永春立"]
_GIVEN_2 = "安宁远清然和舟帆岚石松竹川禾平正青野山乔"

_CODE_CHARACTERS = np.array(list("0123456789ABCDEFGHJKLMNPQRTUWXY"), dtype="S1")
_CODE_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])  # GB 32100-2015
_LEI_CHARACTERS = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), dtype="S1")


def company_names(dice: Dice, industry: Ints) -> pa.Array:
    """Return one firm's name each: place, brand, a trade of its industry (position in INDUSTRIES), legal form."""
    size = len(industry)
    trades = [word for one in INDUSTRIES for word in one.trades]
    first = np.concatenate([[0], np.cumsum([len(one.trades) for one in INDUSTRIES])[:-1]])
    count = np.array([len(one.trades) for one in INDUSTRIES])
    trade = first[industry] + dice.whole(size, count[industry])
    return _joined(
        _drawn(dice, size, _PLACES), _drawn(dice, size, _BRANDS), words(trades, trade), _drawn(dice, size, _SUFFIXES)
    )


def holding_names(dice: Dice, size: int) -> pa.Array:
    """Return names of holding companies."""
    return _joined(
        _drawn(dice, size, _PLACES),
        _drawn(dice, size, _BRANDS),
        _drawn(dice, size, _HOLDING),
        words(["有限公司"], np.zeros(size, dtype=np.int64)),
    )


def guarantor_names(dice: Dice, size: int) -> pa.Array:
    """Return names of guarantee companies."""
    return _joined(
        _drawn(dice, size, _PLACES),
        _drawn(dice, size, _BRANDS),
        words(["融资担保有限公司"], np.zeros(size, dtype=np.int64)),
    )


def person_names(dice: Dice, surname: Ints) -> pa.Array:
    """Return one person's name each; `surname` picks the family (any whole number)."""
    size = len(surname)
    return _joined(
        words(_SURNAMES, surname % len(_SURNAMES)), _drawn(dice, size, _GIVEN_1), _drawn(dice, size, _GIVEN_2)
    )


def credit_codes(numbers: Ints) -> pa.Array:
    """Return unified social credit codes with a right check character, in an area (99) that does not exist."""
    digits = np.zeros((len(numbers), 17), dtype=np.int64)
    digits[:, :4] = [9, 1, 9, 9]
    for place in range(16, 7, -1):
        digits[:, place] = numbers % 10
        numbers = numbers // 10
    check = (31 - (digits * _CODE_WEIGHTS).sum(axis=1) % 31) % 31
    return _text(_CODE_CHARACTERS[np.column_stack([digits, check])])


def lei_codes(numbers: Ints) -> pa.Array:
    """Return Legal Entity Identifiers with right check digits, of an issuer (9999) that does not exist."""
    digits = np.full((len(numbers), 18), 0, dtype=np.int64)
    digits[:, :4] = 9
    digits[:, 6:10] = [13, 14, 22, 24]  # DEMO
    for place in range(17, 9, -1):
        digits[:, place] = numbers % 10
        numbers = numbers // 10
    rest = np.zeros(len(digits), dtype=np.int64)
    for place in range(18):  # ISO 7064, MOD 97-10: letters count as two digits
        value = digits[:, place]
        rest = np.where(value > 9, rest * 100 + value, rest * 10 + value) % 97
    check = 98 - rest * 100 % 97
    return _text(_LEI_CHARACTERS[np.column_stack([digits, check // 10, check % 10])])


def numbered(prefix: str, numbers: Ints, width: int = 7) -> pa.Array:
    """Return ids: `prefix` and the number with leading zeros."""
    text = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")
    return pc.binary_join_element_wise(prefix, text, "")


def _drawn(dice: Dice, size: int, among: Sequence[str]) -> pa.Array:
    return words(among, dice.whole(size, len(among)))


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _text(characters: np.ndarray) -> pa.Array:
    width = characters.shape[1]
    joined = np.ascontiguousarray(characters).view(f"S{width}").reshape(-1)
    return pa.array(joined, pa.binary(width)).cast(pa.binary()).cast(pa.string())
