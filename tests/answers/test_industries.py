"""Industries by name beside the code, where the codes are those of GB/T 4754-2017 and nowhere else."""

from __future__ import annotations

from importlib import resources

import pandas as pd

from graphrisk.answers.industries import industry_names, with_industry_names
from tests.worlds.build import graph_of


def book(country: str, *codes: str) -> dict[str, str]:
    parties = [
        {"party_id": f"P{k}", "name": f"P{k}", "country": country, "industry": code} for k, code in enumerate(codes)
    ]
    return dict(industry_names(graph_of(parties=parties), "zh"))


SECTIONS = "A5 B12 C43 D46 E50 F52 G60 H62 I65 J69 K70 L72 M75 N79 O82 P83 Q85 R90 S96 T97"
"""Sections of the standard, each with its last division."""


def test_all_divisions_of_the_standard_are_there_in_their_sections() -> None:
    text = resources.files("graphrisk.answers").joinpath("industries.csv").read_text("utf-8")
    expected, division = [], 0
    for section in SECTIONS.split():
        while division < int(section[1:]):
            division += 1
            expected.append(f"{section[0]}{division:02d}")
    assert expected == [line.split(",")[0] for line in text.splitlines()[1:]]
    assert len({line.split(",")[1] for line in text.splitlines()[1:]}) == 97  # no name twice


def test_codes_of_a_chinese_book_are_named_with_their_division() -> None:
    assert book("CN", "C17", "C1711", "F51") == {"C17": "C17 纺织业", "C1711": "C1711 纺织业", "F51": "F51 批发业"}


def test_codes_of_another_country_and_names_stay_as_they_are() -> None:
    assert book("DE", "C17", "F51") == {}
    assert book("CN", "纺织", "建材") == {}
    assert book("CN", "17.1", "C17") == {}
    assert book("CN") == {}


def test_a_table_of_groups_names_its_industries_and_nothing_else() -> None:
    graph = graph_of(
        parties=[{"party_id": f"P{k}", "name": f"P{k}", "country": "CN", "industry": "F51"} for k in range(3)]
    )
    groups = pd.DataFrame({"dimension": ["industry", "region", "industry"], "group": ["F51", "F51", "?"]})
    assert ["F51 批发业", "F51", "?"] == with_industry_names(groups, graph, "zh")["group"].tolist()
    assert ["F51", "F51", "?"] == groups["group"].tolist()
    assert groups is with_industry_names(groups, None, "zh")
