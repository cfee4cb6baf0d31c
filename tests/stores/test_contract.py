"""What every store keeps to: the same tables, rows and results come out of each."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from graphrisk.errors import StoreError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.model.catalog import BOOKKEEPING, CATALOG
from graphrisk.model.digest import fingerprint
from graphrisk.model.loads import PastLoad, PastTable
from graphrisk.model.note import Note, as_notes
from graphrisk.model.result import Result
from graphrisk.stores.base import Store, choose_snapshot
from graphrisk.stores.files.store import FilesStore
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import HOSTILE, whole_world


def a_result(**changes: Any) -> Result:
    tables = {
        "chains_parties": pd.DataFrame(
            {
                "party_id": ["P0", "P1"],
                "ratio": [1.5, float("nan")],
                "depth": pd.array([1, None], dtype="Int64"),
                "in_circle": [True, False],
            }
        ),
        "chains_circles": pd.DataFrame(
            {"circle_id": ["c0", "c1"], "parties": [["P0", "甲"], []], "on": [AS_OF, None], "flag": [True, None]}
        ),
        "chains_none": pd.DataFrame({"party_id": pd.Series([], dtype="str"), "x": pd.Series([], dtype="float64")}),
    }
    base = Result(
        analyzer="chains",
        version=3,
        as_of=AS_OF,
        fingerprint="f" * 32,
        params={"max_length": 8, "shocks": {"甲": 0.5}, "layers": ("a", "b"), "off": None},
        certificate={"converged": True, "residual": 1e-17},
        notes=as_notes([Note("gone", "gone", "缺失", severity="warning"), "two"]),
        tables=tables,
    )
    return dataclasses.replace(base, **changes)


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {name: store.table(name).to_pylist() for name in CATALOG}


def test_an_empty_store_has_no_snapshot(store: Store) -> None:
    assert [] == store.snapshots()
    with pytest.raises(StoreError, match="no snapshot"):
        store.table("parties")
    with pytest.raises(StoreError, match="no snapshot"):
        choose_snapshot(store.snapshots(), None, store.url)


def test_every_value_of_every_table_comes_back(store: Store) -> None:
    world = whole_world()
    store.load(world, as_of=AS_OF)
    for name, declared in CATALOG.items():
        kept = store.table(name)
        assert [*declared.names, *BOOKKEEPING] == kept.column_names
        assert declared.schema.types == kept.select(declared.names).schema.types
        key = [(column, "ascending") for column in declared.key or ("row_key",)]
        assert kept.sort_by(key).equals(kept), "rows come in key order"
        given = world[name].select([*declared.names, "loader", "parts"])
        every = [(column, "ascending") for column in declared.names]
        shown = kept.select(given.column_names)
        assert given.sort_by(every).to_pylist() == shown.sort_by(every).to_pylist()


def test_a_store_gives_back_the_very_tables_that_the_files_store_gives(store: Store, tmp_path: Path) -> None:
    reference = FilesStore(tmp_path / "reference")
    world = whole_world()
    backwards = {
        name: table.take(pc.sort_indices(table, [(table.column_names[0], "descending")]))
        for name, table in world.items()
    }
    assert reference.load(world, as_of=AS_OF) == store.load(backwards, as_of=AS_OF)
    assert reference.snapshots() == store.snapshots()
    for name in CATALOG:
        assert reference.table(name).equals(store.table(name)), name


def test_a_graph_of_stored_tables_has_the_fingerprint_of_the_snapshot(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    info = store.snapshots()[-1]
    graph = build_graph({name: store.table(name) for name in CATALOG}, as_of=AS_OF)
    assert info.fingerprint == graph.fingerprint == fingerprint(whole_world())
    assert {name: table.num_rows for name, table in whole_world().items()} == info.rows
    assert {"bank_csv": 62 - 4, "bods": 24 + 4} == info.loaders


def test_chosen_columns_come_in_the_order_asked_for(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    table = store.table("guarantees", columns=["debtor_id", "amount", "row_key"])
    assert ["debtor_id", "amount", "row_key"] == table.column_names
    assert [("P08", 9.5, "G'4\""), ("P00", 50.0, "G1")] == [tuple(row.values()) for row in table.to_pylist()][:2]


def test_an_unknown_table_or_column_names_the_nearest(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    with pytest.raises(UsageError, match="guarantees"):
        store.table("guarantee")
    with pytest.raises(UsageError, match="debtor_id"):
        store.table("guarantees", columns=["debtor"])
    with pytest.raises(UsageError, match="party_id"):
        store.load({"parties": pa.table({"party_idd": ["P0"]})}, as_of=AS_OF)


def test_tables_without_rows_come_back_empty_and_typed(store: Store) -> None:
    store.load(tables_of(parties=[{"party_id": "P0"}]), as_of=AS_OF)
    assert 1 == store.table("parties").num_rows
    assert [*CATALOG["fx"].names, *BOOKKEEPING] == store.table("fx").column_names
    assert 0 == store.table("fx").num_rows


def test_a_snapshot_may_hold_nothing_at_all(store: Store) -> None:
    snapshot = store.load({}, as_of=AS_OF)
    assert [snapshot] == [info.id for info in store.snapshots()]
    assert 0 == store.table("parties").num_rows
    assert ((0,),) == store.query("MATCH (p:Party) RETURN count(p) AS n").rows


def test_the_same_content_again_is_the_same_snapshot(store: Store) -> None:
    first = store.load(whole_world(), as_of=AS_OF)
    before = contents(store)
    assert first == store.load(whole_world(), as_of=AS_OF)
    assert before == contents(store)
    assert 1 == len(store.snapshots())


def test_other_content_for_the_same_day_is_its_next_version(store: Store) -> None:
    assert "2026-09-30.1" == store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert "2026-09-30.2" == store.load(tables_of(**ring(4)), as_of=AS_OF)
    assert 4 == store.table("parties").num_rows
    assert "2026-09-30.3" == store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert 3 == store.table("parties").num_rows


def test_who_brought_a_row_is_content_too(store: Store) -> None:
    tables = tables_of(**ring(3))
    store.load(tables, as_of=AS_OF)
    named = {name: t.append_column("loader", pa.repeat(pa.scalar("bods"), t.num_rows)) for name, t in tables.items()}
    assert "2026-09-30.2" == store.load(named, as_of=AS_OF)
    assert {"bods"} == set(store.table("guarantees")["loader"].to_pylist())
    assert {"bods": 12} == store.snapshots()[-1].loaders


def test_what_is_no_longer_in_the_data_is_gone(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    small = tables_of(**ring(3))
    store.load(small, as_of=date(2026, 10, 31))
    assert date(2026, 10, 31) == store.snapshots()[-1].as_of
    assert {name: small[name].num_rows if name in small else 0 for name in CATALOG} == {
        name: store.table(name).num_rows for name in CATALOG
    }
    assert ((3,),) == store.query("MATCH (:Party)-[r]->(:Party) RETURN count(r) AS n").rows


def test_changed_values_labels_and_ends_are_changed(store: Store) -> None:
    book = ring(3)
    store.load(tables_of(**book), as_of=AS_OF)
    book["parties"][0] |= {"kind": "person", "is_client": True, "region": "浙江"}
    book["facilities"][1] |= {"borrower_id": "P2"}
    book["guarantees"][0] |= {"guarantor_id": "P2", "amount": 51.0}
    changed = tables_of(**book)
    store.load(changed, as_of=AS_OF)
    assert "P2" == store.table("facilities")["borrower_id"][1].as_py()
    assert ((True, False, True),) == store.query(
        "MATCH (p:Party {id: 'P0'}) RETURN p:Person AS person, p:Company AS company, p:Client AS client"
    ).rows
    assert (("P2", "F1"), ("P2", "F2")) == store.query(
        "MATCH (p:Party {id: 'P2'})-[:BORROWS]->(f:Facility) RETURN p.id AS p, f.id AS f ORDER BY f"
    ).rows
    assert ((51.0, "P2"),) == store.query(
        "MATCH (a:Party)-[g:GUARANTEES {guarantee_id: 'G0'}]->(b:Party) RETURN g.amount AS amount, a.id AS id"
    ).rows


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"parties": [{"party_id": "P0"}, {"party_id": "P0"}]}, "1 rows repeat the key"),
        ({"parties": [{"party_id": None, "name": "x"}]}, "party_id is missing in 1 rows"),
        (
            {
                "parties": [{"party_id": "P0"}],
                "facilities": [{"facility_id": "F", "borrower_id": "P0", "outstanding": float("nan")}],
            },
            "NaN or infinity",
        ),
    ],
)
def test_what_no_check_would_let_pass_is_refused_and_changes_nothing(store: Store, rows: Any, said: str) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = contents(store)
    with pytest.raises(StoreError, match=said):
        store.load(tables_of(**rows), as_of=AS_OF)
    assert before == contents(store)


def test_what_loads_rejected_is_kept_beside_the_snapshots_and_outside_their_content(store: Store) -> None:
    assert () == store.loads()
    kept = PastTable(
        table="parties", read=3, rejected=1, reasons=(("名称 is 'empty' \\ \"", 1),), examples=("第 2 行",)
    )
    first = (PastLoad(loader="bank_csv", as_of=AS_OF, refused="所有行", tables=(kept,)),)
    store.remember(first)
    assert first == store.loads()
    assert [] == store.snapshots()
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = store.snapshots()
    second = (*first, PastLoad(loader="other", as_of=AS_OF))
    store.remember(second)
    assert before == store.snapshots()
    assert second == store.loads()
    store.remove(before[0].id)
    assert second == store.loads()


def test_a_result_comes_back_whole(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    result = a_result()
    assert store.scores("chains", result.digest) is None
    store.write_scores(result, default=False)
    kept = store.scores("chains", result.digest)
    assert kept is not None
    assert result.to_dict() == kept.to_dict()
    assert result.digest == kept.digest
    assert {n: t.dtypes.to_dict() for n, t in result.tables.items()} == {
        n: t.dtypes.to_dict() for n, t in kept.tables.items()
    }
    assert store.scores("chains", "0" * 16) is None
    assert store.scores("quality", result.digest) is None


def test_a_result_written_again_takes_the_place_of_the_first(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    again = a_result(notes=("other",), tables={"chains_parties": pd.DataFrame({"party_id": ["P2"], "size": [7]})})
    store.write_scores(again, default=True)
    kept = store.scores("chains", again.digest)
    assert kept is not None
    assert again.to_dict() == kept.to_dict()
    rows = store.query(
        "MATCH (p:Party) RETURN p.id AS id, p.score_chains_size AS size, p.score_chains_ratio AS ratio ORDER BY id"
    )
    assert (("P0", None, None), ("P1", None, None), ("P2", 7, None)) == rows.rows


def test_only_default_results_become_properties_and_missing_values_none(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    ask = (
        "MATCH (p:Party) RETURN p.score_chains_ratio AS ratio, p.score_chains_depth AS depth, "
        "p.score_chains_in_circle AS circle ORDER BY p.id"
    )
    store.write_scores(a_result(params={"max_length": 5}), default=False)
    assert ((None, None, None),) * 3 == store.query(ask).rows
    store.write_scores(a_result(), default=True)
    assert ((1.5, 1, True), (None, None, False), (None, None, None)) == store.query(ask).rows


def test_scores_of_layers_show_the_combined_one(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    table = pd.DataFrame(
        {"layer": ["combined", "ownership"] * 2, "party_id": ["P0", "P0", "P1", "P1"], "rank": [1.0, 2.0, 3.0, 4.0]}
    )
    store.write_scores(
        a_result(analyzer="centrality", tables={"centrality_scores": table}),
        default=True,
    )
    rows = store.query("MATCH (p:Party) RETURN p.score_centrality_rank AS rank ORDER BY p.id").rows
    assert ((1.0,), (3.0,), (None,)) == rows


def test_another_snapshot_has_none_of_the_scores(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    store.load(tables_of(**ring(4)), as_of=date(2026, 10, 31))
    assert store.scores("chains", a_result().digest) is None
    rows = store.query("MATCH (p:Party) WHERE p.score_chains_ratio IS NOT NULL RETURN count(p) AS n").rows
    assert ((0,),) == rows


def test_removing_the_snapshot_removes_everything(store: Store) -> None:
    snapshot = store.load(whole_world(), as_of=AS_OF)
    store.write_scores(a_result(), default=True)
    store.remove(snapshot)
    assert [] == store.snapshots()
    with pytest.raises(StoreError, match="no snapshot"):
        store.remove(snapshot)
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert store.scores("chains", a_result().digest) is None


def test_an_unknown_snapshot_names_the_nearest(store: Store) -> None:
    snapshot = store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert 3 == store.table("parties", snapshot).num_rows
    with pytest.raises(StoreError, match=r"2026-09-30\.1"):
        store.table("parties", "2026-09-30.9")


def test_hostile_texts_are_values_and_nothing_else(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    for i, name in enumerate(HOSTILE):
        found = store.query("MATCH (p:Party {name: $name}) RETURN p.id AS id", {"name": name})
        assert ((f"P{i:02d}",),) == found.rows
    for odd in ("a'b\"c`\\", "  ", "007", "𠮷"):
        assert ((odd,),) == store.query("MATCH (p:Party) WHERE p.id = $id RETURN p.id AS id", {"id": odd}).rows
    assert 24 == store.table("parties").num_rows


def test_an_id_that_two_kinds_of_node_share_is_two_nodes(store: Store) -> None:
    store.load(whole_world(), as_of=AS_OF)
    rows = store.query(
        "MATCH (f:Facility {id: 'X1'})-[s:SECURED_BY]->(c:Collateral {id: 'X1'}) MATCH (p:Party {id: 'X1'}) "
        "RETURN f.product AS product, c.name AS name, p.name AS party, s.rank AS rank"
    )
    assert (("贷款", "厂房", "hostile id", 1),) == rows.rows


def test_a_text_that_closes_too_early_is_told_before_the_engine_sees_it(store: Store) -> None:
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    with pytest.raises(UsageError, match="not closed"):
        store.query("MATCH (p:Party {id: 'P0}) RETURN p.id AS id")


def test_recovering_a_sound_store_does_nothing(store: Store) -> None:
    store.recover()
    store.load(tables_of(**ring(3)), as_of=AS_OF)
    before = contents(store)
    store.recover()
    assert before == contents(store)
