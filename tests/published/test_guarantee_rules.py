"""The supervisors' rules on guarantee circles against vectors of our own: tests/published/ownership."""

from __future__ import annotations

import pytest

from tests.analyze.test_contract import analyze
from tests.published.test_ownership import vector
from tests.worlds.build import graph_of

CASES = vector("cn_guarantee_circle_rules")["vectors"]
SAID = {"ok": None, "breach": "breach", "breach (no net assets)": "breach", "ok (exempt)": "exempt"}
SAID["unknown: equity missing, never ok"] = "unknown"


@pytest.mark.parametrize("at", range(len(CASES)))
def test_the_rules_of_2014_find_whom_they_say(at: int) -> None:
    case = CASES[at]
    debtors = [f"D{k}" for k in range(len(case["outward"]))]
    farmer = {"kind": "person", "industry": "A01"} if case.get("farmer") else {}
    found = analyze(
        "chains",
        graph_of(
            parties=[{"party_id": "G", **farmer}, *({"party_id": name} for name in debtors)],
            financials=[{"party_id": "G", "equity": case["equity"]}],
            guarantees=[
                {"guarantor_id": "G", "debtor_id": name, "amount": amount}
                for name, amount in zip(debtors, case["outward"], strict=True)
            ],
        ),
    ).findings
    level = dict(zip(found["rule"], found["level"], strict=True))
    stepped = level.get("net_assets") if level.get("net_assets") not in ("near", "watch") else None
    assert (SAID[case["net_assets"]], SAID[case["five_clients"]]) == (stepped, level.get("five_clients"))
    assert all("214" in text for text in found["legal_basis"])


def test_the_steps_below_the_line_are_reached_at_thirty_and_fifty_per_cent() -> None:
    gave = {"A": 29.99, "B": 30.0, "C": 49.99, "D": 50.0, "E": 100.0, "F": 100.01}
    found = analyze(
        "chains",
        graph_of(
            parties=[{"party_id": name} for name in (*gave, "Z")],
            financials=[{"party_id": name, "equity": 100.0} for name in gave],
            guarantees=[{"guarantor_id": name, "debtor_id": "Z", "amount": cap} for name, cap in gave.items()],
        ),
    ).findings
    assert [("F", "breach"), ("E", "near"), ("D", "near"), ("C", "watch"), ("B", "watch")] == list(
        zip(found["party_id"], found["level"], strict=True)
    )
