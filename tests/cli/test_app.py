from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graphrisk.cli.app import COMMANDS, PANELS
from graphrisk.cli.options import shared_last
from tests.cli.conftest import run_cli

HEAVY = [
    "pandas",
    "numpy",
    "scipy",
    "networkx",
    "neo4j",
    "pyvis",
    "numba",
    "duckdb",
    "kglite",
    "pyarrow",
    "jinja2",
    "sklearn",
    "joblib",
]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom graphrisk.cli.app import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stderr.strip()


def test_a_command_reads_no_other_one() -> None:
    code = (
        "import sys\nfrom graphrisk.cli.app import main\n"
        "try:\n    main(['check', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(n for n in sys.modules if n in ('graphrisk.cli.query', 'graphrisk.cli.load')), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stderr.strip()


def test_the_help_of_all_is_the_same_as_where_every_command_is_read() -> None:
    assert run_cli().out.strip() == run_cli("--help").out.strip() == run_cli("-h").out.strip()
    assert (2, True) == ((done := run_cli("lod")).code, "No such command" in done.err)
    assert 2 == run_cli("--", "export", "parties").code  # not one that does nothing


def test_help_names_every_command() -> None:
    out = run_cli("--help").out
    assert [] == [name for name in COMMANDS if name not in out]
    assert [] == [panel for panel in PANELS if panel not in out]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_each_command_shows_examples(command: str) -> None:
    done = run_cli(command, "--help")
    assert 0 == done.code
    assert "Examples" in done.out
    assert f"graphrisk {command}" in done.out


def test_shared_options_move_behind_the_command_and_the_later_wins() -> None:
    given = ["--project", "a", "-q", "--store=files:x", "load", "bank_csv", "d", "--project", "b"]
    expected = ["load", "--project", "a", "-q", "--store=files:x", "bank_csv", "d", "--project", "b"]
    assert expected == shared_last(given, COMMANDS)


def test_an_option_value_that_is_a_command_name_stays_a_value() -> None:
    assert ["check", "--project", "load"] == shared_last(["--project", "load", "check"], COMMANDS)


def test_shared_options_are_read_before_and_after_the_command(bank: Path) -> None:
    before = run_cli("--project", bank, "--format", "json", "snapshots")
    after = run_cli("--project", "/nowhere", "snapshots", "--project", bank, "--format", "json")
    assert 0 == before.code == after.code
    assert before.json == after.json


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["analyze", "chain"], 2, "did you mean chains"),
        (["analyze", "chains", "--set", "max_lenght=3"], 2, "did you mean max_length"),
        (["analyze", "chains", "--set", "max_length"], 2, "KEY=VALUE"),
        (["analyze", "contagion", "--shock", "Z"], 2, "no party has the id 'Z'"),
        (["analyze", "contagion", "--shock", "A=2"], 2, "fraction of equity in [0, 1]"),
        (["analyze", "chains", "--shock", "A"], 2, "takes no shocks"),
        (["analyze", "chains", "--as-of", "2020-01-01"], 4, "the earliest is 2026-09-30"),
        (["analyze", "chains", "--as-of", "yesterday"], 2, "YYYY-MM-DD"),
        (["export", "partys", "-o", "x"], 2, "did you mean parties"),
        (["export", "parties", "--to", "xls", "-o", "x"], 2, "xlsx"),
        (["export", "parties"], 2, "say where to write"),
        (["query", "party_crad"], 2, "party_card"),
        (["query", "--cypher", "CREATE (n) RETURN n"], 2, "CREATE"),
        (["view", "ego"], 2, "needs the id of a party"),
        (["view", "overveiw"], 2, "did you mean overview"),
        (["snapshots", "remove", "nope"], 2, "no snapshot has the id"),
        (["snapshots", "prune"], 2, "--keep"),
        (["load", "bank", "."], 2, "bank_csv"),
        (["load", "bank_csv", "nowhere"], 3, "nowhere"),
        (["snapshots", "--store", "neo4j://127.0.0.1:1"], 4, "127.0.0.1:1"),
    ],
)
def test_a_wrong_call_gets_one_clear_error(bank: Path, arguments: list[str], code: int, says: str) -> None:
    done = run_cli("--project", bank, *arguments)
    assert code == done.code, done.err
    assert says in done.err
    assert "Traceback" not in done.err
    assert "defect" not in done.err


def test_a_project_that_is_not_there_is_refused() -> None:
    done = run_cli("check", "--project", "no/such/folder")
    assert 2 == done.code
    assert "there is no folder" in done.err


def test_an_unknown_setting_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "graphrisk.toml").write_text('base_curency = "CNY"\n', encoding="utf-8")
    done = run_cli("snapshots", "--project", tmp_path)
    assert 2 == done.code
    assert "did you mean base_currency" in done.err


def test_a_long_step_says_how_long_it_will_still_take() -> None:
    from graphrisk.cli.bars import _left

    assert ", about 30 s left" == _left(10.0, 250, 1_000)
    assert ", about 45 min left" == _left(300.0, 100, 1_000)
    assert "" == _left(1.0, 1, 1_000), "too early to say"
    assert "" == _left(10.0, 0, 1_000)
