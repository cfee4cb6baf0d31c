"""Cases that somebody outside would check by hand: a folder of CSV, loaded, shocked, and the arithmetic beside it."""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import graphrisk as gr
from graphrisk.demo.world import write_bank
from tests.worlds.build import AS_OF

PARTIES = "party_id,name,kind\nA,A,company\nB,B,company\nC,C,company\nD,D,company\n"
ACCOUNTS = "party_id,period_end_on,currency,equity\nA,2025-12-31,CNY,10\nB,2025-12-31,CNY,500\nC,2025-12-31,CNY,500\n"


def _load(folder: Path, files: Mapping[str, str]) -> Any:
    (folder / "in").mkdir(parents=True)
    for name, text in files.items():
        (folder / "in" / f"{name}.csv").write_text(text, encoding="utf-8")
    workspace = gr.open(str(folder))
    workspace.load("bank_csv", folder / "in", as_of=AS_OF, strict=True)
    return workspace


def _run(folder: Path, files: Mapping[str, str], shocks: Mapping[str, float], **params: Any) -> Any:
    document = json.loads(_load(folder, files).analyze("contagion", shocks=shocks, all_rows=True, **params).to_json())
    assert document["certificate"]["conservation_residual"] <= 1e-9
    return document["tables"]


def _by(rows: list[dict[str, Any]], *keys: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row for row in rows}


def test_one_cap_behind_two_facilities_is_cut_pro_rata_and_the_others_take_up_the_gap(tmp_path: Path) -> None:
    """B stands with 50 behind all of A, severally; C with 100 behind F1, jointly and severally.

    Shares of F1: 50 and 100 of 150. B is asked 60/3 = 20 for F1 and all 40 of F2, 60 in all, cut to 50: 50/3 and 100/3.
    C is asked the rest of F1, 60 - 50/3. The rest of F2, 20/3, is the bank's.
    """
    tables = _run(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": ACCOUNTS,
            "facilities": "facility_id,borrower_id,currency,outstanding\nF1,A,CNY,60\nF2,A,CNY,40\n",
            "guarantees": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
            "G,B,A,,50,CNY,several\nH,C,A,F1,100,CNY,joint_several\n",
        },
        {"A": 1.0},
    )
    calls = _by(tables["contagion_calls"], "guarantee_id", "facility_id")
    assert {
        ("G", "F1"): pytest.approx(50 / 3),
        ("G", "F2"): pytest.approx(100 / 3),
        ("H", "F1"): pytest.approx(130 / 3),
    } == {key: row["paid"] for key, row in calls.items()}
    loss = _by(tables["contagion_facilities"], "facility_id")
    assert [0.0, pytest.approx(20 / 3)] == [loss["F1"]["bank_loss"], loss["F2"]["bank_loss"]]


@pytest.mark.parametrize(("mode", "fails"), [("several", True), ("joint_several", False)])
def test_a_guarantor_that_has_nothing_is_asked_for_its_share_but_not_for_what_others_leave(
    tmp_path: Path, mode: str, fails: bool
) -> None:
    """D has no accounts and can pay nothing. A several guarantor is asked whatever it has; of the jointly and severally
    liable ones only those that have capacity left are asked."""
    tables = _run(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": ACCOUNTS,
            "facilities": "facility_id,borrower_id,currency,outstanding\nF,A,CNY,60\n",
            "guarantees": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode\n"
            f"G,D,A,F,60,CNY,{mode}\n",
        },
        {"A": 1.0},
    )
    party = _by(tables["contagion_parties"], "party_id")["D"]
    assert [60.0] == [row["bank_loss"] for row in tables["contagion_facilities"]]
    assert (fails, 60.0 if fails else 0.0) == (party["defaulted"], party["guarantee_unmet"])


