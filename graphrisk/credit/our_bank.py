"""What is ours: the facilities and claims of our own bank, and who its clients are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph

Bools = npt.NDArray[np.bool_]
SETTING = "bank.party_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class OurBank:
    """`party` is our position in `parties`, -1 where the data does not hold us; masks of what is owed to us."""

    party: int
    facilities: Bools
    exposures: Bools


def our_bank(graph: RiskGraph) -> OurBank:
    """Return what is ours: no lender stated, or the party that setting `bank.party_id` names.

    Raises UsageError where the setting names a party that is not loaded.
    """
    named = graph.settings.get(SETTING)
    party = -1
    if named and graph.size:
        try:
            party = graph.position(named)
        except UsageError as error:
            raise UsageError(
                f"{error.message}", hint=error.hint or "correct it, or take it out", where=f"graphrisk.toml: {SETTING}"
            ) from error
    lender = graph.positions("facilities", "lender_id")
    stated = np.asarray(graph.tables.column("facilities", "lender_id").is_valid().to_numpy(), dtype=bool)
    ours = ~stated | ((lender == party) & (party >= 0))
    claims = (graph.positions("exposures", "creditor_id") == party) & (party >= 0)
    return OurBank(party=party, facilities=ours, exposures=claims)


def clients(graph: RiskGraph) -> Bools:
    """Return which parties are clients: `is_client`; where it is null, those who owe our bank anything (n,)."""
    ours = our_bank(graph)
    said = graph.flags("parties", "is_client").copy()
    open_ = np.asarray(graph.tables.column("parties", "is_client").is_null().to_numpy(), dtype=bool)
    owes = np.zeros(graph.size + 1, dtype=bool)
    owes[graph.positions("facilities", "borrower_id")[ours.facilities]] = True
    facility = graph.positions("co_borrowers", "facility_id")
    if len(facility):
        owes[graph.positions("co_borrowers", "party_id")[ours.facilities[facility] & (facility >= 0)]] = True
    owes[graph.positions("exposures", "debtor_id")[ours.exposures]] = True
    said |= open_ & owes[:-1]
    if ours.party >= 0:
        said[ours.party] = False
    return said
