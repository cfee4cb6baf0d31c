"""No command talks to anybody but the store it is told: no socket is made, no host is looked up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import write_book
from tests.neo4j_server import free_port

WATCH = """
import os, sys
def watch(event, args):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request",
                 "socket.sendto", "ftplib.connect", "http.client.connect", "webbrowser.open"):
        with open(os.environ["GRAPHRISK_WATCHED"], "a") as out:
            out.write(f"{event} {args[1:] if event in ('socket.connect', 'socket.bind') else args}\\n")
sys.addaudithook(watch)
"""
COMMANDS = {
    "load": ["load", "bank_csv", "data", "--as-of", "2026-09-30"],
    "doctor": ["doctor"],
    "check": ["check"],
    "analyze": ["analyze", "chains"],
    "contagion": ["analyze", "contagion", "--shock", "A"],
    "query": ["query", "--cypher", "MATCH (p:Party) RETURN count(p) AS n"],
    "view": ["view", "overview", "-o", "page.html"],
    "export": ["export", "parties", "--to", "xlsx", "-o", "out.xlsx"],
    "snapshots": ["snapshots", "verify"],
    "new": ["new", "fresh"],
}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watched")
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCH, "utf-8")
    write_book(folder / "data")
    return folder


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    said = folder / "said"
    said.unlink(missing_ok=True)
    path = os.pathsep.join([str(folder / "watch"), *(p for p in sys.path if p)])
    environment = {**os.environ, "PYTHONPATH": path, "GRAPHRISK_WATCHED": str(said), "NEO4J_PASSWORD": "x"}
    program = [sys.executable, "-m", "graphrisk", *arguments]
    done = subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, said.read_text() if said.exists() else "", done.stderr


@pytest.mark.parametrize("name", list(COMMANDS))
def test_a_command_on_the_embedded_store_opens_no_socket(watched: Path, name: str) -> None:
    code, sockets, said = run(watched, *COMMANDS[name])
    assert 0 == code, said
    assert "" == sockets


def test_a_command_on_a_server_talks_to_that_server_alone(watched: Path) -> None:
    port = free_port()
    code, sockets, said = run(watched, "snapshots", "--store", f"bolt://127.0.0.1:{port}")
    assert 4 == code, said
    lines = sockets.splitlines()
    assert lines, "the watch sees a connection where there is one"
    assert [] == [line for line in lines if "127.0.0.1" not in line or str(port) not in line]
