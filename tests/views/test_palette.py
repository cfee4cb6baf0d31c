"""The colours can be told apart, also by readers who do not see red, green or blue."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from graphrisk.model.parties import KIND_LABELS
from graphrisk.views.data.palette import DEFAULTED, KINDS, PAPER, RELATIONS, RISK

# Machado, Oliveira, Fernandes, IEEE TVCG 15(6), 2009, severity 1.0, for linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # sRGB, D65
WHITE = np.array([0.95047, 1.0, 1.08883])
LEAST = 12.0


def linear(colour: str) -> npt.NDArray[np.float64]:
    part = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255.0
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour: str, vision: str) -> npt.NDArray[np.float64]:
    scaled = TO_XYZ @ np.clip(VISION[vision] @ linear(colour), 0.0, 1.0) / WHITE
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16.0 / 116.0)
    return np.array([116.0 * f[1] - 16.0, 500.0 * (f[0] - f[1]), 200.0 * (f[1] - f[2])])


def distance(one: str, other: str, vision: str) -> float:
    """CIE76 distance."""
    return float(np.linalg.norm(lab(one, vision) - lab(other, vision)))


def contrast(one: str, other: str) -> float:
    """WCAG 2.1 contrast."""
    light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def test_the_distance_is_the_published_one() -> None:
    assert round(distance("#000000", "#ffffff", "normal"), 2) == 100.0
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [0, 1])
def test_kinds_differ_in_shape_or_in_colour(theme: int, vision: str) -> None:
    colours = {name: (shape, (light, dark)[theme]) for name, (shape, light, dark) in KINDS.items()}
    same = {("bank", "guarantee_company"), ("company", "unknown")}  # one family; unknown has a dashed border
    near = [
        (a, b)
        for a, b in combinations(colours, 2)
        if colours[a][0] == colours[b][0]
        and (a, b) not in same
        and distance(colours[a][1], colours[b][1], vision) < LEAST
    ]
    assert near == []


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [0, 1])
def test_the_four_main_kinds_differ_in_colour_alone(theme: int, vision: str) -> None:
    colours = [KINDS[name][1 + theme] for name in ("company", "person", "bank", "collateral")]
    assert min(distance(a, b, vision) for a, b in combinations(colours, 2)) >= LEAST


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [0, 1])
def test_relations_differ_in_dash_or_in_colour_and_the_main_four_in_colour(theme: int, vision: str) -> None:
    for one, other in combinations(RELATIONS.values(), 2):
        assert one[2] != other[2] or distance(one[theme], other[theme], vision) >= LEAST
    main = [RELATIONS[name][theme] for name in ("GUARANTEES", "OWNS", "SUPPLIES", "SECURED_BY")]
    assert min(distance(a, b, vision) for a, b in combinations(main, 2)) >= LEAST


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("theme", [0, 1])
def test_steps_of_risk_differ_and_run_one_way(theme: int, vision: str) -> None:
    assert min(distance(a, b, vision) for a, b in combinations(RISK[theme], 2)) >= LEAST
    light = [float(lab(colour, vision)[0]) for colour in RISK[theme]]
    assert light == sorted(light, reverse=theme == 0)


@pytest.mark.parametrize("theme", [0, 1])
def test_borders_and_lines_stand_out_from_the_paper(theme: int) -> None:
    lines = [colours[1 + theme] for colours in KINDS.values()]
    lines += [colours[theme] for colours in RELATIONS.values()] + [DEFAULTED[theme]]
    assert min(contrast(line, PAPER[theme]) for line in lines) >= 3.0


def test_every_kind_of_the_data_model_has_a_shape_and_every_relation_a_line() -> None:
    from graphrisk.model.catalog import CATALOG

    assert set(KIND_LABELS) | {"collateral"} == set(KINDS)
    declared = {table.relation for table in CATALOG.values() if table.relation}
    declared -= {"CO_BORROWS", "REBUTTED"}  # a joint debt is drawn as the guarantee it acts as; a rebuttal is no link
    assert declared | {"HAS_COLLATERAL"} == set(RELATIONS)
