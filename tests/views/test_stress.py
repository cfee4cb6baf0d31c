"""The page of a stress scenario: its numbers against arithmetic by hand, its words, its pictures in a real Chromium."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.scenario import parse_scenario
from graphrisk.views import stress
from graphrisk.views.base import Options
from graphrisk.views.desk import open_desk
from graphrisk.views.shocks.storyline import sentences
from tests.views.browser import open_page
from tests.views.test_views import data_of, page_of
from tests.worlds.build import graph_of, parties

FALL = """
name = "A falls"
[[shock]]
parties = ["A"]
loss = 1.0
[[shock]]
where = {industry = "K"}
pd_multiplier = 2.0
[limits]
own_loss_rate = 0.15
defaults = 5
"""


def book(e_equity: float = 9.0) -> RiskGraph:
    """A (industry K) owes the bank 100, guaranteed by B (equity 60); C lent B 50 and has 20; E owes the bank 100."""
    rows = parties("A", "B", "C", "E")
    for row, industry in zip(rows, ("K", "C", "C", None), strict=True):
        row.update(name=f"Firma {row['party_id']}", industry=industry, size="small")
    return graph_of(
        parties=rows,
        financials=[
            {"party_id": name, "equity": equity}
            for name, equity in (("A", 30.0), ("B", 60.0), ("C", 20.0), ("E", e_equity))
        ],
        ratings=[{"party_id": name, "pd": pd, "grade": "BB"} for name, pd in (("A", 0.02), ("E", 0.01))],
        facilities=[
            {"facility_id": "F1", "borrower_id": "A", "outstanding": 100.0, "lgd": 0.5},
            {"facility_id": "F2", "borrower_id": "E", "outstanding": 100.0, "lgd": 0.5},
        ],
        guarantees=[
            {"guarantee_id": "G1", "guarantor_id": "B", "debtor_id": "A", "facility_id": "F1", "amount": 100.0}
        ],
        exposures=[{"creditor_id": "C", "debtor_id": "B", "amount": 50.0}],
    )


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "fall.toml"
    path.write_text(FALL, encoding="utf-8")
    return str(path)


def panel(page: dict[str, Any], key: str) -> dict[str, Any]:
    return next(p for p in page["panels"] if p["key"] == key)


def value(cell: Any) -> Any:
    return cell["value"] if isinstance(cell, dict) and "value" in cell else cell


def test_the_key_figures_are_what_is_added_under_it_without_it_limit_and_verdict(file: str) -> None:
    """A falls: B pays 60 of 100 and fails, C loses its claim on B; the bank loses 40 of the 200 it is owed."""
    page = data_of(page_of("stress", book(), arg=file))
    rows = {row[0]["word"]: row[1:] for row in panel(page, "measures")["rows"]}
    by = {name: [value(cell) for cell in row] for name, row in rows.items()}
    assert by["stress.defaults"] == [3, 3, 0, 5, {"word": "verdict.within"}]
    assert by["stress.bank_loss"] == [40, 40, 0, "", ""]
    assert by["stress.own_loss_rate"] == [0.2, 0.2, 0, 0.15, {"word": "verdict.breached"}]
    assert by["stress.guarantor_paid"][:3] == [60, 60, 0]
    # expected loss: PD x EAD x LGD of A and E, then A's PD doubled; a shocked A is in default, its PD is 1
    assert by["stress.expected_loss"][2] == pytest.approx(0.02 * 100 * 0.5 + 0.01 * 100 * 0.5)


def test_a_breached_limit_is_said_first_in_words_and_shape(file: str) -> None:
    hard = Path(file).read_text("utf-8").replace("own_loss_rate = 0.15", "own_loss_rate = 0.0")
    Path(file).write_text(hard.replace("defaults = 5", "defaults = 0"), encoding="utf-8")
    page = data_of(page_of("stress", book(), arg=file))
    first = page["figures"][0]
    assert (first["word"], first["warn"], first["mark"]["word"]) == ("stress.defaults", True, "above_limit")
    assert page["words"]["above_limit"].startswith("▲")
    assert page["report"]["verdicts"][0].startswith("▲")
    assert next(row[5] for row in panel(page, "measures")["rows"] if row[5]) == {"word": "verdict.breached"}
    assert page["words"]["verdict.breached"] == "▲ breached"


def test_a_limit_that_cannot_be_checked_is_said_so(file: str) -> None:
    chosen = Options(settings={"rule": "debtrank2012", "layers": "exposures"})
    page = data_of(page_of("stress", book(), chosen, file))
    assert page["report"]["verdicts"] == ["? 1 of 2 limits cannot be checked: Our loss rate (limit 15.00 %)."]
    row = next(r for r in panel(page, "measures")["rows"] if r[0]["word"] == "stress.own_loss_rate")
    assert (row[2], row[5]) == (None, {"word": "verdict.unknown"})
    assert "stress.bank_loss" not in [figure["word"] for figure in page["figures"]]


def test_who_fails_comes_with_round_reason_and_what_it_costs(file: str) -> None:
    page = data_of(page_of("stress", book(), arg=file))
    rows = panel(page, "failed")["rows"]
    assert (rows[0][0]["text"], rows[0][1]) == ("Firma A", 0)
    assert rows[0][2] == "Firma A is shocked: it loses 30 of its equity of 30."
    assert sum(row[4] for row in rows) == pytest.approx(value(panel(page, "measures")["rows"][4][2]))


def test_each_division_adds_up_to_the_book(file: str) -> None:
    page = data_of(page_of("stress", book(), arg=file))
    figures = {row[0]["word"]: row for row in panel(page, "measures")["rows"]}
    for key in ("industry", "region", "size", "rating"):
        rows = panel(page, f"groups_{key}")["rows"]
        assert sum(row[1] for row in rows) == 4
        assert sum(row[4] for row in rows) == value(figures["stress.defaults"][2])
        assert sum(row[7] for row in rows) == pytest.approx(value(figures["stress.bank_loss"][2]))
    assert {row[0] for row in panel(page, "groups_industry")["rows"]} == {"K", "C", "not known"}


def test_pds_that_move_are_listed_before_and_after(file: str) -> None:
    moved = panel(data_of(page_of("stress", book(), arg=file)), "pds")
    assert [row[0]["text"] for row in moved["rows"]] == ["Firma A"]
    assert moved["rows"][0][1] == 0.02
    assert moved["rows"][0][5] == pytest.approx(0.02 * 100 * 0.5)


def test_a_second_scenario_takes_the_place_of_the_book(file: str, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('name = "E falls"\n[[shock]]\nparties = ["E"]\nloss = 1.0\n', encoding="utf-8")
    page = data_of(page_of("stress", book(), Options(compare_scenario=str(other)), file))
    alone = data_of(page_of("stress", book(), arg=str(other)))
    before = [value(row[3]) for row in panel(page, "measures")["rows"]]
    assert before == pytest.approx([value(row[2]) for row in panel(alone, "measures")["rows"]])
    assert page["title"] == "Stress: A falls, compared with E falls"
    assert panel(page, "measures")["columns"][3]["word"] == "compared_with"


def test_every_kind_of_shock_is_a_sentence() -> None:
    text = """
