"""Industries by name beside the code, where the codes are those of GB/T 4754-2017 and nowhere else."""

from __future__ import annotations

from graphrisk.views.data.industries import industry_names
from tests.worlds.build import graph_of


def book(country: str, *codes: str) -> dict[str, str]:
    parties = [
        {"party_id": f"P{k}", "name": f"P{k}", "country": country, "industry": code} for k, code in enumerate(codes)
    ]
    return dict(industry_names(graph_of(parties=parties), "zh"))


def test_codes_of_a_chinese_book_are_named_with_their_division() -> None:
    assert book("CN", "C17", "C1711", "F51") == {"C17": "C17 纺织业", "C1711": "C1711 纺织业", "F51": "F51 批发业"}


def test_codes_of_another_country_and_names_stay_as_they_are() -> None:
    assert book("DE", "C17", "F51") == {}
    assert book("CN", "纺织", "建材") == {}
    assert book("CN", "17.1", "C17") == {}
    assert book("CN") == {}
