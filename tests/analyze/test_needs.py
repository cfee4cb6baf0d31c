"""Answers that an analyzer reads of others: handed over, from the store where they are fresh, never in a circle."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.needs import computed, needed_by
from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.model.ask import Ask
from graphrisk.workspace import Workspace
from tests.worlds.build import graph_of, parties

EXAMPLE = Path(__file__).resolve().parents[1] / "example"
BOOK = {
    "parties.csv": "party_id,name,kind\nA,A Ltd,company\nB,B Ltd,company\nC,C Ltd,company\n",
    "facilities.csv": "facility_id,borrower_id,currency,outstanding\nF1,A,CNY,1\nF2,A,CNY,2\nF3,B,CNY,3\nF4,A,CNY,1\n",
}
PARTS = [("A", 0.75, True), ("B", 0.25, False)]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The example package is installed; what is returned grows by the parameters of each run of its loan_count."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    for name in [name for name in sys.modules if name.startswith("graphrisk_example")]:
        monkeypatch.delitem(sys.modules, name)
    module: Any = find_analyzer("loan_count")
    runs: list[Any] = []
    own = module.run

    def run(graph: Any, params: Any, **rest: Any) -> Any:
        runs.append(params.least)
        return own(graph, params, **rest)

    monkeypatch.setattr(module, "run", run)
    return runs


@pytest.fixture
def ws(tmp_path: Path, counted: list[Any]) -> Workspace:
    (tmp_path / "in").mkdir()
    for name, text in BOOK.items():
        (tmp_path / "in" / name).write_text(text, encoding="utf-8")
    opened = Workspace(tmp_path)
    opened.load("bank_csv", tmp_path / "in", as_of="2026-09-30")
    return opened


def parts(frame: Any) -> list[tuple[str, float, bool]]:
    return [(row.party_id, row.part, row.owes_several) for row in frame.itertuples()]


def test_both_answers_are_handed_over(ws: Workspace, counted: list[Any]) -> None:
    result = ws.analyze("loan_part")
    assert PARTS == parts(result.parties)
    assert ["loan_count", "several"] == sorted(result.certificate["needs"])
    assert [1, 2] == counted


def test_what_the_store_has_is_not_computed_again(ws: Workspace, counted: list[Any]) -> None:
    ws.analyze("loan_count")
    ws.analyze("loan_part")
    ws.analyze("loan_part", several=1)
    assert PARTS == parts(ws.table("loan_part_parties"))
    assert [1, 2] == counted  # with `several` 1 both are one answer


def test_a_kept_answer_is_old_once_one_that_it_read_is_another(
    ws: Workspace, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.table("loan_part_parties")
    module: Any = find_analyzer("loan_count")
    old, own = module.VERSION, module.run

    def doubled(graph: Any, params: Any, **rest: Any) -> Any:
        result = own(graph, params, **rest)
        result.tables["loan_count_parties"].loc[1:, "loans"] *= 3
        return result

    monkeypatch.setattr(module, "run", doubled)
    assert PARTS == parts(ws.table("loan_part_parties")), "nothing says that it changed"
    monkeypatch.setattr(module, "VERSION", old + 1)
    ws.analyze("loan_count")
    assert [("A", 0.5, True), ("B", 0.5, False)] == parts(ws.table("loan_part_parties"))


def test_a_kept_answer_by_default_does_where_the_asker_says_so(ws: Workspace, counted: list[Any]) -> None:
    ask = Ask(key="loans", analyzer="loan_count", params={"least": 2}, or_defaults=True)
    assert 2 == ws._answer(ask).params["least"]
    ws.analyze("loan_count")
    assert 2 != ws._answer(ask).params["least"]
    assert [2, counted[1]] == counted


def test_without_a_store_each_is_computed(counted: list[Any]) -> None:
    loans = [{"facility_id": f"F{k}", "borrower_id": name, "outstanding": 1.0} for k, name in enumerate("AABA")]
    graph = graph_of(parties=parties("A", "B", "C"), facilities=loans)
    assert PARTS == parts(computed(graph)(Ask(key="x", analyzer="loan_part")).parties)
    with pytest.raises(UsageError, match="needs a workspace"):
        computed(graph)(Ask(key="x", analyzer="contagion", shocks=("A",)))


def test_analyzers_that_wait_for_one_another_are_named(
    ws: Workspace, counted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.table("loan_part_parties")
    monkeypatch.setattr(find_analyzer("loan_count"), "NEEDS", ("loan_part",), raising=False)
    for ask in (
        ws.analyze,
        lambda name: ws.table(f"{name}_parties"),
        lambda name: computed(ws.graph())(Ask(key="x", analyzer=name)),
    ):
        with pytest.raises(GraphRiskError, match="loan_part -> loan_count -> loan_part"):
            ask("loan_part")


def test_one_key_is_one_answer(counted: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = find_analyzer("loan_part")
    monkeypatch.setattr(module, "NEEDS", ("loan_count", "several"))
    with pytest.raises(ValueError, match="several"):
        needed_by(module, module.Params())


def test_an_analyzer_that_needs_none_says_nothing_of_needs(ws: Workspace) -> None:
    assert "needs" not in ws.analyze("loan_count").certificate
    assert () == needed_by(find_analyzer("chains"), find_analyzer("chains").Params())
