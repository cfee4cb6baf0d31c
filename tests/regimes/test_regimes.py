"""Regimes are data with days: the version of a day, a project's own first, and a fault that names its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from graphrisk.errors import DataError, UsageError
from graphrisk.regimes.find import find_regime, regime_names
from graphrisk.regimes.rule import parse_regime

OWN = 'kind = "owners"\n[[version]]\nname = "house rule"\nvalid_from = 2020-01-01\nthreshold = 0.1\n'


@pytest.mark.parametrize("name", regime_names())
def test_every_shipped_regime_names_its_sources_what_was_read_and_where_each_ground_is_written(name: str) -> None:
    regime = find_regime(name)
    assert regime.title != name
    for version in regime.versions:
        assert version.sources
        assert version.reading
        assert "ownership" in version.legal
        assert not version.control or regime.kind == "listed" or "control" in version.legal


def test_the_regimes_of_the_rule_books_are_there() -> None:
    assert {"amlr", "fatf", "psc", "cn", "ofac", "eu", "bis"} <= set(regime_names())


def test_or_more_and_more_than_are_told_apart() -> None:
    said = {n: find_regime(n).versions[-1].more_than for n in ("amlr", "fatf", "psc", "cn", "ofac", "eu")}
    assert {"amlr": False, "fatf": True, "psc": True, "cn": False, "ofac": False, "eu": False} == said


def test_the_version_of_a_day_is_taken_and_a_rule_to_come_says_that_it_does_not_apply_yet() -> None:
    eu = find_regime("eu")
    assert eu.on(date(2024, 7, 2))[0].more_than is True
    assert eu.on(date(2024, 7, 3))[0].more_than is False
    version, applies = find_regime("amlr").on(date(2026, 9, 30))
    assert (date(2027, 7, 10), False) == (version.valid_from, applies)


def test_a_rule_whose_return_is_not_known_is_refused() -> None:
    bis = find_regime("bis")
    assert bis.on(date(2025, 10, 15))[0].suspended is False
    assert bis.on(date(2026, 1, 15))[0].suspended is True
    with pytest.raises(DataError, match="not known whether the rule returned"):
        bis.on(date(2026, 11, 27))
    with pytest.raises(DataError, match="applies from 2025-09-29"):
        bis.on(date(2025, 9, 1))


def test_a_projects_own_regime_comes_first(tmp_path: Path) -> None:
    (tmp_path / "psc.toml").write_text(OWN, encoding="utf-8")
    assert find_regime("psc", tmp_path).versions[0].threshold == 0.1
    assert find_regime("psc").versions[0].threshold == 0.25


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace("threshold", "treshold"), "unknown key 'treshold'"),
        (OWN.replace("0.1", "25"), "fraction in"),
        (OWN.replace("2020-01-01", '"2020"'), "is a day"),
        (OWN.replace('"owners"', '"owner"'), "kind is owners or listed"),
        ('kind = "owners"\n', "holds no"),
        (OWN + 'chain = "add"\n', "chain is one of"),
        (OWN + OWN.split("\n", 1)[1].replace("2020", "2021"), "still valid on"),
        ("kind = ", "not valid TOML"),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_regime("own", text, "own.toml")
    assert caught.value.where.startswith("own.toml")


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_regime("amrl")
    assert "amlr" in caught.value.hint
