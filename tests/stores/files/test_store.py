"""What only a folder can do to us: crashes, damage, two writers, a cache that does not fit."""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import kglite
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphrisk.errors import ReadOnlyError, StoreError, UsageError
from graphrisk.graph.exposure import COMBINED as GRAPH_COMBINED
from graphrisk.stores.files import cypher_cache, folders
from graphrisk.stores.files.folders import writing
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.open import open_store
from graphrisk.stores.scores import COMBINED
from graphrisk.stores.sealed import sealed, unsealed
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

ASK = "MATCH (p:Party)-[g:GUARANTEES]->(q:Party) RETURN p.id AS p, g.amount AS amount, q.id AS q ORDER BY p, q"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FilesStore]:
    opened = FilesStore(tmp_path / "store")
    yield opened
    opened.close()


def files_of(store: FilesStore) -> dict[str, bytes]:
    return {str(path.relative_to(store.root)): path.read_bytes() for path in store.root.rglob("*") if path.is_file()}


def test_snapshots_are_kept_side_by_side_by_day_and_version(store: FilesStore) -> None:
    days = [date(2026, 9, 30), date(2025, 12, 31), date(2026, 9, 30), date(2026, 10, 31)]
    ids = [store.load(tables_of(**ring(size)), as_of=day) for size, day in zip((3, 4, 5, 6), days, strict=True)]
    assert ["2026-09-30.1", "2025-12-31.1", "2026-09-30.2", "2026-10-31.1"] == ids
    assert ["2025-12-31.1", "2026-09-30.1", "2026-09-30.2", "2026-10-31.1"] == [i.id for i in store.snapshots()]
    assert [4, 3, 5, 6] == [store.table("parties", info.id).num_rows for info in store.snapshots()]
    assert 6 == store.table("parties").num_rows
    assert [((4,),), ((5,),)] == [
        store.query("MATCH (p:Party) RETURN count(p) AS n", snapshot=one).rows for one in (ids[1], ids[2])
    ]


def test_the_tenth_version_of_a_day_comes_after_the_ninth(store: FilesStore) -> None:
    for size in range(2, 13):
        store.load(tables_of(**ring(size)), as_of=AS_OF)
    assert "2026-09-30.11" == store.snapshots()[-1].id
    assert 12 == store.table("parties").num_rows


