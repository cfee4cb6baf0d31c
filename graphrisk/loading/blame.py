"""The faults of the rows of one table: every fault is kept, and each row is counted once, under all that it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from graphrisk.model.rejects import Reject, Rows
from graphrisk.model.table import Table

_BETWEEN = " | "  # a reason may hold a semicolon


@dataclass(slots=True, kw_only=True)
class Blame:
    """Faults of the rows of `declared`, as they were found; of one column of a row only the first counts.

    What cannot be read is empty for all that comes after: a second fault of a column would be a consequence.
    """

    declared: Table
    rows: int
    faults: list[Reject] = field(default_factory=list)
    _blamed: dict[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def add(self, reason: str, rows: Rows, columns: tuple[str, ...]) -> None:
        """Note a fault of rows, except of those whose `columns` have one already."""
        if len(rows) == 0:
            return
        before = np.zeros(len(rows), dtype=bool)
        for name in columns:
            if name in self._blamed:
                before |= self._blamed[name][rows]
        rows = rows[~before]
        if len(rows) == 0:
            return
        for name in columns:
            if name not in self._blamed:
                self._blamed[name] = np.zeros(self.rows, dtype=bool)
            self._blamed[name][rows] = True
        self.faults.append(Reject(table=self.declared.name, reason=reason, rows=rows, columns=columns))

    def in_order(self) -> list[Reject]:
        """Return the faults in the order of their columns; one reason found at several times is one fault."""
        joined: dict[tuple[str, tuple[str, ...]], list[Rows]] = {}
        for fault in self.faults:
            joined.setdefault((fault.reason, fault.columns), []).append(fault.rows)
        faults = [
            Reject(table=self.declared.name, reason=reason, rows=np.sort(np.concatenate(rows)), columns=columns)
            for (reason, columns), rows in joined.items()
        ]
        names = list(self.declared.names)
        return sorted(faults, key=lambda f: min((names.index(c) for c in f.columns), default=len(names)))

    def by_row(self) -> list[Reject]:
        """Return each row once, under all its faults in the order of their columns: the groups of rows alike in them.

        The groups come in the order of their first rows.
        """
        faults = self.in_order()
        if not faults:
            return []
        dead = np.unique(np.concatenate([fault.rows for fault in faults]))
        group = np.zeros(len(dead), dtype=np.int64)
        groups: list[tuple[int, ...]] = [()]
        for number, fault in enumerate(faults):
            at = np.searchsorted(dead, fault.rows)
            old, where = np.unique(group[at], return_inverse=True)
            group[at] = len(groups) + where
            groups += [(*groups[one], number) for one in old]
        out = []
        sorted_ = np.argsort(group, kind="stable")
        kept, begin = np.unique(group[sorted_], return_index=True)
        members = np.split(dead[sorted_], begin[1:])
        for one, rows in sorted(zip(kept.tolist(), members, strict=True), key=lambda item: int(item[1][0])):
            chosen = [faults[number] for number in groups[one]]
            columns = tuple(dict.fromkeys(name for fault in chosen for name in fault.columns))
            reason = _BETWEEN.join(_distinct(fault.reason for fault in chosen))
            out.append(Reject(table=self.declared.name, reason=reason, rows=rows, columns=columns))
        return out


def _distinct(reasons: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(reasons))
