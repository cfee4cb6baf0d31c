"""Which clients defaulted within the twelve months after a day: the label that a model learns."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.rating.features.days import months_later
from graphrisk.rating.features.events import DEFAULT

Flags = npt.NDArray[np.bool_]


def default_days(events: pa.Table) -> pa.Table:
    """Return party_id and occurred_on of the defaults among `events`."""
    rows = events.filter(pc.fill_null(pc.equal(events["kind"], DEFAULT), False))
    return rows.select(["party_id", "occurred_on"])


def defaulted_after(defaults: pa.Table, ids: npt.NDArray[Any], day: date, months: int = 12) -> Flags:
    """Return which of `ids` default after `day` and up to `months` later (n,)."""
    after = pc.greater(defaults["occurred_on"], pa.scalar(day, pa.date32()))
    within = pc.less_equal(defaults["occurred_on"], pa.scalar(months_later(day, months), pa.date32()))
    return _among(defaults.filter(pc.and_(after, within)), ids)


def defaulted_before(defaults: pa.Table, ids: npt.NDArray[Any], day: date) -> Flags:
    """Return which of `ids` had a default on or before `day` (n,)."""
    return _among(defaults.filter(pc.less_equal(defaults["occurred_on"], pa.scalar(day, pa.date32()))), ids)


def _among(defaults: pa.Table, ids: npt.NDArray[Any]) -> Flags:
    found = pc.is_in(pa.array(ids, pa.string()), value_set=defaults["party_id"].combine_chunks().cast(pa.string()))
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
