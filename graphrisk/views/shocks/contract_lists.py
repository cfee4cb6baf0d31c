"""The lists beside a replay: guarantees called, facilities that fall short, and who fails without the shock too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.model.result import plain, records
from graphrisk.views.data.panels import panel
from graphrisk.views.shocks.causes import Causes, cause_in_words

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk
    from graphrisk.views.shocks.effect import ShockEffect

ROWS = 40
"""Most contracts listed; what is left out is said below the list."""
LISTED = 1000
"""Most parties listed that fail anyway."""


def contract_lists(desk: Desk, run: ShockEffect) -> list[dict[str, Any]]:
    """Return the guarantees called and the facilities that fall short by the shock, the largest first."""
    graph, out = desk.page_graph.graph, []
    row_of = {str(name): k for k, name in enumerate(graph.texts("guarantees", "guarantee_id"))}
    debtor = graph.positions("guarantees", "debtor_id")
    calls = run.calls[(run.calls["more_called"] != 0) | (run.calls["more_paid"] != 0)]
    if len(calls):
        ordered = calls.sort_values(
            ["more_called", "guarantee_id", "facility_id"], ascending=[False, True, True], kind="stable"
        )
        rows = [
            [
                {"node": int(graph.locate("parties", [call.guarantor_id])[0])},
                {"node": int(debtor[row_of[str(call.guarantee_id)]])},
                plain(call.more_called),
                plain(call.more_paid),
                plain(call.more_unmet),
                *([plain(call.paid)] if run.given else []),
            ]
            for call in ordered.head(ROWS).itertuples()
        ]
        names = [("guarantor", "party"), ("debtor", "party")]
        names += [(name, "money") for name in ("called", "paid", "unmet", *(["paid_in_all"] if run.given else []))]
        out.append(_panel("calls", names, rows, len(calls), given=run.given))
    short = run.facilities[(run.facilities["short"] != 0) | (run.facilities["lost"] != 0)]
    if len(short):
        ordered = short.sort_values(["short", "facility_id"], ascending=[False, True], kind="stable")
        rows = [
            [
                {"node": int(graph.locate("parties", [row.borrower_id])[0])},
                plain(row.short),
                plain(row.paid),
                plain(row.lost),
                *([plain(row.bank_loss)] if run.given else []),
            ]
            for row in ordered.head(ROWS).itertuples()
        ]
        heads = [("party", "party")]
        more = ["unpaid_in_all"] if run.given else []
        heads += [(name, "money") for name in ("shortfall", "guarantors", "unpaid", *more)]
        out.append(_panel("shortfalls", heads, rows, len(short), given=run.given))
    return out


def baseline_list(desk: Desk, run: ShockEffect, causes: Causes, *, tab: str = "") -> list[dict[str, Any]]:
    """Return who fails without the shock too, a list that is shown where it is asked for; none where nobody does."""
    if not len(run.base):
        return []
    graph = desk.page_graph.graph
    rows = [
        [
            {"node": int(graph.locate("parties", [row["party_id"]])[0])},
            row["default_round"],
            cause_in_words(desk, row, causes),
            row["equity_base"],
            row["bank_loss_base"],
        ]
        for row in records(run.base.head(LISTED))
    ]
    names = (
        ("party", "party"),
        ("round", "count"),
        ("why", "text"),
        ("equity_base", "money"),
        ("bank_loss_round", "money"),
    )
    found = _panel("anyway", names, rows, len(run.base), given=True)
    return [{**found, "note": "anyway_note", "twin": True, "on_request": True, **({"tab": tab} if tab else {})}]


def _panel(key: str, names: Sequence[tuple[str, str]], rows: list[Any], total: int, *, given: bool) -> dict[str, Any]:
    note = f"{key}_added_note" if given and key != "anyway" else f"{key}_note"
    cells = [[None if isinstance(cell, float) and np.isnan(cell) else cell for cell in row] for row in rows]
    return panel(key, names, cells, total, note)
