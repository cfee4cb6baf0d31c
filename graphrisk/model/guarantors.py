"""Rules that guarantees keep together: the facility is the debtor's own, the shares of one facility and rank fit."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.sieve import Flags, Sieve, flags

TOLERANCE = 1e-9
"""By how much the shares of several guarantors may exceed 1: rounding in the source."""


def check_guarantees(sieve: Sieve, facilities: Sieve | None, as_of: date, settled: int) -> None:
    """Refuse guarantees behind a facility that is not their debtor's, and sets of shares that do not fit.

    Shares are compared among the guarantees that hold on `as_of` for one facility and rank. Those without a facility
    stand behind every facility of their debtor: they are one set per debtor and rank, and their shares of mode
    several count in each of its facilities. Of a set that does not fit, the rows after the first `settled` are
    refused (all, where every row of it is settled).
    """
    if sieve.rows == 0:
        return
    _check_borrower(sieve, facilities)
    live = sieve.alive & _holds(sieve, as_of)
    if not live.any() or sieve.column("share").null_count == sieve.rows:
        return
    own = flags(pc.is_valid(sieve.column("facility_id")))
    rank = sieve.column("rank").fill_null(1).to_numpy(zero_copy_only=False)
    facility_set = _codes(sieve.column("facility_id"), rank)
    debtor_set = _codes(sieve.column("debtor_id"), rank)
    given = flags(pc.is_valid(sieve.column("share")))
    share = sieve.column("share").fill_null(0.0).to_numpy(zero_copy_only=False)
    several = np.where(flags(pc.equal(sieve.column("mode"), "several")), share, 0.0)
    fresh = np.arange(sieve.rows) >= settled

    for rows, sets in ((live & own, facility_set), (live & ~own, debtor_set)):
        mixed = _any(rows & given, sets) & _any(rows & ~given, sets) & rows
        _refuse_sets(sieve, mixed, sets, fresh, "share is given for some guarantees of one facility and rank and not "
                     "for others: give all of them or none")  # fmt: skip
    live &= sieve.alive
    blanket = _sums(live & ~own, debtor_set, several)
    total = _sums(live & own, facility_set, several)
    over = live & own & (total + blanket > 1.0 + TOLERANCE)
    _refuse_sets(sieve, over, facility_set, fresh, "shares of the guarantees of mode several for one facility and rank "
                 "sum to more than 1")  # fmt: skip
    over = live & ~own & (blanket > 1.0 + TOLERANCE)
    _refuse_sets(sieve, over, debtor_set, fresh, "shares of the guarantees of mode several for all facilities of one "
                 "debtor and rank sum to more than 1")  # fmt: skip


def _check_borrower(sieve: Sieve, facilities: Sieve | None) -> None:
    if facilities is None or facilities.rows == 0:
        return
    borrowers = facilities.column("borrower_id").filter(pa.array(facilities.alive))
    refuse_other_debtors(sieve, facilities.accepted_ids(), borrowers)


def refuse_other_debtors(sieve: Sieve, facilities: pa.Array, borrowers: pa.Array) -> None:
    """Refuse guarantees for a facility whose borrower, in the same place of `borrowers`, is not their debtor."""
    borrower = borrowers.take(pc.index_in(sieve.column("facility_id"), value_set=facilities))
    other = flags(pc.not_equal(borrower, sieve.column("debtor_id")))
    sieve.refuse(
        other,
        "debtor_id is not the borrower of the facility: correct one of them, or leave facility_id empty",
        ("debtor_id", "facility_id"),
    )


def _holds(sieve: Sieve, as_of: date) -> Flags:
    day = pa.scalar(as_of, pa.date32())
    later = flags(pc.greater(sieve.column("from_on"), day))
    over = flags(pc.less_equal(sieve.column("to_on"), day))
    return ~later & ~over


def _codes(ids: pa.Array, rank: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return one number per pair of id and rank, 0, 1, ..."""
    encoded = ids.dictionary_encode()
    position = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
    ranks, at = np.unique(rank, return_inverse=True)
    codes: npt.NDArray[np.int64] = np.unique(position * len(ranks) + at, return_inverse=True)[1]
    return codes


def _any(rows: Flags, sets: npt.NDArray[np.int64]) -> Flags:
    """Return, per row, whether its set holds one of `rows`."""
    found: Flags = np.bincount(sets, weights=rows, minlength=sets.max() + 1)[sets] > 0
    return found


def _sums(rows: Flags, sets: npt.NDArray[np.int64], value: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return, per row, the sum of `value` over `rows` of its set."""
    return np.bincount(sets, weights=np.where(rows, value, 0.0))[sets].astype(np.float64)


def _refuse_sets(sieve: Sieve, broken: Flags, sets: npt.NDArray[np.int64], fresh: Flags, reason: str) -> None:
    """Refuse the fresh rows of each broken set; all of it where none is fresh."""
    if broken.any():
        chosen = broken & (fresh | ~_any(broken & fresh, sets))
        sieve.refuse(chosen, reason, ("facility_id", "rank", "mode", "share"))
