"""Expected loss of our own book, before and under a scenario: PD x EAD x LGD, summed by borrower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.credit.lgd import losses_given_default
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.portfolio_rule import part_in_default, rule_of
from graphrisk.credit.stressed_pd import Pds
from graphrisk.graph.book import build_book
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Of n parties: `pd`, `rated` (who has one), `ead` at our own bank, `loss` given default before guarantors pay.

    `known` is False where no party has a PD of a rating or of its status: then nothing can be expected.
    """

    pd: Floats
    rated: Flags
    ead: Floats
    loss: Floats
    known: bool

    @property
    def expected(self) -> Floats:
        """PD x EAD x LGD of each party (n,)."""
        return self.pd * self.loss

    @property
    def total(self) -> float:
        """Expected loss of the book, NaN where nothing is known."""
        return float(self.expected.sum()) if self.known else np.nan

    @property
    def mean_pd(self) -> float:
        """Mean PD of the borrowers that have one, weighted by EAD; NaN where none has."""
        weight = float(self.ead[self.rated].sum())
        return float(self.pd[self.rated] @ self.ead[self.rated]) / weight if self.known and weight > 0.0 else np.nan


def credit_of(graph: RiskGraph, pds: Pds, price_change: Floats, sure: Flags, notes: list[str]) -> tuple[Credit, Credit]:
    """Return the book before and under a scenario that leaves the parties `sure` in default and prices changed."""
    own = own_book(graph)
    ead = sum_by(own.borrower, own.ead, graph.size)
    loss = stressed = np.zeros(graph.size)
    known = bool(pds.rated.any())
    if known:
        params = pds.params
        backed = params.recovery > 0.0 and (params.layers is None or "guarantees" in params.layers)
        layers = ("guarantees", "collateral") if backed else ("collateral",)
        book = build_book(graph, layers=layers, price_change=price_change)
        left = part_in_default(book.ledger, rule_of(params))
        both = [part * left for part in losses_given_default(graph, book, params, own.ead, notes)]
        loss, stressed = (sum_by(own.borrower, np.where(own.ead > 0.0, part, 0.0), graph.size) for part in both)
    return (
        Credit(pd=pds.pd, rated=pds.rated, ead=ead, loss=loss, known=known),
        Credit(pd=np.where(sure, 1.0, pds.stressed), rated=pds.rated | sure, ead=ead, loss=stressed, known=known),
    )
