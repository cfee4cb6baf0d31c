"""Loading: the embedded store, and Neo4j against the server's own LOAD CSV of the same rows, in one run.

    python -m benchmarks.load [--nodes 300000] [--relations 1500000] [--repeat 2]

Targets at 300,000 nodes and 1,500,000 relationships: the embedded store writes within 6 s; Neo4j loads, idempotently,
at 0.8 or more of the rate of LOAD CSV in batches of its own transactions. NEO4J_URI names a server, else one is started
from Maven artifacts. Both Neo4j loads start with an empty database and the same constraints, and take turns; counts and
sums are compared before rates are shown.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.networks import once
from graphrisk.model.catalog import CATALOG
from graphrisk.model.content import content_of
from graphrisk.model.shapes import EDGES, NODES, edge_rows, filled, node_rows, second_labels
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from graphrisk.stores.neo4j.writing import BATCH, define_constraints

AS_OF = date(2026, 9, 30)


def bank(nodes: int, relations: int, seed: int = 1) -> dict[str, pa.Table]:
    """Return tables of a bank: companies and persons with their columns filled, relations of four kinds."""
    dice = np.random.default_rng(seed)
    ids = np.char.add("P", np.char.zfill(np.arange(nodes).astype(str), 8))
    parties = {
        "party_id": ids,
        "name": np.char.add(
            dice.choice(["浙江", "江苏", "广东"], nodes), np.char.add("企业", np.arange(nodes).astype(str))
        ),
        "kind": dice.choice(["company", "person"], nodes, p=[0.8, 0.2]),
        "is_client": dice.random(nodes) < 0.3,
        "region": dice.choice(["浙江", "江苏", "广东"], nodes),
        "industry": dice.choice(["C17", "K70", "F51"], nodes),
        "incorporated_on": dice.integers(5_000, 20_000, nodes).astype("datetime64[D]"),
    }
    shares = {"guarantees": 0.2, "exposures": 0.4, "supplies": 0.2, "ownership": 0.2}
    out = {"parties": _table("parties", parties)}
    for name, share in shares.items():
        count = int(relations * share)
        declared = CATALOG[name]
        columns: dict[str, Any] = {
            declared.source: ids[dice.integers(0, nodes, count)],
            declared.target: ids[dice.integers(0, nodes, count)],
        }
        if name == "ownership":
            columns["share_min"] = columns["share_max"] = dice.random(count)
        else:
            columns |= {"amount": np.round(dice.random(count) * 1e6, 2), "currency": np.full(count, "CNY")}
        if name == "guarantees":
            columns |= {
                "guarantee_id": np.char.add("G", np.arange(count).astype(str)),
                "mode": np.full(count, "several"),
            }
            columns["from_on"] = dice.integers(15_000, 20_000, count).astype("datetime64[D]")
        out[name] = _table(name, columns)
    return out


def _table(name: str, columns: Mapping[str, Any]) -> pa.Table:
    table = pa.table({key: pa.array(values) for key, values in columns.items()})
    kinds = {column.name: column.arrow_type for column in CATALOG[name].columns}
    table = table.cast(pa.schema([pa.field(key, kinds[key]) for key in table.column_names]))
    return table.append_column("loader", pa.repeat(pa.scalar("benchmark"), table.num_rows))


def embedded(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """Measure the embedded store."""
    store = FilesStore(folder)
    written, _ = once(lambda: store.load(tables, as_of=AS_OF))
    read, _ = once(lambda: {name: store.table(name) for name in tables})
    ask = "MATCH (p:Party)-[r]->(:Party) RETURN count(r) AS n"
    first, _ = once(lambda: store.query(ask, timeout=600))
    warm, _ = once(lambda: store.query(ask, timeout=600))
    store.close()
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet")) / 1e6
    met = "met" if written <= 6 else "MISSED"
    print(f"files: write {written:.2f} s (target 6 s: {met}), {size:.0f} MB; read all tables {read:.2f} s; ", end="")
    print(f"first Cypher {first:.1f} s (makes its cache), the next {warm:.2f} s")


def csv_files(tables: Mapping[str, pa.Table], folder: Path) -> list[tuple[str, str]]:
    """Write the rows that the Neo4j store sends as CSV; return the LOAD CSV statements, and what each loads."""
    content = content_of(tables)
    statements = []
    for node in NODES.values():
        table = content[node.table]
        if not table.num_rows:
            continue
        client = second_labels(table)["Client"]
        for kind, label in (("company", "Company"), ("person", "Person")):
            for is_client in (True, False):
                kept = table.filter(
                    pa.compute.and_(pa.compute.equal(table["kind"], kind), pa.compute.equal(client, is_client))
                )
                rows = node_rows(node, kept)
                name = f"{label}-{is_client}.csv"
                _write(folder / name, rows)
                values = ", ".join(f"{c}: {_typed(rows.schema.field(c), i)}" for i, c in enumerate(rows.column_names))
                labels = f"{node.label}:{label}" + (":Client" if is_client else "")
                statements.append((name, f"CREATE (:{labels} {{{values}}})"))
    for edge in EDGES.values():
        rows = edge_rows(edge, content[edge.table])
        if not rows.num_rows:
            continue
        columns = filled(rows, edge.properties)
        rows = rows.select([edge.source, edge.target, *columns])
        name = f"{edge.relation}.csv"
        _write(folder / name, rows)
        values = ", ".join(f"{c}: {_typed(rows.schema.field(c), i)}" for i, c in enumerate(columns, 2))
        ends = f"MATCH (a:{edge.source_label} {{id: row[0]}}) MATCH (b:{edge.target_label} {{id: row[1]}})"
        statements.append((name, f"{ends} CREATE (a)-[:{edge.relation} {{{values}}}]->(b)"))
    return statements


def _write(path: Path, rows: pa.Table) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def _typed(field: pa.Field, at: int) -> str:
    convert = {"double": "toFloat(row[{}])", "int64": "toInteger(row[{}])", "bool": "row[{}] = 'True'"}
    convert["date32[day]"] = "date(row[{}])"
    return convert.get(str(field.type), "row[{}]").format(at)


def load_csv(session: Any, statements: list[tuple[str, str]]) -> None:
    """Load the files as the server itself does."""
    for name, create in statements:
        text = f"LOAD CSV FROM 'file:///{name}' AS row CALL {{ WITH row {create} }} IN TRANSACTIONS OF {BATCH} ROWS"
        session.run(text).consume()


def empty(session: Any) -> None:
    """Remove all nodes."""
    for pattern in ("()-[x]->()", "(x)"):
        session.run(f"MATCH {pattern} CALL {{ WITH x DELETE x }} IN TRANSACTIONS OF 20000 ROWS").consume()


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, Path]]:
    """Give a server's url and the folder from which it reads CSV files."""
    if os.environ.get("NEO4J_URI"):
        yield os.environ["NEO4J_URI"], Path(os.environ["NEO4J_IMPORT"])
        return
    from tests.neo4j_server import Server

    own = Server(home=folder / "neo4j", heap="2g", jvm="-Xms2g -XX:+UseG1GC", pagecache="512m").start()
    os.environ.update(own.environment)
    try:
        yield own.url, own.home / "import"
    finally:
        own.kill()


