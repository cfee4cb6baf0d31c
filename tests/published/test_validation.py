"""Metrics of validation and low-default PDs against tests/published/credit: validation.json, pluto_tasche.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.kernels.credit import calibration, discrimination, low_default, stability, weight_of_evidence
from graphrisk.kernels.credit.points import scaling

FOLDER = Path(__file__).parent / "credit"


def golden(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def test_discrimination_of_the_sample_with_ties() -> None:
    sample = golden("validation.json")["sample"]
    y, p = sample["y"], sample["p"]
    assert sample["auc"] == discrimination.auc(y, p)
    assert sample["gini"] == discrimination.gini(y, p)
    assert sample["ks"] == pytest.approx(discrimination.ks(y, p), abs=1e-12)


def test_calibration_of_the_sample() -> None:
    sample = golden("validation.json")["sample"]
    y, p = sample["y"], sample["p"]
    assert sample["brier"] == pytest.approx(calibration.brier(y, p), abs=1e-12)
    expected = sample["hosmer_lemeshow_g5"]
    assert (expected["stat"], expected["p"]) == pytest.approx(calibration.hosmer_lemeshow(y, p, groups=5), abs=1e-12)
    assert sample["spiegelhalter_z"] == pytest.approx(calibration.spiegelhalter(y, p)[0], abs=1e-12)


def test_binomial_and_jeffreys() -> None:
    given = golden("validation.json")["binomial"]
    counts = given["defaults"], given["n"], given["pd"]
    assert given["p_value_one_sided"] == pytest.approx(calibration.binomial_test(*counts), abs=1e-12)
    assert given["jeffreys_p"] == pytest.approx(calibration.jeffreys_test(*counts), abs=1e-12)


def test_stability_weights_and_points() -> None:
    given = golden("validation.json")
    assert given["psi"]["psi"] == pytest.approx(
        stability.psi(given["psi"]["expected"], given["psi"]["actual"]), abs=1e-12
    )
    woe = given["woe"]
    found = weight_of_evidence.weight_of_evidence(woe["goods"], woe["bads"], added=0.0)
    assert woe["woe"] == pytest.approx(found.tolist(), abs=1e-12)
    assert woe["iv"] == pytest.approx(
        weight_of_evidence.information_value(woe["goods"], woe["bads"], added=0.0), abs=1e-12
    )
    points = given["scaling"]
    found_scale = scaling(pdo=points["pdo"], base=points["base"], odds=points["odds"])
    assert (points["factor"], points["offset"]) == pytest.approx(found_scale, abs=1e-9)


def test_most_prudent_pds_of_grades_without_a_default() -> None:
    given = golden("pluto_tasche.json")
    for confidence, expected in given["pd"].items():
        found = low_default.most_prudent(given["n"], confidence=float(confidence))
        np.testing.assert_allclose(np.array(expected), found, atol=1e-9, rtol=0.0)
