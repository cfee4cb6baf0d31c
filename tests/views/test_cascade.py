"""The replay of a default: checked against cases worked out by hand, and against the tables of the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views import cascade
from graphrisk.views.base import Options, asked, find_view
from graphrisk.views.desk import open_desk
from graphrisk.views.shocks.bearing import bearers
from graphrisk.views.shocks.effect import read_effect
from tests.views.browser import open_page
from tests.views.test_views import data_of, page_of, results_of
from tests.views.worlds import random_graph
from tests.worlds.build import graph_of, parties, ring


def chain() -> RiskGraph:
    """A owes the bank 100, guaranteed by B (equity 60); C lent B 50 and has 20; D owns 40 % of C and has 1,000."""
    return graph_of(
        parties=parties("A", "B", "C", "D"),
        financials=[
            {"party_id": name, "equity": equity} for name, equity in (("A", 30.0), ("B", 60.0), ("C", 20.0), ("D", 1e3))
        ],
        facilities=[{"facility_id": "F1", "borrower_id": "A", "outstanding": 100.0}],
        guarantees=[
            {"guarantee_id": "G1", "guarantor_id": "B", "debtor_id": "A", "facility_id": "F1", "amount": 100.0}
        ],
        exposures=[{"creditor_id": "C", "debtor_id": "B", "amount": 50.0}],
        ownership=[{"owner_id": "D", "owned_id": "C", "share_min": 0.4, "share_max": 0.4}],
    )


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    return data_of(page_of("cascade", chain(), arg="A"))


def by_id(page: dict[str, Any], values: list[Any]) -> dict[str, Any]:
    return dict(zip(page["nodes"]["id"], values, strict=True))


def test_each_party_stands_in_the_column_of_its_round(page: dict[str, Any]) -> None:
    run = page["cascade"]["runs"][0]
    assert by_id(page, run["round"]) == {"A": 0, "B": 1, "C": 2, "D": None}
    x = by_id(page, run["x"])
    assert x["A"] < x["B"] < x["C"] < x["D"]
    assert [head["text"] for head in run["columns"]] == ["Round 0", "Round 1", "Round 2", "Hit, still standing"]


def test_a_sentence_names_the_contract_and_the_amounts(page: dict[str, Any]) -> None:
    why = by_id(page, page["cascade"]["runs"][0]["why"])
    assert why["A"] == "A is shocked: it loses 30 of its equity of 30."
    assert why["B"] == (
        "B fails: A fell short and B was called for 100 under guarantee G1; it paid 60 and could not pay 40. "
        "Its equity was 60."
    )
    assert why["C"] == "C fails: its largest loss is on its debtor B (claims of 50); its equity was 20, it loses 50."
    assert why["D"].startswith("D loses ")
    assert why["D"].endswith("and stands.")


def test_arrows_run_from_who_fails_to_who_loses(page: dict[str, Any]) -> None:
    links, ids = page["links"], page["nodes"]["id"]
    found = {
        (ids[a], ids[b], relation, amount)
        for a, b, relation, amount in zip(links["from"], links["to"], links["relation"], links["amount"], strict=True)
    }
    assert found == {("A", "B", "GUARANTEES", 100), ("B", "C", "LENDS_TO", 50), ("C", "D", "OWNS", None)}
    run = page["cascade"]["runs"][0]
    assert (run["from"], run["to"]) == (links["from"], links["to"])
    assert [c for c, target in zip(run["cause"], run["to"], strict=True) if ids[target] in "BC"] == [1, 1]


def test_the_bands_add_up_to_the_shortfall(page: dict[str, Any]) -> None:
    flows = page["cascade"]["runs"][0]["bearers"]
    assert [(flow["from"], flow["to"], flow["amount"]) for flow in flows] == [("A", "B", 60), ("A", "our bank", 40)]
    figures = {f["word"]: f["value"] for f in page["figures"]}
    assert figures["shortfall"] == 100
    assert (figures["guarantors_paid"], figures["bank_loss_all"], figures["failed_parties"]) == (60, 40, 3)


def test_every_band_of_a_large_run_is_kept() -> None:
    graph = random_graph(300, seed=5)
    desk = open_desk(graph, {}, Options())
    seed = str(graph.party_ids[3])
    results = results_of(graph, ("contagion",))
    asks = asked(find_view("cascade"), graph, results, seed, Options())
    html = page_of("cascade", graph, arg=seed)
    from graphrisk.analyze.base import find_analyzer
    from graphrisk.model.result import Inputs
    from graphrisk.progress import silent

    analyzer = find_analyzer("contagion")
    run = analyzer.run(graph, analyzer.Params(), inputs=Inputs(shocks={seed: 1.0}), progress=silent)
    facilities, calls = run.tables["contagion_facilities"], run.tables["contagion_calls"]
    flows = bearers(desk, read_effect(run))
    added = float(facilities["bank_loss_added"].sum() + calls["paid_added"].sum())
    assert sum(flow["amount"] for flow in flows) == pytest.approx(added, rel=1e-9)
    shown = data_of(html)["cascade"]["runs"][0]
    assert [ask.shocks for ask in asks] == [(f"{seed}=1",)]
    assert sum(each["failed"] for each in shown["by_round"]) == int(
        run.tables["contagion_parties"]["default_added"].sum()
    )
    losses = sum(each["bank_loss"] + each["lender_loss"] for each in shown["by_round"])
    assert losses == pytest.approx(float(facilities["bank_loss_added"].sum()), rel=1e-9)


def test_without_a_party_the_most_harmful_default_is_shown() -> None:
    graph = chain()
    results = results_of(graph, ("contagion",))
    top = results["contagion"].tables["contagion_importance"]["party_id"].iloc[0]
    assert [ask.shocks for ask in cascade.asks(graph, results, None, Options())] == [(f"{top}=1",)]
    assert cascade.asks(graph, {}, None, Options()) == ()


def test_shocks_and_settings_reach_the_run() -> None:
    chosen = Options(shocks={"A": 0.5, "B": 1.0}, settings={"rule": "threshold"}, compare={"capacity": "unlimited"})
    one, other = cascade.asks(chain(), {}, None, chosen)
    assert one.shocks == other.shocks == ("A=0.5", "B=1.0")
    assert (one.params, other.params) == ({"rule": "threshold"}, {"rule": "threshold", "capacity": "unlimited"})
    assert (one.key, other.key) == ("run", "compare")
    with pytest.raises(UsageError, match="'Z'"):
        cascade.asks(chain(), {}, "Z", Options())


def test_a_view_that_shows_no_run_refuses_a_shock() -> None:
    with pytest.raises(UsageError, match="shows no run"):
        asked(find_view("overview"), chain(), {}, None, Options(shocks=("A=1",)))


def test_two_runs_are_named_by_what_differs() -> None:
    page = data_of(page_of("cascade", chain(), Options(compare={"layers": "guarantees"}), "A"))
    one, other = page["cascade"]["runs"]
    assert (one["name"], other["name"]) == ("layers=default", "layers=guarantees")
    assert by_id(page, other["round"]) == {"A": 0, "B": 1, "C": None, "D": None}
    assert by_id(page, other["x"])["C"] is None
    assert [f["sub"]["value"] for f in page["figures"] if f["word"] == "failed_parties"] == [2]


def test_a_rule_that_knows_no_facilities_states_no_loss_of_the_bank() -> None:
    chosen = Options(settings={"rule": "debtrank2012", "layers": "exposures"}, compare={"rule": "debtrank"})
    page = data_of(page_of("cascade", chain(), chosen, "B"))
    figures = {figure["word"]: (figure["value"], figure["sub"]["value"]) for figure in page["figures"]}
    assert [figures[word] for word in ("shortfall", "guarantors_paid", "bank_loss_all")] == [(None, 0)] * 3
    assert page["cascade"]["runs"][0]["by_round"][0]["bank_loss"] is None
    totals = next(panel for panel in page["panels"] if panel["key"] == "compare_totals")["rows"]
    assert totals[4] == [{"word": "figure.bank_loss_all"}, None, {"kind": "money", "value": 0}, None]


def test_the_book_without_the_shock_stands_beside_the_figures() -> None:
    """Z has no equity at the start and owes 7: in default with and without the shock on A."""
    world = {**ring(3, equity=500.0), "exposures": []}
    world["parties"] += parties("Z")
    world["financials"] += [{"party_id": "Z", "equity": 0.0}]
    world["facilities"] += [{"facility_id": "FZ", "borrower_id": "Z", "outstanding": 7.0}]
    page = data_of(page_of("cascade", graph_of(**world), arg="P0"))
    figures = {f["word"]: (f["value"], f.get("sub", {}).get("value")) for f in page["figures"]}
    assert figures["failed_parties"] == (1, 2)  # brought down by the shock, in all
    assert figures["bank_loss_all"] == (0, 7)
    assert figures["guarantors_paid"] == (50, 50)
    assert figures["shortfall"] == (50, 57)


def test_another_shock_is_compared_alone_and_named() -> None:
    chosen = Options(shocks={"A": 0.5}, compare_shocks={"B": 1.0})
    one, other = cascade.asks(chain(), {}, None, chosen)
    assert (one.shocks, other.shocks, other.scenario) == (("A=0.5",), ("B=1.0",), None)
    one, other = cascade.asks(chain(), {}, "A", Options(compare_scenario="fall.toml"))
    assert (one.shocks, one.scenario, other.shocks, other.scenario) == (("A=1",), None, (), "fall.toml")
    page = data_of(page_of("cascade", chain(), chosen))
    assert [run["name"] for run in page["cascade"]["runs"]] == ["A 50 %", "B"]
    assert page["title"] == "Two runs side by side: A 50 % (A) and B (B)"


def test_the_differences_are_those_of_the_two_tables() -> None:
    """A alone: B pays 60 and fails, C loses 50 to it, D 40 % of C's 20. B alone: B loses its 60, and A stands."""
    page = data_of(page_of("cascade", chain(), Options(shocks={"A": 1.0}, compare_shocks={"B": 1.0})))
    totals, parties = (p for p in page["panels"] if p.get("tab") == "compare")
    assert [[cell.get("word") or cell["value"] for cell in row] for row in totals["rows"]] == [
        ["figure.failed_parties", 3, 2, -1],
        ["figure.rounds_word", 2, 1, -1],
        ["figure.shortfall", 100, 0, -100],
        ["figure.guarantors_paid", 60, 0, -60],
        ["figure.bank_loss_all", 40, 0, -40],
        ["figure.equity_lost", 118, 88, -30],
    ]
    assert [(row[0]["text"], row[1].replace("\u00a0", " "), *row[2:]) for row in parties["rows"]] == [
        ("A", "0 → –", 30, 0, -30),
        ("B", "1 → 0", 60, 60, 0),
        ("C", "2 → 1", 50, 50, 0),
    ]
    assert parties["total"] == 3


