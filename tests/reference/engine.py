"""The program as its users meet it: CSV files, the loader `bank_csv`, `analyze contagion`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import graphrisk
from tests.reference.books import Case

PRECISION = {"tolerance": 1e-13}


def write_tables(tables: dict[str, list[dict]], folder: Path) -> None:
    """Write one CSV per table; null is an empty cell."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = sorted({column for row in rows for column in row})
        if not rows:
            continue
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows({key: text(value) for key, value in row.items()} for row in rows)


def text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else repr(value) if isinstance(value, float) else value


def write_scenario(case: Case, path: Path) -> None:
    """Write the shocks as a scenario file."""
    lines = ['name = "drawn"']
    for party, loss in case.fraction.items():
        lines += ["[[shock]]", f"parties = [{json.dumps(party)}]", f"loss = {loss}"]
    for party, amount in case.amount.items():
        lines += ["[[shock]]", f"parties = [{json.dumps(party)}]", f"loss_amount = {amount!r}"]
    for where, change in case.price:
        pairs = ", ".join(f"{column} = {json.dumps(value)}" for column, value in where.items())
        lines += ["[[shock]]", f"collateral = {{ {pairs} }}", f"price = {change}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def open_case(case: Case, folder: Path) -> graphrisk.workspace.Workspace:
    """Return a workspace that holds the book; raises where a row was rejected."""
    write_tables(case.tables, folder / "in")
    project = folder / "project"
    project.mkdir(exist_ok=True)
    (project / "graphrisk.toml").write_text('base_currency = "CNY"\n', encoding="utf-8")
    ws = graphrisk.open(str(project))
    report = ws.load("bank_csv", folder / "in", as_of=case.day)
    rejected = {table.table: table.rejects for table in report.tables if table.rows_rejected}
    if rejected:
        raise AssertionError(f"the book was not taken whole: {rejected}")
    return ws


def ask(case: Case, folder: Path) -> dict:
    """Return the program's result as the JSON document that it prints."""
    ws = open_case(case, folder)
    given: dict = PRECISION | case.settings
    if isinstance(given.get("layers"), list):
        given["layers"] = ",".join(given["layers"])
    if case.rule_is("debtrank2012"):
        given.pop("tolerance")
    if case.amount or case.price:
        write_scenario(case, folder / "scenario.toml")
        given["scenario"] = folder / "scenario.toml"
    elif case.fraction:
        given["shocks"] = case.fraction
    return json.loads(ws.analyze("contagion", **given).to_json())
