"""What the portfolio model needs of the client graph: PD of each party, EAD and loss given default of each facility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.cascade.first_losses import FirstLosses, first_losses
from graphrisk.credit.lgd import losses_given_default
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.pd import part_of
from graphrisk.credit.portfolio_params import Params
from graphrisk.credit.portfolio_rule import part_in_default, rule_of
from graphrisk.credit.stressed_pd import pds_under
from graphrisk.graph.book import Book, build_book, layers_known, layers_with_data
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.contagion.ledger import CONTRACT, FIRST_EQUITY, GUARANTOR, KNOWN, NOTHING, SCALE, Ledger
from graphrisk.model.note import Note
from graphrisk.scenario import Scenario

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """What a scenario does before defaults are drawn: `fraction` and `amount` of equity (n,), prices (assets,)."""

    scenario: Scenario | None
    fraction: Floats
    amount: Floats
    price_change: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligors:
    """n parties and f facilities. `pd` (n,) is 0 where a party is never drawn; `rated` (n,) says who has a PD.

    `ead` and `loss` (n,): exposure at default to our own bank, and what of it is lost before guarantors pay.
    `ledger`: the book with these losses as what collateral leaves uncovered, nobody in default before the draw.
    `loadings` (n, f) on the factors that stay random; `held` is True where a scenario holds some of them.
    """

    book: Book
    ledger: Ledger
    borrower: Positions
    pd: Floats
    rated: Flags
    ead: Floats
    loss: Floats
    loadings: Floats
    held: bool
    notes: tuple[str, ...]

    @property
    def lgd(self) -> Floats:
        """Loss over exposure of each party (n,), NaN where nothing is outstanding."""
        found: Floats = np.divide(self.loss, self.ead, out=np.full(len(self.ead), np.nan), where=self.ead > 0.0)
        return found


def obligors_of(graph: RiskGraph, params: Params, stress: Stress | None = None) -> Obligors:
    """Return the inputs of the model, and what a reader must know of them; those under a scenario, where one is given.

    Raises DataError where a PD or LGD is missing and the parameters refuse that, UsageError for an unknown model,
    column, value or factor.
    """
    notes: list[str] = []
    own = own_book(graph)
    notes += [note for note in own.notes if note.key != "nothing_outstanding"]
    if graph.rows("facilities") and np.any(graph.floats("facilities", "limit_amount") > own.ead):
        notes.append(
            Note(
                "ead_is_outstanding",
                "EAD is the amount outstanding: undrawn limits are not part of it",
                "EAD 为未结清余额：不含未使用额度",
            )
        )
    with_data = layers_with_data(graph)
    layers = tuple(name for name in layers_known() if name in (with_data if params.layers is None else params.layers))
    if params.second_stage != "none":
        notes += [
            Note("layer_left_out", f"layer {name} is left out of the second stage", f"第二阶段未计 {name} 层")
            for name in with_data
            if name not in layers
        ]
    # Collateral is always in the ledger: it also says what a facility without LGD loses.
    book = build_book(
        graph,
        layers=(*layers, "collateral"),
        price_change=None if stress is None else stress.price_change,
        horizon_months=params.horizon_months,
    )
    if params.second_stage == "full":
        notes = [*book.warnings, *notes, *book.supply_notes]
    ead_of = sum_by(own.borrower, own.ead, graph.size)
    pds = pds_under(
        graph,
        None if stress is None else stress.scenario,
        params,
        ead_of,
        notes,
        skipped="they never default in the first stage",
    )
    pd, rated, first = pds.stressed, pds.rated, None
    if stress is not None:
        first = first_losses(book, stress.fraction, stress.amount, prices="collateral" in layers)
        pd, rated = np.where(first.sure, 1.0, pd), rated | first.sure
        notes += _stress_notes(book, first, ead_of)
    _, lost = losses_given_default(graph, book, params, own.ead, notes)
    stated = ~np.isnan(graph.floats("facilities", "lgd")) & (own.ead > 0.0)
    if params.second_stage == "full" and params.lgd_source == "stated" and stated.any():
        notes.append(
            Note(
                "lgd_before_guarantors",
                "a stated LGD is read as the loss before guarantors pay; where it already counts them, "
                "lgd_source=collateral or second_stage=linear does not count them twice",
                "所载 LGD 视为担保人代偿之前的损失；若其已计入担保，"
                "lgd_source=collateral 或 second_stage=linear 可避免重复计算",
            )
        )
    ledger = _undistressed(book, lost, first, params, notes)
    if "collateral" not in layers:
        ledger = ledger._replace(pledged=np.zeros_like(ledger.pledged))
    part = part_in_default(ledger, rule_of(params))
    if (part != 1.0).any():
        notes.append(
            Note(
                "recovery_beside_lgd",
                f"recovery={params.recovery:g}: of what an LGD leaves, stated or not, that part is recovered too",
                f"recovery={params.recovery:g} ：LGD 之余（无论所载与否）再按此比例回收",
            )
        )
    return Obligors(
        book=book,
        ledger=ledger,
        borrower=own.borrower,
        pd=pd,
        rated=rated,
        ead=ead_of,
        loss=sum_by(own.borrower, np.where(own.ead > 0.0, lost * part, 0.0), graph.size),
        loadings=pds.loadings,
        held=stress is not None and stress.scenario is not None and bool(stress.scenario.factor_shocks),
        notes=tuple(dict.fromkeys(notes)),
    )


def _stress_notes(book: Book, first: FirstLosses, ead: Floats) -> list[str]:
    """Return who defaults for certain by the scenario's own losses, and who starts with less equity."""
    ledger = book.ledger
    notes: list[str] = []
    if first.sure.any():
        notes.append(
            Note(
                "default_for_certain",
                f"{int(first.sure.sum()):,} parties ({part_of(ead[first.sure], float(ead.sum()))} of EAD) default for "
                "certain: the scenario leaves them no equity",
                f"{int(first.sure.sum()):,} 户（占 EAD 的 {part_of(ead[first.sure], float(ead.sum()))}）必然违约："
                "情景使其净资产归零",
            )
        )
    less = ledger.known & ~first.sure & (first.equity < ledger.equity)
    if less.any():
        fall = float((ledger.equity - first.equity)[less].sum())
        notes.append(
            Note(
                "less_equity_before_draw",
                f"{int(less.sum()):,} parties have {fall:,.2f} less "
                "equity before defaults are drawn, by the scenario's "
                "shocks and prices and by the shares they hold; their PDs are changed by PD and factor shocks alone",
                f"{int(less.sum()):,} 户在抽取违约之前净资产共减少 "
                f"{fall:,.2f}（情景的冲击、价格及其持股所致）；其违约概率只随违约概率与因子冲击改变",
            )
        )
    return notes


