"""Who stands behind whom does not hang on the store that holds the book, nor on what the parties are called."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Result
from graphrisk.statement import find_query
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.analyze.test_contract import analyze
from tests.worlds.build import AS_OF, tables_of

Rows = dict[str, list[dict[str, Any]]]
ASKED = (
    ("ownership", {}),
    ("ownership", {"semantics": "walk"}),
    ("owners", {}),
    ("owners", {"regime": "psc"}),
    ("relations", {}),
)


def book(seed: int, *, relations: bool = True) -> Rows:
    """Persons, firms, a nominee and a placeholder; bounds, unknown shares, circles, a holding of its own."""
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(10)]
    kinds = ["person", "person", "nominee", "unknown", *["company"] * 6]
    rows: Rows = {
        "parties": [{"party_id": i, "kind": kind, "is_client": True} for i, kind in zip(ids, kinds, strict=True)],
        "ownership": [],
    }
    for firm in ids[4:]:
        left = 1.0
        for owner in dice.sample(ids, 3):
            share = round(dice.uniform(0.05, 0.5) * left, 3)
            left -= share
            row: dict[str, Any] = {"owner_id": owner, "owned_id": firm, "share_min": share, "share_max": share}
            if dice.random() < 0.2:
                row |= {"share_min": None, "share_max": None}
            elif dice.random() < 0.3:
                row |= {"share_max": min(1.0, share + 0.1), "min_exclusive": True}
            if dice.random() < 0.15 and owner in ("P0", "P1"):
                row |= {"via": "P2"}
            rows["ownership"].append(row)
    rows["control"] = [
        dict(zip(("controller_id", "controlled_id"), dice.sample(ids[4:], 2), strict=True)) | {"basis": "board"}
    ]
    if relations:
        rows["ties"] = [
            dict(zip(("a_id", "b_id"), dice.sample(ids, 2), strict=True))
            | {"kind": dice.choice(["family", "director", "phone"])}
            for _ in range(4)
        ]
    return rows


def test_both_stores_give_equal_answers(tmp_path: Path, neo4j_store: Neo4jStore) -> None:
    files = FilesStore(tmp_path / "store")
    rows = book(3)
    graphs = []
    for store in (files, neo4j_store):
        store.load(tables_of(**rows), as_of=AS_OF)
        graphs.append(build_graph({name: store.table(name) for name in CATALOG}, as_of=AS_OF))
    query = find_query("layered_owners")
    asked = query.bind({"min_layers": 1})
    told = []
    for store, graph in zip((files, neo4j_store), graphs, strict=True):
        assert () == store.query(query.text, asked).rows  # no stored answer yet
        store.write_scores(analyze("ownership", graph), default=True)
        told.append(store.query(query.text, asked))
    files.close()
    assert told[0] == told[1]
    layers = analyze("ownership", graphs[0]).indicators.set_index("party_id")["layers"]
    assert {row[0]: row[2] for row in told[0].rows} == layers[layers >= 1].to_dict()
    for name, given in ASKED:
        one, other = (analyze(name, graph, **given) for graph in graphs)
        assert one.to_json() == other.to_json(), (name, given)
        assert sum(len(table) for table in one.tables.values()) > 0


def renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def facts(result: Result, table: str, columns: list[str], names: dict[str, str]) -> list[Any]:
    """Return the rows of a table with other names, in an order that does not hang on names; pairs in either order."""
    out = []
    for row in result.to_dict()["tables"][table]:
        cells = [renamed(row[column], names) for column in columns]
        out.append(tuple(round(cell, 9) if isinstance(cell, float) else cell for cell in cells))
    return sorted(out, key=repr)


FACTS = (
    (
        "ownership",
        "ownership_integrated",
        ["owner_id", "owned_id", "direct_min", "direct_max", "capital_min", "capital_max", "votes_min", "votes_max"],
    ),
    (
        "ownership",
        "ownership_control",
        ["controller_id", "controlled_id", "votes_min", "votes_max", "certain", "basis", "ultimate"],
    ),
    ("ownership", "ownership_indicators", ["party_id", "layers", "holders", "persons", "nominees", "unknown_share"]),
    ("owners", "owners_owners", ["party_id", "owner_id", "capital_min", "capital_max", "certain", "basis"]),
)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_other_names_give_the_same_answers_under_other_names(seed: int) -> None:
    rows = book(seed)
    ids = [row["party_id"] for row in rows["parties"]]
    mixed = ids[:]
    random.Random(seed).shuffle(mixed)
    names = {old: f"Q{new[1:]}" for old, new in zip(ids, mixed, strict=True)}
    other = {
        table: [{key: renamed(value, names) for key, value in row.items()} for row in given]
        for table, given in rows.items()
    }
    graphs: list[RiskGraph] = [build_graph(tables_of(**one), as_of=AS_OF) for one in (rows, other)]
    for name, table, columns in FACTS:
        one, two = (analyze(name, graph) for graph in graphs)
        assert facts(one, table, columns, names) == facts(two, table, columns, {}), table
        assert len(one.tables[table]) > 0
    pairs = []
    for graph, said in zip(graphs, (names, {}), strict=True):
        told = analyze("relations", graph, names="exact").to_dict()["tables"]["relations_pairs"]
        pairs.append(
            sorted(
                (
                    sorted(renamed([row["a_id"], row["b_id"]], said)),
                    row["kind"],
                    row["hint"],
                    row["hidden"],
                    row["strength"],
                )
                for row in told
                if row["strength"] is not None
            )
        )
    assert len(pairs[0]) == len(pairs[1])
    for first, second in zip(*pairs, strict=True):
        assert first[:4] == second[:4]
        assert first[4] == pytest.approx(second[4], abs=1e-9)
