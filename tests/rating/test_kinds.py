"""Each kind of model: our own reading of its arrays equals scikit-learn's predict_proba to 1e-12."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from graphrisk.kernels.credit.points import chance, points_of
from graphrisk.rating.kinds import FitPlan, find_kind, kind_names
from graphrisk.rating.kinds import scorecard as card
from graphrisk.rating.matrix import encode, normal
from graphrisk.rating.trials import one_thread
from tests.rating.samples import rows

LEARNERS = {
    "logit": ("sklearn.linear_model", "LogisticRegression"),
    "scorecard": ("sklearn.linear_model", "LogisticRegression"),
    "tree": ("sklearn.tree", "DecisionTreeClassifier"),
    "forest": ("sklearn.ensemble", "RandomForestClassifier"),
    "boosted": ("sklearn.ensemble", "HistGradientBoostingClassifier"),
    "mlp": ("sklearn.neural_network", "MLPClassifier"),
}


def columns_of(given: list[dict[str, Any]]) -> tuple[dict[str, Any], np.ndarray]:
    bad = np.array([row["bad"] for row in given], dtype=np.float64)
    columns: dict[str, Any] = {
        name: np.array([np.nan if row[name] == "" else row[name] for row in given], dtype=np.float64)
        for name in ("lever", "cover", "noise")
    }
    columns["branch"] = np.array([row["branch"] for row in given], dtype=object)
    columns["branch"][::17] = None
    return columns, bad


def matrix_of(kind: str, structure: Mapping[str, Any], columns: Mapping[str, Any], n: int) -> np.ndarray:
    if kind == "scorecard":
        factors = structure["factors"]
        return np.column_stack([np.array(f["woe"])[card.bins_of(f, columns[f["column"]])] for f in factors])
    found = encode(structure["columns"], columns, n)
    return normal(structure["normal"], found) if kind in ("logit", "mlp") else found


def test_each_kind_that_learns_is_compared() -> None:
    assert sorted(LEARNERS) == [name for name in kind_names() if find_kind(name).LEARNS]


@pytest.mark.parametrize("kind", sorted(LEARNERS))
def test_our_pds_are_those_of_scikit_learn_on_new_rows(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, name = LEARNERS[kind]
    learner = getattr(importlib.import_module(module), name)
    fitted: list[Any] = []
    plain = learner.fit

    def fit(self: Any, *given: Any, **more: Any) -> Any:
        fitted.append(self)
        return plain(self, *given, **more)

    monkeypatch.setattr(learner, "fit", fit)
    columns, bad = columns_of(rows(300))
    with one_thread():
        structure = json.loads(json.dumps(find_kind(kind).fit(columns, bad, FitPlan(seed=3)), allow_nan=False))
    new, _ = columns_of(rows(200, seed=9))
    new["branch"][3] = "建筑"  # never seen
    new["lever"][5] = np.nan
    new["noise"][6] = 1e300
    matrix = matrix_of(kind, structure, new, 200)
    expected = fitted[-1].predict_proba(matrix)[:, 1]
    np.testing.assert_allclose(expected, find_kind(kind).pds(structure, new, 200), rtol=0.0, atol=1e-12)


def test_boosted_trees_with_signs_are_read_alike_and_only_rise_or_fall() -> None:
    columns, bad = columns_of(rows(300))
    boosted = find_kind("boosted")
    with one_thread():
        structure = boosted.fit(columns, bad, FitPlan(monotone=True))
    grid = {name: np.full(50, np.nanmedian(values)) for name, values in columns.items() if values.dtype != object}
    grid["branch"] = np.full(50, "食品", dtype=object)
    for name, way in (("lever", 1.0), ("cover", -1.0)):
        swept = boosted.pds(structure, {**grid, name: np.linspace(-3, 8, 50)}, 50)
        assert (way * np.diff(swept) >= -1e-15).all()


def test_points_of_a_scorecard_say_its_pd_and_reasons_add_up_to_what_is_lost() -> None:
    columns, bad = columns_of(rows(400))
    structure = card.fit(columns, bad, FitPlan(monotone=True))
    pds = card.pds(structure, columns, 400)
    total = sum(np.array(f["points"])[card.bins_of(f, columns[f["column"]])] for f in structure["factors"])
    np.testing.assert_allclose(points_of(pds, pdo=20, base=600, odds=50), total, atol=1e-9)
    names, lost = card.points_lost(structure, columns)
    best = sum(max(f["points"]) for f in structure["factors"])
    np.testing.assert_allclose(best - lost.sum(axis=1), total, atol=1e-9)
    assert {"lever", "cover", "branch"} <= set(names)
    assert (lost >= 0.0).all()


def test_few_missing_cells_count_as_the_worst_bin_and_many_as_their_own() -> None:
    columns, bad = columns_of(rows(400))
    structure = card.fit(columns, bad, FitPlan())
    by_name = {f["column"]: f for f in structure["factors"]}
    assert by_name["lever"]["woe"][-1] == min(by_name["lever"]["woe"][:-1])
    assert sum(by_name["cover"][side][-1] for side in ("goods", "bads")) == np.isnan(columns["cover"]).sum()
    without = {**columns, "lever": np.full(400, np.nan)}
    assert card.pds(structure, without, 400).mean() > card.pds(structure, columns, 400).mean()


def test_the_logistic_function_of_the_weights_is_the_pd_of_the_plain_logit() -> None:
    columns, bad = columns_of(rows(300))
    logit = find_kind("logit")
    structure = logit.fit(columns, bad, FitPlan())
    assert bad.mean() == pytest.approx(logit.pds(structure, columns, 300).mean(), abs=1e-9)
    assert 0.5 == chance([0.0])[0]
