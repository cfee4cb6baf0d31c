"""What another program changed in our tables is noticed when it is read, and mended by loading again."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG
from graphrisk.stores.neo4j.store import Neo4jStore
from graphrisk.stores.verifying import verified
from tests.neo4j_fixtures import Reachable
from tests.stores.neo4j.loads import assert_exact, contents
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

CHANGES = {
    "a number": "MATCH (:Party)-[g:GUARANTEES {guarantee_id: 'G1'}]->() SET g.amount = 9999.0",
    "a number of a node": "MATCH (f:Facility) WITH f LIMIT 1 SET f.outstanding = f.outstanding + 1",
    "a text": "MATCH (p:Party {id: 'P01'}) SET p.region = 'elsewhere'",
    "a missing value": "MATCH (p:Party {id: 'P01'}) SET p.lei = 'X'",
    "a value taken away": "MATCH (p:Party {id: 'P01'}) REMOVE p.kind",
    "another kind of value": "MATCH (:Party)-[g:GUARANTEES {guarantee_id: 'G1'}]->() SET g.amount = 'much'",
    "a day": "MATCH (f:Financials) WITH f LIMIT 1 SET f.audited = NOT coalesce(f.audited, false)",
    "an id": "MATCH (p:Party {id: 'P05'}) SET p.id = 'P05x'",
    "whose it is": "MATCH (p:Party {id: 'P01'}) SET p.loader = 'other'",
}


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_a_value_that_another_program_changed_is_noticed_and_mended_by_loading_again(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table], what: str
) -> None:
    neo4j_store.load(whole_world(), as_of=AS_OF)
    neo4j_server.run(CHANGES[what])
    noticed = []
    for name in CATALOG:
        try:
            neo4j_store.table(name)
        except StoreError as error:
            noticed.append(error.message)
    assert noticed
    assert [] == [said for said in noticed if "another program changed them" not in said]
    (faults,) = [row["faults"] for row in verified(neo4j_store, [])]
    assert len(noticed) == len(faults)
    if what == "a text":
        neo4j_store.load(whole_world(), as_of=AS_OF)
    else:  # as `graphrisk load` does: what stands is needed for the union with what other loaders brought
        with neo4j_store.loading():
            neo4j_store.recover()
            assert expected == contents(neo4j_store)
            neo4j_store.load(whole_world(), as_of=AS_OF)
    assert_exact(neo4j_store, neo4j_server, expected)


def test_a_push_mends_what_another_program_changed(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table]
) -> None:
    neo4j_store.load(whole_world(), as_of=AS_OF)
    neo4j_server.run(CHANGES["a number"])
    neo4j_server.run(CHANGES["a text"])
    neo4j_store.load(whole_world(), as_of=AS_OF)
    assert_exact(neo4j_store, neo4j_server, expected)


def test_what_a_dead_writer_left_goes_with_the_next_one_that_writes(
    neo4j_store: Neo4jStore, neo4j_server: Reachable
) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    neo4j_server.run("CREATE (:SnapshotPart {graphrisk: true, of: 'gone', seq: 0, table: 'parties', bytes: null})")
    run = "CREATE (:ScoreRun {graphrisk: true, run: 'chains-x', analyzer: 'chains', whole: false, properties: []})"
    neo4j_server.run(run)
    neo4j_server.run("CREATE (:ScorePart {graphrisk: true, run: 'chains-x', seq: 0})")
    neo4j_store.remember([])
    assert [[0]] == neo4j_server.run("MATCH (p:SnapshotPart {of: 'gone'}) RETURN count(p)")
    assert [[0]] == neo4j_server.run("MATCH (p) WHERE p:ScorePart OR p:ScoreRun RETURN count(p)")
    assert 3 == neo4j_store.table("parties").num_rows


def test_scores_of_another_currency_are_not_shown(neo4j_store: Neo4jStore) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    neo4j_store.write_scores(a_result(settings={"base_currency": "CNY"}), default=True)
    ask = "MATCH (p:Party {id: 'P0'}) RETURN p.score_chains_ratio AS ratio"
    assert ((1.5,),) == neo4j_store.query(ask, settings={"base_currency": "CNY"}).rows
    for text in (ask, "MATCH (p:Party) RETURN properties(p) AS x", "MATCH (p:Party) RETURN [k IN keys(p) | p[k]] AS x"):
        with pytest.raises(StoreError, match="other settings"):
            neo4j_store.query(text, settings={"base_currency": "USD"})
    ((node,),) = neo4j_store.query("MATCH (p:Party {id: 'P0'}) RETURN p", settings={"base_currency": "USD"}).rows
    assert [] == [key for key in node if key.startswith("score_")]
    neo4j_store.write_scores(a_result(settings={"base_currency": "USD"}), default=True)
    assert ((1.5,),) == neo4j_store.query(ask, settings={"base_currency": "USD"}).rows