def test_the_id_of_a_removed_snapshot_is_not_given_again(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.remove(store.load(tables_of(**ring(4)), as_of=AS_OF))
    assert "2026-09-30.3" == store.load(tables_of(**ring(4)), as_of=AS_OF)


def test_a_snapshot_never_changes_once_it_is_there(store: FilesStore) -> None:
    store.load(whole_world(), as_of=AS_OF)
    before = files_of(store)
    store.load(tables_of(**ring(4)), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    store.query(ASK)
    after = files_of(store)
    assert before == {name: content for name, content in after.items() if name in before}


@pytest.mark.parametrize("kind", ["snapshot", "scores"])
def test_a_process_killed_while_writing_leaves_no_trace(store: FilesStore, kind: str) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = [info.id for info in store.snapshots()]
    program = (
        "import os, signal, pathlib\n"
        "from graphrisk.stores.files import folders, store as files\n"
        "from tests.stores.test_contract import a_result\n"
        "from tests.worlds.build import AS_OF\n"
        "from tests.worlds.whole import whole_world\n"
        "def kill(path): os.kill(os.getpid(), signal.SIGKILL)\n"
        "folders._flush = kill\n"
        f"store = files.FilesStore(pathlib.Path({str(store.root)!r}))\n"
        + (
            "store.load(whole_world(), as_of=AS_OF)\n"
            if kind == "snapshot"
            else "store.write_scores(a_result(), default=True)\n"
        )
    )
    ran = subprocess.run([sys.executable, "-c", program], check=False)
    assert -signal.SIGKILL == ran.returncode
    left = list(store.root.rglob(".unfinished-*"))
    assert left, "the process died while it wrote"
    assert before == [info.id for info in store.snapshots()]
    assert store.scores("chains", a_result().digest) is None
    store.load(tables_of(**ring(4)), as_of=AS_OF)
    store.write_scores(a_result(), default=False, snapshot=before[0])
    assert [] == list(store.root.rglob(".unfinished-*"))


def test_two_writers_do_not_meet(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    told = rf"another process .pid {os.getpid()}. is writing"
    with writing(store.root), pytest.raises(StoreError, match=told), writing(store.root, patience=0.1):
        raise AssertionError
    store.load(tables_of(**ring(4)), as_of=AS_OF)


def test_reading_goes_on_while_another_writes(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    with writing(store.root):
        assert 3 == FilesStore(store.root).table("parties").num_rows


@pytest.mark.parametrize("how", ["truncated", "flipped", "missing", "other rows"])
def test_a_damaged_table_is_refused_and_named(store: FilesStore, how: str) -> None:
    snapshot = store.load(whole_world(), as_of=AS_OF)
    path = store.root / "snapshots" / snapshot / "parties.parquet"
    content = bytearray(path.read_bytes())
    if how == "truncated":
        path.write_bytes(content[:-40])
    elif how == "flipped":
        content[len(content) // 3] ^= 0xFF
        path.write_bytes(content)
    elif how == "missing":
        path.unlink()
    else:
        FilesStore(store.root.parent / "other").load(tables_of(**ring(3)), as_of=AS_OF)
        path.write_bytes((store.root.parent / "other" / "snapshots" / snapshot / "parties.parquet").read_bytes())
    with pytest.raises(StoreError, match=r"parties\.parquet"):
        store.table("parties")
    assert 4 == store.table("guarantees").num_rows


def test_a_damaged_description_is_refused_and_named(store: FilesStore) -> None:
    snapshot = store.load(tables_of(**ring(3)), as_of=AS_OF)
    path = store.root / "snapshots" / snapshot / "snapshot.json"
    path.write_text(sealed({**unsealed(path.read_text("utf-8")), "format": 99}), "utf-8")
    with pytest.raises(StoreError, match="newer graphrisk"):
        store.table("parties")
    path.write_text("{", "utf-8")
    with pytest.raises(StoreError, match="damaged"):
        store.table("parties")
    assert [True] == [info.trouble.startswith("is damaged") for info in store.snapshots()]


def rewritten(store: FilesStore, name: str, change: Callable[[pa.Table], pa.Table]) -> FilesStore:
    """A store whose latest snapshot holds a table as another version of graphrisk would have written it."""
    path = store.root / "snapshots" / store.snapshots()[-1].id / f"{name}.parquet"
    pq.write_table(change(pq.read_table(path)), path, write_page_checksum=True)
    return first_format(store)


def first_format(store: FilesStore) -> FilesStore:
    """The store with its latest snapshot described as the first graphrisk did: without checksums."""
    path = store.root / "snapshots" / store.snapshots()[-1].id / "snapshot.json"
    meta = unsealed(path.read_text("utf-8"), older=(1,))
    path.write_text(json.dumps({**{k: v for k, v in meta.items() if k not in ("files", "base_currency")}, "format": 1}))
    return FilesStore(store.root)


def test_a_snapshot_of_an_older_graphrisk_has_nothing_in_the_columns_it_did_not_know(store: FilesStore) -> None:
    store.load(whole_world(), as_of=AS_OF)
    full = store.table("guarantees")
    older = rewritten(store, "guarantees", lambda table: table.drop_columns(["liability", "to_on"]))
    assert full.schema == older.table("guarantees").schema
    assert [None] * full.num_rows == older.table("guarantees", columns=["to_on"])["to_on"].to_pylist()
    assert full.drop_columns(["liability", "to_on"]) == older.table("guarantees").drop_columns(["liability", "to_on"])


def test_a_snapshot_of_a_newer_graphrisk_is_not_read_with_a_part_of_its_columns(store: FilesStore) -> None:
    store.load(whole_world(), as_of=AS_OF)
    later = rewritten(store, "guarantees", lambda t: t.append_column("waived_on", pa.nulls(t.num_rows, pa.date32())))
    with pytest.raises(StoreError, match="newer graphrisk: table guarantees has a column 'waived_on'") as caught:
        later.table("guarantees", columns=["guarantee_id"])
    assert "remove" not in caught.value.hint
    path = store.root / "snapshots" / store.snapshots()[-1].id / "snapshot.json"
    meta = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**meta, "rows": {**meta["rows"], "covenants": 3}}), "utf-8")
    with pytest.raises(StoreError, match="newer graphrisk: it has a table 'covenants'"):
        FilesStore(store.root).table("parties")


def test_a_table_without_a_required_column_is_damaged(store: FilesStore) -> None:
    store.load(whole_world(), as_of=AS_OF)
    broken = rewritten(store, "guarantees", lambda table: table.drop_columns(["mode"]))
    with pytest.raises(StoreError, match="damaged: column mode is missing"):
        broken.table("guarantees")


def test_a_damaged_result_is_none_and_is_computed_again(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.write_scores(a_result(), default=False)
    (file,) = store.root.rglob("chains_parties.parquet")
    file.write_bytes(file.read_bytes()[:-30])
    assert store.scores("chains", a_result().digest) is None
    store.write_scores(a_result(), default=False)
    assert store.scores("chains", a_result().digest) is not None


@pytest.mark.parametrize("how", ["missing", "damaged", "no stamp", "another version", "another snapshot"])
def test_the_cypher_cache_is_made_again_when_it_does_not_fit(
    store: FilesStore, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = store.load(tables_of(**ring(3)), as_of=AS_OF)
    expected = store.query(ASK)
    assert 3 == len(expected.rows)
    store.close()
    cache, stamp = store.root / "cache" / f"{snapshot}.kgl", store.root / "cache" / f"{snapshot}.json"
    if how == "missing":
        cache.unlink()
    elif how == "damaged":
        content = bytearray(cache.read_bytes())
        content[len(content) // 2] ^= 0xFF
        cache.write_bytes(content)
    elif how == "no stamp":
        stamp.unlink()
    elif how == "another version":
        stamp.write_text(json.dumps({**json.loads(stamp.read_text("utf-8")), "kglite": "0.1"}), "utf-8")
    else:
        other = FilesStore(store.root.parent / "other")
        other.load(tables_of(**ring(5)), as_of=AS_OF)
        other.query(ASK)
        other.close()
        for path in (cache, stamp):
            path.write_bytes((other.root / "cache" / path.name).read_bytes())
    built = []
    monkeypatch.setattr("graphrisk.stores.files.store.build", lambda *a: built.append(1) or cypher_cache.build(*a))
    again = FilesStore(store.root)
    assert expected == again.query(ASK)
    assert expected == again.query(ASK)
    again.close()
    assert [1] == built
    assert kglite.__version__ == json.loads(stamp.read_text("utf-8"))["kglite"]


def test_a_store_that_may_only_be_read_answers_cypher_all_the_same(
    store: FilesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    (store.root / "cache").write_text("in the way", "ascii")
    assert 3 == len(store.query(ASK).rows)
    assert 3 == len(store.query(ASK).rows)


def test_a_disk_that_takes_no_cache_answers_cypher_all_the_same(
    store: FilesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)

    def barred(self: Path, *args: object, **kwargs: object) -> Path:
        return Path("/proc/graphrisk") / self.name if self.parent.name == "cache" else with_name(self, *args, **kwargs)

    with_name = Path.with_name  # the engine's own writer meets a file system that refuses
    monkeypatch.setattr(Path, "with_name", barred)
    assert 3 == len(store.query(ASK).rows)


def test_a_store_that_may_only_be_read_is_told_from_one_that_is_full(
    store: FilesStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)

    def refuse(number: int) -> None:
        def raising(*args: object, **kwargs: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(folders, "open", raising, raising=False)

    refuse(errno.EROFS)
    with pytest.raises(ReadOnlyError, match="cannot write: Read-only file system"):
        store.write_scores(a_result(), default=True)
    refuse(errno.ENOSPC)
    with pytest.raises(StoreError, match="No space left") as caught:
        store.write_scores(a_result(), default=True)
    assert not isinstance(caught.value, ReadOnlyError)


def test_an_expression_without_end_is_stopped_and_the_next_query_works(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    with pytest.raises(StoreError, match=r"took longer than 0.5 s"):
        store.query("RETURN size(reduce(s = [], x IN range(1, 3000000) | s + [x])) AS n", timeout=0.5)
    assert 3 == len(store.query(ASK).rows)


def test_an_engine_that_dies_is_told_and_started_again(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.query(ASK)
    assert store._engine is not None
    assert store._engine._process is not None
    store._engine._process.kill()
    with pytest.raises(StoreError, match="engine died"):
        store.query(ASK)
    assert 3 == len(store.query(ASK).rows)


def test_the_engine_is_gone_when_the_store_is_closed(store: FilesStore) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.query(ASK)
    assert store._engine is not None
    assert store._engine._process is not None
    process = store._engine._process
    store.close()
    assert process.poll() is not None


def test_a_store_that_nobody_closed_ends_its_engine_all_the_same(tmp_path: Path) -> None:
    opened = FilesStore(tmp_path / "store")
    opened.load(tables_of(**ring(3)), as_of=AS_OF)
    opened.query(ASK)
    assert opened._engine is not None
    process = opened._engine._process
    assert process is not None
    del opened
    gc.collect()
    assert process.poll() is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATCH (p:Party)-[:GUARANTEES*]->(q) RETURN q.id AS id", "no upper bound"),
        ("MATCH (p:Party) RETURN properties(p) AS all", "differs between stores"),
        ("MATCH (p:Party) RETURN p.title AS t", "no property is called title"),
        ("MATCH (p:Party RETURN p", "cannot run"),
        ("MATCH (p:Party {id: $id}) RETURN p.id AS id", "Missing parameter"),
        ("MATCH (p:Prty) RETURN p.id AS id", "did you mean Party"),
        ("MATCH (p:Party)-[:GUARANTEE]->(q) RETURN p.id AS id", "GUARANTEES"),
        ("MATCH (p:Party) WHERE p.regoin = 'x' RETURN p.id AS id", "region"),
    ],
)
def test_a_statement_that_would_mislead_is_refused(store: FilesStore, text: str, said: str) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    with pytest.raises(UsageError) as caught:
        store.query(text)
    assert said in str(caught.value)


def test_labels_and_columns_of_which_nothing_is_loaded_match_nothing(store: FilesStore) -> None:
    store.load(tables_of(parties=[{"party_id": "P0"}]), as_of=AS_OF)
    assert () == store.query("MATCH (c:Collateral)<-[:SECURED_BY]-(f:Facility) RETURN c.haircut AS h").rows
    assert ((None,),) == store.query("MATCH (p:Party) RETURN p.score_contagion_loss_fraction AS s").rows


def test_a_node_without_a_name_has_none(store: FilesStore) -> None:
    store.load(tables_of(**ring(2)), as_of=AS_OF)
    assert ((None, "F0"),) == store.query("MATCH (f:Facility {id: 'F0'}) RETURN f.name AS name, f.id AS id").rows


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("x", "ascii")
    store = FilesStore(tmp_path / "store")
    with pytest.raises(StoreError):
        store.snapshots()
    with pytest.raises(StoreError, match="cannot write"):
        store.load(tables_of(**ring(2)), as_of=AS_OF)


@pytest.mark.parametrize("url", ["files:", "", "nowhere", "http://x", "neo4j:", "sqlite://x"])
def test_an_unknown_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        open_store(url)


def test_the_layer_shown_on_nodes_is_the_one_that_analyzers_call_so() -> None:
    assert GRAPH_COMBINED == COMBINED
