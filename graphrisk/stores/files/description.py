"""`snapshot.json`: what a snapshot says of itself, with the checksum of each of its files and its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG
from graphrisk.stores.base import SnapshotInfo
from graphrisk.stores.files.folders import cannot
from graphrisk.stores.sealed import sealed, unsealed

FILE = "snapshot.json"
FORMAT = 2
"""1 had no checksums and no base currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A snapshot's own words: `files` are the checksums of its files, none in one of format 1."""

    info: SnapshotInfo
    format: int = FORMAT
    files: Mapping[str, str] = field(default_factory=dict)


def described(info: SnapshotInfo, files: Mapping[str, str]) -> str:
    """Return the text of `snapshot.json`."""
    return sealed(
        {
            "format": FORMAT,
            "id": info.id,
            "as_of": info.as_of.isoformat(),
            "fingerprint": info.fingerprint,
            "content": info.content,
            "base_currency": info.base_currency,
            "rows": dict(info.rows),
            "loaders": dict(info.loaders),
            "files": dict(files),
        }
    )


def read_description(folder: Path) -> Description:
    """Return what the snapshot in `folder` says of itself.

    Raises StoreError: damaged, written by a newer graphrisk, or not readable now, each said as such.
    """
    path = folder / FILE
    try:
        meta = unsealed(path.read_bytes(), older=(1,))
        if meta["format"] > FORMAT:
            raise newer(folder, f"its format is {meta['format']}")
        if unknown := sorted(set(meta["rows"]) - set(CATALOG)):
            raise newer(folder, f"it has a table {unknown[0]!r}")
        if meta["id"] != folder.name:
            raise ValueError("it does not describe this snapshot")
        info = SnapshotInfo(
            id=meta["id"],
            as_of=date.fromisoformat(meta["as_of"]),
            fingerprint=str(meta["fingerprint"]),
            rows={str(name): int(rows) for name, rows in meta["rows"].items()},
            loaders={str(name): int(rows) for name, rows in meta["loaders"].items()},
            base_currency=meta["base_currency"] if meta["format"] > 1 else None,
            content=str(meta["content"]),
        )
        files = {str(name): str(said) for name, said in meta["files"].items()} if meta["format"] > 1 else {}
        if meta["format"] > 1 and set(files) != {f"{name}.parquet" for name, rows in info.rows.items() if rows}:
            raise ValueError("its files are not those of its tables")
    except FileNotFoundError as error:
        raise damaged(path, "it is missing") from error
    except OSError as error:
        raise cannot("read", path, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(path, error) from error
    return Description(info=info, format=meta["format"], files=files)


def newer(folder: Path, why: str) -> StoreError:
    """Return the error of a snapshot that a later version wrote."""
    return StoreError(
        f"was written by a newer graphrisk: {why}", where=str(folder), hint="upgrade: pip install -U graphrisk"
    )


def damaged(path: Path, why: object) -> StoreError:
    """Return the error of a damaged file of a snapshot."""
    said = str(why).splitlines()[0] if str(why) else type(why).__name__
    if isinstance(why, KeyError):
        said = f"it says no {why.args[0]}"
    return StoreError(
        f"is damaged: {said}",
        where=str(path),
        hint="put it back from a copy; or load the data into a new store (--store files:DIR), and when `graphrisk "
        f"snapshots verify` finds that whole, remove this one: graphrisk snapshots remove {path.parent.name}",
    )
