"""Loss given default of each facility, before guarantors pay, at the prices of today and of a scenario."""

from __future__ import annotations

import numpy as np

from graphrisk.credit.pd import part_of
from graphrisk.credit.portfolio_params import COLLATERAL, REFUSE, Params, parse_filler
from graphrisk.errors import DataError
from graphrisk.graph.book import Book
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.contagion.collateral import covered_at
from graphrisk.model.note import Note


def losses_given_default(
    graph: RiskGraph, book: Book, params: Params, ours: Floats, notes: list[str]
) -> tuple[Floats, Floats]:
    """Return what each facility loses if its borrower defaults (facilities,): at today's prices, at those of `book`.

    `book` has the collateral layer; `ours` (facilities,) weighs the notes. A stated LGD rises by what collateral covers
    less, to 1 at most. Raises DataError where an LGD is missing and the parameters refuse that.
    """
    fill = parse_filler(params.missing_lgd, (COLLATERAL, REFUSE), "missing_lgd")
    due = np.nan_to_num(np.maximum(book.due, 0.0))
    fallen = bool(np.any(book.pledges.price != 1.0))
    today = covered_at(book.pledges, np.ones_like(book.pledges.price))[0] if fallen else book.covered
    secured = np.nan_to_num(np.maximum(book.due - today, 0.0))
    if params.lgd_source == "collateral":
        notes.append(
            Note(
                "lgd_from_collateral",
                "LGD is what collateral leaves of a facility (lgd_source=collateral); stated LGDs are not read",
                "违约损失率取押品覆盖后的余额（lgd_source=collateral）；不读取所载的 LGD",
            )
        )
        return secured, np.nan_to_num(np.maximum(book.due - book.covered, 0.0))
    lgd = graph.floats("facilities", "lgd")
    missing = np.isnan(lgd)
    owed = missing & (ours > 0.0)
    if owed.any():
        many, part = int(owed.sum()), part_of(ours[owed], float(ours.sum()))
        said, told = f"{many:,} facilities ({part} of EAD) have no LGD", f"{many:,} 笔融资（占 EAD 的 {part}）没有 LGD"
        if fill == REFUSE:
            raise DataError(said, hint="load lgd for them, or set missing_lgd to collateral or to a number")
        if isinstance(fill, str):
            said += ": taken as what their collateral leaves (missing_lgd=collateral)"
            told += "：取押品覆盖后的余额（missing_lgd=collateral）"
        else:
            said, told = f"{said}: taken as {fill:g} (missing_lgd)", f"{told}：取 {fill:g} （missing_lgd）"
        notes.append(Note("facilities_without_lgd", said, told))
    instead = secured if isinstance(fill, str) else due * fill
    loss = np.where(missing, instead, due * np.where(missing, 0.0, lgd))
    if not fallen:
        return loss, loss
    notes.append(
        Note(
            "lgd_rises_with_prices",
            "a stated LGD rises by what collateral covers less under the scenario, to 1 at most",
            "情景下押品少覆盖多少，所载 LGD 就上升多少，最高为 1",
        )
    )
    return loss, np.minimum(due, loss + np.maximum(today - book.covered, 0.0))
