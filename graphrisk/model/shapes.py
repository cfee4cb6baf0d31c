"""How canonical rows become nodes and relationships: one mapping for KGLite, for Neo4j and for its import files.

A row of a node or fact table is a node: its key is the property `id`, every other column keeps its name. A row of a
relation table is a relationship between the nodes of its two ends, which are not repeated as properties. Links
(BORROWS, HAS_COLLATERAL, REPORTED ...) follow from a column of a node and carry nothing. Missing values have no
property. BOOKKEEPING columns are properties too (both stores give the same tables back), but no query shows them.
In Neo4j a `row_digest` tells one version of a keyed row from another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.catalog import BOOKKEEPING, CATALOG
from graphrisk.model.digest import row_keys
from graphrisk.model.parties import KIND_LABELS
from graphrisk.model.table import Table

CLIENT = "Client"
SCORE_PREFIX = "score_"
DIGEST = "row_digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeShape:
    """The nodes of one table: `properties` maps property -> column; `id` is the row_key too. One label, one table."""

    table: str
    label: str
    key: str
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeShape:
    """The relationships of one table, from the id in column `source` of label `source_label` to `target`.

    `properties` are the columns they carry: none for a link.
    """

    table: str
    relation: str
    source: str
    source_label: str
    target: str
    target_label: str
    properties: tuple[str, ...]

    @property
    def is_link(self) -> bool:
        """True where it follows from a column of a node, and there is at most one per node."""
        return not self.properties


def _node(table: Table) -> NodeShape:
    rest = [name for name in (*table.names, *BOOKKEEPING) if name not in (table.key_column, "row_key")]
    properties = {"id": table.key_column, **{name: name for name in rest}}
    return NodeShape(table=table.name, label=table.label, key=table.key_column, properties=properties)


def _edge(table: Table) -> EdgeShape:
    rest = [column for column in (*table.names, *BOOKKEEPING) if column not in (table.source, table.target)]
    return EdgeShape(
        table=table.name,
        relation=table.relation,
        source=table.source,
        source_label=_label_behind(table, table.source),
        target=table.target,
        target_label=_label_behind(table, table.target),
        properties=tuple(rest),
    )


def _links(table: Table) -> list[EdgeShape]:
    shapes = []
    for link in table.links:
        source, target = link.source or table.key_column, link.target or table.key_column
        shapes.append(
            EdgeShape(
                table=table.name,
                relation=link.relation,
                source=source,
                source_label=_label_behind(table, link.source) if link.source else table.label,
                target=target,
                target_label=_label_behind(table, link.target) if link.target else table.label,
                properties=(),
            )
        )
    return shapes


def _label_behind(table: Table, column: str) -> str:
    """Return the label of the nodes that a column refers to."""
    referred = table.column(column).references
    assert referred is not None, f"{table.name}.{column} names no table"
    return CATALOG[referred].label


NODES: dict[str, NodeShape] = {t.name: _node(t) for t in CATALOG.values() if t.role in ("node", "fact")}
"""The shape of every table whose rows are nodes."""

EDGES: dict[str, EdgeShape] = {
    **{t.name: _edge(t) for t in CATALOG.values() if t.role == "relation"},
    **{shape.relation: shape for t in CATALOG.values() for shape in _links(t)},
}
"""The shape of every kind of relationship: relation tables by the table's name, links by their relationship type."""

LABELS: frozenset[str] = frozenset(
    [shape.label for shape in NODES.values()] + [*KIND_LABELS.values(), CLIENT, "Snapshot"]
)
RELATIONS: frozenset[str] = frozenset(shape.relation for shape in EDGES.values())
PROPERTIES: frozenset[str] = frozenset(
    [name for shape in NODES.values() for name in shape.properties]
    + [name for edge in EDGES.values() for name in edge.properties]
    + ["as_of", "fingerprint", "complete"]
)


def second_labels(parties: pa.Table) -> dict[str, pa.Array]:
    """Return, for each second label of parties (by kind, and Client), which rows carry it."""
    kind, client = parties["kind"].combine_chunks(), parties["is_client"].combine_chunks()
    marks = {label: pc.fill_null(pc.equal(kind, name), False) for name, label in KIND_LABELS.items()}
    return {**marks, CLIENT: pc.fill_null(client, False)}


def edge_rows(shape: EdgeShape, table: pa.Table) -> pa.Table:
    """Return one row per relationship: its two ends, then its properties; a link without an end is none."""
    rows = table.select([shape.source, shape.target, *shape.properties])
    if shape.is_link:
        keep = pc.and_(pc.is_valid(rows[shape.source]), pc.is_valid(rows[shape.target]))
        rows = rows.filter(keep)
    return rows


def node_rows(shape: NodeShape, table: pa.Table) -> pa.Table:
    """Return one row per node: its properties by name, `id` first; properties that no row has are left out."""
    held = {name: column for name, column in shape.properties.items() if table[column].null_count < table.num_rows}
    return table.select(list(held.values())).rename_columns(list(held))


def with_digest(table: pa.Table, declared: Table) -> pa.Table:
    """Return the rows with a digest of everything in each, as column `row_digest`."""
    columns = [*declared.names, *BOOKKEEPING[1:]]
    digests = row_keys(table, columns)
    return table.append_column(DIGEST, digests)


def filled(table: pa.Table, columns: Iterable[str]) -> list[str]:
    """Return those of `columns` that hold any value."""
    return [name for name in columns if table[name].null_count < table.num_rows]
