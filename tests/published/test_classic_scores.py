"""Altman and Merton against tests/published/credit: altman.json, merton.json (five printed firms; Hull is recalled)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.kernels.credit.altman import EM, Z1, Z2, Variant, Z, altman
from graphrisk.kernels.credit.merton import default_probability, distance_to_default, solve_merton
from graphrisk.model.ask import Ask
from tests.worlds.build import graph_of

FOLDER = Path(__file__).parent / "credit"


def golden(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def score(variant: Variant, given: dict[str, float], equity: str) -> float:
    found = altman(
        variant, working_capital=given["wc"], retained_earnings=given["re"], ebit=given["ebit"], equity=given[equity],
        total_liabilities=given["tl"], sales=given["s"], total_assets=given["ta"],
    )  # fmt: skip
    return float(found)


def test_altman_by_the_examples() -> None:
    book = golden("altman.json")
    hull, private = book["hull"], book["private"]
    assert pytest.approx(hull["z"], abs=1e-12) == score(Z, hull["inputs"], "mve")
    assert hull["published"] == round(score(Z, hull["inputs"], "mve"), 2)
    assert pytest.approx(private["zp"], abs=1e-12) == score(Z1, private["inputs"], "bve")
    assert pytest.approx(private["zpp"], abs=1e-12) == score(Z2, private["inputs"], "bve")
    assert pytest.approx(private["zpp"] + 3.25, abs=1e-12) == score(EM, private["inputs"], "bve")


def test_coefficients_and_zones_of_altman() -> None:
    table = golden("altman.json")["coefficients"]
    for name, variant in (("Z", Z), ("Zp", Z1), ("Zpp", Z2)):
        known = [table[name].get(f"x{k}", 0.0) for k in range(1, 6)]
        assert known == list(variant.weights)
        assert table[name]["zones"] == [variant.distress, variant.safe]
    assert [3.25, 4.35, 5.85] == [EM.constant, EM.distress, EM.safe]
    assert table["Zpp_em"]["zones"] == [EM.distress, EM.safe]


def test_merton_by_five_printed_firms_and_hull() -> None:
    book = golden("merton.json")
    firms = book["firms"]
    columns = {key: np.array([f[key] for f in firms]) for key in firms[0] if key != "published"}
    found = solve_merton(columns["equity"], columns["equity_vol"], columns["liability"], rate=columns["rate"])
    distance = distance_to_default(found.value, found.volatility, columns["liability"], drift=columns["drift"])
    assert found.residual.max() < 1e-12
    for mine, key in ((found.value, "asset_value"), (found.volatility, "asset_vol"), (distance, "dd"),
                      (default_probability(distance), "pd")):  # fmt: skip
        assert mine == pytest.approx(columns[key], rel=1e-9)
    assert [f["published"]["dd"] for f in firms] == distance.round(4).tolist()
    assert [f["published"]["pd"] for f in firms] == default_probability(distance).round(4).tolist()
    assert [f["published"]["asset_value"] for f in firms] == found.value.round(-3).tolist()
    hull = book["hull"]
    one = solve_merton(hull["E"], hull["sE"], hull["D"], rate=hull["r"])
    risk = default_probability(distance_to_default(one.value, one.volatility, hull["D"], drift=hull["r"]))
    assert pytest.approx([hull["V"], hull["sV"], hull["pd"]]) == [one.value[0], one.volatility[0], risk[0]]


def test_the_analyzer_gives_the_printed_distance_to_default() -> None:
    firm = golden("merton.json")["firms"][0]
    rows = {
        "parties": [{"party_id": "上市公司"}],
        "financials": [
            {"party_id": "上市公司", "market_value_equity": firm["equity"], "equity_volatility": firm["equity_vol"],
             "current_liabilities": firm["liability"]}
        ],
    }  # fmt: skip
    params = {"rate": firm["rate"], "drift": firm["drift"]}
    found = computed(graph_of(**rows))(Ask(key="scores", analyzer="scores", params=params)).values
    row = found[found["score"] == "merton"].iloc[0]
    assert firm["published"]["dd"] == round(row["value"], 4)
    assert row["residual"] < 1e-12
    assert not row["proxy"]


def test_every_solvable_firm_is_solved_to_its_residual() -> None:
    dice = np.random.default_rng(5)
    equity, debt = np.exp(dice.normal(0.0, 3.0, (2, 400)))
    found = solve_merton(equity, dice.uniform(0.02, 3.0, 400), debt, rate=0.03)
    assert found.residual.max() < 1e-9
    assert np.isnan(solve_merton([1.0, 0.0, np.nan], [0.3, 0.3, 0.3], [1.0, 1.0, 1.0], rate=0.0).value).tolist() == [
        False, True, True,
    ]  # fmt: skip
