"""The check before signing against vectors in the semantics of LDBC FinBench: tests/published/ownership."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analyze.prechecks import prechecked
from tests.published.test_ownership import vector

GOLDEN = vector("precheck_new_guarantee")


def world() -> dict[str, list[dict[str, Any]]]:
    return {
        "parties": [{"party_id": name} for name in GOLDEN["loans"]],
        "facilities": [
            {"facility_id": f"F{name}{k}", "borrower_id": name, "outstanding": float(due)}
            for name, loans in GOLDEN["loans"].items()
            for k, due in enumerate(loans)
        ],
        "guarantees": [{"guarantor_id": a, "debtor_id": b, "amount": 1.0} for a, b in GOLDEN["guarantees"]],
    }


@pytest.mark.parametrize("at", range(len(GOLDEN["cases"])))
def test_the_loans_that_a_new_guarantee_reaches(at: int) -> None:
    case = GOLDEN["cases"][at]
    guarantor, debtor = case["new"]
    new = {"guarantee_id": "NEW", "guarantor_id": guarantor, "debtor_id": debtor, "amount": 1.0}
    found = prechecked(world(), {"guarantees": [new]}, chain_loans=case["threshold"])
    (row,) = found.chain.to_dict("records")
    keys = {"reach": "reach", "loans_sum": "sum", "loans_count": "count", "threshold": "threshold", "ok": "ok"}
    assert {name: case[key] for name, key in keys.items()} == {name: row[name] for name in keys}
    assert (guarantor, case["closes_circle"]) == (row["guarantor_id"], row["closes_circle"])
    assert case.get("circles", []) == found.circles["circle"].tolist()
    broken = dict(zip(found.summary["measure"], found.summary["broken"], strict=True))
    assert broken["chain_loans"] == (not case["ok"])
