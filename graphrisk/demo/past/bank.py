"""The synthetic bank with its past, as files: a folder of tables for each month's end, and today's with the stories."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from graphrisk.demo.filling import AS_OF
from graphrisk.demo.institutions import as_tables
from graphrisk.demo.past.calendar import LAST, as_date, last_day
from graphrisk.demo.past.course import Course, Default, drawn_months
from graphrisk.demo.past.surroundings import together
from graphrisk.demo.plots import plant
from graphrisk.demo.story import Story, write_story
from graphrisk.demo.world import DISTRICT, check_size, make_district
from graphrisk.demo.writing import TableFiles
from graphrisk.errors import UsageError
from graphrisk.model.catalog import CATALOG
from graphrisk.progress import Progress, silent

MOST_MONTHS = 120
TRUE_PDS = "true_pds.csv"
FOLDER = "history"


def write_history(
    directory: Path, *, clients: int, seed: int, months: int, contagion: bool = True, progress: Progress = silent
) -> Story:
    """Write a bank with the ends of its last `months` months into `directory`, and return what is planted in it.

    Today's tables lie in `data`, with the stories; those of the earlier months, without them, in `history/DAY`, each as
    it was known on the day. `history/true_pds.csv` has the true PD of each client by its own, month by month. Without
    `contagion` no default is passed on, all else being drawn from the same numbers. Raises UsageError for a size out of
    range.
    """
    check_size(clients, seed)
    if not 1 <= months <= MOST_MONTHS:
        raise UsageError(f"a history has 1 to {MOST_MONTHS} months, not {months}", hint="--history 36")
    if clients > DISTRICT:
        raise UsageError(
            f"a bank with a history has at most {DISTRICT:,} clients, not {clients:,}", hint="--clients 2000"
        )
    course, planted = past_of(clients, seed, months, contagion=contagion)
    truths = directory / FOLDER / TRUE_PDS
    truths.parent.mkdir(parents=True, exist_ok=True)
    defaults: list[Default] = []
    with truths.open("w", encoding="utf-8", newline="\n") as file:
        file.write("as_of_on,party_id,pd\n")
        for done, month in enumerate(drawn_months(course, months), 1):
            last = month.day == AS_OF
            tables = together(month.tables, planted) if last else month.tables
            rows = _write(folder_of(directory, done, months), tables, "csv" if last else "parquet")
            defaults += month.defaults
            file.writelines(f"{month.day},{party},{pd:.6f}\n" for party, pd in month.true_pd.items())
            progress("drawing the months of the bank", done, months)
    story = Story(
        clients=clients, seed=seed, as_of=AS_OF, format="csv", rows=rows, plots=plant()[1],
        history={
            "months": months,
            "contagion": contagion,
            "first": as_date(last_day(LAST - months + 1)).isoformat(),
            "own": sum(not one.by for one in defaults),
            "passed_on": sum(bool(one.by) for one in defaults),
            "defaults": [one.as_row() for one in sorted(defaults, key=lambda one: (one.on, one.party))],
        },
    )  # fmt: skip
    write_story(story, directory / "data")
    return story


def past_of(clients: int, seed: int, months: int, *, contagion: bool) -> tuple[Course, dict[str, pa.Table]]:
    """Return the course of a bank of one district, and the tables of the stories that stand beside it today."""
    rows, _ = plant()
    beside = sum(row["is_client"] for row in rows["parties"])
    block, loans, tables = make_district(seed, 0, 0, clients, beside, untroubled=True)
    return Course(block, loans, tables, months, contagion), as_tables(rows)


def month_ends(directory: Path, months: int) -> list[tuple[date, Path]]:
    """Return the day and the folder of each month's end, the last being today."""
    days = [as_date(last_day(LAST - months + number)) for number in range(1, months + 1)]
    return [(one, folder_of(directory, number, months)) for number, one in enumerate(days, 1)]


def folder_of(directory: Path, number: int, months: int) -> Path:
    """Return where the tables of month `number` of `months` lie; the last are today's."""
    if number == months:
        return directory / "data"
    return directory / FOLDER / as_date(last_day(LAST - months + number)).isoformat()


def _write(folder: Path, tables: dict[str, pa.Table], form: str) -> dict[str, int]:
    folder.mkdir(parents=True, exist_ok=True)
    with TableFiles(folder, form) as files:
        files.write({name: tables[name] if name in tables else CATALOG[name].schema.empty_table() for name in CATALOG})
        return dict(files.rows)
