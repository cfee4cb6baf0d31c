"""What every answer must do, in both languages: few sentences and tables, and nothing that matters lost."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pandas as pd
import pytest

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.analyze.needs import computed, run_with_needs
from graphrisk.answers.base import MOST_SENTENCES, MOST_TABLES, Answer, answer_names, answer_of
from graphrisk.answers.reader import Reader
from graphrisk.cli.grid import print_shown
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Column
from graphrisk.progress import silent
from graphrisk.rating.validation_tables import NETWORK
from tests.analyze.books import Rows, book
from tests.worlds.build import AS_OF, graph_of, parties, ring

WORLDS: dict[str, Rows] = {"empty": {}, "one party": {"parties": parties("A")}, "ring": ring(5), "book": book(1)}
NEEDS_SHOCK = {"explain", "intervene"}


ENGLISH = re.compile(r"(?<![\w./=\[-])[A-Za-z]*[a-z]{2,}(?:,? [a-z]{2,})+")
"""Two English words in a row, the second in small letters: a sentence, not a name."""
COMMANDS = re.compile(r"graphrisk [a-z]+|--format [a-z]+|pip install")


def left_in_english(text: str, result: Result) -> list[str]:
    """Return what a Chinese reader is told in English, but for commands and the titles of the rules."""
    said = result.certificate
    for title in (said.get("version"), (said.get("against") or {}).get("version")):
        text = text.replace(str(title), "")
    return ENGLISH.findall(COMMANDS.sub("", text))


def result_of(name: str, graph: RiskGraph, shocks: dict[str, float]) -> Result:
    found = find_analyzer(name)
    params = found.Params(scenarios=60) if name == "portfolio" else found.Params()
    if name == "explain":
        params = dataclasses.replace(params, party=next(iter(shocks)))
    inputs = Inputs(shocks=shocks if getattr(found, "TAKES_SHOCKS", False) and name != "portfolio" else {})
    return run_with_needs(name, graph, params, inputs=inputs, progress=silent, answer=computed(graph))


def reader_of(name: str, graph: RiskGraph, lang: str) -> Reader:
    return Reader(lang=lang, graph=graph, tables={table.name: table for table in find_analyzer(name).TABLES})


def test_every_analyzer_has_an_answer_of_its_own() -> None:
    commands = {"rate", "validate"}  # they answer like an analyzer, from models of the project
    assert [] == [name for name in answer_names() if name not in {*analyzer_names(), *commands}]


CASES = [
    (name, world) for name in analyzer_names() for world in WORLDS if not (name in NEEDS_SHOCK and world == "empty")
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("name", "world"), CASES)
def test_an_answer_is_short_and_shows_what_matters_at_120_columns(
    name: str, world: str, lang: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = graph_of(**WORLDS[world])
    first = [str(graph.party_ids[0])] if graph.size else []
    shocks: list[dict[str, float]] = [dict.fromkeys(first, 1.0)] if first else []
    if name not in NEEDS_SHOCK:
        shocks.append({})
    reader = reader_of(name, graph, lang)
    for shock in shocks:
        result = result_of(name, graph, shock)
        answer: Answer = answer_of(result, reader)
        assert 0 < len(answer.sentences) <= MOST_SENTENCES
        assert len(answer.tables) <= MOST_TABLES
        assert [] == [line for line in (*answer.sentences, answer.certificate) if re.search(r"\bnan\b|None|<NA>", line)]
        told = [*answer.sentences, *answer.warnings, *answer.notes, answer.certificate]
        told += [line for heading, lines in answer.details for line in (heading, *lines)]
        if lang == "zh":
            assert [] == [line for line in told if left_in_english(line, result)]
        monkeypatch.setenv("COLUMNS", "120")
        for shown in answer.tables:
            assert len(shown.frame)
            print_shown(shown, reader)
            text = capsys.readouterr().out
            left = text.partition("(a wider window shows them): ")[2] or text.partition("（加宽窗口显示）：")[2]
            dropped = {head.strip() for head in re.split(r"[,、\n]", left)}
            first = {name for name, _, importance in shown.columns(reader) if importance == 1}
            assert set() == dropped & {reader.heading(shown.table, name) for name in first}
            assert "no rows" not in text
            assert lang == "en" or [] == left_in_english(text, result)
            assert "nan" not in text.lower().split()


def test_what_a_result_of_another_package_says_follows_its_declaration() -> None:
    """An analyzer without an answer of its own is answered by its headline and its tables."""
    graph = graph_of(**ring(4))
    done = result_of("chains", graph, {})
    other = dataclasses.replace(done, analyzer="elsewhere", certificate={"headline": ["Four stand in a ring."]})
    answer = answer_of(other, reader_of("chains", graph, "en"))
    assert ("Four stand in a ring.",) == answer.sentences
    assert MOST_TABLES == len(answer.tables)
    assert {"chains_parties", "chains_circles"} <= {shown.table for shown in answer.tables}


def test_a_set_is_no_chain_and_a_circle_is_one() -> None:
    graph = graph_of(**ring(3))
    reader = reader_of("chains", graph, "en")
    tables: dict[str, Any] = {
        name: table.column("parties") for name, table in reader.tables.items() if "parties" in table.names
    }
    assert "A → B" == reader.cell(tables["chains_circles"], ["A", "B"])
    assert "A, B" == reader.cell(tables["chains_components"], ["A", "B"])


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0.0, "0", "0"),
        (999.0, "999", "999"),
        (12_345.0, "12.3 k", "1.23万"),
        (98_800_000.0, "98.8 m", "9,880万"),
        (2_500_000_000.0, "2.50 bn", "25.0亿"),
        (-46_000.0, "-46.0 k", "-4.60万"),
    ],
)
def test_money_is_readable_in_both_languages(value: float, en: str, zh: str) -> None:
    column = next(c for c in find_analyzer("chains").TABLES[0].columns if c.kind == "money")
    assert [en, zh] == [Reader(lang=lang).cell(column, value) for lang in ("en", "zh")]


@pytest.mark.parametrize(
    ("fraction", "said"),
    [(0.0, "0%"), (0.00001, "<0.01%"), (0.0181, "1.81%"), (0.5, "50.0%"), (1.0, "100%"), (None, "")],
)
def test_a_fraction_is_read_as_per_cent_and_a_small_one_is_not_nothing(fraction: float | None, said: str) -> None:
    column = next(c for t in find_analyzer("portfolio").TABLES for c in t.columns if c.kind == "fraction")
    assert said == Reader().cell(column, fraction)


def test_what_rounding_leaves_of_zero_is_read_as_that() -> None:
    column = Column(name="trend", kind="number", meaning="change in a year")
    assert ["~0", "~0", "0", "1e-07", "-0.25"] == [
        Reader().cell(column, value) for value in (1.9e-10, -7e-12, 0.0, 1e-7, -0.25)
    ]


@pytest.mark.parametrize(
    ("lang", "said"), [("en", ["own", "+ neighbour defaults"]), ("zh", ["自有特征", "+ 邻居违约"])]
)
def test_a_step_of_validation_is_shown_by_what_it_adds_so_that_its_verdict_fits(lang: str, said: list[str]) -> None:
    steps = ["own", "own+structure+neighbour_defaults"]
    rows = pd.DataFrame(
        {"split": "community", "kind": "add_on", "features": steps, "horizon_months": 3, "uplift": 0.02}
    )
    rows = rows.assign(low=0.01, high=0.03, verdict="helps")
    result = Result(
        analyzer="validate", version=1, as_of=AS_OF, fingerprint="", params={}, tables={"validate_network": rows},
        certificate={}, notes=(),
    )  # fmt: skip
    (shown,) = answer_of(result, Reader(lang=lang, tables={NETWORK.name: NETWORK})).tables
    assert said == shown.frame["features"].tolist()
    assert steps == rows["features"].tolist(), "files hold the whole"
