"""The same party under two ids: found by its id, its register number or its name, and never merged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graphrisk.model.legal_names import split_legal_form
from graphrisk.model.result import Result
from tests.analyze.test_quality import finding, quality

Party = dict[str, Any]


def found_alike(*members: Party, lent: bool = False) -> list[str]:
    """Return the examples of the finding same_party of parties P0, P1, ... (each may have its own id)."""
    rows = [{"party_id": f"P{k}", "name": f"Firm {k}", "kind": "company", **member} for k, member in enumerate(members)]
    loan = {"facility_id": "F", "borrower_id": rows[0]["party_id"], "outstanding": 5.0}
    return examples(quality({"parties": rows, "facilities": [loan] if lent else []}))


def examples(result: Result) -> list[str]:
    rows = result.findings[result.findings["check"] == "same_party"]
    return [one for found in rows["examples"] for one in found]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("C001", "c001"),
        ("C001", "Ｃ００１"),
        ("C001", "Ｃ００１ "),
        ("C001", " C001"),
        ("C001", "C001\u3000"),
        ("C001", "C001\u200b"),
        ("C001", "\ufeffC001"),
        ("ÄB-1", "äb-1"),
        ("ﾃｽﾄ", "テスト"),
    ],
)
def test_ids_that_differ_only_by_case_width_or_space_are_one_party(first: str, second: str) -> None:
    (said,) = found_alike({"party_id": first}, {"party_id": second})
    assert said.endswith("(id)")


@pytest.mark.parametrize(("first", "second"), [("C001", "C01"), ("C-1", "C1"), ("A 1", "A1"), ("C001", "C0011")])
def test_other_ids_are_other_parties(first: str, second: str) -> None:
    assert [] == found_alike({"party_id": first}, {"party_id": second})


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ({"national_id": "91330600MA2B"}, {"national_id": "91330600ma2b"}, True),
        ({"national_id": "91330600MA2B"}, {"national_id": "9133-0600 MA2B"}, True),
        ({"national_id": "91330600MA2B"}, {"national_id": "９１３３０６００ＭＡ２Ｂ"}, True),
        ({"national_id": "0012345678", "country": "GB"}, {"national_id": "0012345678", "country": "GB"}, True),
        ({"national_id": "0012345678", "country": "GB"}, {"national_id": "0012345678"}, True),
        ({"national_id": "0012345678", "country": "GB"}, {"national_id": "0012345678", "country": "DE"}, False),
        ({"national_id": "n/a"}, {"national_id": "N/A"}, False),
        ({"national_id": "00000000"}, {"national_id": "00000000"}, False),
        ({"national_id": "不详"}, {"national_id": "不详"}, False),
        ({"lei": "213800AG2V6YE68H5N63"}, {"lei": "213800ag2v6ye68h5n63"}, True),
        ({"lei": "213800AG2V6YE68H5N63", "country": "GB"}, {"lei": "213800AG2V6YE68H5N63", "country": "US"}, True),
        ({"lei": "213800AG2V6YE68H5N63"}, {"lei": "213800AG2V6YE68H5N64"}, False),
    ],
)
def test_equal_register_numbers_are_one_party(first: Party, second: Party, alike: bool) -> None:
    assert alike == bool(found_alike(first, second))


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("绍兴恒达纺织有限公司", "绍兴恒达纺织有限公司\u3000", True),
        ("绍兴恒达纺织有限公司", "绍兴恒达纺织有限责任公司", True),
        ("绍兴恒达（集团）有限公司", "绍兴恒达(集团)有限公司", True),
        ("绍兴恒达纺织有限公司", "绍兴恒达纺织股份有限公司", False),
        ("绍兴恒达纺织有限公司", "绍兴恒达印染有限公司", False),
        ("Alpha Ltd", "ALPHA LIMITED", True),
        ("Alpha Trading Co., Ltd.", "Alpha Trading Limited", True),
        ("Alpha Ltd", "Alpha GmbH", False),
        ("Alpha Ltd", "Alpha Beta Ltd", False),
        ("Society S.A.", "SOCIETY SA", True),
        ("Corner shop", "CORNER SHOP", True),
        ("Limited", "Ltd", False),
    ],
)
def test_equal_names_with_equal_legal_form_are_one_party(first: str, second: str, alike: bool) -> None:
    assert alike == bool(found_alike({"name": first}, {"name": second}))


def test_namesakes_with_other_register_numbers_or_countries_are_other_parties() -> None:
    name = {"name": "Alpha Ltd"}
    assert [] == found_alike({**name, "national_id": "12345678"}, {**name, "national_id": "12345679"})
    assert [] == found_alike({**name, "country": "GB"}, {**name, "country": "IE"})
    assert ["P0 = P1 (name)"] == found_alike({**name, "national_id": "12345678"}, name)
    shop = {"name": "Corner shop"}  # no legal form: many shops are called so, one in each place
    assert [] == found_alike({**shop, "region": "浙江"}, {**shop, "region": "江苏"})
    assert ["P0 = P1 (name)"] == found_alike({**name, "region": "浙江"}, {**name, "region": "江苏"})


def test_persons_need_the_same_name_and_day_of_birth() -> None:
    li = {"name": "李秀英", "kind": "person"}
    assert [] == found_alike(li, li)
    assert [] == found_alike({**li, "incorporated_on": date(1970, 1, 1)}, {**li, "incorporated_on": date(1971, 1, 1)})
    assert ["P0 = P1 (name)"] == found_alike(*[{**li, "incorporated_on": date(1970, 1, 1)}] * 2)


def test_the_finding_is_high_where_one_of_them_has_a_loan_and_nothing_is_merged() -> None:
    rows = {
        "parties": [
            {"party_id": one, "name": f"Firm {one} Ltd", "kind": "company"} for one in ("C1", "c1", "Ｃ1", "Z9", "z9")
        ],
        "facilities": [{"facility_id": "F", "borrower_id": "c1", "outstanding": 5.0}],
    }
    result = quality(rows)
    found = result.findings[result.findings["check"] == "same_party"].set_index("table")
    assert ("high", 1, 1.0) == tuple(found.loc["facilities", ["severity", "rows", "exposure_share"]])
    assert ["C1 = c1 = Ｃ1 (id, name)"] == found.loc["facilities", "examples"]
    assert ("medium", 1) == tuple(found.loc["parties", ["severity", "rows"]])
    assert ["Z9 = z9 (id, name)"] == found.loc["parties", "examples"]
    assert [5] == list(result.checks.query("check == 'same_party'")["looked_at"].unique())


def test_two_reasons_make_one_group() -> None:
    shared = {"national_id": "91330600MA2B"}
    assert ["P0 = P1 = p1 (id, national_id)"] == found_alike(shared, shared, {"party_id": "p1"})


@pytest.mark.parametrize(
    ("table", "key"), [("facilities", "facility_id"), ("guarantees", "guarantee_id"), ("collateral", "collateral_id")]
)
def test_contracts_under_two_writings_of_one_id_are_told(table: str, key: str) -> None:
    row = {
        "facilities": {"borrower_id": "A", "outstanding": 1.0},
        "guarantees": {"guarantor_id": "A", "debtor_id": "B", "amount": 1.0},
        "collateral": {"value": 1.0},
    }[table]
    rows = {
        "parties": [{"party_id": "A"}, {"party_id": "B"}],
        table: [{**row, key: name} for name in ("L1", "l1", "L2")],
    }
    assert ["L1 = l1"] == finding(quality(rows), "same_id")["examples"]


def test_an_id_that_other_files_will_hardly_repeat_is_told() -> None:
    rows = {"parties": [{"party_id": name} for name in ("Ｃ０３１", "C1", "企业-7", "B\u200b")]}
    assert ["B\u200b", "Ｃ０３１"] == finding(quality(rows), "odd_ids")["examples"]


@pytest.mark.parametrize(
    ("name", "apart"),
    [
        ("Alpha Co., Ltd.", ("alpha", "limited")),
        ("Alpha GmbH & Co. KG", ("alpha", "gmbh & co kg")),
        ("上海盛大合伙企业（有限合伙）", ("上海盛大", "lp")),
        ("株式会社テスト", ("テスト", "株式会社")),
        ("Foo Sp. z o.o.", ("foo", "sp zoo")),
        ("DAILY MAIL P L C", ("daily mail", "plc")),
        ("王建国", ("王建国", "")),
        ("", ("", "")),
    ],
)
def test_a_name_is_taken_apart_into_what_a_firm_is_called_and_its_form(name: str, apart: tuple[str, str]) -> None:
    assert apart == split_legal_form(name)


@pytest.mark.parametrize(
    ("party", "checks"),
    [
        ({"lei": "529900T8BM49AURSDO55"}, []),
        ({"lei": "5299 00T8-BM49 AURSDO55"}, []),
        ({"lei": "529900t8bm49aursdo55"}, []),
        ({"lei": "529900T8BM49AURSDO56"}, ["lei_check_digits"]),
        ({"lei": "592900T8BM49AURSDO55"}, ["lei_check_digits"]),
        ({"lei": "529900T8BM49AURSDO5"}, ["lei_check_digits"]),
        ({"lei": "n/a"}, []),
        ({"national_id": "91350100M000100Y43", "country": "CN"}, []),
        ({"national_id": "９１３５０１００Ｍ０００１００Ｙ４３", "country": "CN"}, []),
        ({"national_id": "91350100M000100Y34", "country": "CN"}, ["credit_code_check_digit"]),
        ({"national_id": "91350100M000010Y43", "country": "CN"}, ["credit_code_check_digit"]),
        ({"national_id": "91350100MO00100Y43", "country": "CN"}, ["credit_code_check_digit"]),
        ({"national_id": "91350100M00100Y43", "country": "CN"}, ["credit_code_check_digit"]),
        ({"national_id": "91350100M000100Y34", "country": "DE"}, []),
        ({"national_id": "330106000012345", "country": "CN"}, []),
        ({"national_id": "11010519491231002X", "country": "CN", "kind": "person"}, []),
    ],
)
def test_register_numbers_are_held_to_their_check_digits(party: Party, checks: list[str]) -> None:
    """The LEI is that of the GLEIF itself; the code is the example of GB 32100-2015 (recalled: our reading)."""
    said = quality({"parties": [{"party_id": "P0", "name": "甲", "kind": "company", **party}]}).findings
    found = said[said["check"].isin(["lei_check_digits", "credit_code_check_digit"])]
    assert checks == list(found["check"])
    assert all("P0 (" in one for examples in found["examples"] for one in examples)
