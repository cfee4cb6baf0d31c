"""Books of accounts with the gaps, signs and periods of real ones."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

LINES = (
    "total_assets", "current_assets", "cash", "inventory", "receivables", "total_liabilities", "current_liabilities",
    "long_term_debt", "equity", "retained_earnings", "sales", "cost_of_sales", "material_cost", "ebit",
    "interest_expense", "net_income", "operating_cash_flow", "investing_cash_flow", "financing_cash_flow",
    "market_value_equity",
)  # fmt: skip
SIGNED = ("equity", "retained_earnings", "ebit", "net_income", "operating_cash_flow", "investing_cash_flow",
          "financing_cash_flow")  # fmt: skip


def accounts_book(seed: int, size: int = 60) -> dict[str, list[dict[str, Any]]]:
    """Return parties with one to three statements each; some lines missing, zero or negative, some periods short."""
    dice = random.Random(seed)
    parties, rows = [], []
    for number in range(size):
        one = f"企业{number:03d}"
        parties.append(
            {
                "party_id": one,
                "is_client": dice.choice([True, True, True, False, None]),
                "industry": dice.choice(["C13", "C17", "F51", None]),
                "size": dice.choice(["small", "large", None]),
                "listed": dice.choice([True, False, None]),
                "country": dice.choice(["CN", None]),
            }
        )
        end = date(2025, 12, 31)
        for back in range(dice.randrange(4)):
            row: dict[str, Any] = {
                "party_id": one,
                "period_end_on": end - timedelta(days=365 * back + dice.choice([0, 0, 10, 40])),
            }
            for line in LINES:
                chance = dice.random()
                value = round(dice.lognormvariate(3.0, 1.0), 2)
                if line in SIGNED and chance < 0.4:
                    value = -value
                row[line] = None if chance < 0.12 else 0.0 if chance > 0.95 else value
            row["equity_volatility"] = dice.choice([None, 0.3, 0.7, 0.0])
            row["period_months"] = dice.choice([None, 12, 12, 6])
            if row["sales"] and dice.random() < 0.05:
                row["sales"] = -row["sales"]
            if dice.random() < 0.5 and row["total_liabilities"] is not None and row["equity"] is not None:
                row["total_assets"] = row["total_liabilities"] + row["equity"]
            rows.append(row)
    return {"parties": parties, "financials": rows}
