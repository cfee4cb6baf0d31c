"""Is the network's help found where defaults are passed on, and nowhere else? Banks of `demo --history 36`, by seed.

    python -m benchmarks.network_help_on_demo [SEED...]

For each seed the bank with contagion and the one without, 2,000 clients: the row that `validate` speaks of (kind
add_on, folds of communities, all network columns), over three months and over a year. A bank takes about 30 s.
"""

from __future__ import annotations

import sys

from graphrisk.demo.filling import AS_OF
from graphrisk.demo.past.bank import past_of
from graphrisk.demo.past.calendar import LAST, as_date, last_day
from graphrisk.graph.build import build_graph
from graphrisk.rating.network_help import ADD_ON, STEPS, ablation_rows
from graphrisk.rating.outcomes import default_days
from graphrisk.ratings.network_rows import QUARTER, YEAR, ablation_of
from graphrisk.ratings.snapshots import Observed, Seen

CLIENTS, MONTHS = 2000, 36
DAYS = {QUARTER: range(LAST - QUARTER, LAST - MONTHS, -QUARTER), YEAR: (LAST - 11, LAST - 23, LAST - 35)}
"""The months at whose end `validate` looks at clients."""


def help_found(seed: int, *, contagion: bool) -> dict[int, dict[str, float]]:
    """Return the row of validate_network by horizon."""
    course, _ = past_of(CLIENTS, seed, MONTHS, contagion=contagion)
    tables = {}
    for month in course.months:
        course.pass_month(month)
        if month == LAST or any(month in days for days in DAYS.values()):
            tables[month] = course.tables(month)
    defaults = default_days(tables[LAST]["events"])
    found = {}
    for horizon, days in DAYS.items():
        seen = []
        for month in days:
            graph = build_graph(tables[month], as_of=as_date(last_day(month)), configured_base="CNY")
            observed = Observed(day=graph.as_of, snapshot="", rebuilt=False)
            seen.append(Seen(observed=observed, graph=graph, later={}, defaults=defaults, until=AS_OF))
        rows = ablation_rows(ablation_of(seen, horizon), splits=("community",), kinds=(ADD_ON,))
        found[horizon] = next(row for row in rows if row["features"] == STEPS[-1])
    return found


def main() -> None:
    """Print a line a bank."""
    for seed in [int(one) for one in sys.argv[1:]] or range(1, 11):
        for contagion in (True, False):
            for horizon, row in help_found(seed, contagion=contagion).items():
                gain = f"{row['uplift']:+.3f} [{row['low']:+.3f}, {row['high']:+.3f}]"
                what = "contagion" if contagion else "none"
                print(
                    f"seed {seed:3} {what:9} {horizon:2} months {gain} {row['verdict']}, {row['defaults']} defaults",
                    flush=True,
                )


if __name__ == "__main__":
    main()
