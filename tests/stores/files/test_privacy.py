"""Whose the files are and what is left of them: the owner alone reads, nothing stays of what was only for a moment."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from graphrisk.errors import BusyError, StoreError
from graphrisk.stores.files import scratch
from graphrisk.stores.files.folders import cannot
from graphrisk.stores.files.store import FilesStore
from tests.cli.conftest import run_cli, write_book
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of

ASK = "MATCH (p:Party) RETURN count(p) AS n"


def test_every_folder_is_700_and_every_file_600_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = FilesStore(tmp_path / "store")
        store.remove(store.load(tables_of(**ring(4)), as_of=AS_OF))
        store.load(tables_of(**ring(3)), as_of=AS_OF)
        store.write_scores(a_result(), default=True)
        store.remember([])
        store.query(ASK)
        store.close()
    finally:
        os.umask(before)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [store.root, *store.root.rglob("*")]}
    assert len(modes) > 15
    assert {} == {str(path): oct(mode) for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)}


def test_rejected_rows_are_for_the_owner_alone(tmp_path: Path) -> None:
    book = write_book(tmp_path / "data")
    with (book / "parties.csv").open("a", encoding="utf-8") as out:
        out.write("D,,company,true,浙江,C\n")
    assert 0 == run_cli("load", "bank_csv", book, "--as-of", "2026-09-30", "--project", tmp_path).code
    kept = list((tmp_path / ".graphrisk" / "rejects").rglob("*"))
    assert [path for path in kept if path.suffix == ".csv"]
    assert {0o700, 0o600} == {stat.S_IMODE(path.stat().st_mode) for path in kept}


def scratches() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("graphrisk-*-*"))


READ_ONLY = """
import errno, os, sys, time
from pathlib import Path
from graphrisk.stores.files import store as files
kept = files.write_cache
def writing(graph, path, stamp):
    if "store" in str(path):
        raise OSError(errno.EROFS, "Read-only file system")
    kept(graph, path, stamp)
files.write_cache = writing
store = files.FilesStore(Path(sys.argv[1]))
print(store.query("MATCH (p:Party) RETURN count(p) AS n").rows, flush=True)
"""


@pytest.mark.parametrize(
    "end",
    ["", "raise RuntimeError('x')", "sys.exit(3)", "os.kill(os.getpid(), 2); time.sleep(9)", "os.kill(os.getpid(), 9)"],
)
def test_the_scratch_copy_of_the_graph_is_gone_when_the_command_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    FilesStore(tmp_path / "store").load(tables_of(**ring(3)), as_of=AS_OF)
    program = [sys.executable, "-c", READ_ONLY + end, str(tmp_path / "store")]
    ran = subprocess.run(program, capture_output=True, text=True, check=False)
    assert "((3,),)" in ran.stdout, ran.stderr
    left = list((tmp_path / "tmp").glob("graphrisk-*"))
    if ran.returncode == -signal.SIGKILL:
        assert 1 == len(left)
        assert 0o700 == stat.S_IMODE(left[0].stat().st_mode)
        scratch._remove_left_behind(tmp_path / "tmp")
    assert [] == list((tmp_path / "tmp").glob("graphrisk-*"))


def test_only_folders_of_dead_processes_are_removed(tmp_path: Path) -> None:
    for name in (f"graphrisk-{os.getpid()}-a", "graphrisk-99999999999-b", "graphrisk-x-c", "other-1-d"):
        (tmp_path / name).mkdir()
    scratch._remove_left_behind(tmp_path)
    assert [f"graphrisk-{os.getpid()}-a", "graphrisk-x-c", "other-1-d"] == sorted(
        path.name for path in tmp_path.iterdir()
    )


def test_all_that_killed_writers_leave_goes_with_the_next_that_writes(tmp_path: Path) -> None:
    store = FilesStore(tmp_path / "store")
    snapshot = store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    store.query(ASK)
    left = [
        store.root / ".removed.json-0123abcd",
        store.root / ".loads.json-0123abcd",
        store.root / "snapshots" / ".unfinished-2026-09-30.2-0123abcd" / "parties.parquet",
        store.root / "scores" / ".unfinished-2026-09-30.1-0123abcd" / "x",
        store.root / "scores" / snapshot / ".unfinished-chains-0123abcd" / "x",
        store.root / "scores" / snapshot / ".defaults.json-0123abcd",
        store.root / "scores" / "2026-01-31.1" / "chains-0" / "result.json",
        store.root / "cache" / ".unfinished-0123abcd.kgl",
        store.root / "cache" / ".unfinished-0123abcd.kgl.tmp",
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    store.remember([])
    assert [] == [path for path in left if path.exists()]
    assert [] == list(store.root.rglob(".unfinished-*"))
    assert store.scores("chains", a_result().digest) is not None
    assert ((3,),) == store.query(ASK).rows
    store.close()


@pytest.mark.parametrize(
    ("number", "said"),
    [(28, "disk is full"), (13, "may not"), (30, "only be read"), (5, "copy the store"), (24, "too many files")],
)
def test_what_the_system_refuses_is_said_as_such_and_never_as_damage(number: int, said: str) -> None:
    error = cannot("write", Path("x"), OSError(number, os.strerror(number)))
    assert said in error.hint
    assert "damaged" not in error.message
    assert "remove" not in error.hint


def test_not_enough_memory_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FilesStore(tmp_path / "store")
    store.load(tables_of(**ring(3)), as_of=AS_OF)

    def raising(*args: object, **kwargs: object) -> None:
        raise MemoryError

    monkeypatch.setattr("graphrisk.stores.files.parquet.pq.ParquetFile", raising)
    with pytest.raises(StoreError, match="not enough memory"):
        store.table("parties")


def test_a_folder_that_is_not_utf8_is_written_and_read(tmp_path: Path) -> None:
    store = FilesStore(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert 3 == store.table("parties").num_rows
    store.write_scores(a_result(), default=True)
    assert store.scores("chains", a_result().digest) is not None


def test_an_answer_that_another_writer_keeps_from_being_kept_is_given_with_a_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import graphrisk as gr

    workspace = gr.open(str(tmp_path))
    workspace.load("bank_csv", write_book(tmp_path / "data"), as_of="2026-09-30")

    def busy(*args: object, **options: object) -> None:
        raise BusyError("another process (pid 1) is writing to this store", where="store")

    monkeypatch.setattr(FilesStore, "write_scores", busy)
    result = workspace.analyze("chains")
    assert 3 == len(result.parties)
    assert [note for note in result.notes if "not kept" in note and "pid 1" in note]
