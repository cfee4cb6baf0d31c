"""The terminal: the answer first, names beside ids, and JSON and CSV as complete as ever."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import run_cli


def shown(bank: Path, *arguments: str, columns: int = 120, lang: str = "en") -> str:
    done = subprocess.run(
        [sys.executable, "-m", "graphrisk", *arguments, "--project", str(bank)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": str(columns), "GRAPHRISK_LANGUAGE": lang},
        check=True,
    )
    return done.stdout


def test_a_shock_is_answered_in_sentences_before_any_table(bank: Path) -> None:
    lines = shown(bank, "analyze", "contagion", "--shock", "A").splitlines()
    assert lines[0].startswith("The shock puts 1 party in default and brings 2 parties down with it")
    assert not any(set(line) & set("┏┃│") for line in lines), "no frames"
    assert 1 == len([line for line in lines if line.startswith("contagion as of 2026-09-30")])
    assert "converged in" in lines[-1]


def test_names_stand_beside_ids_and_money_has_its_currency(bank: Path) -> None:
    text = shown(bank, "chains")
    assert "(CNY)" in text
    assert any(line.split()[:2] == ["A", "甲公司"] for line in text.splitlines())
    assert "50" in text


def test_the_answer_is_chinese_where_the_language_is(bank: Path) -> None:
    text = shown(bank, "analyze", "contagion", "--shock", "A", lang="zh")
    assert text.startswith("冲击使 1 户直接违约、另有 2 户随之违约：新增本行损失 ")
    assert "损失最大的主体" in text


def test_lists_of_what_there_is_are_chinese_where_the_language_is(bank: Path) -> None:
    for command, said in (("analyze", "担保链与担保圈"), ("view", "全行概览"), ("snapshots", "存储中有 1 个快照")):
        text = shown(bank, command, lang="zh")
        assert said in text
        assert not re.search(r"[a-z]{3,} (the|of|and|is|what) ", text), text
    listed = {row["analyzer"]: row["what"] for row in run_cli("analyze", "--format", "json").json}
    assert listed["chains"].startswith("Guarantee chains"), "what programs read is in one language"


def test_json_and_csv_hold_names_only_where_asked(bank: Path, tmp_path: Path) -> None:
    bare = run_cli("analyze", "chains", "--project", bank, "--format", "json").json["tables"]
    named = run_cli("analyze", "chains", "--project", bank, "--format", "json", "--names").json["tables"]
    assert "party_id_name" not in bare["chains_parties"][0]
    assert {"A": "甲公司", "B": "乙公司", "C": "丙公司"} == {
        row["party_id"]: row["party_id_name"] for row in named["chains_parties"]
    }
    keys = list(named["chains_parties"][0])
    assert keys.index("party_id") + 1 == keys.index("party_id_name")
    stripped = [{k: v for k, v in row.items() if not k.endswith("_name")} for row in named["chains_parties"]]
    assert bare["chains_parties"] == stripped
    assert 0 == run_cli("analyze", "chains", "--project", bank, "--names", "-o", tmp_path / "out").code
    rows = list(csv.DictReader((tmp_path / "out" / "chains_parties.csv").read_text("utf-8-sig").splitlines()))
    assert {"甲公司", "乙公司", "丙公司"} == {row["party_id_name"] for row in rows}


@pytest.mark.parametrize(
    "arguments", [["snapshots"], ["doctor"], ["query", "top_exposures"], ["check"], ["explain", "C", "--shock", "A"]]
)
def test_every_command_begins_with_a_sentence(bank: Path, arguments: list[str]) -> None:
    first = shown(bank, *arguments).splitlines()[0]
    assert first.rstrip().endswith((".", ")"))
    assert " " in first


def test_verbose_prints_the_whole_certificate_and_all_notes(bank: Path) -> None:
    plain, told = (shown(bank, "analyze", "contagion", "--shock", "A", *more) for more in ([], ["-v"]))
    assert "conservation_residual" not in plain
    assert "conservation_residual" in told
    assert plain.count("Note: ") == min(4, told.count("Note: "))


def test_the_command_lists_the_best_with_the_policy(bank: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[cut]\ncost = 0.03\nunit = "yearly margin forgone"\n', "utf-8")
    done = run_cli("intervene", "--shock", "A", "--policy", file, "--set", "best=2", "--project", bank)
    assert 0 == done.code, done.err
    assert "The best single actions:" in done.out
    assert "yearly margin forgone" in done.out
    assert 2 == len([line for line in done.out.splitlines() if ": saves " in line])


def test_chains_of_a_party_speak_of_that_party(bank: Path) -> None:
    first, second = shown(bank, "chains", "A").splitlines()[:2]
    assert first == (
        "甲公司 (A) guarantees 1 party for 50 CNY, with net assets of 30 CNY, and is guaranteed by 1 party for 50 CNY."
    )
    assert "It stands in 1 circle of guarantees." == second


def test_a_query_goes_into_a_workbook_and_a_page(bank: Path, tmp_path: Path) -> None:
    for ending in ("xlsx", "html"):
        done = run_cli("query", "top_exposures", "--project", bank, "-o", tmp_path / f"top.{ending}")
        assert 0 == done.code, done.err
        assert (tmp_path / f"top.{ending}").is_file()
    assert "甲公司" in (tmp_path / "top.html").read_text("utf-8")
    wrong = run_cli("snapshots", "--project", bank, "-o", tmp_path / "s.xlsx")
    assert 2 == wrong.code
    assert "s.csv" in wrong.err
