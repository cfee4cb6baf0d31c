"""What people and scripts see: tables that fit a window, JSON in any code page, errors of paths, progress apart."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from graphrisk.cli.csv_rows import csv_text
from graphrisk.cli.grid import print_table
from tests.cli.conftest import run_cli

WIDE = pd.DataFrame(
    {
        "party_id": ["C0000001", "C0000002"],
        "loss_exposures": [1_234_567.0, 2.5],
        "finding": ["14 guarantees come from parties that are defaulted or closed", "none"],
        **{f"loss_column_{i}": [123_456_789.0, 0.0] for i in range(12)},
    }
)


def in_a_window(arguments: list[str], columns: int) -> str:
    """Run the command line in a terminal that is `columns` wide; return what it shows."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "graphrisk", *arguments],
        stdout=follower,
        stderr=follower,
        stdin=follower,
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"},
    )
    os.close(follower)
    shown = b""
    while process.poll() is None or select.select([leader], [], [], 0.1)[0]:
        if select.select([leader], [], [], 0.1)[0]:
            try:
                shown += os.read(leader, 65536)
            except OSError:  # the last of it was read
                break
    os.close(leader)
    assert 0 == process.wait()
    return shown.decode()


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_a_table_keeps_its_numbers_whole_in_any_window(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graphrisk.cli.grid._PIPED", columns)
    print_table("losses", WIDE)
    shown = capsys.readouterr().out
    assert max(len(line) for line in shown.splitlines()) <= columns
    assert "C0000001" in shown
    _, _, left = " ".join(shown.split()).partition("(a wider window shows them): ")
    assert left, "fifteen columns fit no such window"
    head = shown[: shown.index("C0000001")]
    assert [] == [name for name in left.split(", ") if name.rpartition("_")[2] in head and "column" not in name]
    if "loss_exposures" not in left:
        assert "1,234,567" in shown


def test_a_table_that_fits_hides_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("losses", WIDE.iloc[:, :6])
    shown = capsys.readouterr().out
    assert "more column" not in shown
    assert "loss_exposures" in shown


def test_progress_is_gone_when_the_results_are_shown(bank: Path) -> None:
    shown = in_a_window(["analyze", "chains", "--project", str(bank)], 100)
    begun = shown.index("chains as of")
    assert "━━━━━━━━ " not in shown[begun:], "no bar among the tables"
    assert "reading the snapshot" not in shown[begun:]


def test_verbose_names_each_step_on_standard_error(bank: Path) -> None:
    plain, told = (run_cli("analyze", "chains", "--project", bank, "--format", "json", *more) for more in ([], ["-v"]))
    assert "" == plain.err
    assert "reading the snapshot" in told.err.splitlines()
    assert plain.out == told.out


def test_json_is_the_same_document_in_any_code_page(bank: Path) -> None:
    text = "MATCH (p:Party) RETURN p.name + '€ș' AS name ORDER BY p.id"
    found = {}
    for encoding in ("utf-8", "gbk", "ascii"):
        done = subprocess.run(
            [sys.executable, "-m", "graphrisk", "query", "--cypher", text, "--project", str(bank), "--format", "json"],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
            check=True,
        )
        found[encoding] = json.loads(done.stdout.decode("utf-8"))
    assert "甲公司€ș" == found["utf-8"][0]["name"]
    assert [found["utf-8"]] * 3 == list(found.values())


CODE_PAGES = ["utf-8", "ascii:strict", "cp1252", "cp936", "utf-16"]
NAMES = "MATCH (p:Party) RETURN p.id + '企业' AS id, p.name + '€ș' AS name ORDER BY id"
STDOUT = [
    ("query", "--cypher", NAMES, "--format", "table"),
    ("query", "who_controls", "--param", "id=A", "--format", "csv"),
    ("check", "--format", "csv"),
    ("check", "--format", "table"),
    ("snapshots", "--format", "csv"),
    ("analyze", "chains", "--format", "csv"),
    ("explain", "B", "--shock", "A", "--format", "csv"),
    ("explain", "B", "--shock", "A", "--format", "json"),
    ("doctor", "--format", "table"),
]


def in_code_page(encoding: str, *arguments: str, **environment: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-m", "graphrisk", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, **environment},
        check=False,
    )
    assert 0 == done.returncode, done.stderr.decode("utf-8", "replace")
    return done.stdout


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_csv_on_standard_output_is_utf8_in_any_code_page(bank: Path, encoding: str) -> None:
    """Shared case F32: a name may not become question marks, for ids would become alike."""
    said = in_code_page(encoding, "query", "--cypher", NAMES, "--project", str(bank), "--format", "csv")
    rows = said.decode("utf-8").split()
    assert ["id,name", "A企业,甲公司€ș", "B企业,乙公司€ș"] == rows[:3]


def test_csv_is_utf8_in_the_locale_of_a_bare_machine(bank: Path) -> None:
    given = ["query", "--cypher", "MATCH (p:Party) RETURN p.name AS name ORDER BY name", "--project", str(bank)]
    said = in_code_page("cp1252", *given, "--format", "csv", LC_ALL="C", PYTHONUTF8="0")
    assert {"甲公司", "乙公司", "丙公司"} == set(said.decode("utf-8").split()[1:])


@pytest.mark.parametrize("arguments", STDOUT, ids=" ".join)
def test_every_command_says_the_same_in_a_narrow_code_page(bank: Path, arguments: list[str]) -> None:
    given = [*arguments, "--project", str(bank)]
    wide, narrow = (in_code_page(encoding, *given).decode("utf-8") for encoding in ("utf-8", "cp1252"))
    assert wide
    assert wide == narrow


@pytest.mark.parametrize("encoding", ["cp936", "gb18030"])
def test_a_table_keeps_a_chinese_code_page_and_loses_nothing(bank: Path, encoding: str) -> None:
    given = ["query", "--cypher", NAMES, "--project", str(bank)]
    said = in_code_page(encoding, *given).decode(encoding)
    assert "A企业" in said
    assert ("甲公司€ș" if encoding == "gb18030" else "甲公司\\u20ac\\u0219") in said
    assert "?" not in said


def test_yes_and_no_are_true_and_false_in_csv() -> None:
    table = pd.DataFrame({"a": [True, False], "b": pd.Series([True, None], dtype=object)})
    assert "a,b\r\ntrue,true\r\nfalse,\r\n" == csv_text(table)


@pytest.mark.parametrize(
    "arguments",
    [
        ["analyze", "chains", "--format", "json"],
        ["view", "overview"],
        *(["export", "parties", "--to", to] for to in ("csv", "xlsx", "gexf")),
        ["export", "--to", "neo4j-import"],
    ],
)
def test_a_place_that_cannot_be_written_is_no_defect(bank: Path, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").write_text("keep", encoding="utf-8")
    done = run_cli(*arguments, "--project", bank, "-o", tmp_path / "file" / "below" / "out.x")
    assert 2 == done.code, done.err
    assert "defect" not in done.err
    assert "file" in done.err
    assert "what to do" in done.err
    assert "keep" == (tmp_path / "file").read_text("utf-8")


def test_a_full_disk_behind_standard_output_is_no_defect(bank: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "graphrisk", "snapshots", "--project", str(bank), "--format", "json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert 2 == done.returncode
    assert "No space left" in done.stderr
    assert "defect" not in done.stderr


def test_a_document_goes_into_the_file_named(bank: Path, tmp_path: Path) -> None:
    done = run_cli("doctor", "--project", bank, "-o", tmp_path / "found.json")
    assert 0 == done.code, done.err
    assert "" == done.out
    assert "packages" in json.loads((tmp_path / "found.json").read_text("utf-8"))
