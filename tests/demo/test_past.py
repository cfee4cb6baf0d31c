"""The past of the synthetic bank: drawn forward month by month, with contagion or without it from the same numbers."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest

from graphrisk.demo.past.bank import TRUE_PDS, month_ends, past_of, write_history
from graphrisk.demo.past.calendar import LAST, as_date, last_day
from graphrisk.demo.past.coming import LEAST_DAYS, MOST_DAYS, Coming
from graphrisk.demo.past.contracts import Places
from graphrisk.demo.past.course import Default, Month, drawn_months
from graphrisk.demo.past.ground import SETTLED
from graphrisk.demo.past.spreading import Passed
from graphrisk.demo.past.strain import chances, step, within_a_year
from graphrisk.errors import UsageError
from graphrisk.model.check import check_tables

CLIENTS, MONTHS, SEED = 500, 18, 4


@cache
def drawn(contagion: bool) -> tuple[list[Month], list[Default]]:
    """Return the months of a small bank, and all its defaults."""
    course, _ = past_of(CLIENTS, SEED, MONTHS, contagion=contagion)
    months = list(drawn_months(course, MONTHS))
    return months, [one for month in months for one in month.defaults]


@pytest.mark.parametrize("contagion", [True, False])
def test_no_row_of_any_month_breaks_a_rule_of_the_data_model(contagion: bool) -> None:
    months, _ = drawn(contagion)
    assert [as_date(last_day(LAST - MONTHS + k)) for k in range(1, MONTHS + 1)] == [month.day for month in months]
    for month in (months[0], months[MONTHS // 2], months[-1]):
        checked = check_tables(month.tables, as_of=month.day)
        assert [] == [(reject.table, reject.reason, len(reject.rows)) for reject in checked.rejects], month.day


def test_nothing_in_a_month_is_of_a_later_day() -> None:
    columns = {"events": ("occurred_on", "known_on"), "ratings": ("as_of_on",), "financials": ("period_end_on",)}
    columns |= {"relationship": ("as_of_on",), "behaviour": ("month_on",), "fund_flows": ("paid_on",)}
    columns |= dict.fromkeys(("guarantees", "supplies", "ownership", "control", "ties", "pledges"), ("from_on",))
    columns |= {"facilities": ("start_on",), "collateral": ("valued_on",), "parties": ("client_since_on",)}
    for month in drawn(True)[0]:
        for name, dates in columns.items():
            for column in dates:
                latest = pc.max(month.tables[name][column]).as_py()
                assert latest is None or latest <= month.day, (month.day, name, column)


def test_both_banks_have_the_same_own_defaults_but_of_whom_another_brought_down() -> None:
    with_it, without = drawn(True)[1], drawn(False)[1]
    passed = {one.party for one in with_it if one.by}
    assert passed
    for told in (with_it, without):
        assert len(told) == len({one.party for one in told}), "nobody defaults twice"
    assert not any(one.by for one in without)
    months = drawn(True)[0]
    began = set(months[0].true_pd) | {one.party for month in months for one in month.defaults}
    standing = set(drawn(False)[0][0].true_pd) | {one.party for one in without}
    fell = passed | (standing - began)  # those who were brought down in the months before the first
    alone = {(one.party, one.on) for one in without if one.party not in fell}
    assert alone == {(one.party, one.on) for one in with_it if not one.by}


def test_both_banks_have_the_same_true_pds() -> None:
    for one, other in zip(drawn(True)[0], drawn(False)[0], strict=True):
        assert set(one.true_pd) <= set(other.true_pd)
        assert all(one.true_pd[party] == other.true_pd[party] for party in one.true_pd)


def test_a_default_is_passed_on_by_a_contract_with_somebody_who_failed_one_to_three_months_before() -> None:
    """A link at a time, by a contract that stands with both of them from the one default to the other."""
    months, defaults = drawn(True)
    when = {one.party: one.on for one in defaults}
    own = {one.party for one in defaults if not one.by}
    called, in_time = 0, []
    for before, month in pairwise(months):
        for one in (d for d in month.defaults if d.by):
            assert one.cause_on is not None
            assert one.cause_on == when.get(one.by, one.cause_on)
            assert LEAST_DAYS <= (one.on - one.cause_on).days
            in_time.append((one.on - one.cause_on).days <= MOST_DAYS)  # later where `by` fell on its own before
            assert one.first in own or when.get(one.first) is None
            kind, _, name = one.through.partition(":")
            if kind != "guarantee" or one.cause_on <= months[0].day:
                continue
            contracts = before.tables["guarantees"]
            row = contracts.filter(pc.equal(contracts["guarantee_id"], name)).to_pylist()
            assert [(one.party, one.by)] == [(r["guarantor_id"], r["debtor_id"]) for r in row] or not row
            called += bool(row)
    assert called
    assert sum(in_time) > 0.9 * len(in_time)


def test_who_is_in_default_stays_so_and_its_contracts_end_once_they_are_settled() -> None:
    months, defaults = drawn(True)
    last = months[-1]
    status = dict(zip(*(last.tables["parties"][c].to_pylist() for c in ("party_id", "status")), strict=True))
    down = {one.party for one in defaults}
    assert {"defaulted"} == {status[party] for party in down}
    settled = {one.party for one in defaults if (last.day - one.on).days >= SETTLED}
    open_ = down - settled
    ends = {"guarantees": ("guarantor_id", "debtor_id"), "supplies": ("supplier_id", "buyer_id")}
    standing = {name: {p for end in pair for p in last.tables[name][end].to_pylist()} for name, pair in ends.items()}
    assert not settled & standing["guarantees"]
    assert not down & standing["supplies"]
    assert open_ & standing["guarantees"]
    loans = last.tables["facilities"]
    late = loans.filter(pc.is_in(loans["borrower_id"], value_set=pa.array(sorted(down))))
    assert 91 <= min(
        days
        for days, due in zip(late["days_past_due"].to_pylist(), late["outstanding"].to_pylist(), strict=True)
        if due
    )


def test_contracts_end_are_renewed_and_are_signed_anew() -> None:
    first, last = drawn(True)[0][0].tables, drawn(True)[0][-1].tables
    for name in ("guarantees", "facilities"):
        key = "guarantee_id" if name == "guarantees" else "facility_id"
        old, new = set(first[name][key].to_pylist()), set(last[name][key].to_pylist())
        assert old - new
        assert new - old
        assert old & new
    assert last["facilities"]["renewed_on"].null_count < last["facilities"].num_rows


def test_signs_of_trouble_stand_at_survivors_too_and_some_default_without_any() -> None:
    months, defaults = drawn(False)
    fallen = {one.party for one in defaults}
    looked = months[0].tables["behaviour"].to_pandas()
    late = looked[looked["days_past_due"].between(1, 90)]
    assert set(late["party_id"]) - fallen
    seen = {party for month in months[:-1] for party in _late_before(month)}
    assert fallen - seen
    assert fallen & seen


def _late_before(month: Month) -> set[str]:
    table = month.tables["behaviour"].to_pandas()
    return set(table.loc[table["days_past_due"].between(1, 90), "party_id"])


def test_the_true_pd_is_that_of_the_course() -> None:
    rng = np.random.default_rng(1)
    given = chances(np.full(40_000, 0.06))
    for strained in (False, True):
        months = np.full(40_000, int(strained))
        alive = np.ones(40_000, dtype=bool)
        for _ in range(12):
            fails, months = step(given, months, rng.random(40_000), rng.random(40_000))
            alive &= ~fails
        expected = within_a_year(given, np.full(40_000, strained))[0]
        assert expected == pytest.approx(float((~alive).mean()), abs=4 * np.sqrt(expected / 40_000))


def test_own_defaults_come_as_often_as_the_true_pds_say() -> None:
    expected = found = 0.0
    for seed in range(3):
        course, _ = past_of(2000, seed, 13, contagion=False)
        months = list(course.months)
        for month in months[:-12]:
            course.pass_month(month)
        pds = course.true_pd(months[-13])
        for month in months[-12:]:
            found += sum(one.party in pds for one in course.pass_month(month))
        expected += sum(pds.values())
    assert abs(found - expected) < 3.0 * np.sqrt(expected)


def test_a_chain_takes_its_time_link_by_link_and_an_own_default_comes_first() -> None:
    coming = Coming(pa.array(["A", "B", "C", "D"]))
    passed = [
        Passed(party="B", by="A", through="guarantee:1", sweep=1),
        Passed(party="C", by="B", through="guarantee:2", sweep=2),
        Passed(party="D", by="BANK", through="loan:3", sweep=3),
    ]
    coming.take(passed, {"A": 100}, np.array([0, 40, 50, 60]))
    assert [1, 2, 3] == coming.clients
    assert {} == coming.due(139)
    falls = coming.due(160)
    assert {1: (140, "A", "A", 100), 3: (160, "BANK", "", 100)} == {
        k: (fall.on, fall.by, fall.first, fall.cause) for k, fall in falls.items()
    }
    assert [2] == coming.clients
    coming.forget([2])
    assert {} == coming.due(10**6)


def test_a_place_is_filled_term_by_term() -> None:
    class Never:
        def flags(self, size: int, chance: float) -> np.ndarray:
            return np.array([True, False])

    places = Places(Never(), np.array([1000, 1000]), np.array([100, 100]), 700)  # type: ignore[arg-type]
    now, before, still = places.on(1000), places.on(999), places.on(899)
    assert [True, True] == now.there.tolist()
    assert [True, False] == now.renewed.tolist()
    assert [True, False] == before.there.tolist()
    assert [900, 900] == before.start.tolist()
    assert [1000, 1000] == before.end.tolist()
    assert [0, 0] == before.younger.tolist()
    assert [0, 1] == still.younger.tolist()


def test_the_bank_with_a_past_is_written_and_tells_its_story(tmp_path: Path) -> None:
    story = write_history(tmp_path, clients=60, seed=3, months=3)
    ends = month_ends(tmp_path, 3)
    assert [date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)] == [day for day, _ in ends]
    assert tmp_path / "data" == ends[-1][1]
    told = json.loads((tmp_path / "data" / "story.json").read_text(encoding="utf-8"))["history"]
    assert told == story.history
    assert told["own"] + told["passed_on"] == len(told["defaults"])
    causes = {"own": set(), "passed_on": {"by", "through", "first", "cause_on"}}
    for row in told["defaults"]:
        assert {"party_id", "occurred_on", "kind"} | causes[row["kind"]] == set(row)
    truths = (tmp_path / "history" / TRUE_PDS).read_text(encoding="utf-8").splitlines()
    assert "as_of_on,party_id,pd" == truths[0]
    assert {str(day) for day, _ in ends} == {line.split(",")[0] for line in truths[1:]}
    whole = pyarrow.parquet.read_table(ends[0][1] / "parties.parquet")
    assert not any(party.startswith("ST-") for party in whole["party_id"].to_pylist())
    assert "ST-CIRCLE-1" in (tmp_path / "data" / "parties.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("clients", "months"), [(500, 0), (500, 121), (40_001, 12), (49, 12)])
def test_a_past_out_of_range_is_refused(tmp_path: Path, clients: int, months: int) -> None:
    with pytest.raises(UsageError):
        write_history(tmp_path, clients=clients, seed=1, months=months)
    assert not list(tmp_path.iterdir())
