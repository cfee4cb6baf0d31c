"""Ctrl-C ends a command with a line and exit code 130, at every moment from the first of ours on."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import graphrisk
from tests.cli.conftest import write_book

LINE = "interrupted: the store is as it was"
WATCH = """
import os, signal, sys
seen = 0
def watch(event, args):
    global seen
    package = sys.modules.get("graphrisk")
    if package is None or package.__spec__._initializing or event not in ("import", "open", "exec", "os.listdir"):
        return
    seen += 1
    if seen == int(os.environ["STOP_AT"]):
        signal.raise_signal(signal.SIGINT)
sys.addaudithook(watch)
"""
"""A Ctrl-C at the step number STOP_AT that Python takes once it has read graphrisk/__init__.py."""


def stopped_at(folder: Path, step: int, *program: str, ignored: bool = False) -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(WATCH, "utf-8")
    path = os.pathsep.join([str(folder), *(p for p in sys.path if p)])
    return subprocess.run(
        [sys.executable, *program],
        env={**os.environ, "PYTHONPATH": path, "STOP_AT": str(step)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if ignored else None,
    )


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 40, 300])
def test_from_the_first_step_that_is_ours_it_is_said_in_a_line(tmp_path: Path, step: int) -> None:
    """The first ones are those by which Python looks for __main__, reads it and runs it."""
    ran = stopped_at(tmp_path, step, "-m", "graphrisk", "doctor")
    assert (130, LINE) == (ran.returncode, ran.stderr.partition(";")[0].rstrip("\n"))


def test_where_it_is_ignored_it_stays_ignored(tmp_path: Path) -> None:
    """A shell starts what runs in the background so."""
    ran = stopped_at(tmp_path, 3, "-m", "graphrisk", "--version", ignored=True)
    assert (0, "") == (ran.returncode, ran.stderr)


@pytest.mark.parametrize("program", [("-c", "import graphrisk"), ("-m", "other")])
def test_who_imports_graphrisk_keeps_what_ctrl_c_does(tmp_path: Path, program: tuple[str, str]) -> None:
    asks = "import graphrisk, signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    (tmp_path / "other.py").write_text(asks, "utf-8")
    program = (program[0], asks) if program[0] == "-c" else program
    assert "True\n" == stopped_at(tmp_path, -1, *program).stdout


def test_one_that_falls_into_a_callback_is_not_lost(tmp_path: Path) -> None:
    """Python prints a traceback there, and goes on."""
    script = (
        "import signal, time\n"
        "from graphrisk import __main__\n"
        "from graphrisk.cli import app\n"
        "class Dropped:\n    def __del__(self):\n        signal.raise_signal(signal.SIGINT)\n"
        "def run():\n    Dropped()\n    time.sleep(60)\n"
        "app.main = run\n__main__.main()"
    )
    ran = stopped_at(tmp_path, -1, "-c", script)
    assert (130, LINE + "\n") == (ran.returncode, ran.stderr)


@pytest.mark.parametrize("after", [0.4, 1.0, 2.0])
def test_ctrl_c_is_said_in_a_line_and_the_store_is_as_it_was(tmp_path: Path, after: float) -> None:
    """After so many seconds, or as soon as the program runs: before that, what is said is the interpreter's own."""
    book = tmp_path / "data"
    write_book(book)
    with (book / "parties.csv").open("a", encoding="utf-8") as out:
        out.writelines(f"X{i},第{i}公司,company,true,浙江,C\n" for i in range(300_000))
    begun = tmp_path / "begun"
    runs = "runpy.run_module('graphrisk', run_name='__main__')"
    script = f"import pathlib, runpy; pathlib.Path({str(begun)!r}).touch(); {runs}"
    running = subprocess.Popen(
        [sys.executable, "-c", script, "load", "bank_csv", book, "--as-of", "2026-09-30", "--project", tmp_path],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not begun.exists() and running.poll() is None:
        time.sleep(0.01)
    time.sleep(after)
    os.killpg(running.pid, signal.SIGINT)
    said = running.communicate(timeout=120)[1]
    snapshots = tmp_path / ".graphrisk" / "snapshots"
    kept = [path for path in snapshots.iterdir() if path.name[0] != "."] if snapshots.exists() else []
    assert "Traceback" not in said
    if kept and running.returncode in (0, -signal.SIGINT):
        return  # it was done before; what was stopped was the interpreter's own clearing up
    assert 130 == running.returncode, said
    assert "interrupted: the store is as it was" in said.splitlines()[-1]
    assert [] == kept


def test_ctrl_c_while_the_options_are_read_is_said_in_the_same_line() -> None:
    """Typer ends by itself there, and says nothing."""
    script = (
        "from graphrisk.cli import app\n"
        "def stop(wanted):\n    raise KeyboardInterrupt\n"
        "app._version = stop\napp.main(['check'])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (130, "interrupted: the store is as it was") == (ran.returncode, ran.stderr.partition(";")[0])


@pytest.mark.parametrize("name", ["__init__", "__main__"])
def test_nothing_is_imported_before_a_ctrl_c_is_caught(name: str) -> None:
    body = ast.parse((Path(graphrisk.__file__).parent / f"{name}.py").read_text("utf-8")).body
    found = [ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    read_by_now = {"import gc", "import os", "import sys", "from graphrisk import _quiet_start, _stopped"}
    assert set(found) <= read_by_now, "others are not part of the interpreter: files to be read"
