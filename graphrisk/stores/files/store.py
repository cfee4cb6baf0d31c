"""The embedded store: a folder of immutable Parquet snapshots, with scores and a Cypher cache beside them.

DIR/snapshots/2026-09-30.1/     snapshot.json and one Parquet file per table that holds rows: the truth
DIR/scores/2026-09-30.1/        one folder per (analyzer, digest of parameters)
DIR/loads.json                  what the last load of each loader rejected, and why
DIR/cache/                      what Cypher runs on, made again whenever it is missing, damaged or outdated
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.content import ContentSums, each_content, stored_schema, sums_of
from graphrisk.model.loads import PastLoad, read, written
from graphrisk.model.result import Result, digest_of
from graphrisk.progress import Progress, silent
from graphrisk.statement import check_portable, check_statement
from graphrisk.stores.base import Rows, SnapshotInfo
from graphrisk.stores.content import chosen_columns, describe, find_snapshot
from graphrisk.stores.files.cypher_cache import build, cache_is_good, cache_stamp, forget_cache, write_cache
from graphrisk.stores.files.description import FILE as DESCRIPTION
from graphrisk.stores.files.description import damaged, described, read_description
from graphrisk.stores.files.engine import CypherEngine
from graphrisk.stores.files.folders import (
    CACHING,
    appearing,
    cannot,
    clean,
    clean_store,
    discard,
    replace_file,
    write_files,
    writing,
)
from graphrisk.stores.files.parquet import StoredTable, old_currency, write_stored
from graphrisk.stores.files.scratch import Scratch
from graphrisk.stores.scores import pack, party_scores, unpack
from graphrisk.stores.sealed import sealed, unsealed
from graphrisk.stores.verifying import faults_of

_LOADS = "loads.json"
_REMOVED = "removed.json"
_DEFAULTS = "defaults.json"
_SIDE = 2
"""Format of the small files beside the snapshots; 1 had no checksums."""
_ID = re.compile(r"(\d{4}-\d{2}-\d{2})\.([1-9]\d*)")


class FilesStore:
    """Dated snapshots in a folder. Reading needs no lock: a snapshot never changes once it has its name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = f"files:{root}"
        self._engine: CypherEngine | None = None
        self._scratch: Scratch | None = None
        self._checked: dict[Path, dict[str, Any]] = {}
        self._decided: dict[str, str | None] = {}

    def load(self, tables: Mapping[str, pa.Table], *, as_of: date, progress: Progress = silent) -> str:
        """Write a snapshot; the content of the day's latest version again is that version."""
        with self._writing():
            same_day = [info for info in self.snapshots() if info.as_of == as_of]
            if same_day:
                _, digest = sums_of(each_content(tables)).digests()
                if same_day[-1].content == digest and not faults_of(self, same_day[-1]):
                    return same_day[-1].id
            version = max([_version(info.id) for info in same_day] + [self._spent().get(as_of.isoformat(), 0)]) + 1
            new = f"{as_of.isoformat()}.{version}"
            with appearing(self._folder(new)) as folder:
                sums, files = ContentSums(), {}
                for done, (name, table) in enumerate(each_content(tables)):
                    progress(f"writing {name}", done, len(CATALOG))
                    sums.add(name, table)
                    if table.num_rows:
                        files[f"{name}.parquet"] = write_stored(folder / f"{name}.parquet", table)
                info = describe(sums, new, as_of)
                write_files(folder, {DESCRIPTION: described(info, files).encode()})
            progress("writing", len(CATALOG), len(CATALOG))
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
        """Return what the folder holds, oldest first; of one that cannot be read its day and what is wrong with it."""
        parent = self.root / "snapshots"
        try:
            names = [path.name for path in parent.iterdir() if _ID.fullmatch(path.name)] if parent.is_dir() else []
        except OSError as error:
            raise cannot("read", parent, error) from error
        if not names and self.root.exists() and not self.root.is_dir():
            raise StoreError("is a file, not a folder", where=str(self.root), hint="name the folder of a store")
        held = [self._info(name) for name in names if _day(name) is not None]
        return sorted(held, key=lambda info: (info.as_of, _version(info.id)))

    def table(self, name: str, snapshot: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a canonical table with the BOOKKEEPING columns, rows in key order."""
        wanted = chosen_columns(find_table(name), columns)
        return self.opened({name: wanted}, snapshot)[name].select(wanted)

    def opened(
        self, wanted: Mapping[str, Sequence[str]], snapshot: str | None = None
    ) -> dict[str, pa.Table | StoredTable]:
        """Return canonical tables of which columns can be read later; that each file is whole is seen now."""
        info = self._find(snapshot)
        said = read_description(self._folder(info.id)).files
        tables: dict[str, pa.Table | StoredTable] = {}
        for name, columns in wanted.items():
            declared, path = find_table(name), self._folder(info.id) / f"{name}.parquet"
            if info.rows.get(name):
                tables[name] = StoredTable(path, declared, columns, info.rows[name], said.get(path.name))
            elif path.exists():
                raise damaged(path, "it is there, but its table was written without rows")
            else:
                tables[name] = stored_schema(declared).empty_table().select(list(columns))
        return tables

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        snapshot: str | None = None,
        timeout: float = 60.0,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        """Run one read-only Cypher statement within `timeout` seconds; scores are those under `settings`."""
        check_portable(check_statement(cypher))
        info = self._find(snapshot)
        if self._engine is None:
            self._engine = CypherEngine(self.url)
        return self._engine.run(
            self._cypher_cache(info, settings), check_statement(cypher), dict(params or {}), timeout
        )

    def write_scores(self, result: Result, *, default: bool, snapshot: str | None = None) -> None:
        """Keep a result under (analyzer, digest of parameters and settings), in place of an earlier one."""
        info = self._find(snapshot)
        with self._writing():
            with appearing(self._kept(info.id, result.analyzer, result.digest)) as folder:
                write_files(folder, pack(result))
            if default:
                defaults = self._defaults(info.id)
                under = {k: d for k, d in defaults.get(result.analyzer, {}).items() if k != digest_of(result.settings)}
                defaults[result.analyzer] = {**under, digest_of(result.settings): result.digest}  # the latest last
                replace_file(self._defaults_path(info.id), sealed({"format": _SIDE, "defaults": defaults}))

    def scores(self, analyzer: str, digest: str, snapshot: str | None = None) -> Result | None:
        """Return a kept result, None if there is none that can be read whole: it is computed again then."""
        return self._unpacked(self._find(snapshot).id, analyzer, digest)

    def _unpacked(self, snapshot: str, analyzer: str, digest: str, *, of_parties: bool = False) -> Result | None:
        folder = self._kept(snapshot, analyzer, digest)
        try:
            return unpack({path.name: path.read_bytes() for path in folder.iterdir()}, of_parties=of_parties)
        except OSError:  # none, replaced by another process just now, or not to be read
            return None

    def remove(self, snapshot: str) -> None:
        """Remove a snapshot, its scores and its cache; its id is not given again."""
        info = find_snapshot(self.snapshots(), snapshot, self.url)
        with self._writing():
            spent = self._spent()
            day = info.as_of.isoformat()
            spent[day] = max(spent.get(day, 0), _version(info.id))
            replace_file(self.root / _REMOVED, sealed({"format": _SIDE, "versions": spent}))
            discard(self._folder(info.id))
            discard(self.root / "scores" / info.id)
            if self._engine is not None:
                self._engine.close()  # it may hold the cache
            forget_cache(self._cache_path(info.id))

    def loads(self) -> tuple[PastLoad, ...]:
        """Return what `remember` last kept."""
        path = self.root / _LOADS
        said = _read_side(path, 1, "what past loads rejected is no longer known then")
        try:
            return read(json.dumps(said)) if said else ()
        except ValueError as error:
            raise _side_damaged(path, error, "what past loads rejected is no longer known then") from error

    def remember(self, loads: Sequence[PastLoad]) -> None:
        """Keep what past loads rejected."""
        with self._writing():
            replace_file(self.root / _LOADS, sealed({**json.loads(written(loads)), "format": _SIDE}))

    def beside(self) -> list[str]:
        """Return what is wrong with what lies beside the snapshots."""
        faults = []
        for reading in (self._spent, self.loads):
            try:
                reading()
            except StoreError as error:
                faults.append(f"{error.where}: {error.message}")
        return faults

    def close(self) -> None:
        """End the query engine."""
        if self._engine is not None:
            self._engine.close()
        if self._scratch is not None:
            self._scratch.remove()
        self._engine, self._scratch = None, None

    def _cypher_cache(self, info: SnapshotInfo, settings: Mapping[str, Any] | None) -> Path:
        """Return a cache file that is made from this snapshot and its default scores, under `settings`, as they are."""
        defaults = _under(self._defaults(info.id), settings)
        stamp = cache_stamp(info.content, defaults)
        path = self._cache_path(info.id)
        if self._checked.get(path) == stamp or cache_is_good(path, stamp):
            self._checked[path] = stamp
            return path
        if self._engine is not None:
            self._engine.close()  # it holds the outdated file
        scores = {}
        for analyzer, digest in defaults.items():
            result = self._unpacked(info.id, analyzer, digest, of_parties=True)
            if result is not None:
                scores[analyzer] = party_scores(result)
        graph = build(info, {name: self.table(name, info.id) for name in CATALOG}, scores)
        try:
            with writing(self.root, lock=CACHING, what="making the query cache of"):
                clean(path.parent)
                write_cache(graph, path, stamp)
        except (OSError, RuntimeError, StoreError):  # it may only be read, or is full: the cache lives as long as we do
            if self._scratch is None:
                self._scratch = Scratch()
            path = self._scratch.folder / path.name
            write_cache(graph, path, stamp)
        self._checked[path] = stamp
        return path

    def _cache_path(self, snapshot: str) -> Path:
        return self.root / "cache" / f"{snapshot}.kgl"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with writing(self.root):
            try:
                clean_store(self.root)
                yield
            except OSError as error:
                raise cannot("write", self.root, error) from error

    def _find(self, snapshot: str | None) -> SnapshotInfo:
        info = find_snapshot(self.snapshots(), snapshot, self.url)
        if info.trouble:
            read_description(self._folder(info.id))  # says it with its reason
        return info

    def _info(self, name: str) -> SnapshotInfo:
        """Return what a snapshot says of itself, or what is wrong with it."""
        day = _day(name)
        assert day is not None
        try:
            said = read_description(self._folder(name))
        except StoreError as error:
            return SnapshotInfo(id=name, as_of=day, fingerprint="", rows={}, trouble=error.message)
        if said.format > 1:
            return said.info
        if name not in self._decided:  # a snapshot of before, that does not say it
            self._decided[name] = old_currency(self._folder(name), said.info.rows)
        return dataclasses.replace(said.info, base_currency=self._decided[name])

    def _folder(self, snapshot: str) -> Path:
        return self.root / "snapshots" / snapshot

    def _kept(self, snapshot: str, analyzer: str, digest: str) -> Path:
        return self.root / "scores" / snapshot / f"{analyzer}-{digest}"

    def _defaults_path(self, snapshot: str) -> Path:
        return self.root / "scores" / snapshot / _DEFAULTS

    def _defaults(self, snapshot: str) -> dict[str, dict[str, str]]:
        """Return the digest of each analyzer's result with default parameters, per digest of the settings.

        What is damaged counts as none: it is computed again.
        """
        try:
            said: dict[str, dict[str, str]] = unsealed(self._defaults_path(snapshot).read_bytes())["defaults"]
        except (OSError, ValueError, KeyError):
            return {}
        return said

    def _spent(self) -> dict[str, int]:
        """Return the highest version ever removed, per day."""
        said = _read_side(self.root / _REMOVED, None, "an id of a removed snapshot may be given again then")
        versions: dict[str, int] = said.get("versions", said) if said else {}
        return versions


def _under(defaults: Mapping[str, Mapping[str, str]], settings: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the digest of each analyzer's default result under `settings`; None = of the one computed last."""
    if settings is None:
        return {analyzer: list(under.values())[-1] for analyzer, under in defaults.items() if under}
    key = digest_of(settings)
    return {analyzer: under[key] for analyzer, under in defaults.items() if key in under}


def _read_side(path: Path, before: int | None, lost: str) -> dict[str, Any]:
    """Return what a small file beside the snapshots says, {} where there is none; StoreError where it is damaged."""
    try:
        return unsealed(path.read_bytes(), older=(before,))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise cannot("read", path, error) from error
    except (ValueError, RecursionError) as error:
        raise _side_damaged(path, error, lost) from error


def _side_damaged(path: Path, why: Exception, lost: str) -> StoreError:
    return StoreError(f"is damaged: {why}", where=str(path), hint=f"move it away and run the command again: {lost}")


def _day(snapshot: str) -> date | None:
    """Return the day in a snapshot's id, None where there is none."""
    try:
        return date.fromisoformat(snapshot.rpartition(".")[0])
    except ValueError:
        return None


def _version(snapshot: str) -> int:
    return int(snapshot.rpartition(".")[2])
