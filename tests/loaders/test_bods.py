"""The rules of the loader bods, one statement at a time, and the real files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.loading.report import LoadRefused
from graphrisk.loading.run import Loaded, load_files
from tests.worlds.build import AS_OF


def statement(kind: str, record: str, details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "statementId": f"s-{record}-{more.get('statementDate', '')}-{more.get('recordStatus', 'new')}",
        "recordId": record,
        "recordType": kind,
        "recordStatus": "new",
        "statementDate": "2025-01-01",
        "recordDetails": details,
        **more,
    }


def entity(record: str, **details: Any) -> dict[str, Any]:
    return statement("entity", record, {"entityType": {"type": "registeredEntity"}, "name": record, **details})


def person(record: str, **details: Any) -> dict[str, Any]:
    names = {"names": [{"fullName": f"Example {record}"}], "personType": "knownPerson"}
    return statement("person", record, {**names, **details})


def link(owner: Any, owned: Any, *interests: dict[str, Any], record: str = "", **more: Any) -> dict[str, Any]:
    details = {"interestedParty": owner, "subject": owned, "interests": list(interests)}
    return statement("relationship", record or f"{owner}-{owned}", {**details, **more.pop("details", {})}, **more)


def shares(**share: float) -> dict[str, Any]:
    return {"type": "shareholding", "directOrIndirect": "direct", "share": share}


def votes(**share: float) -> dict[str, Any]:
    return {"type": "votingRights", "directOrIndirect": "direct", "share": share}


def load(folder: Path, *statements: Any, strict: bool = False) -> Loaded:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.json").write_text(json.dumps(list(statements)), "utf-8")
    loaded = load_files("bods", [folder], as_of=AS_OF, existing={}, strict=strict)
    assert loaded.report.read == loaded.report.used + sum(aside.count for aside in loaded.report.set_aside)
    return loaded


def aside(loaded: Loaded) -> dict[str, int]:
    return {one.reason: one.count for one in loaded.report.set_aside}


BOUNDS = ("share_min", "share_max", "votes_min", "votes_max")


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


def holdings(loaded: Loaded) -> list[tuple[Any, ...]]:
    names = ("owner_id", "owned_id", *BOUNDS, "disclosed")
    return sorted((tuple(row[c] for c in names) for row in loaded.tables["ownership"].to_pylist()), key=str)


@pytest.mark.parametrize("key", ["reason", "unspecifiedReason"])
def test_a_declared_holding_whose_holder_is_exempt_keeps_its_bounds(tmp_path: Path, key: str) -> None:
    exempt = {key: "interestedPartyExemptFromDisclosure"}
    loaded = load(
        tmp_path,
        entity("A"),
        entity("B"),
        person("P"),
        link(exempt, "A", shares(minimum=75, maximum=100), votes(exact=80), record="R1"),
        link(exempt, "B", votes(minimum=25, maximum=50), {"type": "appointmentOfBoard"}, record="R2"),
        link("P", "A", shares(exact=10), record="R3"),
    )
    assert [
        ("P", "A", 0.1, 0.1, None, None, None),
        ("undisclosed:R1", "A", 0.75, 1.0, 0.8, 0.8, False),
        ("undisclosed:R2", "B", None, None, 0.25, 0.5, False),
    ] == holdings(loaded)
    parties = {row["party_id"]: (row["kind"], row["name"]) for row in loaded.tables["parties"].to_pylist()}
    placeholder = ("unknown", "(undisclosed: interestedPartyExemptFromDisclosure)")
    assert [placeholder] * 2 == [parties["undisclosed:R1"], parties["undisclosed:R2"]]
    assert [("undisclosed:R2", "B")] == [
        (row["controller_id"], row["controlled_id"]) for row in loaded.tables["control"].to_pylist()
    ]
    assert (6, 6, {}) == (loaded.report.read, loaded.report.used, aside(loaded))
    assert any("2 declared holdings have a holder that is not disclosed" in note for note in loaded.report.notes)


def test_an_exempt_holding_is_superseded_closed_or_indirect_like_any_other(tmp_path: Path) -> None:
    exempt = {"reason": "interestedPartyExemptFromDisclosure"}
    indirect = {**shares(exact=30), "directOrIndirect": "indirect"}
    later = {"recordStatus": "updated", "statementDate": "2026-01-01"}
    loaded = load(
        tmp_path,
        entity("A"),
        statement("entity", "B", {"name": "B"}, recordStatus="closed", statementDate="2026-01-01"),
        link(exempt, "A", shares(exact=30), record="R1"),
        link(exempt, "A", shares(exact=40), record="R1", **later),
        link(exempt, "A", indirect, record="R2"),
        link(exempt, "B", shares(exact=50), record="R3"),
        link(exempt, "A", shares(exact=60), record="R4", recordStatus="closed"),
    )
    assert [("undisclosed:R1", "A", 0.4, 0.4, None, None, False)] == holdings(loaded)
    assert {"A", "undisclosed:R1"} == set(loaded.tables["parties"]["party_id"].to_pylist())
    assert (7, 2) == (loaded.report.read, loaded.report.used)


@pytest.mark.parametrize(
    ("kind", "disclosed"), [("knownPerson", None), ("unknownPerson", False), ("anonymousPerson", False)]
)
def test_the_holding_of_a_person_nobody_knows_is_not_disclosed(tmp_path: Path, kind: str, disclosed: Any) -> None:
    one = person("P", personType=kind)
    loaded = load(tmp_path, one, entity("A"), link("P", "A", shares(exact=50)))
    assert [("P", "A", 0.5, 0.5, None, None, disclosed)] == holdings(loaded)


def test_an_unknown_holder_of_two_firms_does_not_tie_them_together(tmp_path: Path) -> None:
    unknown = statement(
        "person", "P", {"personType": "unknownPerson", "unspecifiedPersonDetails": {"reason": "notYetVerified"}}
    )
    links = [link("P", "A", shares(exact=50), record="R1"), link("P", "B", shares(exact=60), record="R2")]
    loaded = load(tmp_path, unknown, entity("A"), entity("B"), *links)
    assert [
        ("undisclosed:R1", "A", 0.5, 0.5, None, None, False),
        ("undisclosed:R2", "B", 0.6, 0.6, None, None, False),
    ] == holdings(loaded)
    assert {"A", "B", "undisclosed:R1", "undisclosed:R2"} == set(loaded.tables["parties"]["party_id"].to_pylist())
    assert {"an unknown holder of several parties: each declaration has a placeholder of its own": 1} == aside(loaded)
    # an anonymous person is somebody, whom the publisher knows
    named = load(tmp_path / "2", person("P", personType="anonymousPerson"), entity("A"), entity("B"), *links)
    assert {"P"} == set(named.tables["ownership"]["owner_id"].to_pylist())


DECLARED = st.lists(
    st.tuples(
        st.sampled_from(["exempt", "P", "U", "nobody"]),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["share", "vote", "control", "none", "indirect"]),
    ),
    max_size=6,
)


@settings(max_examples=20, deadline=None)
@given(DECLARED)
def test_every_statement_is_used_or_set_aside_and_no_placeholder_is_shared(
    tmp_path_factory: pytest.TempPathFactory, declared: list[tuple[str, str, str]]
) -> None:
    interests: dict[str, list[Any]] = {
        "share": [shares(exact=10)],
        "vote": [votes(minimum=0, maximum=25)],
        "control": [{"type": "appointmentOfBoard"}],
        "none": [],
        "indirect": [{**shares(exact=5), "directOrIndirect": "indirect"}],
    }
    people = [person("P"), statement("person", "U", {"personType": "unknownPerson"}), entity("A"), entity("B")]
    links = [
        link({"reason": who} if who in ("exempt", "nobody") else who, whom, *interests[what], record=f"R{n}")
        for n, (who, whom, what) in enumerate(declared)
    ]
    loaded = load(tmp_path_factory.mktemp("bods"), *people, *links)
    assert 4 + len(declared) == loaded.report.read == loaded.report.used + sum(aside(loaded).values())
    rows = [row for t in ("ownership", "control") if t in loaded.tables for row in loaded.tables[t].to_pylist()]
    owners = [row["owner_id"] for row in rows if "owner_id" in row]
    made = {p for p in loaded.tables["parties"]["party_id"].to_pylist() if p.startswith("undisclosed:")}
    assert made == {end for row in rows for end in row.values() if str(end).startswith("undisclosed:")}
    assert all(1 == owners.count(one) for one in made if one in owners)
    stated = [
        n for n, (who, _, what) in enumerate(declared) if who in ("exempt", "nobody") and what in ("share", "vote")
    ]
    assert {f"undisclosed:R{n}" for n in stated} <= made
    kept = [what for _, _, what in declared if what in ("share", "vote")]
    assert len(kept) == sum(row.get("share_min") is not None or row.get("votes_min") is not None for row in rows)


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
