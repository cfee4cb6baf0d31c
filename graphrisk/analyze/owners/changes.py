"""What changes when a second regime takes the place of the first."""

from __future__ import annotations

import pandas as pd

from graphrisk.analyze.owners.tables import CHANGES
from graphrisk.analyze.tables import score_frame

_PAIR = ["party_id", "owner_id"]


def change_rows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return who becomes and who ceases to be a certain owner; managers are none."""
    one, other = (frame[frame["certain"].fillna(False).astype(bool)] for frame in (before, after))
    pairs = [pd.MultiIndex.from_frame(frame[_PAIR]) for frame in (one, other)]
    new, gone = other[~pairs[1].isin(pairs[0])], one[~pairs[0].isin(pairs[1])]
    changed = pd.concat([new.assign(change="becomes"), gone.assign(change="ceases")], ignore_index=True)
    changed = changed.sort_values(_PAIR, kind="stable")
    return score_frame(CHANGES, {name: changed[name].tolist() for name in CHANGES.names})