def test_runs_that_do_the_same_have_no_difference() -> None:
    page = data_of(page_of("cascade", chain(), Options(shocks={"A": 1.0}, compare={"recovery": "0"})))
    assert [p["rows"] for p in page["panels"] if p["key"] == "compare"] == [[]]


def test_a_mask_leaves_no_name_in_a_comparison() -> None:
    html = page_of("cascade", chain(), Options(mask="k-secret", shocks={"A": 1.0}, compare_shocks={"B": 1.0}))
    names = [run["name"] for run in data_of(html)["cascade"]["runs"]]
    assert all(name.startswith("Company ") for name in names)
    assert len(set(names)) == 2


def test_a_view_of_one_run_refuses_a_comparison() -> None:
    with pytest.raises(UsageError, match="no comparison"):
        asked(find_view("explain"), chain(), {}, "A", Options(shocks=("B=1",), compare_shocks=("C=1",)))


def test_where_nobody_fails_the_page_says_so() -> None:
    graph = graph_of(parties=parties("A", "B"), financials=[{"party_id": "A", "equity": 5.0}])
    page = find_view("cascade").picture(graph, results_of(graph, ("contagion",)), None, Options()).data()
    assert page["empty"].startswith("Nobody fails")


def test_many_rounds_share_columns() -> None:
    page = data_of(page_of("cascade", graph_of(**ring(40, equity=1.0)), arg="P0"))
    run = page["cascade"]["runs"][0]
    assert max(run["round"]) > 20
    heads = [head for head in run["columns"] if head["from"] >= 0]
    assert len(heads) <= 8
    covered = [r for head in heads for r in range(head["from"], head["to"] + 1)]
    assert covered == list(range(max(run["round"]) + 1))


