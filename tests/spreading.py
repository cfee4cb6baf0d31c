"""How the processes of `pytest -n` share the tests: what uses one thing stays together, the longest goes first."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.neo4j_fixtures import server_versions

# One test of each of these takes longest, or their tests do together: begun last, the other processes would wait.
LONG = ("tests/test_readme.py", "tests/export/test_neo4j_import.py", "tests/analyze/test_against_unshocked.py")


def unit_of(nodeid: str) -> str:
    """Return what a test belongs to: the Neo4j server that it talks to, which one process starts, or its file."""
    file, _, rest = nodeid.partition("::")
    for version in server_versions():
        if file not in LONG and re.search(rf"[\[ -]{re.escape(version)}[\]-]", rest):
            return version
    return file


def put_in_order(items: list[pytest.Item]) -> None:
    """Bring the tests into the order in which their units are given out: the same in each process."""
    units = Counter(unit_of(item.nodeid) for item in items)
    versions = server_versions()

    def rank(item: pytest.Item) -> tuple[int, int, str]:
        unit = unit_of(item.nodeid)
        return (0 if unit in versions else 1 if unit in LONG else 2), -units[unit], unit

    items.sort(key=rank)


def scheduler(config: pytest.Config, log: object) -> object:
    """Return what gives out the units one by one to the process that is free."""
    from xdist.scheduler import LoadScopeScheduling

    class ByUnit(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

    config.option.loadscopereorder = False  # they are in order
    return ByUnit(config, log)  # type: ignore[arg-type]
