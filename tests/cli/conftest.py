from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BOOK = {
    "parties.csv": "party_id,name,kind,is_client,region,industry\n"
    "A,甲公司,company,true,浙江,C\nB,乙公司,company,true,浙江,C\nC,丙公司,company,true,江苏,F\n",
    "financials.csv": "party_id,period_end_on,currency,equity\n"
    "A,2025-12-31,CNY,30\nB,2025-12-31,CNY,30\nC,2025-12-31,CNY,30\n",
    "facilities.csv": "facility_id,borrower_id,currency,outstanding\nFA,A,CNY,50\nFB,B,CNY,50\nFC,C,CNY,50\n",
    "guarantees.csv": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
    "G1,B,A,FA,50,CNY,several\nG2,C,B,FB,50,CNY,several\nG3,A,C,FC,50,CNY,several\n",
}
"""A circle of three: A's loan is guaranteed by B, B's by C, C's by A; each has net assets of 30 and owes 50."""


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_cli(*arguments: str | Path, cwd: Path | None = None) -> Run:
    """Run the command line as a user does: in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "graphrisk", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def cli() -> Callable[..., Run]:
    return run_cli


def write_book(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in BOOK.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder with the circle of three loaded as of 2026-09-30."""
    project = tmp_path_factory.mktemp("bank")
    done = run_cli("load", "bank_csv", write_book(project / "data"), "--project", project, "--as-of", "2026-09-30")
    assert done.code == 0, done.err
    return project
