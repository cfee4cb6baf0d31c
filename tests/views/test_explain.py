"""The traced loss of one party: every column keeps the sum, ways that come round are drawn again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from graphrisk.errors import UsageError
from graphrisk.views import explain
from graphrisk.views.base import Options
from tests.views.browser import open_page
from tests.views.test_cascade import chain
from tests.views.test_views import data_of, page_of, results_of
from tests.worlds.build import graph_of, ring


def flows_of(*rows: tuple[str, str, str | None, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["source_id", "target_id", "layer", "amount"])


def test_a_chain_is_traced_back_to_its_shock() -> None:
    page = data_of(page_of("explain", chain(), Options(shocks={"A": 1.0}), "D"))
    names = [place["name"] for place in page["chart"]["nodes"]]
    flows = [(names[f["from"]], names[f["to"]], f["relation"], f["amount"]) for f in page["chart"]["flows"]]
    assert flows == [
        ("C", "D", "OWNS", 8),
        ("B", "C", "LENDS_TO", 8),
        ("A", "B", "GUARANTEES", 8),
        ("shock on A", "A", "", 8),
    ]
    assert {f["word"]: f["value"] for f in page["figures"]}["loss_of_party"] == 8
    assert [panel["key"] for panel in page["panels"]] == [
        "explain_why",
        "explain_path",
        "explain_lines",
        "explain_contracts",
    ]


def test_what_reaches_a_party_is_shared_among_what_flows_into_it() -> None:
    flows = flows_of(
        ("A", "X", "guarantee", 60.0),
        ("B", "X", "ownership", 40.0),
        ("shock:S", "A", None, 30.0),
        ("C", "A", "exposure", 10.0),
        ("shock:S", "B", None, 5.0),
    )
    places = explain._Trace(flows).tree("X")
    found = [(p["key"], places[p["parent"]]["key"] if p["parent"] >= 0 else "", p["amount"]) for p in places]
    assert found == [
        ("X", "", 100.0),
        ("A", "X", 60.0),
        ("B", "X", 40.0),
        ("shock:S", "A", 45.0),
        ("C", "A", 15.0),
        ("shock:S", "B", 40.0),
    ]


def test_a_loss_that_comes_round_is_drawn_again_and_small_ones_together() -> None:
    flows = flows_of(
        ("A", "X", "supplies", 100.0),
        ("B", "A", "supplies", 50.0),
        ("shock:S", "A", None, 49.0),
        ("T", "A", "exposure", 0.6),
        ("U", "A", "exposure", 0.4),
        ("A", "B", "supplies", 50.0),
    )
    places = explain._Trace(flows).tree("X")
    assert max(place["back"] for place in places) == explain.DEEPEST
    for parent in range(len(places)):
        children = [p["amount"] for p in places if p["parent"] == parent]
        assert not children or sum(children) == pytest.approx(places[parent]["amount"])
    assert next(p["amount"] for p in places if p["key"] == "…") == pytest.approx(1.0)


def test_without_a_shock_that_of_the_most_harmful_other_is_taken() -> None:
    graph = chain()
    results = results_of(graph, ("contagion",))
    top = str(results["contagion"].tables["contagion_importance"]["party_id"].iloc[0])
    second = str(results["contagion"].tables["contagion_importance"]["party_id"].iloc[1])
    assert explain.asks(graph, results, "D", Options())[0].shocks == (f"{top}=1",)
    assert explain.asks(graph, results, top, Options())[0].shocks == (f"{second}=1",)
    assert explain.asks(graph, results, "D", Options(settings={"rule": "debtrank"}))[0].params == {
        "rule": "debtrank",
        "party": "D",
    }


def test_a_party_that_loses_nothing_has_a_page_that_says_so() -> None:
    page = data_of(page_of("explain", chain(), Options(shocks={"D": 0.5}), "A"))
    assert page["empty"] == "A loses nothing in this run."
    with pytest.raises(UsageError, match="'Z'"):
        page_of("explain", chain(), arg="Z")


@pytest.mark.browser
def test_the_bands_are_drawn_tabled_and_saved(chromium: Any, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of("explain", chain(), Options(shocks={"A": 1.0}), "D"), tmp_path)
    assert opened.run("document.querySelectorAll('#chart path').length") == 4
    opened.page.keyboard.press("t")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == 4
    opened.page.keyboard.press("t")
    opened.page.click("#chart g.go rect")
    assert opened.run("document.querySelector('#pane .title').textContent") in "ABCD"
    with opened.page.expect_download() as waited:
        opened.page.click("#b-png")
    saved = tmp_path / "chart.png"
    waited.value.save_as(saved)
    assert saved.read_bytes().startswith(b"\x89PNG")
    assert opened.errors == []
    assert opened.run("window.__broken") == []
    assert [r for r in opened.requests if not r.startswith(("file:", "blob:", "data:"))] == []


@pytest.mark.parametrize("options", [Options(lang="zh"), Options(mask="k-secret"), Options(lang="zh", mask="k-secret")])
def test_reasons_are_in_the_language_of_the_page_and_under_its_mask(options: Options) -> None:
    world = ring(4)
    for row in world["parties"]:
        row["name"] = f"秘密{row['party_id']}号"
    page = data_of(page_of("explain", graph_of(**world), options, "P2"))
    said = [row[0] for panel in page["panels"] for row in panel["rows"]]
    assert len(said) > 3
    assert not any("•••" in sentence for sentence in said)
    if options.lang == "zh":
        assert not any(re.search(r"loses|called|shock|Without", sentence) for sentence in said)
    if options.mask:
        assert not any(re.search(r"秘密|\b[PGF]\d\b", sentence) for sentence in said)


def test_a_reason_in_chinese_names_the_contract_and_the_amount() -> None:
    """P1 guarantees P0: asked for 50 of P0, it has equity for part of it."""
    graph = graph_of(**ring(4))
    page = data_of(page_of("explain", graph, Options(lang="zh", shocks=("P0=1",)), "P1"))
    lines = next(panel for panel in page["panels"] if panel["key"] == "explain_lines")["rows"]
    amount = lines[0][1]
    assert lines[0][0].startswith(f"P0 未能清偿，P1 依担保合同 G0（授信 F0）代偿 {amount:g}。")
