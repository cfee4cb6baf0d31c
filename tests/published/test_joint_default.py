"""Joint default and net exposure against tests/published/credit, and the analyzer that uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from graphrisk.errors import DataError
from graphrisk.kernels.credit import joint_default

FOLDER = Path(__file__).parent / "credit"


def golden(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def test_joint_default_at_five_correlations() -> None:
    book = golden("guarantee_joint_default.json")
    for row in book["rows"]:
        joint, works = joint_default.effectiveness(row["pd_obligor"], row["pd_guarantor"], row["rho"])
        assert pytest.approx(row["joint_pd"], abs=1e-12) == float(joint)
        assert pytest.approx(row["guarantee_effectiveness"], abs=1e-12) == float(works)
    double = book["double_default"]
    assert pytest.approx(double["factor"]) == float(joint_default.double_default_factor(double["pd_g"]))


def test_net_exposure_by_the_vectors() -> None:
    for row in golden("guarantee_net_exposure_vectors.json")["rows"]:
        cover, bare = joint_default.net_exposure(row["outstanding"], row["mitigants"], row["debtor_failed"])
        assert row["uncovered"] == float(bare)
        assert row.get("cover", float(cover)) == float(cover)
        assert float(cover) <= row["outstanding"]


def test_phi2_is_that_of_scipy_and_meets_its_bounds() -> None:
    dice = np.random.default_rng(7)
    one, other, rho = dice.uniform(1e-5, 0.999, 60), dice.uniform(1e-5, 0.999, 60), dice.uniform(-0.98, 0.98, 60)
    one[:5] = 0.5
    found = joint_default.joint_probability(one, other, rho)
    for a, b, r, value in zip(one, other, rho, found, strict=True):
        exact = multivariate_normal(cov=[[1.0, r], [r, 1.0]]).cdf([norm.ppf(a), norm.ppf(b)])
        assert abs(exact - value) < 1e-9
    assert [0.2, 0.3, 0.0, 0.2] == joint_default.joint_probability([0.2, 0.3, 0.0, 1.0], [0.5, 1.0, 0.5, 0.2],
                                                                    [1.0, 0.3, 0.3, 0.3]).tolist()  # fmt: skip
    assert np.isnan(joint_default.joint_probability([np.nan], [0.1], [0.2])).all()
    with pytest.raises(DataError):
        joint_default.joint_probability(1.5, 0.1, 0.2)


def test_effectiveness_falls_with_the_correlation() -> None:
    works = joint_default.effectiveness(0.05, 0.03, np.linspace(-0.9, 0.99, 30))[1]
    assert (np.diff(works) < 0.0).all()