@pytest.mark.parametrize(
    ("rule", "seniority", "lost"),
    [
        ("en", "pari", 40 * 0.3),  # 70 of means for 100 of debts
        ("en", "senior", 40 - 10),  # 60 owed outside come first, 10 are left
        ("rv", "pari", 40 * (1 - 0.63)),  # a default costs a tenth of 70
        ("rv", "senior", 40 - 3),  # 63 less 60
    ],
)
def test_a_debtor_short_of_means_pays_by_its_balance_sheet(
    tmp_path: Path, rule: str, seniority: str, lost: float
) -> None:
    """A owes 100, of it 40 to B, and has 70."""
    files = {
        "parties": PARTIES,
        "financials": "party_id,period_end_on,currency,equity,total_liabilities\n"
        "A,2025-12-31,CNY,-30,100\nB,2025-12-31,CNY,500,0\n",
        "exposures": "creditor_id,debtor_id,amount,currency\nB,A,40,CNY\n",
    }
    costs = {"alpha": 0.9, "beta": 0.5} if rule == "rv" else {}
    tables = _run(tmp_path, files, {"A": 1.0}, rule=rule, seniority=seniority, **costs)
    assert pytest.approx(lost) == _by(tables["contagion_parties"], "party_id")["B"]["loss_exposures"]


def test_an_owner_loses_the_fall_of_its_asset_and_what_it_pays_for_another(tmp_path: Path) -> None:
    """120 of C stand for A's 100, allocated 90, haircut 0.25; prices fall by a fifth.

    The asset pays 90 x 0.8 x 0.75 = 54 (it could pay 72): 46 are short. C loses 24 by the price and 54 by the pledge.
    """
    (tmp_path / "story.toml").write_text(
        '[[shock]]\nparties = ["A"]\nloss = 1.0\n[[shock]]\ncollateral = {kind = "real_estate"}\nprice = -0.2\n',
        encoding="utf-8",
    )
    workspace = _load(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": ACCOUNTS,
            "facilities": "facility_id,borrower_id,currency,outstanding\nF,A,CNY,100\n",
            "collateral": "collateral_id,kind,owner_id,value,currency,haircut\nX,real_estate,C,120,CNY,0.25\n",
            "pledges": "facility_id,collateral_id,allocated_amount,currency\nF,X,90,CNY\n",
        },
    )
    tables = json.loads(workspace.analyze("contagion", scenario=tmp_path / "story.toml").to_json())["tables"]
    (facility,) = tables["contagion_facilities"]
    assert [54.0, 46.0] == pytest.approx([facility["collateral_recovery"], facility["bank_loss"]])
    assert pytest.approx(24 + 54) == _by(tables["contagion_parties"], "party_id")["C"]["loss_collateral"]


def test_sales_lower_the_price_for_the_lender_and_for_other_owners(tmp_path: Path) -> None:
    """60 of the 400 in the class are sold: the price is exp(-0.5 x 60 / 400), and the pledge takes 60 at that price."""
    tables = _run(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": ACCOUNTS,
            "facilities": "facility_id,borrower_id,currency,outstanding\nF,A,CNY,60\n",
            "collateral": "collateral_id,kind,owner_id,value,currency\nX,inventory,A,100,CNY\nY,inventory,C,300,CNY\n",
            "pledges": "facility_id,collateral_id\nF,X\n",
        },
        {"A": 1.0},
        impact_beta=0.5,
    )
    assert '"guarantor_paid": 0.0' in json.dumps(tables["contagion_facilities"])
    fall = 1.0 - math.exp(-0.5 * 60 / 400)
    assert pytest.approx(60 * fall) == tables["contagion_facilities"][0]["bank_loss"]
    assert pytest.approx(300 * fall) == _by(tables["contagion_parties"], "party_id")["C"]["loss_collateral"]


