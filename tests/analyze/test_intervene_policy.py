"""The best single actions, what each saves and costs, and the policy of the bank that says so."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from graphrisk.analyze import intervene
from graphrisk.analyze.intervene.params import KINDS, OFFERED
from graphrisk.analyze.intervene.policy import read_policy
from graphrisk.errors import UsageError
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result, records
from graphrisk.progress import silent
from tests.analyze import contagion_runs
from tests.worlds.build import ring

POLICY = """
[cut]
cost = 0.03
unit = "yearly margin forgone"
[collateral]
cost = 0.5
[split]
allowed = false
"""


def run(**params: object) -> Result:
    return intervene.run(
        contagion_runs.graph_from(ring(3)),
        parse_params(intervene.Params, params, where="intervene"),
        inputs=Inputs(shocks={"P0": 1.0}),
        progress=silent,
    )


def test_capital_of_the_client_is_off_unless_named() -> None:
    assert "capital" not in OFFERED
    assert "capital" not in set(run().candidates["action"])
    assert "capital" in set(run(actions=KINDS).candidates["action"])


def test_the_best_are_single_actions_with_what_they_save_and_cost() -> None:
    result = run(best=3)
    best = records(result.best)
    assert [1, 2, 3] == [row["rank"] for row in best]
    rates = [row["saves"] / row["cost"] for row in best]
    assert sorted(rates, reverse=True) == rates
    base = result.certificate["measure_before"]
    assert all(row["measure_after"] == pytest.approx(base - row["saves"]) for row in best)
    assert all(f"costs {row['cost']:,.2f} CNY" in row["sentence"] for row in best)
    assert len({(row["action"], row["contract_id"], row["guarantor_id"]) for row in best}) == len(best)
    top = max(row["effect_per_cost"] for row in records(result.candidates) if row["effect_per_cost"] is not None)
    assert top == pytest.approx(rates[0])


def test_the_number_of_the_best_is_asked_for() -> None:
    assert [0, 1, 5] == [len(run(best=number).best) for number in (0, 1, 5)]
    assert 5 == intervene.Params().best


def test_a_policy_sets_costs_units_and_what_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, "utf-8")
    settings = read_policy(file)
    assert (0.03, 0.5, ("cut=yearly margin forgone",)) == tuple(
        settings[name] for name in ("cost_cut", "cost_collateral", "cost_units")
    )
    assert set(OFFERED) - {"split"} == set(settings["actions"])
    top = records(run(**settings).best)[0]
    assert ("cut", "yearly margin forgone") == (top["action"], top["cost_unit"])
    assert math.isclose(top["cost"], 0.03 * top["size"])
    assert "(yearly margin forgone)" in top["sentence"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cuts]\ncost = 1\n", "no kind of action is called 'cuts'"),
        ("[cut]\nprice = 1\n", "cut.price is not known"),
        ("[cut]\ncost = -1\n", "cut.cost is a number"),
        ('[cut]\nallowed = "no"\n', "cut.allowed is true or false"),
        ("cut = 1\n", "cut is a table"),
        ("[cut\n", "is not valid TOML"),
    ],
)
def test_a_wrong_policy_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=said.replace(".", r"\.")):
        read_policy(file)
