"""The Neo4j server that the tests start: it never outlives them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux is asked to do it")
@pytest.mark.neo4j
def test_a_server_of_ours_ends_with_the_tests_that_started_it_however_they_end() -> None:
    program = (
        "import subprocess, sys, time\n"
        "from tests.neo4j_server import end_with_parent\n"
        "started = subprocess.Popen(['sleep', '600'], start_new_session=True, preexec_fn=end_with_parent)\n"
        "print(started.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[3]
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    state = Path(f"/proc/{child}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().split(") ")[1].startswith("Z"):
            return
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    pytest.fail("it still runs")
