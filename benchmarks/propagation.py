"""Everything that spreads, against what a user writes in ten lines: contagion, clearing, deliveries, portfolio.

    python -m benchmarks.propagation

Runs the benchmarks of the four one after the other, each of which compares its answers first, and keeps the rows for
docs/benchmarks.md. It takes some minutes and 6 GB of memory.
"""

from __future__ import annotations

from benchmarks import clearing, contagion, esri, portfolio
from benchmarks.against import keep_rows


def main() -> None:
    rows = [*contagion.main(), *clearing.main(), *esri.main(), *portfolio.main()]
    keep_rows("propagation", rows)


if __name__ == "__main__":
    main()
