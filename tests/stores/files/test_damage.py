"""Damage: every changed bit of the small files is noticed or without effect, and stops nothing but what it hits."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import graphrisk as gr
from graphrisk.errors import StoreError, UsageError
from graphrisk.model.catalog import CATALOG
from graphrisk.model.loads import PastLoad
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.sealed import sealed, unsealed
from graphrisk.stores.verifying import faults_of
from tests.cli.conftest import run_cli, write_book
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FilesStore]:
    opened = FilesStore(tmp_path / "store")
    opened.remove(opened.load(tables_of(**ring(4)), as_of=AS_OF))
    opened.load(whole_world(), as_of=AS_OF)
    opened.write_scores(a_result(), default=True)
    opened.remember([PastLoad(loader="bank_csv", as_of=AS_OF, refused="所有行")])
    yield opened
    opened.close()


def said(reading: Callable[[], Any]) -> Any:
    """What a reading answers; a StoreError counts as an answer, anything else as a defect."""
    try:
        return reading()
    except StoreError as error:
        return error


def whole(store: FilesStore) -> Any:
    """All that a store answers, but for what a query needs."""
    info = store.snapshots()[-1]
    tables = {name: store.table(name, info.id).to_pylist() for name in CATALOG}
    kept = store.scores("chains", a_result().digest)
    return info, tables, store.loads(), kept and kept.to_json(), store._spent(), store._defaults(info.id)


SIDE = {
    "snapshot.json": "snapshots/2026-09-30.2/snapshot.json",
    "removed.json": "removed.json",
    "loads.json": "loads.json",
    "defaults.json": "scores/2026-09-30.2/defaults.json",
}


@pytest.mark.parametrize("name", sorted(SIDE))
def test_every_single_bit_of_a_side_file_is_noticed_or_without_effect(store: FilesStore, name: str) -> None:
    path = store.root / SIDE[name]
    good = path.read_bytes()
    read: dict[str, Callable[[], Any]] = {
        "snapshot.json": lambda: FilesStore(store.root).snapshots(),
        "removed.json": store._spent,
        "loads.json": store.loads,
        "defaults.json": lambda: store._defaults("2026-09-30.2"),
    }
    before = read[name]()
    silent = []
    noticed = 0
    for bit in range(len(good) * 8):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        path.write_bytes(flipped)
        found = said(read[name])
        if isinstance(found, StoreError) or (name == "defaults.json" and found == {}):
            noticed += 1
            assert "newer" not in str(found), f"bit {bit} is told as another version"
        elif name == "snapshot.json" and found[0].trouble.startswith("is damaged"):
            noticed += 1
        elif found != before:
            silent.append(bit)
    assert [] == silent
    assert noticed > len(good) * 7, "white space apart, every bit counts"


def test_random_bits_of_tables_and_kept_results_are_noticed_or_without_effect(store: FilesStore) -> None:
    random_ = random.Random(1)
    files = [*store.root.rglob("*.parquet"), *store.root.rglob("result.json")]
    before = whole(store)
    result = before[3]
    for _ in range(300):
        path = random_.choice(files)
        good = path.read_bytes()
        flipped = bytearray(good)
        flipped[random_.randrange(len(good))] ^= 1 << random_.randrange(8)
        path.write_bytes(flipped)
        if "scores" in path.parts:
            kept = said(lambda: store.scores("chains", a_result().digest))
            assert kept is None or kept.to_json() == result
        else:
            table = said(lambda path=path: store.table(path.stem).to_pylist())
            assert isinstance(table, StoreError) or table == before[1][path.stem]
        path.write_bytes(good)
    assert before == whole(store)


def test_a_file_for_a_table_without_rows_and_a_missing_key_are_damage(store: FilesStore) -> None:
    snapshot = store.load(tables_of(**ring(3)), as_of=date(2026, 10, 31))
    folder = store.root / "snapshots" / snapshot
    assert 0 == store.table("ties").num_rows
    shutil.copy(folder / "parties.parquet", folder / "ties.parquet")
    with pytest.raises(StoreError, match="written without rows"):
        store.table("ties")
    (folder / "ties.parquet").unlink()
    meta = unsealed((folder / "snapshot.json").read_text("utf-8"))
    for key in meta:
        path = folder / "snapshot.json"
        path.write_text(sealed({name: value for name, value in meta.items() if name != key}), "utf-8")
        assert FilesStore(store.root).snapshots()[-1].trouble, key
        with pytest.raises(StoreError, match="is damaged") as caught:
            store.table("parties", snapshot)
        assert "verify" in caught.value.hint


def test_a_damaged_snapshot_is_listed_others_work_and_it_can_be_removed(store: FilesStore) -> None:
    later = store.load(tables_of(**ring(3)), as_of=date(2026, 10, 31))
    (store.root / "snapshots" / "2026-09-30.2" / "snapshot.json").write_text("{", "utf-8")
    held = store.snapshots()
    assert [("2026-09-30.2", True), (later, False)] == [(info.id, bool(info.trouble)) for info in held]
    assert 3 == store.table("parties").num_rows
    assert ((3,),) == store.query("MATCH (p:Party) RETURN count(p) AS n").rows
    again = store.load(tables_of(**ring(5)), as_of=date(2026, 11, 30))
    store.remove("2026-09-30.2")
    assert [later, again] == [info.id for info in store.snapshots()]


def test_the_same_load_again_mends_a_damaged_snapshot_by_a_new_version(store: FilesStore) -> None:
    (store.root / "snapshots" / "2026-09-30.2" / "ties.parquet").write_bytes(b"PAR1")
    assert "2026-09-30.3" == store.load(whole_world(), as_of=AS_OF)
    assert [] == faults_of(store, store.snapshots()[-1])
    assert "2026-09-30.3" == store.load(whole_world(), as_of=AS_OF)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    book = write_book(tmp_path / "data")
    workspace = gr.open(str(tmp_path))
    for day in ("2026-08-31", "2026-09-30"):
        workspace.load("bank_csv", book, as_of=day)
    workspace.analyze("quality")
    workspace.analyze("chains")
    return tmp_path


def test_verify_reads_every_snapshot_and_its_exit_code_tells(project: Path) -> None:
    ran = run_cli("snapshots", "verify", "--project", project, "--format", "json")
    assert (0, [True, True]) == (ran.code, [row["whole"] for row in ran.json])
    path = project / ".graphrisk" / "snapshots" / "2026-08-31.1" / "guarantees.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    ran = run_cli("snapshots", "verify", "--project", project, "--format", "json")
    assert (4, [False, True]) == (ran.code, [row["whole"] for row in ran.json])
    assert "guarantees.parquet" in ran.json[0]["faults"][0]
    assert 0 == run_cli("snapshots", "verify", "2026-09-30.1", "--project", project).code
    (project / ".graphrisk" / "removed.json").write_text("{", "utf-8")
    ran = run_cli("snapshots", "verify", "--project", project, "--format", "json")
    assert "removed.json" in ran.json[-1]["faults"][0]
    assert 2 == run_cli("snapshots", "verify", "2026-09-30.7", "--project", project).code


def test_a_damaged_old_snapshot_stops_no_command_but_those_that_name_it(project: Path) -> None:
    (project / ".graphrisk" / "snapshots" / "2026-08-31.1" / "snapshot.json").write_bytes(b"\xff")
    for command in (["analyze", "chains"], ["check"], ["snapshots"], ["query", "--cypher", "RETURN 1 AS n"]):
        assert 0 == run_cli(*command, "--project", project).code, command
    listed = run_cli("snapshots", "--project", project, "--format", "json").json
    assert ["is damaged", ""] == [row["trouble"][:10] for row in listed]
    ran = run_cli("analyze", "chains", "--project", project, "--as-of", "2026-08-31")
    assert 4 == ran.code
    assert "2026-08-31.1" in ran.err
    assert "Traceback" not in ran.err
    assert 0 == run_cli("snapshots", "remove", "2026-08-31.1", "--project", project).code


@pytest.mark.parametrize("analyzer", ["quality", "chains"])
def test_a_damaged_kept_result_stops_nothing(project: Path, analyzer: str) -> None:
    expected = gr.open(str(project)).table("chains_parties").to_json()
    for path in (project / ".graphrisk" / "scores" / "2026-09-30.1").glob(f"{analyzer}-*/*"):
        path.write_bytes(b"\x00" * 20)
    workspace = gr.open(str(project))
    assert 3 == len(workspace.analyze("concentration").to_json() and workspace.table("parties"))
    assert "甲公司" in workspace.view("overview").html
    assert 1 == len(workspace.query(cypher="MATCH (p:Party) RETURN count(p) AS n"))
    assert expected == workspace.table("chains_parties").to_json()


def test_hints_of_damage_delete_nothing_before_a_copy_is_verified(store: FilesStore) -> None:
    path = store.root / "snapshots" / "2026-09-30.2" / "parties.parquet"
    path.write_bytes(b"")
    with pytest.raises(StoreError) as caught:
        store.table("parties")
    hint = caught.value.hint
    assert hint.index("copy") < hint.index("verify") < hint.index("remove")
    assert json.loads(json.dumps(hint)) == hint
    with pytest.raises(UsageError):
        store.table("nothing")
