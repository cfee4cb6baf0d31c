"""Every example that --help shows can be copied: it runs in the folder that `graphrisk demo` makes."""

from __future__ import annotations

import importlib
import re
import shlex
import shutil
from pathlib import Path

import pytest

from graphrisk.cli.app import COMMANDS, main
from tests.cli.conftest import run_cli

ELSEWHERE = {
    "demo": "makes the bank itself",
    "new": "makes a project itself",
    "push": "needs a server",
    "pull": "needs a server",
}
NEEDS = (
    "statements.jsonl",
    "extract/",
    "--project bank",
    "snapshots remove",
    "diff 2026",
    "--policy policy.toml",
    "clients.csv",
    "--target default",
)
"""Examples about files, projects, snapshots and a policy of the reader's own."""
LIMIT_BROKEN = 10


def examples(command: str) -> list[str]:
    """Return the examples in the help of a command that a demo bank can run."""
    text = importlib.import_module(f"graphrisk.cli.{command}").__doc__ or ""
    found = re.findall(r"^  (graphrisk .*)$", text.partition("Examples:")[2], re.MULTILINE)
    assert found, command
    return [example for example in found if not any(need in example for need in NEEDS)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples") / "bank"
    done = run_cli("demo", folder, "--clients", "120")
    assert 0 == done.code, done.err
    return folder


@pytest.mark.parametrize("command", sorted(COMMANDS - ELSEWHERE.keys()))
def test_the_examples_of_a_command_run_in_a_demo_bank(
    command: str, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = shutil.copytree(demo, tmp_path / "bank")
    monkeypatch.chdir(bank)
    monkeypatch.setenv("GRAPHRISK_MASK_KEY", "a sentence of this test")  # else --mask - asks for it
    for example in examples(command):
        words = shlex.split(example.partition("||")[0])[1:]
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        assert left.value.code in (0, None, LIMIT_BROKEN), f"{example}\n{said.err}"
        if "-o" in words:
            assert (bank / words[words.index("-o") + 1]).exists(), example
        elif command not in ("view", "snapshots", "report"):
            assert said.out.strip(), example
