"""The rules of the loader bods, one statement at a time, and the real files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from graphrisk.loading.report import LoadRefused
from graphrisk.loading.run import Loaded, load_files
from tests.loaders.declarations import BOUNDS, aside, entity, link, load, person, shares, statement, votes
from tests.worlds.build import AS_OF


@pytest.mark.parametrize(
    ("interests", "bounds"),
    [
        ([shares(exact=35.5)], (0.355, 0.355, None, None)),
        ([shares(minimum=25, maximum=50)], (0.25, 0.5, None, None)),
        ([shares(exclusiveMinimum=25, exclusiveMaximum=50)], (0.25, 0.5, None, None)),
        ([shares(minimum=75)], (0.75, None, None, None)),
        ([shares()], (None, None, None, None)),
        ([shares(exact=60), votes(exact=75)], (0.6, 0.6, 0.75, 0.75)),
        ([votes(minimum=50, exclusiveMaximum=75)], (None, None, 0.5, 0.75)),
        ([shares(exact=10), shares(exact=20)], (0.3, 0.3, None, None)),
        ([shares(exact=10), shares(minimum=20)], (0.3, None, None, None)),
        ([], (None, None, None, None)),
        ([{"directOrIndirect": "unknown"}], (None, None, None, None)),
    ],
)
def test_shares_are_intervals_and_unknown_is_null(tmp_path: Path, interests: Any, bounds: Any) -> None:
    (row,) = load(tmp_path, entity("A"), entity("B"), link("A", "B", *interests)).tables["ownership"].to_pylist()
    assert bounds == pytest.approx(tuple(row[c] for c in BOUNDS))
    assert ("A", "B") == (row["owner_id"], row["owned_id"])


def test_a_share_above_100_percent_or_no_number_is_rejected_by_name(tmp_path: Path) -> None:
    parties = [entity("A"), entity("B"), entity("C")]
    odd = {"type": "shareholding", "share": {"exact": "most"}}
    loaded = load(tmp_path, *parties, link("A", "B", shares(exact=103.77)), link("A", "C", odd))
    assert "ownership" not in loaded.tables
    reasons = " ".join(aside(loaded))
    assert "above 1" in reasons
    assert "not a finite number" in reasons


def test_interests_that_change_over_time_become_periods(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        entity("A"),
        entity("B"),
        link(
            "A",
            "B",
            {**shares(exact=60), "startDate": "2018-01-01"},
            {**votes(exact=80), "startDate": "2019-06", "endDate": "2021"},
        ),
    )
    rows = sorted(loaded.tables["ownership"].to_pylist(), key=lambda row: str(row["from_on"]))
    assert [
        (date(2018, 1, 1), date(2019, 6, 1), 0.6, None),
        (date(2019, 6, 1), date(2022, 1, 1), 0.6, 0.8),
        (date(2022, 1, 1), None, 0.6, None),
    ] == [(r["from_on"], r["to_on"], r["share_min"], r["votes_min"]) for r in rows]


@pytest.mark.parametrize(
    ("kind", "said", "table", "basis"),
    [
        ("otherInfluenceOrControl", "Relationship Type: IS_DIRECTLY_CONSOLIDATED_BY", "control", "accounts"),
        ("otherInfluenceOrControl", "Relationship Type: IS_FUND-MANAGED_BY", "control", "agreement"),
        ("otherInfluenceOrControl", "", "control", "other"),
        ("appointmentOfBoard", "", "control", "board"),
        ("rightsGrantedByContract", "", "control", "agreement"),
        ("trustee", "", "control", "other"),
        ("rightsToSurplusAssetsOnDissolution", "", "control", "other"),
        ("nominator", "", "control", "agreement"),
        ("nominee", "", "ties", "associate"),
        ("boardMember", "", "ties", "director"),
        ("boardChair", "", "ties", "director"),
        ("seniorManagingOfficial", "", "ties", "officer"),
    ],
)
def test_other_interests_are_control_or_ties(tmp_path: Path, kind: str, said: str, table: str, basis: str) -> None:
    loaded = load(tmp_path, person("P"), entity("B"), link("P", "B", {"type": kind, "details": said}))
    (row,) = loaded.tables[table].to_pylist()
    assert basis == row["basis" if table == "control" else "kind"]
    assert "ownership" not in loaded.tables


def test_of_a_record_the_latest_statement_counts(tmp_path: Path) -> None:
    old = statement("entity", "A", {"name": "old"}, statementDate="2020-01-01")
    new = statement("entity", "A", {"name": "new"}, statementDate="2021-01-01", recordStatus="updated")
    loaded = load(tmp_path, new, old)
    assert ["new"] == loaded.tables["parties"]["name"].to_pylist()
    assert {"superseded by a later statement of the same record": 1} == aside(loaded)


def test_a_closed_record_is_set_aside_and_so_is_what_leads_to_it(tmp_path: Path) -> None:
    closed = statement("entity", "B", {"name": "B"}, recordStatus="closed", statementDate="2026-01-01")
    loaded = load(tmp_path, entity("A"), entity("B"), closed, link("A", "B", shares(exact=50)))
    assert ["A"] == loaded.tables["parties"]["party_id"].to_pylist()
    assert {
        "superseded by a later statement of the same record": 1,
        "closed: the record no longer stands": 1,
        "the record of its subject was closed": 1,
    } == aside(loaded)


def test_a_statement_repeated_in_another_file_is_set_aside_as_such(tmp_path: Path) -> None:
    (tmp_path / "z.jsonl").parent.mkdir(exist_ok=True)
    (tmp_path / "z.jsonl").write_text(json.dumps(entity("A")) + "\n" + json.dumps(entity("C")) + "\n", "utf-8")
    loaded = load(tmp_path, entity("A"), entity("B"))
    assert {"the same statement again": 1} == aside(loaded)
    assert 3 == loaded.tables["parties"].num_rows


def test_an_id_used_again_for_other_content_is_a_fault_of_the_source(tmp_path: Path) -> None:
    other = {**entity("A"), "recordId": "A2"}
    reason = "rejected: the id of an earlier statement again, with other content: the first was kept"
    assert {reason: 1} == aside(load(tmp_path, entity("A"), other))
    with pytest.raises(LoadRefused, match="1 rows were rejected"):
        load(tmp_path, entity("A"), other, strict=True)


@pytest.mark.parametrize("key", ["reason", "unspecifiedReason"])
@pytest.mark.parametrize("interests", [[], [{"type": "otherInfluenceOrControl"}], [{}]])
def test_a_declared_unknown_owner_without_a_holding_makes_no_party(tmp_path: Path, key: str, interests: Any) -> None:
    loaded = load(tmp_path, entity("B"), link({key: "noBeneficialOwners"}, "B", *interests, record="R"))
    assert {"declared unknown: the interested party is not named (noBeneficialOwners)": 1} == aside(loaded)
    assert ["B"] == loaded.tables["parties"]["party_id"].to_pylist()


def test_an_anonymous_person_has_the_reason_for_a_name(tmp_path: Path) -> None:
    unnamed = statement(
        "person", "P", {"personType": "anonymousPerson", "unspecifiedPersonDetails": {"reason": "exempt"}}
    )
    silent = statement("entity", "E", {"entityType": {"type": "unknownEntity"}})
    rows = {row["party_id"]: row for row in load(tmp_path, unnamed, silent).tables["parties"].to_pylist()}
    assert ("(anonymousPerson: exempt)", "person") == (rows["P"]["name"], rows["P"]["kind"])
    assert ("(unknownEntity)", "unknown") == (rows["E"]["name"], rows["E"]["kind"])


def test_an_indirect_holding_is_left_to_its_components(tmp_path: Path) -> None:
    indirect = {**shares(exact=30), "directOrIndirect": "indirect"}
    loaded = load(
        tmp_path,
        entity("A"),
        entity("B"),
        person("P"),
        link("B", "A", shares(exact=60), details={"isComponent": True}),
        link("P", "B", {"directOrIndirect": "unknown"}, details={"isComponent": True}),
        link("P", "A", indirect, details={"componentRecords": ["B", "B-A", "P-B"]}),
    )
    assert {("B", "A", 0.6), ("P", "B", None)} == {
        (r["owner_id"], r["owned_id"], r["share_max"]) for r in loaded.tables["ownership"].to_pylist()
    }
    assert {"indirect: its component records carry it": 1} == aside(loaded)
    alone = load(tmp_path / "alone", entity("A"), person("P"), link("P", "A", indirect))
    assert {"indirect without component records: a total along a chain, not a holding": 1} == aside(alone)


def test_an_end_that_names_a_statement_is_resolved_and_an_unknown_one_is_rejected(tmp_path: Path) -> None:
    b = entity("B")
    loaded = load(
        tmp_path,
        entity("A"),
        b,
        link("A", {"describedByEntityStatement": b["statementId"]}, shares(exact=50), record="R1"),
        link("A", "Z", shares(exact=50), record="R2"),
    )
    assert ["B"] == loaded.tables["ownership"]["owned_id"].to_pylist()
    assert ["rejected: owned_id names no party that is loaded: add it to parties or correct the id"] == list(
        aside(loaded)
    )


def test_what_is_no_statement_is_rejected_by_name(tmp_path: Path) -> None:
    odd = [{"a": 1}, {"statementType": "entityStatement"}, 5, {**entity("C"), "recordType": "thing"}]
    loaded = load(tmp_path, entity("A"), *odd)
    assert 4 == sum(aside(loaded).values())
    assert all(reason.startswith("rejected: ") for reason in aside(loaded))
    (tmp_path / "b.jsonl").write_text('{"broken\n' + json.dumps(entity("B")), "utf-8")
    assert 5 == sum(aside(load(tmp_path, entity("A"), *odd)).values())


def test_identifiers_country_kind_and_days_are_taken_over(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        entity(
            "A",
            identifiers=[{"scheme": "GB-COH", "id": "01"}, {"scheme": "XI-LEI", "id": "L"}],
            jurisdiction={"code": "gb"},
            foundingDate="1999-12-31",
            publicListing={"hasPublicListing": True},
        ),
        entity("S", entityType={"type": "stateBody"}),
        entity("N", entityType={"type": "arrangement", "subtype": "nomination"}),
        person("P", birthDate="1965-11"),
    )
    rows = {row["party_id"]: row for row in loaded.tables["parties"].to_pylist()}
    a = rows["A"]
    assert ("L", "01", "GB", date(1999, 12, 31), True, "company") == tuple(
        a[c] for c in ("lei", "national_id", "country", "incorporated_on", "listed", "kind")
    )
    assert ["public_body", "nominee", "person"] == [rows[i]["kind"] for i in "SNP"]
    assert rows["P"]["incorporated_on"] is None  # a month is not made into a day


# --- the real files -----------------------------------------------------------------------------------------------


def real(shared_data: Path, *paths: str) -> Loaded:
    return load_files("bods", [shared_data / path for path in paths], as_of=AS_OF, existing={})


def test_all_1204_statements_of_the_demo_are_accounted_for(shared_data: Path) -> None:
    path = shared_data / "bods_opencheck" / "all_demo.jsonl"
    loaded = real(shared_data, "bods_opencheck/all_demo.jsonl")
    statements = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    closed = sum(s["recordStatus"] == "closed" for s in statements)
    parties = sum(s["recordStatus"] != "closed" and s["recordType"] != "relationship" for s in statements)
    assert 1204 == len(statements) == loaded.report.read
    assert closed == aside(loaded)["closed: the record no longer stands"]
    assert parties == loaded.tables["parties"].num_rows
    assert 1204 - closed - 2 == loaded.report.used
    assert 2 == aside(loaded)["the record of its subject was closed"]
    assert [] == [reject for table in loaded.report.tables for reject in table.rejects]


def test_the_demo_again_in_another_file_is_set_aside_statement_by_statement(shared_data: Path) -> None:
    loaded = real(shared_data, "bods_opencheck/gleif", "bods_opencheck/uk", "bods_opencheck/all_demo.jsonl")
    assert 464 + 750 + 1204 == loaded.report.read
    assert 1204 + 4 == aside(loaded)["the same statement again"]
    assert 2 == aside(loaded)["declared unknown: the interested party is not named (informationUnknownToPublisher)"]


def test_the_official_examples_and_fixtures_are_accounted_for(shared_data: Path) -> None:
    loaded = real(shared_data, "bods_examples")
    assert 119 == loaded.report.read == loaded.report.used + sum(aside(loaded).values())
    fixtures = real(shared_data, "bods_fixtures/core", "bods_fixtures/edge-cases")
    assert (9, 8) == (fixtures.report.read, fixtures.report.used)
    assert 3 == fixtures.tables["ownership"].num_rows  # both sides of the circle are kept


def test_the_direct_ownership_fixture_gives_its_75_percent(shared_data: Path) -> None:
    (row,) = real(shared_data, "bods_fixtures/core").tables["ownership"].to_pylist()
    assert ("rec-jane-smith-1975", "rec-acme-holdings-ltd", 0.75, 0.75, 0.75, 0.75) == (
        row["owner_id"],
        row["owned_id"],
        *(row[c] for c in BOUNDS),
    )


def test_the_two_shares_of_an_indirect_example_do_not_double(shared_data: Path) -> None:
    rows = real(shared_data, "bods_examples/indirect-ownership.json").tables["ownership"].to_pylist()
    assert [0.6] == [row["share_min"] for row in rows if row["owned_id"] == "ad3f6c2fcc9e"]
