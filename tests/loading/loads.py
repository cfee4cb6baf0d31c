"""Loads in a line: files written, loaded, and their report checked to balance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graphrisk.loading.report import LoadRefused, LoadReport
from graphrisk.loading.run import Loaded, load_files
from tests.worlds.build import AS_OF

PARTIES = "party_id,name,kind\nA,甲,company\nB,乙,bank\n"
EXPOSURES = "creditor_id,debtor_id,amount,currency\nB,A,10,CNY\n"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def load(folder: Path, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Loaded:
    options = {"as_of": AS_OF, "existing": {}, "max_rejects": 1.0, **options}
    loaded = load_files(options.pop("loader", "bank_csv"), [write(folder, files or {})], **options)
    balanced(loaded.report)
    return loaded


def refused(folder: Path, files: Mapping[str, str | bytes] | None = None, **options: Any) -> LoadRefused:
    with pytest.raises(LoadRefused) as error:
        load(folder, files, **options)
    balanced(error.value.report)
    document = error.value.report.to_dict()
    assert error.value.message == document["error"]["message"]
    json.dumps(document)
    return error.value


def balanced(report: LoadReport) -> None:
    for table in report.tables:
        assert table.rows_read == table.rows_loaded + table.rows_rejected
    assert report.read == report.used + sum(aside.count for aside in report.set_aside)


def rejects(report: LoadReport, table: str) -> list[tuple[str, int, tuple[str, ...]]]:
    (found,) = [one for one in report.tables if one.table == table]
    return [(reject.reason, reject.count, reject.examples) for reject in found.rejects]


def workbook(sheets: Mapping[str, list[list[Any]]]) -> bytes:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


OWN = """
[inputs.parties]
glob = "parties.csv"
[inputs.exposures]
glob = "exposures.csv"
"""


def own_loader(folder: Path, name: str, text: str, **sql: str) -> Path:
    write(folder / name, {"loader.toml": text, **{f"{table}.sql": query for table, query in sql.items()}})
    return folder
