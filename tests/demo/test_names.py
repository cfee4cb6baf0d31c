from __future__ import annotations

import numpy as np

from graphrisk.demo.dice import Dice
from graphrisk.demo.names import company_names, credit_codes, lei_codes, numbered, person_names
from graphrisk.demo.sectors import INDUSTRIES


def test_social_credit_codes_pass_the_check_of_gb_32100() -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    for code in credit_codes(np.arange(1, 200_000, 997)).to_pylist():
        total = sum(alphabet.index(c) * 3**i for i, c in enumerate(code[:17]))
        assert 18 == len(code)
        assert alphabet[(31 - total % 31) % 31] == code[17]


def test_social_credit_codes_name_an_area_that_does_not_exist() -> None:
    assert ["99"] == sorted({code[2:4] for code in credit_codes(np.arange(1, 50)).to_pylist()})


def test_leis_pass_iso_7064() -> None:
    for code in lei_codes(np.arange(0, 90_000_000, 3_000_017)).to_pylist():
        assert 20 == len(code)
        assert 1 == int("".join(str(int(c, 36)) for c in code)) % 97


def test_codes_of_different_numbers_differ() -> None:
    numbers = np.arange(5000)
    assert 5000 == len(set(credit_codes(numbers).to_pylist())) == len(set(lei_codes(numbers).to_pylist()))


def test_a_firms_name_tells_its_trade_and_form() -> None:
    industry = np.arange(len(INDUSTRIES))
    for one, name in zip(INDUSTRIES, company_names(Dice(1, "n"), industry).to_pylist(), strict=True):
        assert any(trade in name for trade in one.trades)
        assert name.endswith("公司")


def test_a_persons_name_is_of_two_or_three_characters() -> None:
    names = person_names(Dice(1, "n"), np.arange(200)).to_pylist()
    assert {2, 3} == {len(name) for name in names}


def test_ids_are_of_one_width() -> None:
    assert ["C0000007", "C0123456"] == numbered("C", np.array([7, 123456])).to_pylist()
