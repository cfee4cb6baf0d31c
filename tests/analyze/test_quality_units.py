"""Rates written as percentages, and loans or accounts left in another unit; honest small loans are no finding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.analyze.books import Rows
from tests.analyze.test_quality import quality

ACCOUNTS = ("total_assets", "total_liabilities", "sales")


def loans(*amounts: float, assets: list[float | None] | None = None, **more: Any) -> Rows:
    """Return a book of one loan a borrower, with the size that the accounts of each state (None: no accounts)."""
    held = assets or [None] * len(amounts)
    return {
        "parties": [{"party_id": f"P{k:03d}"} for k in range(len(amounts))],
        "facilities": [
            {"facility_id": f"F{k:03d}", "borrower_id": f"P{k:03d}", "outstanding": amount, **more}
            for k, amount in enumerate(amounts)
        ],
        "financials": [
            {"party_id": f"P{k:03d}", "equity": one / 3, **dict.fromkeys(ACCOUNTS, one)}
            for k, one in enumerate(held)
            if one is not None
        ],
    }


def found(rows: Rows, check: str = "loan_unit", **given: Any) -> list[str]:
    findings = quality(rows, **given).findings
    return sorted(one for told in findings.loc[findings["check"] == check, "examples"] for one in told)


SOUND = (3.5e6, 7e6, 1.2e7, 1.8e7, 2.4e7, 3.6e7, 5e7, 1.1e7, 9e6, 1.5e7)


def test_a_loan_in_ten_thousands_is_found_beside_its_borrower_s_accounts() -> None:
    rows = loans(*SOUND, 2_200.0, 12_000.0, assets=[*(4 * x for x in SOUND), 7.6e7, 4.2e8])
    assert ["F010", "F011"] == found(rows)


def test_it_is_found_beside_the_other_loans_where_there_are_no_accounts() -> None:
    assert ["F010", "F011"] == found(loans(*SOUND, 2_200.0, 12_000.0))


def test_a_whole_book_in_ten_thousands_is_found_beside_the_accounts() -> None:
    rows = loans(*(x / 1e4 for x in SOUND), assets=[20 * x for x in SOUND])
    assert 5 == len(found(rows))  # five examples of ten
    assert 10 == quality(rows).findings.set_index("check").loc["loan_unit", "rows"]


def test_accounts_in_ten_thousands_are_found_beside_the_loan() -> None:
    rows = loans(*SOUND, assets=[*(4 * x for x in SOUND[:-1]), 4 * SOUND[-1] / 1e4])
    assert ["F009"] == found(rows)


def test_a_limit_that_was_right_does_not_hide_a_column_of_another_unit() -> None:
    rows = loans(*(x / 1e4 for x in SOUND), assets=[4 * x for x in SOUND], limit_amount=6e7)
    assert 10 == quality(rows).findings.set_index("check").loc["loan_unit", "rows"]


def test_a_loan_in_hundred_millions_is_found() -> None:
    assert ["F010"] == found(loans(*SOUND, 0.22, assets=[*(4 * x for x in SOUND), 7.6e7]))


@pytest.mark.parametrize("seed", range(8))
def test_honest_loans_of_all_sizes_are_no_finding(seed: int) -> None:
    rng = np.random.default_rng(seed)
    amounts = np.exp(rng.normal(14.5, 2.0, size=300)).round(2)  # from some thousands to some hundred millions
    parts = np.exp(rng.uniform(np.log(0.01), np.log(1.5), size=300))
    known = rng.random(300) < 0.8
    rows = loans(*amounts, assets=[a / p if k else None for a, p, k in zip(amounts, parts, known, strict=True)])
    assert [] == found(rows)


def test_micro_loans_beside_large_ones_are_no_finding() -> None:
    micro = [20_000.0, 35_000.0, 50_000.0, 80_000.0, 5_000.0]
    assert [] == found(loans(*SOUND, *micro, assets=[*(4 * x for x in SOUND), *(10 * x for x in micro)]))
    people = loans(*SOUND, *micro)
    for row in people["parties"][len(SOUND) :]:
        row["kind"] = "person"
    assert [] == found(people)
    for row in people["parties"][len(SOUND) :]:
        row |= {"kind": "company", "size": "micro"}
    assert [] == found(people)


def test_small_loans_that_in_ten_thousands_would_be_the_largest_of_all_are_no_finding() -> None:
    assert [] == found(loans(*[2e7, 3e7, 5e7, 2.5e7] * 5, 20_000.0, 30_000.0, 50_000.0, 40_000.0))


def test_a_book_of_micro_loans_is_no_finding() -> None:
    assert [] == found(loans(3_000.0, 5_000.0, 8_000.0, 12_000.0, 20_000.0, 50_000.0, 1_000.0))


def test_what_is_left_of_a_loan_is_seen_by_its_limit_and_a_small_line_beside_large_ones_is_none() -> None:
    rows = loans(*SOUND, assets=[4 * x for x in SOUND])
    rows["facilities"].append({"facility_id": "REST", "borrower_id": "P006", "outstanding": 900.0, "limit_amount": 4e7})
    rows["facilities"].append({"facility_id": "CARD", "borrower_id": "P006", "outstanding": 6e4})
    assert [] == found(rows)


def test_an_undrawn_line_and_a_borrower_of_whom_nothing_is_known_are_no_finding() -> None:
    rows = loans(*SOUND, 0.0, assets=[*(4 * x for x in SOUND), 7.6e7], limit_amount=2_000.0)
    for row in rows["facilities"][:-1]:
        row["limit_amount"] = 6e7
    assert [] == found(rows)


@pytest.mark.parametrize("rate", [4.35, 0.85, 5.0, 36.0, 1.01, -4.35])
def test_a_rate_in_percent_is_found(rate: float) -> None:
    assert ["F000"] == found(loans(1e6, rate=rate), "rate_implausible")


@pytest.mark.parametrize("rate", [0.0435, 0.24, 0.36, 0.5, 0.0, -0.005, None])
def test_an_honest_rate_is_no_finding(rate: float | None) -> None:
    assert [] == found(loans(1e6, rate=rate), "rate_implausible")


def test_what_is_too_high_a_rate_is_a_parameter() -> None:
    assert ["F000"] == found(loans(1e6, rate=0.3), "rate_implausible", rate_high=0.24)
    assert [] == found(loans(1e6, rate=1.2), "rate_implausible", rate_high=2.0)
