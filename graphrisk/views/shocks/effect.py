"""What a run adds to the book without its shock, read from the tables of contagion: one wording for all pages.

A run without a shock is the book as it stands: there, what happens at all is what is shown, and nobody fails beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.graph.riskgraph import Floats
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class ShockEffect:
    """The tables of a run as the pages read them; amounts in base currency are what the shock adds, signed.

    `parties` has beside its own columns `fell` (round, counted from the shock; -1 where the shock does not bring it
    down), `lost`, `before` (equity before the shock) and `anyway` (fails without the shock too); `facilities` has
    `lost`, `paid` and `short`; `calls` has `more_called`, `more_paid`, `more_unmet`. `base`: who fails without the
    shock too, the largest loss of our bank first. `knows_facilities` is False where the rule follows none.
    """

    given: bool
    parties: pd.DataFrame
    facilities: pd.DataFrame
    calls: pd.DataFrame
    base: pd.DataFrame
    knows_facilities: bool

    @property
    def rounds(self) -> int:
        """The last round in which the shock brings anybody down."""
        return max(int(self.parties["fell"].max()), 0) if len(self.parties) else 0

    @property
    def own(self) -> pd.DataFrame:
        """The facilities of our own bank."""
        return self.facilities[self.facilities["lender_id"].isna()]


def is_shocked(result: Result) -> bool:
    """Return whether a run has a shock, and so something to add to the book without it."""
    asked = bool(result.params.get("shocks")) or result.params.get("scenario") is not None
    return asked or bool(len(result.tables["contagion_comparison"]))


def read_effect(result: Result) -> ShockEffect:
    """Return what the run of a contagion Result adds, sorted by id."""
    given = is_shocked(result)
    calls = _calls(result.tables["contagion_calls"], given=given)
    base = result.tables["contagion_base"]
    base = base[np.full(len(base), given)]
    base = base.sort_values(["bank_loss_base", "party_id"], ascending=[False, True], kind="stable")
    return ShockEffect(
        given=given,
        parties=_parties(result.tables["contagion_parties"], base, calls, given=given),
        facilities=_facilities(result.tables["contagion_facilities"], calls, given=given),
        calls=calls,
        base=base.reset_index(drop=True),
        knows_facilities=_knows_facilities(result),
    )


def _knows_facilities(result: Result) -> bool:
    """Return whether the rule of the run follows facilities and guarantees; where not, no loss of the bank is known."""
    compared = result.tables["contagion_comparison"]
    return not len(compared) or bool(compared.set_index("measure")["stressed"].notna()["shortfall"])


def _parties(found: pd.DataFrame, base: pd.DataFrame, calls: pd.DataFrame, *, given: bool) -> pd.DataFrame:
    parties = found.sort_values("party_id", kind="stable").reset_index(drop=True)
    down = parties["default_added" if given else "defaulted"].astype(bool).to_numpy()
    rounds = parties["default_round"].fillna(-1).astype("int64").to_numpy()
    before = _floats(parties["equity_base" if given else "equity"])
    unmet = parties["party_id"].map(calls.groupby("guarantor_id")["more_unmet"].sum()).fillna(0.0)
    lost = np.where(np.isnan(before), _floats(unmet), before - _floats(parties["equity_after"]))
    if given:
        lost = np.where(np.isnan(before), lost, _floats(parties["loss_added"]))
    return parties.assign(
        fell=np.where(down, rounds, -1),
        lost=lost,
        before=before,
        anyway=parties["party_id"].isin(set(base["party_id"])),
    )


def _calls(found: pd.DataFrame, *, given: bool) -> pd.DataFrame:
    calls = found.sort_values(["guarantee_id", "facility_id"], kind="stable").reset_index(drop=True)
    paid = _floats(calls["paid_added" if given else "paid"])
    unmet = _floats(calls["unmet_added" if given else "unmet"])
    before = _floats(calls["paid_base"]) + _floats(calls["unmet_base"])
    return calls.assign(
        more_called=paid + unmet, more_paid=paid, more_unmet=unmet, before=before if given else 0.0 * before
    )


def _facilities(found: pd.DataFrame, calls: pd.DataFrame, *, given: bool) -> pd.DataFrame:
    facilities = found.sort_values("facility_id", kind="stable").reset_index(drop=True)
    lost = _floats(facilities["bank_loss_added" if given else "bank_loss"])
    paid = _floats(facilities["facility_id"].map(calls.groupby("facility_id")["more_paid"].sum()).fillna(0.0))
    return facilities.assign(lost=lost, paid=paid, short=lost + paid)


def _floats(column: Any) -> Floats:
    return np.asarray(column.astype("float64").to_numpy(na_value=np.nan), dtype=np.float64)