def _undistressed(book: Book, lost: Floats, first: FirstLosses | None, params: Params, notes: list[str]) -> Ledger:
    """Return the ledger with the losses given default, in which nobody is in default before the draw."""
    ledger = book.ledger
    party, cap = ledger.party.copy(), ledger.cap
    broken = ledger.known & (ledger.equity <= NOTHING * party[:, SCALE])
    if broken.any():
        notes.append(
            Note(
                "no_net_assets_before_draw",
                f"{int(broken.sum()):,} parties have equity of 0 or less: they can pay nothing for others and fail by "
                "their PD or by a call on them, not before the draw",
                f"{int(broken.sum()):,} 户净资产为 0 或负：无力代偿，"
                "只因自身违约概率或被要求代偿而违约，不在抽取之前违约",
            )
        )
    if first is not None:  # those in default for certain have nothing, the others what the scenario leaves them
        party[:, FIRST_EQUITY] = np.where(ledger.known, first.equity, party[:, FIRST_EQUITY])
        broken = broken | (ledger.known & first.sure)
    if broken.any():
        party[broken, KNOWN], party[broken, FIRST_EQUITY], party[broken, SCALE] = 0.0, 0.0, 1.0
        if params.missing_capacity == "caps":
            cap = np.where(broken[ledger.contract[GUARANTOR]], 0.0, cap)
    ledger = ledger._replace(party=party)
    blind = ~ledger.known
    called = np.unique(ledger.contract[GUARANTOR, ledger.line[CONTRACT]])
    if blind[called].any() and params.second_stage == "full" and params.capacity == "net_assets":
        said = "pay up to their caps" if params.missing_capacity == "caps" else "pay nothing"
        told = "按限额代偿" if params.missing_capacity == "caps" else "不代偿"
        notes.append(
            Note(
                "guarantors_without_equity",
                f"{int(blind[called].sum()):,} guarantors without known equity {said} "
                f"(missing_capacity={params.missing_capacity})",
                f"{int(blind[called].sum()):,} 户担保人净资产未知："
                f"{told}（missing_capacity={params.missing_capacity}）",
            )
        )
    return ledger._replace(party=party, cap=cap, uncovered=lost)
