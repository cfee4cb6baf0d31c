"""Models trained on snapshots: what counts as a default, what was known on the day, ratings written back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphrisk as gr
from graphrisk import ratings
from graphrisk.credit.pd import pds_of
from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.credit.points import chance
from graphrisk.model.result import records
from graphrisk.rating.features import neighbours, structure
from graphrisk.rating.features.days import months_later
from graphrisk.rating.sheet import Sheet
from graphrisk.rating.training import Asked
from graphrisk.ratings.network_rows import observed_quarters
from graphrisk.ratings.snapshots import training_sheet
from graphrisk.ratings.validating import validate_snapshots
from graphrisk.stores.base import SnapshotInfo
from tests.rating.samples import write
from tests.worlds.build import AS_OF, graph_of, parties

DAY = date(2025, 6, 30)
N = 240


def book(
    folder: Path,
    *,
    events: list[dict[str, Any]] | None = None,
    planted: dict[str, list[dict[str, Any]]] | None = None,
    known_on: str = "",
) -> Path:
    """Write a book of clients whose leverage tells who defaults in the year after DAY.

    `planted` rows by table are added to it, known on `known_on`.
    """
    folder.mkdir(parents=True)
    dice = np.random.default_rng(6)
    lever = dice.uniform(0.2, 1.0, N)
    bad = dice.random(N) < chance(-6.0 + 7.0 * lever)
    ids = [f"P{k:03d}" for k in range(N)]
    write(
        folder / "parties.csv",
        [{"party_id": i, "name": f"企业{i}", "kind": "company", "is_client": "true"} for i in ids],
    )
    accounts = [
        {"party_id": i, "period_end_on": "2024-12-31", "currency": "CNY", "total_assets": 1000,
         "total_liabilities": round(1000 * lever[k], 3), "equity": round(1000 - 1000 * lever[k], 3)}
        for k, i in enumerate(ids)
    ]  # fmt: skip
    more = {name: [{"known_on": known_on, **row} for row in rows] for name, rows in (planted or {}).items()}
    accounts += more.pop("financials", [])
    write(folder / "financials.csv", _same_columns(accounts))
    giver = [{"guarantee_id": f"G{k}", "guarantor_id": ids[k], "debtor_id": ids[(k + 1) % 3], "amount": 100,
              "currency": "CNY", "mode": "several"} for k in range(3)]  # fmt: skip
    giver += more.pop("guarantees", [])
    write(folder / "guarantees.csv", _same_columns(giver))
    if events is None:
        fallen = [{"party_id": ids[k], "occurred_on": "2025-11-03", "kind": "default"} for k in np.flatnonzero(bad)]
        events = [*fallen, {"party_id": ids[0], "occurred_on": "2025-01-15", "kind": "lawsuit"}]
    rows = [{"event_id": f"E{k:04d}", "known_on": "", **event} for k, event in enumerate(events)]
    rows += more.pop("events", [])
    write(folder / "events.csv", rows)
    for name, given in more.items():
        write(folder / f"{name}.csv", given)
    return folder


def _same_columns(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in names} for row in rows]


def sheet_of(tmp: Path, name: str, **given: Any) -> Sheet:
    (tmp / name).mkdir()
    workspace = gr.open(str(tmp / name))
    workspace.load("bank_csv", book(tmp / name / "data", **given), as_of=DAY)
    workspace.close()
    return training_sheet(tmp / name, None, None)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("bank")
    workspace = gr.open(str(project))
    workspace.load("bank_csv", book(project / "data"), as_of=DAY)
    workspace.close()
    done = ratings.train_model(ratings.RowSource(project=project, target="default"), Asked(name="own"))
    assert 0.7 < done.tables["rate_comparison"]["auc"][0]
    return project


def test_a_default_counts_from_the_day_after_to_the_same_day_next_year(tmp_path: Path) -> None:
    days = {
        "P000": "2025-06-30",
        "P001": "2025-07-01",
        "P002": "2026-06-30",
        "P003": "2026-07-01",
        "P004": "2025-01-01",
    }
    events = [{"party_id": who, "occurred_on": day, "kind": "default"} for who, day in days.items()]
    sheet = sheet_of(
        tmp_path, "edges", events=[*events, {"party_id": "P005", "occurred_on": "2025-09-01", "kind": "news"}]
    )
    found = dict(zip(sheet.ids.tolist(), np.asarray(sheet.bad).tolist(), strict=True))
    assert {"P001": 1.0, "P002": 1.0, "P003": 0.0, "P005": 0.0} == {
        k: v for k, v in found.items() if k in days or k == "P005"
    }
    assert N - 2 == sheet.size, "who is in default on the day is no longer at risk"


def test_what_is_learned_later_changes_no_feature(tmp_path: Path) -> None:
    fallen = [{"party_id": f"P{k:03d}", "occurred_on": "2025-10-01", "kind": "default"} for k in range(20)]
    suit = {"party_id": "P100", "occurred_on": "2025-03-01", "kind": "lawsuit"}
    plain = sheet_of(tmp_path, "plain", events=[*fallen, suit])
    other = [{**event, "party_id": f"P{k + 100:03d}"} for k, event in enumerate(fallen)]  # other labels
    planted = [
        {"party_id": "P101", "occurred_on": "2025-03-01", "known_on": "2025-08-01", "kind": "lawsuit"},  # known later
        {"party_id": "P102", "occurred_on": "2025-07-15", "kind": "lawsuit"},  # happened later
    ]
    shuffled = sheet_of(tmp_path, "shuffled", events=[*other, suit, *planted])
    assert plain.ids.tolist() == shuffled.ids.tolist()
    assert not np.array_equal(plain.bad, shuffled.bad)
    for name, values in plain.columns.items():
        np.testing.assert_array_equal(values, shuffled.columns[name], err_msg=name)
    assert 1.0 == plain.columns["lawsuit_12m"][list(plain.ids).index("P100")]
    assert [note for note in shuffled.notes if note.key == "not_yet_known"]


PLANTED: dict[str, list[dict[str, Any]]] = {
    "guarantees": [{"guarantee_id": "GX", "guarantor_id": "P100", "debtor_id": "P101", "amount": 500, "currency": "CNY",
                    "mode": "several"}],
    "ownership": [{"owner_id": "P102", "owned_id": "P103", "share_min": 0.6, "share_max": 0.6}],
    "control": [{"controller_id": "P102", "controlled_id": "P104", "basis": "board"}],
    "supplies": [{"supplier_id": "P105", "buyer_id": "P106", "amount": 400, "currency": "CNY"}],
    "exposures": [{"creditor_id": "P107", "debtor_id": "P108", "amount": 300, "currency": "CNY"}],
    "ties": [{"a_id": "P109", "b_id": "P110", "kind": "family"}],
    "dependencies": [{"dependent_id": "P111", "on_id": "P112", "criterion": "receipts"}],
    "fund_flows": [{"payer_id": "P113", "payee_id": "P114", "amount": 9, "currency": "CNY", "paid_on": "2025-02-01"}],
    "behaviour": [{"party_id": "P115", "month_on": "2025-05-01", "days_past_due": 40, "limit_utilisation": 0.9}],
    "financials": [{"party_id": "P116", "period_end_on": "2025-03-31", "currency": "CNY", "total_assets": 10,
                    "total_liabilities": 90, "equity": -80}],
    "ratings": [{"party_id": "P117", "as_of_on": "2025-06-01", "model": "planted", "pd": 0.5}],
    "relationship": [{"party_id": "P118", "as_of_on": "2025-06-01", "products": 3}],
    "events": [{"event_id": "EX", "party_id": "P119", "occurred_on": "2025-06-01", "kind": "lawsuit"}],
}  # fmt: skip
"""A fact of each dated table and each edge, of before DAY."""
READ = ("guarantees", "ownership", "supplies", "ties", "behaviour", "financials", "events")
"""Tables that the features read."""


def test_a_later_fact_planted_in_any_table_is_caught_and_changes_no_feature(tmp_path: Path) -> None:
    plain = sheet_of(tmp_path, "plain")
    late = sheet_of(tmp_path, "late", planted=PLANTED, known_on="2025-07-01")
    families = ("own", "structure", "neighbour_defaults")
    sheets = {}
    for name in ("plain", "late"):
        sheets[name] = training_sheet(tmp_path / name, None, None, families)
    assert set(plain.columns) <= set(sheets["late"].columns)
    assert list(plain.ids) == list(late.ids)
    for column, values in sheets["plain"].columns.items():
        np.testing.assert_array_equal(values, sheets["late"].columns[column], err_msg=column)
    (said,) = (note for note in late.notes if note.key == "not_yet_known")
    assert all(f"1 of {table}" in said for table in PLANTED)
    source = ratings.RowSource(project=tmp_path / "late")
    told = validate_snapshots(source, None, final=None, bins=10, seed=0).tables
    caught = {r["table"]: r["rows"] for r in records(told["validate_guards"]) if r["guard"] == "known_later"}
    assert dict.fromkeys(PLANTED, 1) == caught
    assert not len(told["validate_measures"]), "the rating of a model that was not known rates nobody"


def test_the_same_facts_known_in_time_do_change_features(tmp_path: Path) -> None:
    """So that the test above cannot pass because nobody reads them."""
    families = ("own", "structure", "neighbour_defaults")
    sheet_of(tmp_path, "plain")
    sheet_of(tmp_path, "early", planted=PLANTED, known_on="2025-06-30")
    plain, early = (training_sheet(tmp_path / name, None, None, families) for name in ("plain", "early"))
    where = {name: row for name, rows in PLANTED.items() for row in rows if name in READ}
    for table, row in where.items():
        who = next(
            str(row[name]) for name in ("party_id", "guarantor_id", "owner_id", "supplier_id", "a_id") if name in row
        )
        at = list(plain.ids).index(who)
        same = [repr(v[at]) == repr(early.columns[c][at]) for c, v in plain.columns.items()]
        assert not all(same), table
    assert not [note for note in early.notes if note.key == "not_yet_known"]


def test_a_day_is_rebuilt_where_no_snapshot_is_old_enough(tmp_path: Path) -> None:
    project = tmp_path / "later"
    project.mkdir()
    workspace = gr.open(str(project))
    workspace.load("bank_csv", book(project / "data"), as_of=date(2026, 6, 30))
    workspace.close()
    sheet = training_sheet(project, None, None)
    assert {date(2025, 6, 30)} == set(sheet.days)
    assert ["day_rebuilt"] == [note.key for note in sheet.notes if note.key == "day_rebuilt"]
    assert not np.isnan(sheet.columns["debt_to_assets"]).any()
    early = training_sheet(project, None, date(2025, 3, 31))
    assert np.isnan(early.columns["debt_to_assets"]).all(), "accounts of December are known after 120 days"


def test_ratings_are_written_into_a_new_version_of_the_day_and_the_named_model_counts(bank: Path) -> None:
    source = ratings.RowSource(project=bank)
    done = ratings.apply_to_snapshot(source, "own")
    assert f"{DAY}.2" == done.certificate["snapshot"]
    workspace = gr.open(str(bank))
    table = workspace.table("ratings")
    assert (N, {"own"}) == (len(table), set(table["model"]))
    assert sorted(done.tables["rate_ratings"]["pd"]) == sorted(table["pd"])
    ratings.apply_to_snapshot(source, "own")
    assert N == len(gr.open(str(bank)).table("ratings")), "in place of the earlier ones"
    ratings.train_model(ratings.RowSource(project=bank, target="default"), Asked(name="second", kind="tree"))
    ratings.apply_to_snapshot(source, "second")
    graph = gr.open(str(bank)).graph()
    asked: dict[str, Any] = {"multiplier": 1.0, "missing": "skip", "ead": np.ones(N), "skipped": "", "notes": []}
    with pytest.raises(DataError, match=r"2 models rate the clients \(own, second\)"):
        pds_of(graph, model=None, **asked)
    (bank / "graphrisk.toml").write_text('[ratings]\nmodel = "own"\n', encoding="utf-8")
    graph = gr.open(str(bank)).graph()
    np.testing.assert_allclose(np.sort(table["pd"]), np.sort(pds_of(graph, model=None, **asked)[0]))
    result = validate_snapshots(source, None, final=None, bins=10, seed=0)
    assert 2 == len([note for note in result.notes if note.key == "own_sample"]), "both learned from this day"
    (bank / "graphrisk.toml").write_text('[ratings]\nmodel = "second"\n', encoding="utf-8")
    changed = gr.open(str(bank)).analyze("changes", before=f"{DAY}.1", after=f"{DAY}.3")
    assert not changed.certificate["same"], (
        "the day before has no rating of the named model, and is compared all the same"
    )
    (bank / "graphrisk.toml").write_text('[ratings]\nmodel = "owm"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="did you mean own"):
        pds_of(gr.open(str(bank)).graph(), model=None, **asked)
    (bank / "graphrisk.toml").unlink()


def test_structure_counts_guarantees_and_sees_circles() -> None:
    """A guarantees B and B A; C guarantees B; D stands alone; net assets 50 each, B owes 400."""
    pairs = [("A", "B", 20.0), ("B", "A", 30.0), ("C", "B", 10.0), ("C", "B", 5.0)]
    giving = [{"guarantee_id": f"G{k}", "guarantor_id": g, "debtor_id": d, "amount": amount, "currency": "CNY",
               "mode": "several"} for k, (g, d, amount) in enumerate(pairs)]  # fmt: skip
    accounts = [{"party_id": p, "period_end_on": date(2025, 12, 31), "currency": "CNY", "equity": 50.0,
                 "total_liabilities": 400.0} for p in "ABC"]  # fmt: skip
    found = structure.columns(graph_of(parties=parties("A", "B", "C", "D"), guarantees=giving, financials=accounts))
    assert [1.0, 1.0, 0.0, 0.0] == found["in_circle"].tolist()
    assert [1.0, 1.0, 0.0, 0.0] == found["mutual_guarantees"].tolist()
    assert [1.0, 1.0, 1.0, 0.0] == found["guarantees_out"].tolist(), "partners, not contracts"
    assert [0.4, 0.6, 0.3] == pytest.approx(found["guarantees_given_to_equity"][:3].tolist())
    assert np.isnan(found["guarantees_given_to_equity"][3]), "net assets unknown"
    assert 35.0 / 400.0 == pytest.approx(found["guarantees_received_to_debt"][1])
    assert np.isnan(found["supplies_out"]).all(), "nothing is known of trade"


def test_without_outcomes_a_snapshot_trains_nothing(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "silent").mkdir()
    workspace = gr.open(str(tmp_path / "silent"))
    quiet = [{"party_id": "P000", "occurred_on": "2025-05-01", "kind": "news"}]
    workspace.load("bank_csv", book(tmp_path / "silent" / "data", events=quiet), as_of=DAY)
    workspace.close()
    with pytest.raises(DataError, match="no default after"):
        training_sheet(tmp_path / "silent", None, DAY)
    with pytest.raises(UsageError, match="the target is default"):
        ratings.train_model(ratings.RowSource(project=bank, target="bad"), Asked(name="x"))


def test_days_a_quarter_apart_are_taken_where_a_year_of_them_stands() -> None:
    def held(*days: date) -> list[SnapshotInfo]:
        return [SnapshotInfo(id=str(day), as_of=day, fingerprint="", rows={}) for day in days]

    ends = [date(2024, 11, 30), date(2024, 12, 31), date(2025, 3, 31), date(2025, 6, 30), date(2025, 8, 31),
            date(2025, 9, 30), date(2025, 12, 31)]  # fmt: skip
    found = observed_quarters(held(*ends), ends[-1], None)
    assert [date(2025, 9, 30), date(2025, 6, 30), date(2025, 3, 31), date(2024, 12, 31)] == [one.day for one in found]
    assert not any(one.rebuilt or one.partly for one in found)
    assert [] == observed_quarters(held(*ends), ends[-1], date(2025, 6, 30)), "three are too few"
    assert [] == observed_quarters([], ends[-1], None)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)), (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2025, 11, 30), 3, date(2026, 2, 28)), (date(2025, 12, 31), 3, date(2026, 3, 31)),
        (date(2025, 1, 15), -1, date(2024, 12, 15)),
    ],
)  # fmt: skip
def test_months_later_keep_the_day_or_take_the_last_of_the_month(day: date, months: int, later: date) -> None:
    assert later == months_later(day, months)


def test_calls_and_claims_of_debtors_in_default_are_set_against_net_assets() -> None:
    day = date(2024, 12, 31)
    equity = {"A": 100.0, "B": 50.0, "C": 10.0, "D": 7.0}
    contracts = (("A", "X", 80.0), ("B", "X", 160.0), ("C", "D", 500.0), ("A", "Y", 30.0))
    fell = {"X": AS_OF - timedelta(days=30), "Y": AS_OF - timedelta(days=400)}
    graph = graph_of(
        parties=parties("A", "B", "C", "D", "X", "Y"),
        financials=[{"party_id": one, "period_end_on": day, "equity": value} for one, value in equity.items()],
        guarantees=[
            {"guarantor_id": giver, "debtor_id": debtor, "amount": cap, "mode": "several"}
            for giver, debtor, cap in contracts
        ],
        exposures=[{"creditor_id": "C", "debtor_id": "X", "amount": 4.0, "kind": "trade"}],
        events=[
            {"event_id": one, "party_id": one, "kind": "default", "occurred_on": on, "source": "test"}
            for one, on in fell.items()
        ],
    )
    found = {name: dict(zip(graph.party_ids.tolist(), v.tolist(), strict=True))
             for name, v in neighbours.columns(graph).items()}  # fmt: skip
    calls = found["calls_due_to_equity"]
    assert {"A": 0.7, "B": 1.6, "C": 0.0, "D": 0.0} == pytest.approx({one: calls[one] for one in "ABCD"})
    assert [0.0, 1.0, 0.0, 0.0] == [found["calls_due_beyond_equity"][one] for one in "ABCD"]
    assert [0.0, 0.0, 0.4, 0.0] == pytest.approx([found["claims_lost_to_equity"][one] for one in "ABCD"])
    assert np.isnan(calls["X"]), "whose net assets are unknown, of it nothing is said"
    assert [2.0, 1.0, 1.0, 0.0] == [found["neighbours_defaulted"][one] for one in "ABCD"]
    assert [1.0, 1.0, 1.0, 0.0] == [found["neighbours_defaulted_quarter"][one] for one in "ABCD"]
    assert pytest.approx(2.0 / 7.0) == found["neighbours_defaulted_share"]["A"]
