"""What a benchmark measured beside a peer, as docs/benchmarks.md holds it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """CPU seconds of ours and of a peer for the same work."""

    what: str
    ours: float
    peer: str
    theirs: float


def keep_rows(name: str, rows: Iterable[Row]) -> None:
    """Write what was measured to the results that docs/benchmarks.md is made of."""
    (RESULTS / f"{name}.json").write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")