def test_what_a_joint_guarantor_does_not_recover_is_called_before_default(tmp_path: Path) -> None:
    """A has lost half of its equity: 50 of 100, and 0.6 of the other 50 that B pays and does not get back."""
    tables = _run(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": ACCOUNTS,
            "facilities": "facility_id,borrower_id,currency,outstanding\nF,A,CNY,100\n",
            "guarantees": "guarantee_id,guarantor_id,debtor_id,facility_id,amount,currency,mode,liability\n"
            "G,B,A,F,100,CNY,several,joint\n",
        },
        {"A": 0.5},
        rule="debtrank",
        recourse=0.4,
    )
    assert pytest.approx(80.0) == _by(tables["contagion_parties"], "party_id")["B"]["guarantee_paid"]


@pytest.mark.parametrize(("end", "lost"), [("2026-09-30", 0.0), ("2026-10-01", 30.0)])
def test_a_delivery_counts_until_the_day_on_which_it_ends(tmp_path: Path, end: str, lost: float) -> None:
    """Without A, whose deliveries are essential, B produces nothing and loses its profit of 30; C delivers as ever."""
    tables = _run(
        tmp_path,
        {
            "parties": PARTIES,
            "financials": "party_id,period_end_on,currency,equity,sales,material_cost\n"
            "A,2025-12-31,CNY,10,,\nB,2025-12-31,CNY,500,80,50\n",
            "supplies": "supplier_id,buyer_id,amount,currency,essential,to_on\n"
            f"A,B,20,CNY,true,{end}\nC,B,20,CNY,false,\n",
        },
        {"A": 1.0},
    )
    assert lost == _by(tables["contagion_parties"], "party_id")["B"]["loss_supplies"]


def test_the_order_of_lines_and_columns_in_the_files_changes_no_byte(tmp_path: Path) -> None:
    write_bank(tmp_path / "bank", clients=50, seed=3)
    documents = []
    for number in range(2):
        folder, dice = tmp_path / f"order{number}", random.Random(number)
        (folder / "in").mkdir(parents=True)
        for file in sorted((tmp_path / "bank").glob("*.csv")):
            with file.open(encoding="utf-8-sig", newline="") as source:
                rows = list(csv.DictReader(source))
            if not rows:
                continue
            columns = dice.sample(list(rows[0]), len(rows[0]))
            with (folder / "in" / file.name).open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, columns)
                writer.writeheader()
                writer.writerows(dice.sample(rows, len(rows)))
        workspace = gr.open(str(folder))
        workspace.load("bank_csv", folder / "in", as_of=AS_OF)
        party = workspace.table("guarantees")["debtor_id"].min()
        documents.append(
            [
                workspace.analyze("contagion").to_json(),
                workspace.analyze("explain", party=party, shocks={party: 1.0}).to_json(),
                workspace.analyze("intervene", shocks={party: 1.0}, max_candidates=4).to_json(),
                workspace.analyze("portfolio", scenarios=2000).to_json(),
                workspace.analyze("quality").to_json(),
            ]
        )
    assert documents[0] == documents[1]


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("debtrank", "recovery", 0.5),
        ("threshold", "alpha", 2.0),
        ("en", "sigma", 0.2),
        ("debtrank", "seniority", "senior"),
    ],
)
def test_a_parameter_that_the_rule_does_not_read_is_said(tmp_path: Path, rule: str, name: str, value: Any) -> None:
    workspace = _load(tmp_path, {"parties": PARTIES, "financials": ACCOUNTS})
    said = f"warning: {name} has no effect under rule {rule}"
    assert said in workspace.analyze("contagion", shocks={"A": 1.0}, rule=rule, **{name: value}).notes
    assert said not in workspace.analyze("contagion", shocks={"A": 1.0}, rule=rule).notes


