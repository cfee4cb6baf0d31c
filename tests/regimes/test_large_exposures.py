"""Regimes of large exposures are data with days: shipped ones, a project's own first, faults that name their place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.regimes.exposure_rule import exposure_regimes, find_exposure_regime, parse_exposure_regime

OWN = """
[[version]]
name = "house rule"
valid_from = 2020-01-01
[[version.line]]
subjects = ["client"]
measure = "exposure"
of = "tier1"
limit = 0.05
legal = "board"
"""


@pytest.mark.parametrize("name", exposure_regimes())
def test_every_shipped_regime_names_its_sources_what_was_read_and_where_each_line_is_written(name: str) -> None:
    regime = find_exposure_regime(name)
    assert regime.title != name
    for version in regime.versions:
        assert version.sources
        assert version.reading
        assert {"control", "economic"} <= set(version.legal)
        assert all(line.legal for line in version.lines)


def test_the_regimes_of_the_rule_books_are_there_and_only_the_chinese_one_counts_family() -> None:
    assert {"basel": False, "cn": True, "crr": False} == {
        name: find_exposure_regime(name).versions[-1].family for name in exposure_regimes()
    }


def test_a_day_before_the_first_version_is_answered_ahead_of_its_time() -> None:
    rule, applies = find_exposure_regime("crr").on(date(2024, 7, 7))
    assert (date(2024, 7, 8), False) == (rule.valid_from, applies)
    assert find_exposure_regime("crr").on(date(2024, 7, 8))[1]


def test_a_projects_own_regime_comes_first(tmp_path: Path) -> None:
    (tmp_path / "large_exposures").mkdir()
    (tmp_path / "large_exposures" / "basel.toml").write_text(OWN, encoding="utf-8")
    assert 0.05 == find_exposure_regime("basel", tmp_path).versions[0].lines[0].limit
    assert 0.25 == find_exposure_regime("basel").versions[0].lines[0].limit
    with pytest.raises(UsageError, match="no regime of large exposures is called 'base'") as caught:
        find_exposure_regime("base", tmp_path)
    assert "basel" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 1", "holds no"),
        (OWN.replace("limit = 0.05", "limit = 5"), "limit is a fraction"),
        (OWN.replace("limit = 0.05\n", ""), "a line lacks limit"),
        (OWN.replace('of = "tier1"', 'of = "capital"'), "of is one of tier1, net_capital"),
        (OWN.replace('["client"]', '["person"]'), "subjects lists client, group"),
        (OWN.replace("2020-01-01", '"2020-01-01"'), "valid_from is a day"),
        (OWN.replace("2020-01-01", "2020-01-01\nfamilly = true"), "unknown key 'familly'"),
        (OWN.replace("2020-01-01", "2020-01-01\nfamily = 1"), "family is true or false"),
        (OWN + "[version.related]\nof = 'tier1'\nparty = 0.1\ngroup = 0.15\n", "all is a fraction"),
        ("not toml", "not valid TOML"),
    ],
)
def test_a_fault_names_the_file_and_the_version(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_exposure_regime("mine", text, "mine.toml")
    assert "mine.toml" in str(caught.value.where)
