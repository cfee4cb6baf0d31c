"""Rows: files with random mistakes are loaded; each row is loaded or rejected, none is lost or kept twice."""

from __future__ import annotations

import csv
import random
import shutil
from datetime import date
from pathlib import Path

import graphrisk as gr
from graphrisk.errors import GraphRiskError
from graphrisk.model.catalog import CATALOG
from graphrisk.model.table import Column
from tests.trials.outcome import Outcome

DAY = date(2026, 9, 30)
ODD = (
    *("", " ", "-", "0", "-1", "1e308", "1e999", "nan", "inf", "-inf", "1,5", "1.234,5", "35%", "٣", "１２", "0x1F"),
    *("true", "是", "N/A", "null", "None", "#N/A", "2026-02-30", "30.02.2026", "0001-01-01", "9999-12-31", "20260930"),
    *(
        "'",
        '"',
        "=1+1",
        "@x",
        "+1",
        "\t",
        "\x01",
        "\u200b",
        "\ufeff",
        "𠮷",
        "<script>",
        "a" * 500,
        "企业",
        "USD",
        "cny",
    ),
)


def _cell(column: Column, number: int, chance: random.Random) -> str:
    """Return a cell that is right for its column."""
    if column.kind == "id":
        return f"{column.references or 'X'}{number if not column.references else chance.randrange(200)}"
    if column.choices:
        return chance.choice(column.choices)
    if column.kind in ("money", "number"):
        return f"{chance.uniform(1, 1000):.2f}"
    if column.kind == "integer":
        return str(chance.randrange(1, 12))
    if column.kind == "fraction":
        return f"{chance.random():.3f}"
    if column.kind == "date":
        return date(2020 + chance.randrange(6), chance.randrange(1, 13), chance.randrange(1, 28)).isoformat()
    if column.kind == "bool":
        return chance.choice(("true", "false"))
    return "CNY" if column.name == "currency" else f"t{number}"


def _book(folder: Path, rows: int, chance: random.Random) -> tuple[dict[str, int], int]:
    """Write one file per table; return how many rows each has, and how many of all are mutated."""
    folder.mkdir(parents=True)
    counted, mutated = {}, 0
    for name, declared in CATALOG.items():
        many = max(rows // len(CATALOG), 1)
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(declared.names)
            for number in range(many):
                key = declared.key[0] if declared.key else ""
                cells = [
                    f"{name}{number}" if column.name == key else _cell(column, number, chance)
                    for column in declared.columns
                ]
                if chance.random() < 0.5:
                    cells[chance.randrange(len(cells))] = chance.choice(ODD)
                    mutated += 1
                if not any(cell.strip() for cell in cells):
                    cells[0] = "x"  # a line without anything is no row
                writer.writerow(cells)
        counted[name] = many
    return counted, mutated


def rows(folder: Path, times: int, seed: int = 1, per_load: int = 50_000) -> list[Outcome]:
    """Load `times` rows in books of `per_load`; half of the rows have a cell that is odd."""
    outcome = Outcome(what="rows, mutated", expected="0 tracebacks, every row accounted for")
    chance = random.Random(seed)
    loaded = 0
    number = -1
    while outcome.tried < times and not outcome.wrong:
        number += 1
        project = folder / f"book{number}"
        written, mutated = _book(project / "data", min(per_load, times), chance)
        workspace = gr.open(str(project))
        try:
            report = workspace.load("bank_csv", project / "data", as_of=DAY, max_rejects=1.0)
        except GraphRiskError as error:
            refused = getattr(error, "report", None)
            outcome.check(refused is not None, f"book {number} was refused without a report: {error}")
            if refused is None:
                continue
            report = refused
        except Exception as error:
            outcome.wrong.append(f"book {number}: {error!r}")
            continue
        told = {one["table"]: one for one in report.to_dict()["tables"]}
        for name, many in written.items():
            one = told.get(name)
            read = 0 if one is None else one["rows_read"]
            outcome.check(read == many, f"book {number}, {name}: {read} of {many} rows were read")
            if one is not None:
                fine = one["rows_read"] == one["rows_loaded"] + one["rows_rejected"]
                outcome.check(fine, f"book {number}, {name}: {one['rows_read']} read, not all loaded or rejected")
                outcome.check(
                    one["rows_rejected"] == sum(reject["rows"] for reject in one["rejects"]),
                    f"book {number}, {name}: a rejected row has no reason, or two",
                )
                loaded += one["rows_loaded"]
            outcome.tried += many
        if held := workspace._store.snapshots():
            kept = sum(held[-1].rows.values())
            outcome.check(kept == sum(one["rows_loaded"] for one in told.values()), f"book {number}: rows were lost")
        workspace.close()
        shutil.rmtree(project)
        outcome.counts["of them with an odd cell"] += mutated
    outcome.counts["loaded"] = loaded
    outcome.counts["rejected"] = outcome.tried - loaded
    return [outcome]
