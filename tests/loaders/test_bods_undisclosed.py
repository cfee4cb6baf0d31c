"""The loader bods where a holder is exempt or unknown: what is declared stays a fact, and ties nobody together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.loading.run import Loaded
from tests.loaders.declarations import BOUNDS, aside, entity, link, load, person, shares, statement, votes


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
