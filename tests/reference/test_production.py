"""The reference's production against published scores: a book without accounts is ESRI to the letter."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.reference.model import contagion
from tests.reference.settings import Settings

PUBLISHED = Path(__file__).parent.parent / "published/contagion"
SETTINGS = Settings(supply_default="none", layers={"supplies"}, all_rows=True)


def rows(name: str) -> list[dict]:
    with (PUBLISHED / name).open(encoding="utf-8") as file:
        return [{key: value.strip() for key, value in row.items()} for row in csv.DictReader(file)]


def book(name: str, *, essential: bool) -> dict[str, list[dict]]:
    """Return the published network as tables, without accounts."""
    parties = [{"party_id": row["firm"], "industry": row["industry"]} for row in rows(f"esri_{name}_nodes.csv")]
    supplies = [
        {"supplier_id": row["supplier"], "buyer_id": row["buyer"], "amount": float(row["amount"]), "currency": "CNY"}
        | {"essential": essential}
        for row in rows(f"esri_{name}_edges.csv")
    ]
    return {"parties": parties, "supplies": supplies}


def production_lost(data: dict[str, list[dict]], seed: str) -> dict[str, float]:
    found = contagion(data, "2026-06-30", SETTINGS, fraction={seed: 1.0})["contagion_parties"]
    return {row["party_id"]: row["production_lost"] for row in found}


def test_production_lost_is_the_published_h_of_each_firm():
    expected = {row["firm"]: max(float(row["hd"]), float(row["hu"])) for row in rows("esri_mis11_h.csv")}
    data = book("mis11", essential=False)
    for row in data["parties"]:
        row["industry"] = None  # the published network has no substitutes: each firm is a market of its own
    assert production_lost(data, "3") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("name", "essential"), [("lin", False), ("leo", True)])
def test_scores_of_eleven_firms_are_the_published_ones(name, essential):
    data = book("ex11", essential=essential)
    sold = {row["party_id"]: 0.0 for row in data["parties"]}
    for delivery in data["supplies"]:
        sold[delivery["supplier_id"]] += delivery["amount"]
    for row in rows(f"esri_ex11_{name}_sub_scores.csv"):
        lost = production_lost(data, row["firm"])
        score = sum(sold[firm] * part for firm, part in lost.items()) / sum(sold.values())
        assert float(row["esri"]) == pytest.approx(score, abs=1e-12)