def neo4j(tables: Mapping[str, pa.Table], folder: Path, repeat: int) -> None:
    """Measure the Neo4j store against LOAD CSV."""
    from neo4j import GraphDatabase

    items = sum(table.num_rows for table in tables.values())
    with server(folder) as (url, imports):
        statements = csv_files(tables, imports)
        store = Neo4jStore.connect(url)
        auth = (os.environ.get("NEO4J_USERNAME", "neo4j"), os.environ["NEO4J_PASSWORD"])
        with (
            GraphDatabase.driver(url, auth=auth, notifications_min_severity="OFF") as driver,
            driver.session() as session,
        ):
            define_constraints(store._connection)
            count = "MATCH (n:Party) OPTIONAL MATCH (n)-[r]->(:Party) RETURN count(DISTINCT n), count(r), sum(r.amount)"
            best = {"ours": float("inf"), "LOAD CSV": float("inf")}
            for turn in range(repeat + 1):  # the first warms both up
                sample = tables if turn else {name: table.slice(0, table.num_rows) for name, table in tables.items()}
                found = []
                for name in ("LOAD CSV", "ours") if turn % 2 else ("ours", "LOAD CSV"):
                    empty(session)
                    started = time.perf_counter()
                    if name == "ours":
                        store.load(sample, as_of=AS_OF)
                    else:
                        load_csv(session, statements)
                    took = time.perf_counter() - started
                    rows = session.run(count).single(strict=True).values()
                    found.append((rows[0], rows[1], round(rows[2], 0)))
                    if turn or not repeat:
                        best[name] = min(best[name], took)
                    print(f"neo4j, turn {turn}, {name}: {took:.1f} s, {items / took:,.0f} items/s", flush=True)
                assert found[0] == found[1], found
            empty(session)
            store.load(tables, as_of=AS_OF)
        again, _ = once(lambda: store.load(tables, as_of=AS_OF))
        changed = dict(tables)
        changed["exposures"] = tables["exposures"].slice(0, tables["exposures"].num_rows - 100)
        delta, _ = once(lambda: store.load(changed, as_of=AS_OF))
        read, _ = once(lambda: {name: store.table(name) for name in changed})
        store.close()
    ratio = best["LOAD CSV"] / best["ours"]
    met = "met" if ratio >= 0.8 else "MISSED"
    for name, took in best.items():
        print(f"neo4j, {name}: {took:.1f} s, {items / took:,.0f} items/s")
    print(f"neo4j: ratio to LOAD CSV {ratio:.2f} (target 0.8: {met}); the same again {again:.2f} s; ", end="")
    print(f"100 rows fewer {delta:.1f} s; reading back {items / read:,.0f} rows/s")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, default=300_000)
    options.add_argument("--relations", type=int, default=1_500_000)
    options.add_argument("--repeat", type=int, default=2)
    given = options.parse_args()
    tables = bank(given.nodes, given.relations)
    folder = Path(tempfile.mkdtemp(prefix="graphrisk-load-"))
    try:
        embedded(tables, folder / "store")
        neo4j(tables, folder, given.repeat)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
