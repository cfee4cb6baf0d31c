"""The small published examples of NetworkRiskMeasures: paths of defaults, and claims from totals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.errors import ConvergenceError, DataError
from tests.published.models.communicability import contagion_paths
from tests.published.models.reconstruction import maximum_entropy

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parents[1] / "contagion" / "nrm_small.json").read_text("utf-8"))


def _matrix(values: list[float]) -> np.ndarray:
    size = round(len(values) ** 0.5)
    return np.array(values, dtype=np.float64).reshape(size, size, order="F")


def test_paths_of_three_banks() -> None:
    given = GOLDEN["three_node"]
    impact = np.minimum(_matrix(given["assets_matrix_col_major"]) / np.array(given["buffer"])[:, None], 1.0)
    paths = contagion_paths(impact)
    np.testing.assert_allclose(paths.susceptibility, given["impact_susceptibility"], atol=1e-12)
    assert given["impact_fluidity"] == pytest.approx(paths.fluidity, abs=1e-12)
    np.testing.assert_allclose(paths.start, given["impact_diffusion"]["start"], atol=1e-12)
    np.testing.assert_allclose(paths.intermediate, given["impact_diffusion"]["intermediate"], atol=1e-12)
    np.testing.assert_allclose(paths.diffusion, given["impact_diffusion"]["total"], atol=1e-12)


def test_communicability_of_six_banks() -> None:
    given = GOLDEN["six_node"]
    paths = contagion_paths(_matrix(given["capped_impact_col_major"]))
    expected = _matrix(given["communicability_expm_of_binary_col_major"])
    np.testing.assert_allclose(paths.communicability, expected, atol=1e-12)


def test_claims_of_seven_banks_from_their_totals() -> None:
    given = GOLDEN["max_entropy_7bank"]
    found = maximum_entropy(given["rowsums"], given["colsums"])
    np.testing.assert_allclose(np.round(found, 2), _matrix(given["expected_rounded2_col_major"]), atol=1e-9)
    np.testing.assert_allclose(found.sum(axis=1), given["rowsums"], atol=1e-9)


def test_totals_that_differ_are_refused() -> None:
    with pytest.raises(DataError, match="debts"):
        maximum_entropy([1.0, 2.0], [1.0, 1.0])


def test_totals_that_no_matrix_has_do_not_pass_in_silence() -> None:
    with pytest.raises(ConvergenceError, match="no matrix"):
        maximum_entropy([5.0, 1.0, 1.0], [5.0, 1.0, 1.0], max_rounds=200)


def test_a_network_without_arcs_has_no_paths() -> None:
    paths = contagion_paths(np.full((3, 3), 0.4))
    assert [0.0, 0.0, 0.0] == paths.diffusion.tolist()
    assert paths.fluidity == 0.0
