"""What the default of each debtor and guarantor costs, on the book as it is and on the book with the proposal."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from graphrisk.analyze.precheck.tables import LOSSES
from graphrisk.analyze.tables import score_frame
from graphrisk.cascade.params import Params as Spreading
from graphrisk.cascade.run import Spread, prepare, spread_shock, unshocked_run
from graphrisk.cascade.shocks import resolve_shocks
from graphrisk.errors import GraphRiskError
from graphrisk.graph.book import Book
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs
from graphrisk.progress import Progress

Costs = tuple[float, int, float]
"""Bank loss, defaults and equity that a default adds to the unshocked run, as contagion certifies them."""


@dataclass(slots=True, kw_only=True)
class Runs:
    """Contagion on one book: its unshocked run once, then the default of one party after another."""

    graph: RiskGraph
    params: Spreading
    _book: Book | None = None
    _base: Spread | None = None

    def alone(self, party: str) -> Costs:
        """Return what the default of a party costs; nothing where it is not in the book. Raises GraphRiskError."""
        if self.graph.locate("parties", [party])[0] < 0:
            return 0.0, 0, 0.0
        if self._base is None or self._book is None:
            self._book, none, _ = prepare(self.graph, self.params, Inputs())
            self._base = unshocked_run(self._book, none, self.params, explain=False)
        shock = resolve_shocks(self.graph, self.params, Inputs(shocks={party: 1.0}))
        done = spread_shock(self._book, shock, self.params, base=self._base, explain=False)
        base = done.unshocked
        return (
            done.bank_loss - base.bank_loss,
            int(done.newly_failed.sum()),
            done.equity_lost - base.equity_lost,
        )


def loss_rows(
    before: RiskGraph,
    after: RiskGraph,
    roles: dict[str, str],
    most: int,
    params: Spreading,
    notes: list[Note],
    progress: Progress,
) -> pd.DataFrame:
    """Return the losses of at most `most` parties (id -> role) by contagion under `params`, in the order given."""
    rows: list[dict[str, object]] = []
    one = before._cache.setdefault(
        ("precheck_runs", params), Runs(graph=before, params=params)
    )  # the next proposal asks for the same book
    other = Runs(graph=after, params=params)
    if len(roles) > most:
        notes.append(
            Note(
                "precheck_runs_left_out",
                f"The default of {len(roles) - most:,} further debtors and guarantors was not run; raise max_runs.",
                f"另有 {len(roles) - most:,} 户债务人或担保人的违约未运行；提高 max_runs 可见。",
                severity="warning",
            )
        )
    for number, (party, role) in enumerate(list(roles.items())[:most]):
        progress("the default of each debtor and guarantor", number, min(len(roles), most))
        try:
            costs: tuple[Costs, Costs] | None = (one.alone(party), other.alone(party))
        except GraphRiskError as error:
            costs = None
            notes.append(
                Note(
                    f"precheck_run_failed:{party}",
                    f"What the default of {party} costs is not known: {error.message}",
                    f"{party} 违约的损失无法得出：{error.message}",
                    severity="warning",
                )
            )
        rows.append({"party_id": party, "role": role, **_cells(costs)})
    rows.sort(key=lambda row: (-_number(row["change"]), -_number(row["bank_loss_after"]), str(row["party_id"])))
    return score_frame(LOSSES, {name: [row[name] for row in rows] for name in LOSSES.names})


def _number(value: object) -> float:
    return float("inf") if value is None or value != value else float(value)  # type: ignore[arg-type]


def _cells(costs: tuple[Costs, Costs] | None) -> dict[str, object]:
    if costs is None:
        nothing: dict[str, object] = dict.fromkeys(LOSSES.names[2:])
        return nothing | {name: float("nan") for name in LOSSES.names if name.startswith(("bank", "change", "equity"))}
    (bank, failed, lost), (bank_after, failed_after, lost_after) = costs
    return {
        "bank_loss_before": bank,
        "bank_loss_after": bank_after,
        "change": bank_after - bank,
        "defaults_before": failed,
        "defaults_after": failed_after,
        "equity_lost_before": lost,
        "equity_lost_after": lost_after,
    }