def test_a_scenario_without_a_shock_is_said_to_shock_nobody(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text('name = "nothing yet"\n', encoding="utf-8")
    workspace = _load(tmp_path, {"parties": PARTIES, "financials": ACCOUNTS})
    notes = workspace.analyze("contagion", scenario=tmp_path / "empty.toml").notes
    assert any("has no [[shock]]" in note for note in notes)


OWED = {"A": 100.0, "B": 70.0, "C": 55.0, "D": 90.0, "E": 30.0, "F": 45.0}
EQUITY = {"A": 20.0, "B": 25.0, "C": 40.0, "D": 15.0, "E": 60.0, "F": 10.0}
CLAIMS = {("B", "A"): 26.0, ("C", "B"): 25.0, ("C", "D"): 20.0, ("D", "E"): 14.0, ("E", "A"): 70.0, ("F", "C"): 10.0}
PD = {"A": 0.03, "B": 0.05, "C": 0.02, "D": 0.1, "E": 0.04, "F": 0.06}


def _failed(drawn: frozenset[str]) -> frozenset[str]:
    """Return who fails in the end: a creditor does once its claims on those that failed reach its equity."""
    down = drawn
    while True:
        hit = {i for i in OWED if sum(a for (c, d), a in CLAIMS.items() if c == i and d in down) >= EQUITY[i]}
        if hit <= down:
            return down
        down = down | hit


def test_the_simulated_tail_is_that_of_every_set_of_defaults(tmp_path: Path) -> None:
    """Six loans, one factor of correlation 0.2: all 64 sets of first defaults, by quadrature over the factor."""
    rho, level = 0.2, 0.99
    factor, weight = np.polynomial.hermite_e.hermegauss(160)
    weight = weight / weight.sum()
    given = {i: norm.cdf((norm.ppf(p) - np.sqrt(rho) * factor) / np.sqrt(1 - rho)) for i, p in PD.items()}
    chance: dict[float, float] = {}
    for flags in itertools.product((False, True), repeat=len(OWED)):
        drawn = frozenset(i for i, flag in zip(OWED, flags, strict=True) if flag)
        each = np.prod([given[i] if i in drawn else 1 - given[i] for i in OWED], axis=0)
        loss = sum(OWED[i] for i in _failed(drawn))
        chance[loss] = chance.get(loss, 0.0) + float(weight @ each)
    assert pytest.approx(1.0) == sum(chance.values())
    expected = sum(loss * p for loss, p in chance.items())
    var = min(loss for loss in chance if sum(p for other, p in chance.items() if other <= loss) >= level)
    beyond = {loss: p for loss, p in chance.items() if loss > var}
    shortfall = (sum(x * p for x, p in beyond.items()) + var * (1 - level - sum(beyond.values()))) / (1 - level)

    lines = [f"{i},{i},company" for i in OWED]
    workspace = _load(
        tmp_path,
        {
            "parties": "party_id,name,kind\n" + "\n".join(lines) + "\n",
            "financials": "party_id,period_end_on,currency,equity\n"
            + "".join(f"{i},2025-12-31,CNY,{e}\n" for i, e in EQUITY.items()),
            "facilities": "facility_id,borrower_id,currency,outstanding,lgd\n"
            + "".join(f"F-{i},{i},CNY,{a},1\n" for i, a in OWED.items()),
            "exposures": "creditor_id,debtor_id,amount,currency\n"
            + "".join(f"{c},{d},{a},CNY\n" for (c, d), a in CLAIMS.items()),
            "ratings": "party_id,as_of_on,model,pd\n" + "".join(f"{i},2026-06-30,m,{p}\n" for i, p in PD.items()),
        },
    )
    document = json.loads(workspace.analyze("portfolio", scenarios=20_000, rho=rho, levels=(level,)).to_json())
    row = _by(document["tables"]["portfolio_summary"], "measure")
    for measure, exact in (("EL", expected), ("VaR", var), ("ES", shortfall)):
        assert row[measure]["with_low"] - 1e-9 <= exact <= row[measure]["with_high"] + 1e-9, measure
        assert row[measure]["with_high"] - row[measure]["with_low"] < 0.15 * exact, measure
    assert pytest.approx(sum(PD[i] * OWED[i] for i in OWED)) == row["EL"]["closed_form"]
