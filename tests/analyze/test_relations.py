"""Relations: pairs against a slow reference, hints apart from what binds, signals, and likely duplicates."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from graphrisk.analyze.needs import computed
from graphrisk.analyze.relations.addresses import same_address
from graphrisk.analyze.relations.tables import HINTS
from graphrisk.analyze.relations.values import plain_value
from graphrisk.errors import UsageError
from graphrisk.model.ask import Ask
from graphrisk.model.legal_names import split_legal_form, split_place
from graphrisk.model.result import Result
from tests.analyze import relations_reference as plain
from tests.worlds.build import AS_OF, graph_of, parties

Row = dict[str, Any]


def relations(rows: plain.Rows, **given: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="relations", analyzer="relations", params={"names": "exact", **given}))


def pairs(rows: plain.Rows, **given: Any) -> dict[tuple[str, str, str], Row]:
    told = relations(rows, **given).to_dict()["tables"]["relations_pairs"]
    found = {(row["a_id"], row["b_id"], row["kind"]): row for row in told}
    assert len(found) == len(told)
    return found


def drawn(seed: int) -> plain.Rows:
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(8)]
    kinds = ["family", "director", "officer", "phone", "address", "auditor", "associate", "same_person", "same_as"]

    def ends() -> tuple[str, str]:
        return dice.choice(ids), dice.choice(ids)

    return {
        "parties": [
            {"party_id": i, "is_client": dice.random() < 0.6, "phone": dice.choice([None, "11112222", "33334444"])}
            for i in ids
        ],
        "ties": [dict(zip(("a_id", "b_id"), ends(), strict=True)) | {"kind": dice.choice(kinds)} for _ in range(9)],
        "guarantees": [
            dict(zip(("guarantor_id", "debtor_id"), ends(), strict=True)) | {"amount": 1.0} for _ in range(5)
        ],
    }


@pytest.mark.parametrize(("seed", "most"), [(1, 20), (2, 20), (3, 2), (4, 3)])
def test_pairs_and_chains_equal_the_slow_reference(seed: int, most: int) -> None:
    rows = drawn(seed)
    got = pairs(rows, max_shared=most)
    expected, through = plain.links(rows, most=most)
    direct = {key: row["strength"] for key, row in got.items() if key[2] != "chain"}
    assert expected == pytest.approx(direct)
    clients = {row["party_id"] for row in rows["parties"] if row["is_client"]}
    chains = {key[:2]: row["strength"] for key, row in got.items() if key[2] == "chain"}
    if most == 20:  # the filter of crowded parties on the way has its own test
        assert plain.chains(expected, through, clients, steps=4, weakest=0.3) == pytest.approx(chains)
    firm = {key[:2] for key, row in got.items() if not row["hint"]}
    for (a, b, kind), row in got.items():
        assert row["hint"] == (kind in HINTS) or kind == "chain"
        assert row["hidden"] == (row["hint"] and {a, b} <= clients and (a, b) not in firm)
        assert (row["path"][0], row["path"][-1]) == (a, b)


def test_owners_and_control_relate_with_their_shares() -> None:
    held = lambda a, b, low, high=None: {"owner_id": a, "owned_id": b, "share_min": low, "share_max": high or low}  # noqa: E731
    got = pairs(
        {
            "parties": parties("A", "B", "C", "D", "E", "F", "N", "X"),
            "ownership": [
                held("A", "B", 0.6),
                held("B", "C", 0.4, 0.5),
                held("A", "D", 0.55),
                held("E", "C", 0.04),
                held("F", "C", 0.3),
                held("F", "B", 0.25),
                {"owner_id": "X", "owned_id": "E"},
            ],
            "control": [{"controller_id": "D", "controlled_id": "N", "basis": "board"}],
        }
    )
    strength = {key: row["strength"] for key, row in got.items() if key[2] != "chain"}
    assert strength == {
        ("A", "B", "ownership"): 0.6,
        ("B", "C", "ownership"): 0.4,
        ("A", "D", "ownership"): 0.55,
        ("C", "F", "ownership"): 0.3,
        ("B", "F", "ownership"): 0.25,
        ("E", "X", "ownership"): None,
        ("A", "B", "control"): 1.0,
        ("A", "D", "control"): 1.0,
        ("D", "N", "control"): 1.0,
        ("A", "N", "control"): 1.0,
        ("B", "D", "co_controlled"): 0.9,
        ("B", "N", "co_controlled"): 0.9,
        ("B", "C", "co_owned"): pytest.approx(0.075),
        ("B", "D", "co_owned"): pytest.approx(0.33),
    }
    assert got["B", "C", "ownership"]["evidence"] == "B owns 40 to 50 % of C"
    assert got["B", "N", "co_controlled"]["via_id"] == "A"
    assert not any(row["hint"] for row in got.values())


def test_what_too_many_share_is_listed_and_links_nobody() -> None:
    ids = [f"P{k:02d}" for k in range(12)]
    rows: plain.Rows = {
        "parties": [{"party_id": i, "is_client": True, "address": "Main St. 1"} for i in ids]
        + parties("OFFICE", "AUD"),
        "ties": [{"a_id": i, "b_id": "OFFICE", "kind": "phone"} for i in ids]
        + [{"a_id": i, "b_id": "AUD", "kind": "auditor"} for i in ids[:3]],
    }
    result = relations(rows, max_shared=11)
    common = result.to_dict()["tables"]["relations_common"]
    assert [("parties.address", "Main St. 1", 12), ("ties.phone", "OFFICE", 12)] == [
        (row["source"], row["value"], row["parties"]) for row in common
    ]
    kinds = result.pairs.groupby("kind").size().to_dict()
    assert kinds == {"phone": 12, "auditor": 3 + 3}  # each to the one in the middle; three share the auditor
    assert "too_common" in {note.key for note in result.notes}
    assert {"phone": 12 + 66, "auditor": 6, "address": 66} == relations(rows, max_shared=12).pairs.groupby(
        "kind"
    ).size().to_dict()


def test_values_link_in_columns_that_are_named() -> None:
    rows: plain.Rows = {
        "parties": [
            {"party_id": "A", "region": "浙江", "industry": "C13", "phone": "+86 571-8888 0001"},
            {"party_id": "B", "region": " 浙江", "industry": "C13", "phone": "0571 88880001"},
            {"party_id": "C", "region": "浙江", "industry": "C14", "phone": "n/a"},
            {"party_id": "D", "region": None, "industry": "C14", "phone": "不详"},
            {"party_id": "E", "phone": "00000000"},
            {"party_id": "F", "phone": "00000000"},
        ],
        "events": [
            {
                "event_id": "1",
                "party_id": "C",
                "kind": "lawsuit",
                "occurred_on": AS_OF,
                "detail": "（2026）浙01民初88号",
            },
            {"event_id": "2", "party_id": "D", "kind": "lawsuit", "occurred_on": AS_OF, "detail": "(2026)浙01民初88号"},
        ],
    }
    assert [("A", "B", "phone")] == list(pairs(rows))
    by = pairs(rows, values="parties.region+industry, events.kind+detail")
    assert [("A", "B", "value"), ("C", "D", "value")] == sorted(by)
    assert "events.kind+detail" in by["C", "D", "value"]["evidence"]
    assert {} == pairs(rows, values="")
    for wrong in ("parties.fone", "partys.phone", "phone", "fx.rate"):
        with pytest.raises(UsageError):
            relations(rows, values=wrong)


@pytest.mark.parametrize(
    ("value", "column", "expected"),
    [
        ("+86 138 0000 1234", "phone", "13800001234"),
        ("008613800001234", "phone", "13800001234"),
        ("13800001234 ", "phone", "13800001234"),
        ("8613", "phone", ""),
        ("Ｍａｉｎ　Ｓｔ．１", "address", "mainst1"),
        ("无", "address", ""),
        ("----", "address", ""),
    ],
)
def test_values_are_written_in_one_way(value: str, column: str, expected: str) -> None:
    assert expected == plain_value(value, column)


def test_signals_that_come_together() -> None:
    day = date(2026, 1, 1)
    rows: plain.Rows = {"parties": [{"party_id": f"P{k}", "is_client": k < 8} for k in range(10)], "events": []}

    def event(party: str, kind: str, after: int) -> None:
        rows["events"].append(
            {
                "event_id": str(len(rows["events"])),
                "party_id": party,
                "kind": kind,
                "occurred_on": day + timedelta(days=after),
            }
        )

    for k, lag in enumerate((10, 20, -5, 0)):
        event(f"P{k}", "lawsuit", 0)
        event(f"P{k}", "arrears", lag)
    event("P4", "lawsuit", 0)
    event("P9", "arrears", 0)  # no client
    event("P5", "arrears", 1000)  # after the day of the data
    rows["ties"] = [{"a_id": "P4", "b_id": "P0", "kind": "family"}, {"a_id": "P6", "b_id": "P7", "kind": "family"}]
    result = relations(rows, min_together=1)
    told = {
        (row["signal_a"], row["signal_b"], row["scope"]): row for row in result.to_dict()["tables"]["relations_signals"]
    }
    one = told["lawsuit", "arrears", "client"]
    assert (4, 5, 4, 0.5) == (one["together"], one["parties_a"], one["parties_b"], one["support"])
    assert one["lift"] == pytest.approx((4 / 8) / (5 / 8 * 4 / 8))
    assert (one["before"], one["days"]) == (0.5, 5.0)
    # P4 and P0 are related: a lawsuit at each; an arrears at P0 ten days after the lawsuit at P4
    both = told["lawsuit", "lawsuit", "related"]
    assert (both["together"], both["support"], both["lift"]) == (1, 0.5, pytest.approx(0.5 / 0.5**2))
    across = told["lawsuit", "arrears", "related"]
    assert (across["together"], across["before"], across["days"]) == (1, 1.0, 10.0)
    assert across["lift"] == pytest.approx(0.5 / (1 - (1 - 2 / 4 * 1 / 4) ** 2))
    assert {("lawsuit", "arrears", "client")} == {
        (row.signal_a, row.signal_b, row.scope) for row in relations(rows).signals.itertuples()
    }


@pytest.mark.parametrize(
    ("name", "base", "form"),
    [
        ("株式会社トヨタ", "トヨタ", "株式会社"),
        ("トヨタ㈱", "トヨタ", "株式会社"),
        ("（株）トヨタ", "トヨタ", "株式会社"),
        ("青山㈲", "青山", "有限会社"),
        ("医療法人社団あおい会", "あおい会", "医療法人"),
        ("恒力集團有限公司", "恒力", "集团有限公司"),
        ("恒力集团有限公司", "恒力", "集团有限公司"),
        ("恒力有限責任公司", "恒力", "limited"),
        ("Müller Gesellschaft mbH", "müller", "gmbh"),
    ],
)
def test_legal_forms_of_east_asia(name: str, base: str, form: str) -> None:
    assert (base, form) == split_legal_form(name)


def test_a_place_is_taken_out_of_a_name_once() -> None:
    assert ("恒力贸易", "浙江") == split_place("浙江省恒力贸易") == split_place("恒力浙江贸易")
    assert ("浙江", "") == split_place("浙江")


def alike(*members: Row, names: str = "exact") -> dict[tuple[str, str], tuple[float, str]]:
    rows = [{"party_id": f"P{k}", "kind": "company", **member} for k, member in enumerate(members)]
    told = relations({"parties": rows}, names=names).duplicates
    return {(row.a_id, row.b_id): (row.score, row.why) for row in told.itertuples()}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ({"national_id": "9133-0600ma2b"}, {"national_id": "91330600MA2B"}, (1.0, "same national_id")),
        ({"national_id": "91330600MA2B", "country": "CN"}, {"national_id": "91330600MA2B", "country": "DE"}, None),
        ({"party_id": "c1"}, {"party_id": "C1"}, (0.98, "ids differ only by case, width or space")),
        ({"name": "恒力贸易有限公司"}, {"name": "恒力贸易有限责任公司"}, (0.9, "same name and legal form")),
        ({"name": "恒力贸易有限公司"}, {"name": "恒力贸易股份有限公司"}, None),
        (
            {"name": "浙江恒力贸易有限公司"},
            {"name": "恒力（浙江）贸易有限公司"},
            (0.75, "same name but for the place in it"),
        ),
        ({"name": "浙江恒力贸易有限公司"}, {"name": "江苏恒力贸易有限公司"}, None),
        ({"name": "トヨタ㈱"}, {"name": "株式会社トヨタ"}, (0.9, "same name and legal form")),
        (
            {"name": "恒力贸易有限公司", "phone": "0571-88880001"},
            {"name": "恒力贸易有限公司", "phone": "+86 571 88880001"},
            (0.95, "same name and legal form, same phone"),
        ),
        (
            {"name": "恒力贸易有限公司", "national_id": "91330600MA2B"},
            {"name": "恒力贸易有限公司", "national_id": "91330600MA2C"},
            None,
        ),
        ({"name": "张伟", "kind": "person"}, {"name": "张伟", "kind": "person"}, None),
        (
            {"name": "张伟", "kind": "person", "incorporated_on": date(1980, 1, 2)},
            {"name": "张伟", "kind": "person", "incorporated_on": date(1980, 1, 2)},
            (0.9, "same name and day of birth"),
        ),
    ],
)
def test_likely_duplicates_with_what_is_equal(first: Row, second: Row, expected: tuple[float, str] | None) -> None:
    found = list(alike({"name": "甲", **first}, {"name": "乙", **second}).values())
    assert found == ([] if expected is None else [(pytest.approx(expected[0]), expected[1])])


def test_similar_names_are_compared_where_the_extra_is_installed() -> None:
    pytest.importorskip("rapidfuzz", reason='the extra er is not installed: pip install "graphrisk[er]"')
    found = alike(
        {"name": "Müller Maschinenbau GmbH"},
        {"name": "Mueller Maschinenbau Gesellschaft mbH"},
        {"name": "Acme Trading Ltd", "address": "12 High Street, London"},
        {"name": "Acme Tradng Limited", "address": "12 High St London"},
        {"name": "Growth Fund Number 2 LP"},
        {"name": "Growth Fund Number 3 LP"},
        {"name": "杭州宏达纺织印染实业有限公司"},
        {"name": "杭州宏达纺织印染事业有限公司"},
        {"name": "Acme Trading Inc"},
        names="similar",
    )
    assert {("P0", "P1"), ("P2", "P3"), ("P6", "P7")} == set(found)
    assert "same address" in found["P2", "P3"][1]
    assert found["P2", "P3"][0] > found["P6", "P7"][0] > 0.7
    assert {} == alike({"name": "Acme Trading Ltd"}, {"name": "Acme Tradng Limited"})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("12 High Street, London", "12 High St London", True),
        ("12 High Street, London", "London, High street no. 12", True),
        ("12 High Street, London", "12 High Street, Londn", True),
        ("12 High Street, London", "12 High Road, London", False),
        ("12 High Street, London", "13 High Street, London", False),
        ("12 High Street, London", "12 Low Street, Paris", False),
        ("Hauptstr. 5, 10115 Berlin", "Hauptstr 5 10115 Berlin", True),
        ("High Street, London", "High Street, London.", False),  # without a number nobody knows
        ("浙江省杭州市西湖区文三路12号", "杭州市西湖区文三路12号", True),
        ("杭州市西湖区文三路12号", "杭州市西湖区文二路12号", False),
        ("杭州市西湖区文三路12号", "杭州市上城区文三路12号", False),
        ("", "12 High Street", False),
        ("12 High Street, Springfield, Massachusetts", "21 High Street, Springfield, Massachusetts", False),
        ("北京市朝阳区建国门外大街12号国贸大厦", "北京市朝阳区建国门外大街21号国贸大厦", False),
        ("１２ High Street", "12 High Street", True),
    ],
)
def test_addresses_are_one_by_their_numbers_and_words(one: str, other: str, same: bool) -> None:
    pytest.importorskip("rapidfuzz", reason='the extra er is not installed: pip install "graphrisk[er]"')
    assert same == same_address(one, other) == same_address(other, one)


def test_without_the_extra_similar_names_are_refused_and_auto_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphrisk.analyze.relations.similar.Similar.installed", staticmethod(dict))
    rows: plain.Rows = {"parties": parties("A", "B")}
    with pytest.raises(UsageError, match="not installed"):
        relations(rows, names="similar")
    assert "equal_names_only" in {note.key for note in relations(rows, names="auto").notes}