[contagion]
rule = "debtrank"
[[shock]]
where = {industry = ["K", "C"], size = "small"}
loss_amount = 1e6
[[shock]]
collateral = {kind = "real_estate"}
price = -0.3
[[shock]]
where = {rating = "BB"}
rating_model = "m1"
pd_multiplier = 1.5
[[shock]]
pd_multiplier = 2
[[shock]]
factor = "market"
move = -2.0
[[shock]]
factor = {region = ["N", "S"]}
move = -1.0
"""
    import dataclasses

    params = {"scenario": dataclasses.asdict(parse_scenario(f"default_above = 0.25\n{text}")), "shocks": {"A": 0.5}}
    assert sentences(open_desk(book(), {}, Options()), params) == [
        "Firma A: 50 % of equity is lost.",
        "Parties whose industry is K or C and size is small: 1 m of equity is lost, each.",
        "Collateral whose kind is real estate: its value falls by 30 %.",
        "Parties whose rating is BB (model m1): the PD is multiplied by 1.5.",
        "Every party: the PD is multiplied by 2.",
        "Moved by -2 standard deviations: the market factor.",
        "Moved by -1 standard deviations: the factor of region N and the factor of region S.",
        "A party whose stressed PD is 25 % or more starts in default.",
        "Rules set by the scenario: rule = debtrank.",
    ]
    assert sentences(open_desk(book(), {}, Options(lang="zh")), params)[1] == (
        "行业为K或C且规模为小型的主体：各损失净资产 100万。"
    )


def test_a_mask_hides_the_scenario_s_name_and_every_party_in_it(tmp_path: Path) -> None:
    path = tmp_path / "geheim.toml"
    path.write_text(
        'name = "Firma A geheim"\n[[shock]]\nwhere = {name = "Firma A"}\nloss = 1.0\n'
        '[[shock]]\nparties = ["C"]\nloss = 0.1\n',
        encoding="utf-8",
    )
    html = page_of("stress", book(), Options(mask="k-secret"), str(path))
    page = data_of(html)
    assert [secret for secret in ("Firma", "geheim", '"F1"', str(tmp_path)) if secret in html] == []
    assert set("ABCE") & {*page["nodes"]["id"], *" ".join(page["report"]["story"]).split()} == set()
    assert "•••" in page["report"]["story"][0]


def test_what_makes_no_sense_is_refused() -> None:
    for arg, chosen, said in (
        ("a.toml", Options(scenario="b.toml"), "two scenario files"),
        ("a.toml", Options(compare={"rule": "debtrank"}), "two scenarios"),
        (None, Options(compare_scenario="b.toml"), "needs one"),
    ):
        with pytest.raises(UsageError, match=said):
            stress.asks(book(), {}, arg, chosen)


def test_a_scenario_that_hits_nobody_says_that_nobody_fails(tmp_path: Path) -> None:
    path = tmp_path / "nobody.toml"
    path.write_text('[[shock]]\nwhere = {industry = "none"}\nloss = 1.0\n', encoding="utf-8")
    page = data_of(page_of("stress", book(), arg=str(path)))
    assert panel(page, "failed")["rows"] == []
    assert page["title"] == "Stress: nobody"
    assert page["report"]["verdicts"] == ["The scenario sets no limits."]


def test_the_command_line_writes_the_page_of_a_scenario_file(tmp_path: Path) -> None:
    from tests.cli.conftest import run_cli, write_book

    project = tmp_path / "bank"
    project.mkdir()
    loaded = run_cli("load", "bank_csv", write_book(tmp_path / "raw"), "--as-of", "2026-09-30", "--project", project)
    assert loaded.code == 0, loaded.err
    for name, hit in (("one", "A"), ("two", "B")):
        (tmp_path / f"{name}.toml").write_text(f'[[shock]]\nparties = ["{hit}"]\nloss = 1.0\n', encoding="utf-8")
    out = tmp_path / "page.html"
    given = [tmp_path / "one.toml", "--compare-scenario", tmp_path / "two.toml", "-o", out, "--project", project]
    done = run_cli("view", "stress", *given)
    assert done.code == 0, done.err
    page = data_of(out.read_text("utf-8"))
    assert page["title"] == "Stress: one, compared with two"
    assert panel(page, "measures")["rows"][0][2:4] == [{"kind": "count", "value": 3}, {"kind": "count", "value": 3}]
    absent = run_cli("view", "stress", tmp_path / "none.toml", "-o", out, "--project", project)
    assert (absent.code, "no such scenario file" in absent.err) == (2, True)


@pytest.mark.browser
def test_the_report_is_drawn_switched_tabled_saved_and_printed(chromium: Any, file: str, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of("stress", book(), arg=file), tmp_path, dark=True)
    heads = opened.run("[...document.querySelectorAll('#report h2')].map(h => h.textContent)")
    assert heads[0] == "What the scenario does"
    assert heads[-1] == "How this was obtained"
    names = "[...document.querySelectorAll('#part-groups svg.chart > text')].map(t => t.textContent)"
    assert any("K" in text for text in opened.run(names))
    opened.page.click("#by-groups_size")
    assert any("small" in text for text in opened.run(names))
    assert opened.run("document.activeElement.id") == "by-groups_size"
    opened.page.keyboard.press("t")
    rows = opened.run("[...document.querySelectorAll('#twin tbody tr')].map(r => r.firstChild.textContent)")
    assert rows[0] == "Parties in default"
    assert len(rows) == 16
    table = list(csv.DictReader(io.StringIO(opened.run("graphrisk.csv('measures')").removeprefix("\ufeff"))))
    defaults = next(row for row in table if row["measure"] == "Parties in default")
    assert (defaults["without_it"], defaults["limit_word"], defaults["verdict"]) == ("0", "5", "✓ within")
    opened.page.keyboard.press("t")
    with opened.page.expect_download() as waited:
        opened.page.click("#part-groups .exports button")
    saved = tmp_path / waited.value.suggested_filename
    waited.value.save_as(saved)
    assert saved.read_bytes().startswith(b"\x89PNG")
    paper = opened.page.pdf(format="A4", print_background=True)
    assert paper.startswith(b"%PDF")
    assert opened.run("document.documentElement.className") == "dark"  # light on paper only
    opened.run("dispatchEvent(new Event('beforeprint'))")
    assert opened.run("document.documentElement.className") == ""
    assert opened.run("document.querySelectorAll('#part-groups svg.chart').length") == 4
    opened.run("dispatchEvent(new Event('afterprint'))")
    opened.run("graphrisk.choose('A')")
    assert "Firma A" in opened.run("document.querySelector('#pane .title').textContent")
    assert opened.errors == []
    assert [r for r in opened.requests if not r.startswith(("file:", "blob:", "data:"))] == []


def test_the_figures_lead_with_what_is_added_and_who_fails_anyway_is_apart(file: str) -> None:
    """E owes the bank 100 and has no equity left: it fails without the scenario too, and the bank loses its 100."""
    graph = book(e_equity=-1.0)
    page = data_of(page_of("stress", graph, arg=file))
    figures = {f["word"]: (f["value"], f["sub"]["value"], f["sub"]["word"]) for f in page["figures"]}
    assert figures["stress.defaults"] == (3, 4, "in_all")
    assert figures["stress.bank_loss"] == (40, 140, "in_all")
    assert [row[0]["text"] for row in panel(page, "failed")["rows"]] == ["Firma A", "Firma B", "Firma C"]
    assert [(row[0]["text"], row[1], row[4]) for row in panel(page, "anyway")["rows"]] == [("Firma E", 0, 100)]
    assert panel(page, "anyway")["on_request"]


@pytest.mark.browser
def test_the_list_of_who_fails_anyway_is_shown_where_it_is_asked_for(chromium: Any, file: str, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of("stress", book(e_equity=-1.0), Options(lang="zh"), file), tmp_path)
    assert "Firma E" not in opened.page.inner_text("#part-failed")
    opened.page.click("#b-anyway")
    assert "Firma E" in opened.page.inner_text("#part-failed")
    assert "显示无冲击时亦违约的 1 个主体" in opened.page.inner_text("#part-failed")
    assert opened.errors == []
