"""The README's commands, run as a new user would: in order, in an empty folder."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli.conftest import run_cli

README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_commands_of_the_readme_work_in_order(tmp_path: Path) -> None:
    shell = "\n".join(re.findall(r"```sh\n(.*?)```", README.read_text("utf-8"), flags=re.DOTALL))
    commands = [line.split("graphrisk ", 1)[1] for line in shell.splitlines() if "graphrisk " in line]
    plain = [command for command in commands if "neo4j" not in command]
    assert len(plain) >= 9
    for command in plain:
        done = run_cli(*shlex.split(command), cwd=tmp_path)
        assert 0 == done.code, f"graphrisk {command}\n{done.err}"
    assert (tmp_path / "bank" / "overview.html").is_file()
    assert (tmp_path / "book.xlsx").is_file()
    assert (tmp_path / "out" / "contagion_importance.csv").is_file()
