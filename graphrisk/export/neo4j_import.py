"""CSV files and arguments for `neo4j-admin database import`: the graph that the Neo4j store would load, for first loads
of many millions of rows.

The files hold the whole snapshot with its bookkeeping, so that the imported database is a Neo4j store like any other.
Texts are quoted and missing values are not, which is how the importer tells "" from nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.content import content_of, digests_of, loaders_of, table_digests
from graphrisk.model.currency import decided_currency
from graphrisk.model.shapes import (
    DIGEST,
    EDGES,
    NODES,
    EdgeShape,
    NodeShape,
    edge_rows,
    node_rows,
    second_labels,
    with_digest,
)

WHOLE = True
"""Takes all canonical tables with their bookkeeping columns, never a choice of them."""

ARGUMENTS = "import.args"
_HOW = """\
Into an empty, stopped database, on the server's machine, in this folder:

    neo4j-admin database import full neo4j @{arguments}

Then start the server, and declare the keys: cypher-shell -f constraints.cypher
"""


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write the files into the folder `path`; return them."""
    content = content_of(tables)
    path.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    arguments = ["--id-type=string", "--multiline-fields=true", "--trim-strings=false", "--ignore-empty-strings=false"]
    for node in NODES.values():
        if content[node.table].num_rows:
            pair = _write(path, f"nodes-{node.label}", *_nodes(node, content[node.table]))
            arguments.append(f"--nodes=./{pair[0].name},./{pair[1].name}")
            files += pair
    for edge in EDGES.values():
        rows = _edges(edge, content[edge.table])
        if rows[0].num_rows:
            pair = _write(path, f"relationships-{edge.relation}", *rows)
            arguments.append(f"--relationships={edge.relation}=./{pair[0].name},./{pair[1].name}")
            files += pair
    for name, table, header in _markers(content, graph):
        pair = _write(path, f"nodes-{name}", table, header)
        arguments.append(f"--nodes=./{pair[0].name},./{pair[1].name}")
        files += pair
    constraints = "".join(
        f"CREATE CONSTRAINT graphrisk_{n.label.lower()}_id IF NOT EXISTS FOR (n:{n.label}) REQUIRE n.id IS UNIQUE;\n"
        for n in NODES.values()
    )
    texts = {ARGUMENTS: "\n".join(arguments) + "\n", "constraints.cypher": constraints}
    texts["README.txt"] = _HOW.format(arguments=ARGUMENTS)
    for name, text in texts.items():
        (path / name).write_text(text, "utf-8", newline="\n")
        files.append(path / name)
    return files


def _nodes(shape: NodeShape, table: pa.Table) -> tuple[pa.Table, list[str]]:
    """Return the nodes of a table with their labels, and the header that types them."""
    table = with_digest(table, CATALOG[shape.table])
    rows = node_rows(shape, table).append_column(DIGEST, table[DIGEST])
    labels = pa.array([shape.label] * table.num_rows, pa.string())
    if shape.table == "parties":
        for label, marked in second_labels(table).items():
            labels = pc.if_else(marked, pc.binary_join_element_wise(labels, label, ";"), labels)
    header = [f"id:ID({shape.label})", *(_typed(rows.schema.field(name)) for name in rows.column_names[1:]), ":LABEL"]
    return rows.append_column(":LABEL", labels), header


def _edges(shape: EdgeShape, table: pa.Table) -> tuple[pa.Table, list[str]]:
    """Return the relationships of a shape, and the header that types them."""
    rows = edge_rows(shape, table)
    if not shape.is_link and CATALOG[shape.table].key and rows.num_rows:
        rows = rows.append_column(DIGEST, with_digest(table, CATALOG[shape.table])[DIGEST])
    names = ["from", "to", *rows.column_names[2:]]
    rows = rows.rename_columns(names)
    kept = [*names[:2], *(name for name in names[2:] if rows[name].null_count < rows.num_rows)]
    rows = rows.select(kept)
    header = [f":START_ID({shape.source_label})", f":END_ID({shape.target_label})"]
    return rows, [*header, *(_typed(rows.schema.field(name)) for name in kept[2:])]


def _markers(content: Mapping[str, pa.Table], graph: RiskGraph) -> list[tuple[str, pa.Table, list[str]]]:
    """Return the nodes that tell the Neo4j store what the database holds."""
    fingerprint, digest = digests_of(content)
    day = graph.as_of.isoformat()
    snapshot = {"id": [graph.snapshot], "as_of": [graph.as_of], "fingerprint": [fingerprint], "complete": [True]}
    rows = {name: table.num_rows for name, table in content.items()}
    state = {
        "key": ["graphrisk"],
        "state": ["complete"],
        "id": [graph.snapshot],
        "as_of": [day],
        "fingerprint": [fingerprint],
        "content": [digest],
        "rows": [json.dumps(rows)],
        "loaders": [json.dumps(loaders_of(content), ensure_ascii=False)],
        "parts": [0],
        "digests": [json.dumps(table_digests(content))],
        "base_currency": pa.array([decided_currency(content)], pa.string()),
    }
    out = []
    for label, values in (("Snapshot", snapshot), ("SnapshotState", state)):
        table = pa.table({**values, ":LABEL": [label]})
        header = [_typed(field) for field in table.schema][:-1]
        out.append((label, table, [*header, ":LABEL"]))
    return out


def _typed(field: pa.Field) -> str:
    kinds = {"string": "string", "double": "double", "int64": "long", "bool": "boolean", "date32[day]": "date"}
    return f"{field.name}:{kinds[str(field.type)]}"


def _write(folder: Path, name: str, table: pa.Table, header: list[str]) -> list[Path]:
    head, data = folder / f"{name}-header.csv", folder / f"{name}.csv"
    head.write_text(",".join(header) + "\n", "utf-8", newline="\n")
    # pyarrow 26 writes foreign bytes for a table with an empty chunk, so there is one chunk
    csv.write_csv(table.combine_chunks(), data, csv.WriteOptions(include_header=False, quoting_style="needed"))
    return [head, data]
