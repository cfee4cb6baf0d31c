"""The second stage that drawn defaults go through, and the limit in closed form."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from graphrisk.cascade.layers import STOPS, price_assets
from graphrisk.cascade.obligors import Obligors
from graphrisk.credit.portfolio_params import Params
from graphrisk.credit.portfolio_rule import part_in_default, rule_of
from graphrisk.kernels.contagion.drawn_sets import ledger_stage
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LINES, Rule
from graphrisk.kernels.contagion.supply_losses import no_supply
from graphrisk.kernels.portfolio.default_spread import SecondStage, debtrank_cascade, no_contagion, threshold_cascade
from graphrisk.kernels.portfolio.vasicek import expected_shortfall, loss_quantile
from graphrisk.model.note import Note


def stages_of(given: Obligors, params: Params, notes: list[str]) -> tuple[SecondStage, SecondStage]:
    """Return the stages without and with contagion; a unit of loss is the borrower's position."""
    ledger, rule = given.ledger, rule_of(params)
    if params.second_stage == "full":
        if given.book.supply is not None and not given.book.profit.any():
            notes.append(
                Note(
                    "supplies_without_profit",
                    "the layer supplies takes no profit: no party in it has known sales and material cost",
                    "供货层不带走利润：其中没有一户的销售和材料成本已知",
                )
            )
        notes += _unmoved_prices(given, params)
        none = None if given.book.supply is None else no_supply(len(given.pd))  # one engine is compiled, not two
        first = ledger_stage(ledger, rule, given.borrower, supply=none, sweeps=1)
        return first, _stage(given, params, supplies=True)
    alone = no_contagion(given.loss)
    if params.second_stage == "none":
        notes.append(
            Note(
                "second_stage_none",
                "second_stage=none: defaults do not spread, and guarantors pay nothing",
                "second_stage=none ：违约不传导，担保人不代偿",
            )
        )
        return alone, alone
    notes.append(
        Note(
            "second_stage_linear",
            "second_stage=linear: a failed debtor costs its creditors "
            "exposure x lgd and its guarantors their share of the "
            "loss, at most the cap; what guarantors pay does not lower the bank's loss, and ownership, "
            "supplies and collateral of others are left out",
            "second_stage=linear ：债务人违约使债权人损失敞口 "
            "× lgd、担保人按份额承担损失（不超过限额）；担保人的代偿不减少本行损失，"
            "不计持股、供货与他人押品",
        )
    )
    equity = np.where(ledger.known, ledger.equity, np.nan)
    cascade = threshold_cascade if params.rule == "threshold" else debtrank_cascade
    return alone, cascade(_linear_claims(given, rule), equity, given.loss)


def stage_without_supplies(given: Obligors, params: Params) -> SecondStage | None:
    """Return the stage with contagion over all layers but supplies; None where that layer takes no part."""
    if params.second_stage != "full" or given.book.supply is None:
        return None
    return _stage(given, params, supplies=False)


def _stage(given: Obligors, params: Params, *, supplies: bool) -> SecondStage:
    book = given.book
    supply = book.supply if supplies or book.supply is None else no_supply(len(given.pd))
    moves = params.layers is None or "collateral" in params.layers
    return ledger_stage(
        given.ledger, rule_of(params), given.borrower,
        supply=supply, profit=book.profit, stops=STOPS[params.supply_default],
        staged=params.schedule == "staged",
        assets=price_assets(book, params, stated=given.ledger.uncovered) if moves else None,
        tolerance=params.tolerance, max_rounds=params.max_rounds,
    )  # fmt: skip


def _unmoved_prices(given: Obligors, params: Params) -> list[str]:
    """Return why sales move no price although they should."""
    if params.impact_beta and params.layers is not None and "collateral" not in params.layers:
        return [
            Note(
                "impact_without_collateral",
                "impact_beta has no effect, because the layer collateral is left out",
                "impact_beta 不起作用：未计押品层",
                severity="warning",
            )
        ]
    if params.impact_beta and not len(given.book.pledges.facility):
        return [
            Note(
                "impact_without_pledges",
                "impact_beta has no effect, because nothing is pledged",
                "impact_beta 不起作用：没有押品",
                severity="warning",
            )
        ]
    return []


def _linear_claims(given: Obligors, rule: Rule) -> csr_array:
    """Return (n, n): what i loses if j fails, by exposures and by guarantees called in full at once."""
    book, ledger = given.book, given.ledger
    size = len(given.pd)
    facility = np.repeat(np.arange(len(ledger.uncovered)), np.diff(ledger.facility_start[LINES]))
    contract = ledger.line[CONTRACT]
    lost = ledger.uncovered * part_in_default(ledger, rule)
    called = np.minimum(ledger.cap[contract], ledger.share * lost[facility])
    row = np.concatenate([book.claim_creditor, ledger.contract[GUARANTOR, contract]])
    column = np.concatenate([book.claim_debtor, ledger.facility[BORROWER, facility]])
    apart = row != column
    amount = np.concatenate([(1.0 - rule.recovery) * book.claim, called])
    matrix = csr_array((amount[apart], (row[apart], column[apart])), shape=(size, size))
    matrix.sum_duplicates()
    return matrix


def one_factor_limit(given: Obligors, rho: float, level: float) -> tuple[float, float]:
    """Return VaR and ES of the book in the limit of very many small loans and one factor (Vasicek), in closed form.

    Where a scenario holds factors, each party's rho is what they leave systematic of it.
    """
    open_ = (given.pd > 0.0) & (given.pd < 1.0) & (given.loss > 0.0)
    sure = float(given.loss[given.pd >= 1.0].sum())
    loss, pd_ = given.loss[open_], given.pd[open_]
    part = (given.loadings[open_] ** 2).sum(axis=1) if given.held else np.full(len(pd_), rho)
    var = float(loss @ loss_quantile(pd_, part, 1.0, level)) if open_.any() else 0.0
    es = float(loss @ expected_shortfall(pd_, part, 1.0, level)) if open_.any() else 0.0
    return sure + var, sure + es
