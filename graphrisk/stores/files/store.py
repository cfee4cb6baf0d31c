"""The embedded store: a folder of immutable Parquet snapshots, with scores and a Cypher cache beside them.

DIR/snapshots/2026-09-30.1/     snapshot.json and one Parquet file per table that holds rows: the truth
DIR/scores/2026-09-30.1/        one folder per (analyzer, digest of parameters)
DIR/loads.json                  what the last load of each loader rejected, and why
DIR/cache/                      what Cypher runs on, made again whenever it is missing, damaged or outdated
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.content import content_of, digests_of, stored_schema
from graphrisk.model.loads import PastLoad, read, written
from graphrisk.model.result import Result
from graphrisk.progress import Progress, silent
from graphrisk.statement import check_portable, check_statement
from graphrisk.stores.base import Rows, SnapshotInfo
from graphrisk.stores.content import chosen_columns, describe, find_snapshot
from graphrisk.stores.files.cypher_cache import build, cache_is_good, cache_stamp, forget_cache, write_cache
from graphrisk.stores.files.engine import Engine
from graphrisk.stores.files.folders import appearing, cannot, clean, discard, replace_file, write_files, writing
from graphrisk.stores.files.parquet import newer, read_stored
from graphrisk.stores.scores import HEAD, pack, party_scores, unpack

FORMAT = 1
_META = "snapshot.json"
_LOADS = "loads.json"
_ID = re.compile(r"(\d{4}-\d{2}-\d{2})\.([1-9]\d*)")


class FilesStore:
    """Dated snapshots in a folder. Reading needs no lock: a snapshot never changes once it has its name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = f"files:{root}"
        self._engine: Engine | None = None
        self._scratch: Path | None = None
        self._checked: dict[Path, dict[str, Any]] = {}

    def load(self, tables: Mapping[str, pa.Table], *, as_of: date, progress: Progress = silent) -> str:
        """Write a snapshot; the content of the day's latest version again is that version."""
        content = content_of(tables)
        fingerprint, digest = digests_of(content)
        with self._writing():
            same_day = [info for info in self.snapshots() if info.as_of == as_of]
            if same_day and self._meta(same_day[-1].id)["content"] == digest:
                return same_day[-1].id
            version = max([_version(info.id) for info in same_day] + [self._spent().get(as_of.isoformat(), 0)]) + 1
            info = describe(content, f"{as_of.isoformat()}.{version}", as_of, fingerprint)
            filled = [name for name, table in content.items() if table.num_rows]
            with appearing(self._folder(info.id)) as folder:
                for done, name in enumerate(filled):
                    progress(f"writing {name}", done, len(filled))
                    pq.write_table(
                        content[name],
                        folder / f"{name}.parquet",
                        compression="zstd",
                        compression_level=1,
                        write_page_checksum=True,
                    )
                meta = {
                    "format": FORMAT,
                    "id": info.id,
                    "as_of": info.as_of.isoformat(),
                    "fingerprint": info.fingerprint,
                    "content": digest,
                    "rows": info.rows,
                    "loaders": info.loaders,
                }
                write_files(folder, {_META: json.dumps(meta, ensure_ascii=False, indent=1).encode()})
            progress("writing", len(filled), len(filled))
        return info.id

    @contextmanager
    def loading(self) -> Iterator[None]:
        """Hold the right to load from reading what stands to writing the union; others may read and keep scores."""
        with writing(self.root, lock=".loading", what="loading into"):
            yield

    def recover(self, progress: Progress = silent) -> None:
        """Remove what a writer that died left: a snapshot has its name only when it is whole."""
        if (self.root / "snapshots").is_dir():
            progress("cleaning up")
            with self._writing():
                pass

    def snapshots(self) -> list[SnapshotInfo]:
        """Return what the folder holds, oldest first."""
        parent = self.root / "snapshots"
        try:
            names = [path.name for path in parent.iterdir() if _ID.fullmatch(path.name)] if parent.is_dir() else []
        except OSError as error:
            raise cannot("read", parent, error) from error
        if not names and self.root.exists() and not self.root.is_dir():
            raise StoreError("is a file, not a folder", where=str(self.root), hint="name the folder of a store")
        held = []
        for name in names:
            meta = self._meta(name)
            held.append(
                SnapshotInfo(
                    id=name,
                    as_of=date.fromisoformat(meta["as_of"]),
                    fingerprint=meta["fingerprint"],
                    rows=meta["rows"],
                    loaders=meta["loaders"],
                )
            )
        return sorted(held, key=lambda info: (info.as_of, _version(info.id)))

    def table(self, name: str, snapshot: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a canonical table with the BOOKKEEPING columns, rows in key order."""
        declared = find_table(name)
        wanted = chosen_columns(declared, columns)
        info = self._find(snapshot)
        schema = pa.schema([stored_schema(declared).field(column) for column in wanted])
        if not info.rows.get(name):
            return schema.empty_table()
        path = self._folder(info.id) / f"{name}.parquet"
        try:
            kept = read_stored(path, declared, wanted)
        except (OSError, pa.ArrowException, ValueError) as error:
            raise _damaged(path, error) from error
        if kept.num_rows != info.rows[name]:
            raise _damaged(path, f"{kept.num_rows} rows where {info.rows[name]} were written")
        return kept

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        snapshot: str | None = None,
        timeout: float = 60.0,
    ) -> Rows:
        """Run one read-only Cypher statement within `timeout` seconds."""
        check_portable(check_statement(cypher))
        info = self._find(snapshot)
        if self._engine is None:
            self._engine = Engine(self.url)
        return self._engine.run(self._cypher_cache(info), check_statement(cypher), dict(params or {}), timeout)

    def write_scores(self, result: Result, *, default: bool, snapshot: str | None = None) -> None:
        """Keep a result under (analyzer, digest of parameters), in place of an earlier one."""
        info = self._find(snapshot)
        with self._writing():
            clean(self.root / "scores" / info.id)
            with appearing(self._kept(info.id, result.analyzer, result.digest)) as folder:
                write_files(folder, pack(result))
            if default:
                chosen = {**self._defaults(info.id), result.analyzer: result.digest}
                replace_file(self._defaults_path(info.id), json.dumps(chosen, sort_keys=True, indent=1))

    def scores(self, analyzer: str, digest: str, snapshot: str | None = None) -> Result | None:
        """Return a kept result, None if there is none."""
        folder = self._kept(self._find(snapshot).id, analyzer, digest)
        if not (folder / HEAD).is_file():
            return None
        try:
            files = {path.name: path.read_bytes() for path in folder.iterdir()}
        except FileNotFoundError:
            return None  # replaced by another process just now
        except OSError as error:
            raise cannot("read", folder, error) from error
        return unpack(files, str(folder))

    def remove(self, snapshot: str) -> None:
        """Remove a snapshot, its scores and its cache; its id is not given again."""
        info = self._find(snapshot)
        with self._writing():
            spent = self._spent()
            day = info.as_of.isoformat()
            spent[day] = max(spent.get(day, 0), _version(info.id))
            replace_file(self.root / "removed.json", json.dumps(spent, indent=1))
            discard(self._folder(info.id))
            discard(self.root / "scores" / info.id)
            if self._engine is not None:
                self._engine.close()  # it may hold the cache
            forget_cache(self._cache_path(info.id))

    def loads(self) -> tuple[PastLoad, ...]:
        """Return what `remember` last kept."""
        path = self.root / _LOADS
        try:
            return read(path.read_text("utf-8")) if path.is_file() else ()
        except OSError as error:
            raise cannot("read", path, error) from error
        except ValueError as error:
            raise StoreError(
                f"is damaged: {error}", where=str(path), hint="remove this file: only what past loads rejected is lost"
            ) from error

    def remember(self, loads: Sequence[PastLoad]) -> None:
        """Keep what past loads rejected."""
        with self._writing():
            replace_file(self.root / _LOADS, written(loads))

    def close(self) -> None:
        """End the query engine."""
        if self._engine is not None:
            self._engine.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
        self._engine, self._scratch = None, None

    def _cypher_cache(self, info: SnapshotInfo) -> Path:
        """Return a cache file that is made from this snapshot and its default scores as they are now."""
        defaults = self._defaults(info.id)
        stamp = cache_stamp(self._meta(info.id)["content"], defaults)
        path = self._cache_path(info.id)
        if self._checked.get(path) == stamp or cache_is_good(path, stamp):
            self._checked[path] = stamp
            return path
        if self._engine is not None:
            self._engine.close()  # it holds the outdated file
        scores = {}
        for analyzer, digest in defaults.items():
            result = self.scores(analyzer, digest, info.id)
            if result is not None:
                scores[analyzer] = party_scores(result)
        graph = build(info, {name: self.table(name, info.id) for name in CATALOG}, scores)
        try:
            write_cache(graph, path, stamp)
        except (OSError, RuntimeError):  # a store that may only be read: the cache lives as long as this process
            if self._scratch is None:
                self._scratch = Path(tempfile.mkdtemp(prefix="graphrisk-"))
            path = self._scratch / path.name
            write_cache(graph, path, stamp)
        self._checked[path] = stamp
        return path

    def _cache_path(self, snapshot: str) -> Path:
        return self.root / "cache" / f"{snapshot}.kgl"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writing(self.root):
            try:
                clean(self.root / "snapshots")
                clean(self.root / "scores")
                yield
            except OSError as error:
                raise cannot("write", self.root, error) from error

    def _find(self, snapshot: str | None) -> SnapshotInfo:
        return find_snapshot(self.snapshots(), snapshot, self.url)

    def _folder(self, snapshot: str) -> Path:
        return self.root / "snapshots" / snapshot

    def _kept(self, snapshot: str, analyzer: str, digest: str) -> Path:
        return self.root / "scores" / snapshot / f"{analyzer}-{digest}"

    def _defaults_path(self, snapshot: str) -> Path:
        return self.root / "scores" / snapshot / "defaults.json"

    def _defaults(self, snapshot: str) -> dict[str, str]:
        """Return the digest of each analyzer's result with default parameters."""
        return _read_json(self._defaults_path(snapshot))

    def _meta(self, snapshot: str) -> dict[str, Any]:
        path = self._folder(snapshot) / _META
        try:
            meta: dict[str, Any] = json.loads(path.read_bytes())
            if meta["format"] > FORMAT:
                raise newer(path.parent, f"its format is {meta['format']}")
            if unknown := sorted(set(meta["rows"]) - set(CATALOG)):
                raise newer(path.parent, f"it has a table {unknown[0]!r}")
            if meta["id"] != snapshot:
                raise ValueError("it does not describe this snapshot")
        except OSError as error:
            raise cannot("read", path, error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, error) from error
        return meta

    def _spent(self) -> dict[str, int]:
        """Return the highest version ever removed, per day."""
        return _read_json(self.root / "removed.json")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    return content


def _version(snapshot: str) -> int:
    return int(snapshot.rpartition(".")[2])


def _damaged(path: Path, why: object) -> StoreError:
    return StoreError(
        f"is damaged: {str(why).splitlines()[0] if str(why) else type(why).__name__}",
        where=str(path),
        hint=f"remove the folder {path.parent} and load the data again",
    )
