"""Beneficial owners and lists against rules read in their text and worked examples: tests/published/ownership."""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.errors import DataError
from tests.analyze.owners_books import owners_of
from tests.published.test_ownership import vector

OFAC = ["ofac399_aggregate", "ofac401_ex1", "ofac401_ex2", "ofac401_ex3", "ofac401_ex4", "ofac401_ex5",
        "ofac_puzzle_publicai4"]  # fmt: skip


def edges(case: Any) -> list[tuple[str, str, float]]:
    return [(e["src"], e["dst"], e["share"]) for e in case["graph"]["edges"]]


@pytest.mark.parametrize("name", OFAC)
def test_the_fifty_percent_rule_of_ofac(name: str) -> None:
    case = vector(name)
    found = owners_of(edges(case), regime="ofac", listed=",".join(case["params"]["seed_set"])).listed
    reached = found.loc[found["reached"].fillna(False).astype(bool), "party_id"]
    assert case["expected"]["blocked_entities"] == sorted(reached)


def test_parallel_chains_add_up() -> None:
    case = vector("amlr52_parallel_chains")
    found = owners_of(edges(case), persons="PQ", regime="amlr", party="T").owners
    assert case["expected"] == {
        k: pytest.approx(v) for k, v in zip(found["owner_id"], found["capital_min"], strict=True)
    }
    assert found["certain"].all()


def test_control_of_a_holder_makes_an_owner_although_the_product_is_below_the_line() -> None:
    case = vector("amlr54_control_then_share")
    found = owners_of(edges(case), persons="PQR", regime="amlr", party="T").owners
    assert case["expected"]["all"] == sorted(found["owner_id"])
    row = found.set_index("owner_id").loc["P"]
    assert ("ownership_and_control", "Art. 54(a)", ["P", "H", "T"]) == (row["basis"], row["legal_basis"], row["path"])
    assert row["capital_min"] == pytest.approx(0.18)


def test_two_firms_that_own_each_other_have_no_owner_and_it_ends() -> None:
    assert owners_of([("Alpha", "Beta", 1.0), ("Beta", "Alpha", 1.0)], regime="amlr").owners.empty


@pytest.mark.parametrize("at", [0, 1])
def test_the_affiliates_rule_on_its_days(at: int) -> None:
    case = vector("fifty_percent_dated_regimes")
    said = case["vectors"][at]
    names = sorted(case["listed"])
    found = owners_of(
        case["edges"], regime="bis", listed=",".join(names), on=said["as_of"],
        requirements=tuple(case["listed"][n] for n in names), strictness=(1.0, 2.0, 1.0),
    ).listed  # fmt: skip
    reached = found[found["reached"].fillna(False).astype(bool)]
    assert said["restricted"] == sorted(reached["party_id"])
    assert sorted(said["red_flags"]) == sorted(found.loc[found["red_flag"].astype(bool), "party_id"])
    if at == 0:
        asked = dict(zip(found["party_id"], found["requirement"], strict=True))
        assert asked["X"] == case["listed"]["L2"] == asked["Z"]


def test_the_affiliates_rule_after_its_last_known_day_is_not_guessed() -> None:
    case = vector("fifty_percent_dated_regimes")
    with pytest.raises(DataError, match="not known whether the rule returned") as caught:
        owners_of(case["edges"], regime="bis", listed="L1", on=case["vectors"][2]["as_of"])
    assert caught.value.exit_code == 3