@pytest.mark.browser
def test_the_slider_replays_the_rounds(chromium: Any, tmp_path: Path) -> None:
    html = page_of("cascade", chain(), Options(compare={"layers": "guarantees"}), "A")
    opened = open_page(chromium, html, tmp_path)
    assert opened.run("graphrisk.round()") == 2
    sentences = "[...document.querySelectorAll('#pane .sentence')].map(p => p.dataset.id)"
    assert opened.run(sentences) == ["C"]
    opened.page.keyboard.press(",")
    assert opened.run("graphrisk.round()") == 1
    assert opened.run(sentences) == ["B", "B"]
    assert "2 have failed (1 new)" in opened.run("document.querySelector('#round-text').textContent")
    opened.run("graphrisk.round(0)")
    opened.page.click("#b-play")
    opened.settle(2600)
    assert opened.run("graphrisk.round()") == 2
    assert opened.run("document.querySelectorAll('#nets canvas').length") == 2
    opened.page.click("#tab-bearing")
    assert opened.run("document.querySelectorAll('#pane svg').length") == 4
    assert opened.errors == []
    assert [r for r in opened.requests if not r.startswith(("file:", "blob:", "data:"))] == []
    restored = open_page(chromium, html, tmp_path, fragment="#round=1")
    assert restored.run("graphrisk.round()") == 1


