"""Real networks that may not ship: shareholders of Singapore's listed companies, media ownership (EVA)."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import networkx as nx
import pytest

import graphrisk
from graphrisk.model.result import Result

DATA = Path(os.environ.get("GRAPHRISK_SHARED_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def analysed(loader: str, file: Path, tmp_path: Path, **given: str) -> Result:
    if not file.is_file():
        pytest.skip(f"{file.name} is not beside this checkout (it may not ship)")
    (tmp_path / "in").mkdir()
    shutil.copy(file, tmp_path / "in")
    workspace = graphrisk.open(tmp_path)
    workspace.load(loader, tmp_path / "in", as_of="2026-09-30", **given)
    return workspace.analyze("ownership")


def test_the_known_controls_of_singapore_are_found_and_nominees_control_nobody(tmp_path: Path) -> None:
    result = analysed("shareholders", DATA / "sgx2018" / "shareholders.csv", tmp_path)
    pairs = set(zip(result.control["controller_id"], result.control["controlled_id"], strict=True))
    assert ("JARDINE MATHESON HOLDINGS LIMITED", "HONGKONG LAND HOLDINGS LIMITED") in pairs
    assert ("TEMASEK HOLDINGS PRIVATE LIMITED", "SIA ENGINEERING COMPANY LIMITED") in pairs
    assert 139 == len(pairs)  # counted with a prototype when the design was made
    assert not {c for c, _ in pairs if "NOMINEE" in c or "KAY HIAN" in c or "SECURITIES" in c}
    assert 2 == result.certificate["over_subscribed"]
    assert result.certificate["residual"] <= 1e-9


def test_all_control_pairs_of_singapore_take_a_second(tmp_path: Path) -> None:
    from graphrisk.standing.command import command
    from graphrisk.standing.holdings import holdings_of

    analysed("shareholders", DATA / "sgx2018" / "shareholders.csv", tmp_path)
    holdings = holdings_of(graphrisk.open(tmp_path).graph())
    command(holdings)
    begin = time.process_time()
    assert 139 == len(command(holdings).firm)
    assert time.process_time() - begin <= 1.0


def test_circles_and_parts_of_eva_equal_networkx(tmp_path: Path) -> None:
    result = analysed("pajek", DATA / "eva" / "eva.net", tmp_path, encoding="latin-1")
    text = (DATA / "eva" / "eva.net").read_text("latin-1").split("*arcs")[1]
    graph = nx.DiGraph()
    graph.add_edges_from(tuple(line.split()[:2]) for line in text.splitlines() if len(line.split()) >= 2)
    expected = sorted(sorted(one) for one in nx.strongly_connected_components(graph) if len(one) > 1)
    assert expected == sorted(sorted(one) for one in result.cycles["cycle"])
    below = {tuple(row) for row in result.integrated[["owner_id", "owned_id"]].itertuples(index=False)}
    assert below == {(a, b) for a in graph for b in nx.descendants(graph, a)}
