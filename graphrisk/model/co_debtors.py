"""Rules that co-borrowers keep together: a several one has a share, and those of one facility fit."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.guarantors import TOLERANCE
from graphrisk.model.sieve import Sieve, flags


def check_co_borrowers(sieve: Sieve, as_of: date) -> None:
    """Refuse several co-borrowers without a share, and sets of shares of one facility that sum to more than 1.

    Shares are added over the rows of mode several that hold on `as_of`.
    """
    refuse_shareless(sieve)
    share = sieve.column("share").fill_null(0.0).to_numpy(zero_copy_only=False)
    live = sieve.alive & flags(pc.equal(sieve.column("mode"), "several")) & _holds(sieve, as_of)
    if not live.any():
        return
    encoded = sieve.column("facility_id").dictionary_encode()
    facility = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy(zero_copy_only=False)
    total = np.bincount(facility, weights=np.where(live, share, 0.0))[facility]
    sieve.refuse(
        live & (total > 1.0 + TOLERANCE),
        "shares of the co-borrowers of mode several of one facility sum to more than 1",
        ("facility_id", "mode", "share"),
    )


def refuse_shareless(sieve: Sieve) -> None:
    """Refuse rows of mode several without a share: what they owe is not known."""
    sieve.refuse(
        flags(pc.and_(pc.equal(sieve.column("mode"), "several"), pc.is_null(sieve.column("share")))),
        "share is empty: a co-borrower of mode several owes its share only, so it needs one",
        ("mode", "share"),
    )


def _holds(sieve: Sieve, as_of: date) -> np.ndarray:
    day = pa.scalar(as_of, pa.date32())
    later = flags(pc.greater(sieve.column("from_on"), day))
    return ~later & ~flags(pc.less_equal(sieve.column("to_on"), day))
