"""On the synthetic bank it is known what is right: whether the network helps, and how far PDs are from the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from graphrisk.analyze.base import find_analyzer
from graphrisk.demo.filling import AS_OF
from graphrisk.demo.past.bank import past_of
from graphrisk.demo.past.calendar import LAST, as_date, last_day
from graphrisk.demo.past.course import Default
from graphrisk.graph.build import build_graph
from graphrisk.kernels.credit.discrimination import auc
from graphrisk.model.catalog import CATALOG
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.rating.applying import apply_model
from graphrisk.rating.network_help import ADD_ON, STEPS, ablation_rows
from graphrisk.rating.outcomes import default_days
from graphrisk.rating.training import Asked, train
from graphrisk.ratings.network_rows import QUARTER, ablation_of
from graphrisk.ratings.snapshots import Observed, Seen, client_sheet, joined_sheet

CLIENTS, MONTHS, SEED = 2000, 36, 1
DAYS = (LAST - 11, LAST - 23, LAST - 35)
"""The months at whose end `validate` looks at clients: a year apart, the last with eleven months of outcomes."""
QUARTERS = tuple(range(LAST - QUARTER, LAST - MONTHS, -QUARTER))
"""Those a quarter apart, with the three months after each known."""


@dataclass(frozen=True)
class Known:
    """What a past came to: the tables of some months, the true PDs at their ends, and all defaults."""

    tables: dict[int, dict[str, pa.Table]]
    true_pd: dict[int, dict[str, float]]
    defaults: tuple[Default, ...]

    def seen(self, months: Sequence[int]) -> list[Seen]:
        """Return the ends of these months as `validate` sees them."""
        defaults = default_days(self.tables[LAST]["events"])
        graphs = [build_graph(self.tables[month], as_of=as_date(last_day(month))) for month in months]
        return [
            Seen(observed=Observed(day=graph.as_of, snapshot="", rebuilt=False), graph=graph, later={},
                 defaults=defaults, until=AS_OF)
            for graph in graphs
        ]  # fmt: skip


@cache
def past(contagion: bool) -> Known:
    course, _ = past_of(CLIENTS, SEED, MONTHS, contagion=contagion)
    tables, pds = {}, {}
    defaults: list[Default] = []
    for month in course.months:
        defaults += course.pass_month(month)
        if month in (*DAYS, *QUARTERS, LAST):
            tables[month], pds[month] = course.tables(month), course.true_pd(month)
    return Known(tables, pds, tuple(defaults))


@pytest.mark.parametrize("contagion", [True, False])
def test_the_network_helps_where_defaults_are_passed_on_and_nowhere_else(contagion: bool) -> None:
    given = ablation_of(past(contagion).seen(QUARTERS), QUARTER)
    rows = ablation_rows(given, splits=("community",), kinds=(ADD_ON,))
    found = {row["features"]: row for row in rows}
    assert list(STEPS) == list(found)
    network = found[STEPS[3]]
    assert network["defaults"] > 150
    if contagion:
        assert "helps" == network["verdict"]
        assert 0.0 < network["low"] < network["uplift"] < 0.06
    else:
        assert network["low"] <= 0.0 <= network["high"]


def _within_a_year(known: Known, month: int) -> tuple[set[str], set[str]]:
    """Return who defaults by its own, and by others, in the twelve months after a month's end."""
    first, last = as_date(last_day(month)), as_date(last_day(min(month + 12, LAST)))
    later = [one for one in known.defaults if first < one.on <= last]
    return {one.party for one in later if not one.by}, {one.party for one in later if one.by}


def test_a_model_trained_on_the_past_is_near_the_true_pds() -> None:
    """In level within a quarter, in rank above 0.55, in size nearer than one PD for all.

    The truth is of own defaults; the model learns those passed on, too. A part of the truth nobody can see.
    """
    known = past(True)
    trained = train(joined_sheet(known.seen(DAYS)), Asked(name="own_past"), code_version="test")
    graph = build_graph(known.tables[LAST], as_of=AS_OF)
    sheet, _ = client_sheet(graph)
    rated = dict(zip(sheet.ids.tolist(), apply_model(trained.model, sheet).pd.tolist(), strict=True))
    both = sorted(set(rated) & set(known.true_pd[LAST]))
    given, true = (np.array([source[party] for party in both]) for source in (rated, known.true_pd[LAST]))
    assert len(both) > 1500
    own, passed = (sum(len(_within_a_year(known, month)[k]) for month in DAYS) for k in (0, 1))
    assert given.mean() / (true.mean() * (own + passed) / own) == pytest.approx(1.0, abs=0.25)
    assert spearmanr(given, true).statistic > 0.55
    top = np.argsort(-given)[: len(given) // 10]
    assert true[top].mean() > 2.5 * true.mean()
    off, flat = (np.abs(np.log(pd / true) - np.log(pd / true).mean()).mean() for pd in (given, given.mean()))
    assert off < 0.85 * flat


@cache
def _net(month: int) -> dict[str, dict[str, Any]]:
    """Return the rows of network_pd on a day, from the true PDs."""
    known, day = past(True), as_date(last_day(month))
    pds = known.true_pd[month]
    true = [{"party_id": party, "as_of_on": day, "model": "true", "pd": pd} for party, pd in pds.items()]
    declared = CATALOG["ratings"]
    ratings = pa.Table.from_pylist([{name: row.get(name) for name in declared.names} for row in true], declared.schema)
    graph = build_graph({**known.tables[month], "ratings": ratings}, as_of=day)
    analyzer = find_analyzer("network_pd")
    params = parse_params(analyzer.Params, {"rho": 0.0, "scenarios": 300, "source_runs": 0}, where="network_pd")
    frame = analyzer.run(graph, params, inputs=Inputs(), progress=silent).tables["network_pd_parties"]
    return {row["party_id"]: row for row in frame.to_dict("records") if row["party_id"] in pds}


def test_network_pd_from_the_true_pds_is_near_what_came() -> None:
    """Over a year: as many passed on as the add-ons say, within three deviations, and ranked by them.

    Defaults that are passed on come in clusters, so the variance is taken as twice that of single ones.
    """
    known = past(True)
    expected = came = 0.0
    add_on, fell = [], []
    for month in DAYS[1:2]:
        rows, (own, passed) = _net(month), _within_a_year(known, month)
        assert all(row["pd_net"] >= row["pd_own"] - 1e-12 for row in rows.values())
        expected += sum(row["add_on"] for row in rows.values())
        came += len(passed & set(rows))
        left = [row for party, row in rows.items() if party not in own]
        add_on += [row["add_on"] for row in left]
        fell += [row["party_id"] in passed for row in left]
        mean = sum(row["pd_own"] for row in rows.values())
        assert abs(len(own & set(rows)) - mean) < 3.5 * np.sqrt(mean)
    assert abs(came - expected) < 3.0 * np.sqrt(2.0 * expected)
    assert auc(np.array(fell, dtype=float), np.array(add_on)) > 0.85


def test_the_days_are_those_that_validate_takes() -> None:
    assert [date(2025, 10, 31), date(2024, 10, 31), date(2023, 10, 31)] == [as_date(last_day(month)) for month in DAYS]