@pytest.mark.browser
def test_the_differences_are_a_tab_a_table_and_a_csv(chromium: Any, tmp_path: Path) -> None:
    html = page_of("cascade", chain(), Options(shocks={"A": 1.0}, compare_shocks={"B": 1.0}))
    opened = open_page(chromium, html, tmp_path)
    opened.page.click("#tab-compare")
    assert opened.run("[...document.querySelectorAll('#pane tr[data-id]')].map(r => r.dataset.id)") == ["A", "B", "C"]
    opened.page.keyboard.press("t")
    opened.page.click("#twin .bar-top button:nth-child(4)")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == 3
    lines = opened.run("graphrisk.csv('compare')").removeprefix("\ufeff").split("\r\n")
    assert lines[0] == '"party_id","party","rounds_ab","loss_a","loss_b","difference"'
    assert lines[1].replace("\u00a0", " ") == '"A","A","0 → –",30,0,-30'
    head = "#twin th:nth-child(6)"
    opened.page.focus(head)
    opened.page.keyboard.press("Enter")
    assert opened.run(f"document.querySelector('{head}').getAttribute('aria-sort')") == "descending"
    assert opened.run("document.querySelector('#twin tbody tr').firstChild.textContent") == "B"
    assert opened.errors == []


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 800), (1024, 700)])
def test_the_whole_run_is_in_sight_at_the_start(chromium: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    html = page_of("cascade", random_graph(300, seed=5), arg="C000003")
    opened = open_page(chromium, html, tmp_path, fragment="#anyway=1")
    opened.page.set_viewport_size({"width": size[0], "height": size[1]})
    opened.page.keyboard.press("f")
    opened.settle(1200)
    opened.page.keyboard.press("f")
    out = """() => { const net = graphrisk.network, box = document.querySelector('#net');
      return Object.values(net.getPositions()).map((p) => net.canvasToDOM(p))
        .filter((p) => p.x < 0 || p.y < 0 || p.x > box.clientWidth || p.y > box.clientHeight).length; }"""
    assert opened.counts["nodes"] > 5
    assert opened.page.evaluate(out) == 0
