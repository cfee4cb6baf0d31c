"""What a name of the data holds never steers a terminal, and runs in no spreadsheet, however that parts the file."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from graphrisk.export.csv import write
from graphrisk.model.controls import on_screen, without_controls
from tests.cli.conftest import Run, run_cli

NAMES = {
    "A": "甲\x1b[31m红\x1b[0m",
    "B": "乙\x1b]8;;http://evil/\x07here\x1b]8;;\x07",
    "C": "丙\x07\u202egnp.exe\u2066\x9b2J\x85\u2028",
    "D": '丁;=HYPERLINK("x")',
    "E": '戊"; @SUM(1)\t=2\n+3',
}
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
SEEN = "MATCH (p:Party) RETURN p.id AS party, p.name AS name ORDER BY party"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("steering")
    (folder / "data").mkdir()
    with (folder / "data" / "parties.csv").open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["party_id", "name", "kind", "is_client"])
        rows.writerows([party, name, "company", "true"] for party, name in NAMES.items())
        rows.writerow(["\x1b[2JX", "x", "company", "true"])  # no id: rejected, and told so
    ran = run_cli("load", "bank_csv", folder / "data", "--as-of", "2026-09-30", "--project", folder)
    assert 0 == ran.code, ran.err
    assert not STEERING.search(ran.out + ran.err)
    return folder


def asked(bank: Path, *more: str) -> Run:
    ran = run_cli("query", "--cypher", SEEN, "--project", bank, *more)
    assert 0 == ran.code, ran.err
    return ran


def test_a_table_shows_them_as_numbers(bank: Path) -> None:
    out = asked(bank).out
    assert not STEERING.search(out)
    assert "甲\\x1b[31m红\\x1b[0m" in out
    assert "\\u202egnp.exe" in out


def test_json_has_the_same_values(bank: Path) -> None:
    ran = asked(bank, "--format", "json")
    assert not STEERING.search(ran.out)
    assert NAMES == {row["party"]: row["name"] for row in json.loads(ran.out)}


def test_csv_has_no_control_character_and_nothing_that_runs(bank: Path) -> None:
    text = asked(bank, "--format", "csv").out
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    names = {row["party"]: row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert '丁;\'=HYPERLINK("x")' == names["D"]
    assert [] == starts_of_formulas(text)


def test_an_export_as_csv_neither(bank: Path, tmp_path: Path) -> None:
    names = pa.table({"name": pa.array([*NAMES.values(), None, "一\r\n二"])})
    (file,) = write({"parties": names}, None, tmp_path / "out")  # type: ignore[arg-type]  # reads tables alone
    text = file.read_bytes().decode("utf-8-sig")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text)
    assert [] == starts_of_formulas(text)
    assert "一\r\n二" in text


def starts_of_formulas(text: str) -> list[str]:
    """Return the cells that begin like a formula where a file is parted at semicolons, tabs and lines."""
    return [cell for cell in re.split("[;\t\r\n]", text) if cell.strip(' "')[:1] in ("=", "+", "-", "@") and cell]


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
def test_a_terminal_gets_colours_of_ours_alone(bank: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "graphrisk", "query", "--cypher", SEEN, "--project", str(bank)]
    running = subprocess.Popen(program, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm-256color"})
    os.close(theirs)
    said = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert 0 == running.wait()
    text = said.decode()
    assert "\\x1b[31m红" in text
    assert "\x1b]8" not in text
    assert "\x1b[31m" not in text
    assert "\x1b[1m" in text, "the heads are bold"


def test_what_is_harmless_stays() -> None:
    text = "企业\t甲\r\n𠮷 é\u200f"
    assert text == on_screen(text) == without_controls(text)
    assert "\\x0d1" == on_screen("\r1")
