from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.config import read_config
from graphrisk.errors import UsageError
from graphrisk.stores.open import open_store


def settings(folder: Path, text: str) -> Path:
    (folder / "graphrisk.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("given", ["files:kept", "kept"])
def test_a_folder_in_the_file_is_below_the_project_and_on_the_command_line_below_here(
    tmp_path: Path, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert f"files:{tmp_path / 'kept'}" == read_config(settings(tmp_path, f'store = "{given}"')).store
    assert f"files:{here / 'kept'}" == read_config(tmp_path, store=given).store


def test_the_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert f"files:{tmp_path / 'home' / 'risk'}" == read_config(tmp_path, store="files:~/risk").store


@pytest.mark.parametrize("given", ["neo4j:127.0.0.1:7687", "http://x", "sqlite:x", "files:"])
def test_a_mistyped_store_is_refused_and_never_a_folder_of_that_name(tmp_path: Path, given: str) -> None:
    with pytest.raises(UsageError):
        open_store(read_config(tmp_path, store=given).store)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('base_curency = "CNY"', "did you mean base_currency"),
        ("store = true", "store is a text or a number"),
        ('base_currency = "RMB yuan"', "ISO 4217"),
        ('base_currency = "cny"', "ISO 4217"),
        ('language = "de"', "language is en or zh"),
        ("timeout = -1", "above 0"),
        ("timeout = inf", "above 0"),
        ('timeout = "soon"', "above 0"),
        ("[store]\nurl = 1", "store is a text or a number"),
        ("timeout 60", "not valid TOML"),
        ("[capital]\ntier_1 = 5", "did you mean capital.tier1"),
        ("[capital]\ntier1 = 0", "an amount above 0"),
        ("[capital]\ntier1 = inf", "an amount above 0"),
        ('[capital]\nnet_capital = "a lot"', "an amount above 0"),
        ("[capital]\ninternal_single = 12", "a fraction above 0 and at most 1"),
        ('[groups]\nstate = "CN"', "is a list of ids"),
        ("[groups]\nstate = [1]", "is a list of ids"),
        ("[bank]\nparty_id = true", "is a text or a number"),
        ("capital = 5", "unknown key"),
    ],
)
def test_a_wrong_setting_names_the_file_and_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_config(settings(tmp_path, text))
    assert said in str(caught.value)
    assert str(tmp_path / "graphrisk.toml") == caught.value.where
    assert caught.value.hint


def test_sections_are_settings_with_the_name_of_their_section_and_change_no_digest_until_set(tmp_path: Path) -> None:
    assert {"base_currency": ""} == read_config(tmp_path).of_results
    text = '[bank]\nparty_id = "OURS"\n[capital]\ntier1 = 1000.5\n[groups]\nstate = ["甲", "A,B"]\n'
    expected = {"base_currency": "", "bank.party_id": "OURS", "capital.tier1": "1000.5"}
    assert {**expected, "groups.state": '["A,B", "甲"]'} == read_config(settings(tmp_path, text)).of_results


def test_a_flag_is_stronger_than_the_environment_and_that_than_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = settings(tmp_path, 'store = "files:/a"\nlanguage = "zh"\ntimeout = 5\n')
    assert ("zh", "file") == next((s.value, s.origin) for s in read_config(project).settings if s.name == "language")
    monkeypatch.setenv("GRAPHRISK_STORE", "files:/b")
    monkeypatch.setenv("GRAPHRISK_LANGUAGE", "en")
    found = read_config(project)
    assert ("files:/b", "en", 5.0) == (found.store, found.get("language"), found.timeout)
    assert "environment GRAPHRISK_STORE" == next(s.origin for s in found.settings if s.name == "store")
    assert "files:/c" == read_config(project, store="files:/c").store
    monkeypatch.setenv("GRAPHRISK_LANGUAGE", "fr")
    with pytest.raises(UsageError, match="language is en or zh") as caught:
        read_config(project)
    assert "environment GRAPHRISK_LANGUAGE" == caught.value.where
