"""The contract that every export keeps, whoever adds it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.export.base import export_names, find_export
from graphrisk.graph.build import build_graph
from tests.export.worlds import graph, scores, tables
from tests.worlds.build import AS_OF

NAMES = export_names()


def _target(name: str, folder: Path) -> Path:
    return folder / {
        "xlsx": "book.xlsx",
        "cn-circles": "circles.xlsx",
        "g1404": "g1404.xlsx",
        "fire": "fire.json",
        "gexf": "net.gexf",
        "graphml": "net.graphml",
    }.get(name, "out")


def _contents(files: list[Path], root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


@pytest.mark.parametrize("name", NAMES)
def test_it_returns_the_files_it_wrote_and_writes_no_others(name: str, tmp_path: Path) -> None:
    files = find_export(name).write(tables(), graph(), _target(name, tmp_path / "new" / "folder"))
    assert files
    assert sorted(files) == sorted(file for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.parametrize("name", NAMES)
def test_the_same_data_gives_the_same_bytes_whatever_its_row_order(name: str, tmp_path: Path) -> None:
    turned = {key: table.take(list(range(table.num_rows - 1, -1, -1))) for key, table in tables().items()}
    one, two = tmp_path / "one", tmp_path / "two"
    first = find_export(name).write(tables(), graph(), _target(name, one))
    second = find_export(name).write(tables(), build_graph(turned, as_of=AS_OF), _target(name, two))
    assert _contents(first, one) == _contents(second, two)


@pytest.mark.parametrize("name", NAMES)
def test_writing_again_replaces_what_was_written(name: str, tmp_path: Path) -> None:
    first = _contents(find_export(name).write(tables(), graph(), _target(name, tmp_path)), tmp_path)
    assert first == _contents(find_export(name).write(tables(), graph(), _target(name, tmp_path)), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_the_tables_given_are_not_changed(name: str, tmp_path: Path) -> None:
    expected = tables() if getattr(find_export(name), "WHOLE", False) else {**tables(), **scores()}
    given = dict(expected)
    find_export(name).write(given, graph(), _target(name, tmp_path))
    assert set(expected) == set(given)
    assert all(table.equals(given[key]) for key, table in expected.items())


@pytest.mark.parametrize("name", NAMES)
def test_tables_without_rows_are_no_trouble(name: str, tmp_path: Path) -> None:
    empty = {key: table.slice(0, 0) for key, table in tables().items()}
    assert find_export(name).write(empty, build_graph(empty, as_of=AS_OF), _target(name, tmp_path))


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    assert (find_export(name).__doc__ or "").strip()


def test_an_unknown_format_is_named_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_export("xslx")
    assert "xlsx" in caught.value.hint


def test_modules_that_exports_share_are_not_exports() -> None:
    assert {"csv", "gexf", "graphml", "parquet", "xlsx"} <= set(NAMES)
    assert not {"base", "cells", "network"} & set(NAMES)
