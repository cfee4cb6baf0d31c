"""The oldest versions that the second environment of the test run gets are the lower bounds of pyproject.toml."""

from __future__ import annotations

import tomllib

from packaging.requirements import Requirement

from tests.oldest import PYPROJECT, oldest


def test_every_package_has_a_lower_bound_that_its_requirement_takes() -> None:
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    stated = [Requirement(one) for one in [*project["dependencies"], *(one for extra in extras for one in extra)]]
    pinned = dict(one.split("==") for one in oldest())
    assert {one.name for one in stated} - set(pinned) == {"graphrisk"}
    assert [] == [str(one) for one in stated if one.name in pinned and not one.specifier.contains(pinned[one.name])]
