from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graphrisk.model.check import check_tables
from tests.worlds.build import AS_OF, parties, tables_of

SHARELESS = "share is empty: a co-borrower of mode several owes its share only, so it needs one"
TOO_MUCH = "shares of the co-borrowers of mode several of one facility sum to more than 1"


def refused(*rows: dict[str, Any]) -> list[tuple[list[int], str]]:
    tables = tables_of(
        parties=parties("A", "B", "C"),
        facilities=[{"facility_id": "F", "borrower_id": "A", "outstanding": 1.0}],
        co_borrowers=[{"facility_id": "F", **row} for row in rows],
    )
    return [(reject.rows.tolist(), reject.reason) for reject in check_tables(tables, as_of=AS_OF).rejects]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"party_id": "B"}, {"party_id": "C", "mode": "several", "share": 1.0}], []),
        ([{"party_id": "B", "mode": "several"}], [([0], SHARELESS)]),
        (
            [{"party_id": p, "mode": "several", "share": s} for p, s in (("B", 0.6), ("C", 0.5))],
            [([0, 1], TOO_MUCH)],
        ),
        (
            [
                {"party_id": "B", "mode": "several", "share": 0.6},
                {"party_id": "C", "mode": "several", "share": 0.5, "to_on": date(2026, 1, 1)},
            ],
            [],
        ),
        ([{"party_id": "B"}, {"party_id": "B"}], [([1], "facility_id + party_id repeats an earlier row: such a key "
          "names one row; the first was kept, remove or correct the others")]),
    ],
)  # fmt: skip
def test_co_borrowers_of_one_facility_fit_together(
    rows: list[dict[str, Any]], expected: list[tuple[list[int], str]]
) -> None:
    assert expected == refused(*rows)


def test_a_co_borrower_of_no_loaded_facility_or_party_is_refused_with_what_to_do() -> None:
    (first, second) = refused({"party_id": "Z"}, {"party_id": "B", "facility_id": "none"})
    assert first == ([0], "party_id names no party that is loaded: add it to parties or correct the id")
    assert second == ([1], "facility_id names no facility that is loaded: add it to facilities or correct the id")
