"""What the portfolio model needs of the client graph: PD of each party, EAD and loss given default of each facility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.analyze._book import own_book
from graphrisk.analyze._portfolio_params import COLLATERAL, LAYERS, REFUSE, SKIP, Params, filler
from graphrisk.errors import DataError, UsageError, nearest
from graphrisk.graph.ledger import Book, build_book, layers_with_data
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.ledger import CONTRACT, FIRST_EQUITY, GUARANTOR, KNOWN, NOTHING, SCALE, Ledger
from graphrisk.kernels.sums import sum_by

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligors:
    """n parties and f facilities. `pd` (n,) is 0 where a party is never drawn; `rated` (n,) says who has a PD.

    `ead` and `loss` (n,): exposure at default to our own bank, and what of it is lost before guarantors pay.
    `ledger`: the book with these losses as what collateral leaves uncovered, nobody in default before the draw.
    """

    book: Book
    ledger: Ledger
    borrower: Positions
    pd: Floats
    rated: Flags
    ead: Floats
    loss: Floats
    notes: tuple[str, ...]

    @property
    def lgd(self) -> Floats:
        """Loss over exposure of each party (n,), NaN where nothing is outstanding."""
        found: Floats = np.divide(self.loss, self.ead, out=np.full(len(self.ead), np.nan), where=self.ead > 0.0)
        return found


def obligors_of(graph: RiskGraph, params: Params) -> Obligors:
    """Return the inputs of the model, and what a reader must know of them.

    Raises DataError where a PD or LGD is missing and the parameters refuse that, UsageError for an unknown model.
    """
    notes: list[str] = []
    own = own_book(graph)
    notes += [note for note in own.notes if "concentration" not in note]
    if graph.rows("facilities") and np.any(graph.floats("facilities", "limit_amount") > own.ead):
        notes.append("EAD is the amount outstanding: undrawn limits are not part of it")
    with_data = layers_with_data(graph)
    layers = tuple(name for name in LAYERS if name in (with_data if params.layers is None else params.layers))
    if params.second_stage != "none":
        notes += [f"layer {name} is left out of the second stage" for name in with_data if name not in layers]
    # Collateral is always in the ledger: it also says what a facility without LGD loses.
    book = build_book(graph, layers=(*layers, "collateral"))
    ead_of = sum_by(own.borrower, own.ead, graph.size)
    pd, rated = _pd(graph, params, ead_of, notes)
    lost = _loss_given_default(graph, book, params, own.ead, notes)
    ledger = _undistressed(book, lost, params, notes)
    if "collateral" not in layers:
        ledger = ledger._replace(pledged=np.zeros_like(ledger.pledged))
    return Obligors(
        book=book,
        ledger=ledger,
        borrower=own.borrower,
        pd=pd,
        rated=rated,
        ead=ead_of,
        loss=sum_by(own.borrower, np.where(own.ead > 0.0, lost, 0.0), graph.size),
        notes=tuple(notes),
    )


def _pd(graph: RiskGraph, params: Params, ead: Floats, notes: list[str]) -> tuple[Floats, Flags]:
    """Return the PD of each party, and who has one: the latest on or before the as-of date; in default: 1."""
    fill = filler(params.missing_pd, (SKIP, REFUSE), "missing_pd")
    given, party = graph.floats("ratings", "pd"), graph.positions("ratings", "party_id")
    day, model = graph.texts("ratings", "as_of_on"), graph.texts("ratings", "model")
    if params.pd_model is not None and params.pd_model not in set(model):
        raise UsageError(
            f"no rating comes from a model called {params.pd_model!r}",
            hint=nearest(params.pd_model, sorted({str(name) for name in model})),
        )
    usable = ~np.isnan(given) & (party >= 0)
    if params.pd_model is not None:
        usable &= model == params.pd_model
    pd, latest = np.full(graph.size, np.nan), np.full(graph.size, None, dtype=object)
    several = 0
    for row in np.flatnonzero(usable):  # by party, then day, then model
        at = party[row]
        if latest[at] is not None and latest[at] == day[row]:
            several += int(pd[at] != given[row])
            pd[at] = max(pd[at], given[row])
        else:
            pd[at], latest[at] = given[row], day[row]
    if several:
        notes.append(f"{several:,} PDs of another model on the same day: the highest is taken (pd_model chooses one)")
    down = (graph.texts("parties", "status") == "defaulted").astype(bool)
    total = float(ead.sum())
    if down.any():
        notes.append(
            f"{int(down.sum()):,} parties ({_part(float(ead[down].sum()), total)} of EAD) have the status defaulted: "
            "their PD is 1"
        )
    pd = np.where(down, 1.0, np.minimum(pd * params.pd_multiplier, 1.0))
    rated = ~np.isnan(pd)
    owing = ~rated & (ead > 0.0)
    if not rated.all():
        said = (
            f"{int((~rated).sum()):,} of {graph.size:,} parties have no PD, {int(owing.sum()):,} of them "
            f"borrowers with {_part(float(ead[owing].sum()), total)} of EAD"
        )
        if fill == REFUSE:
            raise DataError(said, hint="load ratings for them, or set missing_pd to skip or to a number")
        if fill == SKIP:
            said += ": they never default in the first stage"
            notes.append(f"warning: {said}, so that losses are too low" if owing.any() else said)
        else:
            notes.append(f"{said}: taken as {fill:g} x pd_multiplier (missing_pd)")
    filled = 0.0 if isinstance(fill, str) else min(1.0, fill * params.pd_multiplier)
    return np.where(rated, pd, filled), rated if isinstance(fill, str) else np.ones(graph.size, dtype=np.bool_)


def _loss_given_default(graph: RiskGraph, book: Book, params: Params, ours: Floats, notes: list[str]) -> Floats:
    """Return what each facility loses if its borrower defaults, before guarantors pay (facilities,)."""
    fill = filler(params.missing_lgd, (COLLATERAL, REFUSE), "missing_lgd")
    due = np.nan_to_num(np.maximum(book.due, 0.0))
    secured = np.nan_to_num(np.maximum(book.due - book.covered, 0.0))
    if params.lgd_source == "collateral":
        notes.append("LGD is what collateral leaves of a facility (lgd_source=collateral); stated LGDs are not read")
        return secured
    lgd = graph.floats("facilities", "lgd")
    missing = np.isnan(lgd)
    owed = missing & (ours > 0.0)
    if owed.any():
        part = _part(float(ours[owed].sum()), float(ours.sum()))
        said = f"{int(owed.sum()):,} facilities ({part} of EAD) have no LGD"
        if fill == REFUSE:
            raise DataError(said, hint="load lgd for them, or set missing_lgd to collateral or to a number")
        notes.append(
            f"{said}: taken as what their collateral leaves (missing_lgd=collateral)"
            if isinstance(fill, str)
            else f"{said}: taken as {fill:g} (missing_lgd)"
        )
    if params.second_stage == "full" and (~missing & (ours > 0.0)).any():
        notes.append(
            "a stated LGD is read as the loss before guarantors pay; where it already counts them, "
            "lgd_source=collateral or second_stage=linear does not count them twice"
        )
    instead = secured if isinstance(fill, str) else due * fill
    return np.where(missing, instead, due * np.where(missing, 0.0, lgd))


def _undistressed(book: Book, lost: Floats, params: Params, notes: list[str]) -> Ledger:
    """Return the ledger with the losses given default, in which nobody is in default before the draw."""
    ledger = book.ledger
    party, cap = ledger.party.copy(), ledger.cap
    broken = ledger.known & (ledger.equity <= NOTHING * party[:, SCALE])
    if broken.any():
        notes.append(
            f"{int(broken.sum()):,} parties have equity of 0 or less: they can pay nothing for others and fail by "
            "their PD or by a call on them, not before the draw"
        )
        party[broken, KNOWN], party[broken, FIRST_EQUITY], party[broken, SCALE] = 0.0, 0.0, 1.0
        if params.missing_capacity == "caps":
            cap = np.where(broken[ledger.contract[GUARANTOR]], 0.0, cap)
    blind = ~ledger.known
    called = np.unique(ledger.contract[GUARANTOR, ledger.line[CONTRACT]])
    if blind[called].any() and params.second_stage == "full" and params.capacity == "net_assets":
        said = "pay up to their caps" if params.missing_capacity == "caps" else "pay nothing"
        notes.append(
            f"{int(blind[called].sum()):,} guarantors without known equity {said} "
            f"(missing_capacity={params.missing_capacity})"
        )
    return ledger._replace(party=party, cap=cap, uncovered=lost)


def _part(amount: float, total: float) -> str:
    return f"{amount / total:.1%}" if total > 0.0 else "0.0%"
