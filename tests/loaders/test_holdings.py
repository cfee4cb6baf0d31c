"""Loaders of who owns whom: psc, gleif, ftm, pajek and shareholder lists, record by record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphrisk.loading.run import Loaded, load_files
from tests.worlds.build import AS_OF


def load(loader: str, tmp_path: Path, **files: Any) -> Loaded:
    """Load files, each given as text or as records (a JSON document a line); "__" in a name is a dot."""
    for name, content in files.items():
        text = content if isinstance(content, str) else "".join(json.dumps(one) + "\n" for one in content)
        (tmp_path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return load_files(loader, [tmp_path], as_of=AS_OF, existing={})


def rows(loaded: Loaded, table: str, *columns: str) -> list[tuple[Any, ...]]:
    found = loaded.tables[table].to_pylist() if table in loaded.tables else []
    return sorted((tuple(row[c] for c in columns) for row in found), key=str)


def aside(loaded: Loaded) -> dict[str, int]:
    return {one.reason: one.count for one in loaded.report.set_aside}


def psc(number: str, kind: str, *natures: str, **more: Any) -> dict[str, Any]:
    data = {
        "kind": kind,
        "name": "Example",
        "natures_of_control": list(natures),
        "links": {"self": f"/x/{number}{kind}"},
    }
    return {"company_number": number, "data": {**data, **more}}


PERSON = "individual-person-with-significant-control"
BOUNDS = ("share_min", "share_max", "votes_min", "votes_max", "min_exclusive", "max_exclusive")


@pytest.mark.parametrize(
    ("natures", "expected"),
    [
        (["ownership-of-shares-25-to-50-percent"], (0.25, 0.5, None, None, True, None)),
        (["ownership-of-shares-50-to-75-percent"], (0.5, 0.75, None, None, True, True)),
        (["ownership-of-shares-75-to-100-percent-as-trust"], (0.75, 1.0, None, None, None, None)),
        (["voting-rights-25-to-50-percent-limited-liability-partnership"], (None, None, 0.25, 0.5, True, None)),
        (["ownership-of-shares-more-than-25-percent-registered-overseas-entity"], (0.25, 1.0, None, None, True, None)),
        (
            ["ownership-of-shares-75-to-100-percent", "voting-rights-75-to-100-percent"],
            (0.75, 1.0, 0.75, 1.0, None, None),
        ),
    ],
)
def test_the_bands_of_the_psc_register_are_intervals_with_the_ends_that_they_have(
    natures: list[str], expected: tuple[Any, ...], tmp_path: Path
) -> None:
    loaded = load("psc", tmp_path, psc__jsonl=[psc("01", PERSON, *natures)])
    assert [expected] == rows(loaded, "ownership", *BOUNDS)


def test_psc_statements_that_name_nobody_stay_and_ceased_ones_do_not(tmp_path: Path) -> None:
    loaded = load("psc", tmp_path, psc__jsonl=[
        psc("01", "super-secure-person-with-significant-control"),
        psc("01", "persons-with-significant-control-statement", statement="psc-details-not-confirmed"),
        psc("02", PERSON, "significant-influence-or-control", ceased_on="2020-01-01"),
        psc("03", PERSON, "right-to-appoint-and-remove-directors"),
        psc("04", PERSON),
        {"data": {"kind": "totals#persons-of-significant-control-snapshot"}},
        {"company_number": "05", "data": {"kind": "something-new"}},
    ])  # fmt: skip
    hidden = rows(loaded, "ownership", "owned_id", "share_min", "share_max", "disclosed", "reason")
    assert [
        ("01", None, None, False, "psc-details-not-confirmed"),
        ("01", None, None, False, "super-secure-person-with-significant-control"),
    ] == hidden
    assert [("03", "board")] == rows(loaded, "control", "controlled_id", "basis")
    assert 2 == len({row[0] for row in rows(loaded, "parties", "party_id", "kind") if row[1] == "unknown"})
    report = loaded.report
    assert report.read == report.used + sum(aside(loaded).values()) == 7
    told = json.dumps(report.to_dict())
    assert "it states no nature of control" in told
    assert "no PSC statement: its kind is not known" in told


def test_a_corporate_psc_with_a_uk_number_is_the_company_of_that_number(tmp_path: Path) -> None:
    held = {"registration_number": "22", "country_registered": "England"}
    entity = "corporate-entity-person-with-significant-control"
    loaded = load("psc", tmp_path, psc__jsonl=[
        psc("00000001", entity, "ownership-of-shares-75-to-100-percent", identification=held),
        psc("00000022", PERSON, "ownership-of-shares-75-to-100-percent"),
    ])  # fmt: skip
    assert ("00000022", "00000001") in rows(loaded, "ownership", "owner_id", "owned_id")


def test_gleif_runs_from_child_to_parent_and_keeps_direct_apart_from_ultimate(tmp_path: Path) -> None:
    names = ("StartNode.NodeID", "EndNode.NodeID", "RelationshipType", "RelationshipStatus")
    head = ",".join(f"Relationship.{name}" for name in names) + "\n"
    lines = (
        "C,P,IS_DIRECTLY_CONSOLIDATED_BY,ACTIVE\nC,U,IS_ULTIMATELY_CONSOLIDATED_BY,ACTIVE\n"
        "C,X,IS_DIRECTLY_CONSOLIDATED_BY,INACTIVE\nF,M,IS_FUND-MANAGED_BY,ACTIVE\n"
    )
    repex = "LEI,Exception.Category,Exception.Reason.1\nU,DIRECT_ACCOUNTING_CONSOLIDATION_PARENT,NATURAL_PERSONS\n"
    loaded = load("gleif", tmp_path, rr__csv=head + lines, repex__csv=repex)
    assert [
        ("M", "F", "agreement", "direct"), ("P", "C", "accounts", "direct"), ("U", "C", "accounts", "ultimate")
    ] == rows(loaded, "control", "controller_id", "controlled_id", "basis", "level")  # fmt: skip
    assert [("U", False, "NATURAL_PERSONS")] == rows(loaded, "ownership", "owned_id", "disclosed", "reason")
    assert {"inactive: the relationship has ended": 1} == aside(loaded)


def test_ftm_percentages_are_read_from_their_text_and_never_invented(tmp_path: Path) -> None:
    def held(number: int, percentage: Any) -> dict[str, Any]:
        told = (
            {} if percentage is None else {"percentage": percentage if isinstance(percentage, list) else [percentage]}
        )
        return {
            "id": f"o{number}",
            "schema": "Ownership",
            "properties": {"owner": ["p"], "asset": [f"c{number}"], **told},
        }

    said = ["25", "33,3 %", ">50", "25-50", "majority", None, ["10", "20"], "<5"]
    entities = [{"id": "p", "schema": "Person", "properties": {"name": ["Example"]}}]
    entities += [{"id": f"c{k}", "schema": "Company", "properties": {"name": [f"C{k}"]}} for k in range(len(said))]
    loaded = load("ftm", tmp_path, x__ijson=[*entities, *(held(k, p) for k, p in enumerate(said))])
    found = {
        row[0]: row[1:] for row in rows(loaded, "ownership", "owned_id", "share_min", "share_max", "min_exclusive")
    }
    assert {
        "c0": (0.25, 0.25, None), "c1": (pytest.approx(0.333), pytest.approx(0.333), None), "c2": (0.5, 1.0, True),
        "c3": (0.25, 0.5, None), "c4": (None, None, None), "c5": (None, None, None), "c6": (None, None, None),
        "c7": (0.0, 0.05, None),
    } == found  # fmt: skip


LIST = "owner,company,percent\n"


@pytest.mark.parametrize(
    ("said", "bounds"),
    [
        ("12.5", (0.125, 0.125)), ("12.5%", (0.125, 0.125)), ('"12,5"', (0.125, 0.125)), ("WO", (0.98, 1.0)),
        ("MO", (0.5, 1.0)),
        (">50", (0.5, 1.0)), ("<5", (0.0, 0.05)), ("25-50", (0.25, 0.5)), ("n.a.", (None, None)), ("-", (None, None)),
        ("", (None, None)), ("100", (1.0, 1.0)), ("NG", (0.0, 0.0001)),
    ],
)  # fmt: skip
def test_the_words_and_figures_of_a_shareholder_list(said: str, bounds: tuple[Any, ...], tmp_path: Path) -> None:
    loaded = load("shareholders", tmp_path, a__csv=f"{LIST}O Ltd,C Ltd,{said}\nX Ltd,Y Ltd,40\n")
    ((low, high),) = [
        row[1:] for row in rows(loaded, "ownership", "owned_id", "share_min", "share_max") if row[0] == "C Ltd"
    ]
    assert bounds == (low, high)


def test_a_share_that_cannot_be_read_is_rejected_by_name(tmp_path: Path) -> None:
    loaded = load("shareholders", tmp_path, a__csv=f"{LIST}O Ltd,C Ltd,lots\nX Ltd,Y Ltd,40\n")
    assert "its share is no number, range or word that is known: lots" in json.dumps(loaded.report.to_dict())
    assert 1 == len(rows(loaded, "ownership", "owner_id"))


def test_percent_and_fractions_in_one_column_are_named_with_the_firms(tmp_path: Path) -> None:
    mixed = f"{LIST}A Ltd,C Ltd,60\nB Ltd,C Ltd,40\nA Ltd,D Ltd,0.7\nB Ltd,D Ltd,0.3\n"
    notes = load("shareholders", tmp_path, a__csv=mixed).report.notes
    assert any("look mixed up" in note and "D Ltd" in note for note in notes)


def test_a_list_in_fractions_is_read_as_such_and_says_so(tmp_path: Path) -> None:
    loaded = load("shareholders", tmp_path, a__csv=f"{LIST}A Ltd,C Ltd,0.6\nB Ltd,C Ltd,0.4\n")
    assert [(0.4,), (0.6,)] == rows(loaded, "ownership", "share_min")
    assert any("read as fractions" in note for note in loaded.report.notes)


def test_chinese_headers_tags_and_kinds_are_read(tmp_path: Path) -> None:
    lines = ("股东名称,公司名称,持股比例(%),股东标签", "示例甲,示例科技有限公司,18.7,实际控制人",
             "示例证券登记结算公司,示例科技有限公司,30,")  # fmt: skip
    text = "\n".join(lines) + "\n"
    loaded = load("shareholders", tmp_path, a__csv=text)
    assert [("示例甲", "示例科技有限公司", "other")] == rows(
        loaded, "control", "controller_id", "controlled_id", "basis"
    )
    kinds = dict(rows(loaded, "parties", "party_id", "kind"))
    assert ("person", "company", "nominee") == tuple(
        kinds[k] for k in ("示例甲", "示例科技有限公司", "示例证券登记结算公司")
    )


def test_a_pajek_network_has_its_vertices_arcs_and_no_share(tmp_path: Path) -> None:
    text = '*Vertices 4\n1 "A b"\n2 C\n*Arcs\n1 2 0.5\n2 4\n*Edges\n1 2\n*Partition x\n1\n'
    loaded = load("pajek", tmp_path, a__net=text)
    assert [("1", "A b"), ("2", "C"), ("4", "vertex 4")] == rows(loaded, "parties", "party_id", "name")
    assert [("1", "2", None), ("2", "4", None)] == rows(loaded, "ownership", "owner_id", "owned_id", "share_min")
    assert loaded.report.read == loaded.report.used + sum(aside(loaded).values())
    assert "an edge has no direction: who owns whom is not told" in aside(loaded)


def example(name: str) -> Loaded:
    from graphrisk.shipped import shipped

    return load_files(name, [shipped("loaders") / name / "example"], as_of=AS_OF, existing={})


def test_yibiaotong_reads_ratios_in_percent_controllers_and_groups() -> None:
    loaded = example("yibiaotong")
    held = rows(loaded, "ownership", "owner_id", "owned_id", "share_min")
    assert [("91330000EXAMPLE02X", "K001", 0.2), ("K001", "K002", 1.0), ("K900", "K001", 0.625)] == held
    assert [
        ("G1", "K001", "accounts"), ("G1", "K002", "accounts"), ("ID-EXAMPLE-1", "G1", "other"),
        ("K900", "K001", "other"),
    ] == rows(loaded, "control", "controller_id", "controlled_id", "basis")  # fmt: skip
    assert "person" == dict(rows(loaded, "parties", "party_id", "kind"))["ID-EXAMPLE-1"]
    assert [("G1", "K001"), ("G1", "K002")] == rows(loaded, "declared_groups", "group_id", "party_id")
    assert ("associate", "一表通 3.1 关联企业") in rows(loaded, "ties", "kind", "source")
    assert () == loaded.report.set_aside  # every row of the tables is used


def test_anacredit_reads_parents_loans_joint_debtors_and_protection() -> None:
    loaded = example("anacredit")
    assert [
        ("C2", "C1", "direct"), ("C3", "C1", "ultimate"), ("C3", "C2", "direct"), ("C3", "C2", "ultimate")
    ] == rows(loaded, "control", "controller_id", "controlled_id", "level")  # fmt: skip
    assert [("K1:I1", "C1", 500000.0), ("K2:I1", "C2", 80000.0)] == rows(
        loaded, "facilities", "facility_id", "borrower_id", "outstanding"
    )
    assert [("C3", "C2", 80000.0), ("C4", "C1", 500000.0)] == rows(
        loaded, "guarantees", "guarantor_id", "debtor_id", "amount"
    )
    assert [("K1:I1", "P1", 300000.0)] == rows(loaded, "pledges", "facility_id", "collateral_id", "allocated_amount")
