"""What is installed with graphrisk may be used in a bank: the licence of each package, and none of the GPL."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.sbom import brought, licence

OPEN = re.compile(r"apache|bsd|mit|isc|psf|python software foundation|mpl|mozilla|zlib|hpnd|unlicense|0bsd|cc0", re.I)
COPYLEFT = re.compile(r"\b(a|l)?gpl\b|gnu (affero |lesser )?general public", re.I)


def test_every_package_that_comes_along_states_an_open_licence_and_none_the_gpl() -> None:
    found = brought()
    assert {"pandas", "duckdb", "neo4j", "kglite", "pyvis"} <= set(found)
    licences = {name: licence(package) for name, package in found.items()}
    print("\n".join(f"{name} {found[name].version}: {said}" for name, said in licences.items()))
    assert {} == {name: said for name, said in licences.items() if COPYLEFT.search(said)}
    assert {} == {name: said for name, said in licences.items() if not OPEN.search(said)}


def test_the_bill_of_materials_beside_the_wheel_names_each_of_them() -> None:
    wheel = os.environ.get("GRAPHRISK_WHEEL")
    if not wheel:
        pytest.skip("no wheel was built: bash tests/run.sh builds one, and its bill of materials")
    bill = json.loads(Path(wheel).with_suffix(".cdx.json").read_text("utf-8"))
    assert ("CycloneDX", "1.6") == (bill["bomFormat"], bill["specVersion"])
    own = bill["metadata"]["component"]
    assert Path(wheel).name.startswith(f"{own['name']}-{own['version']}-")
    assert {name: package.version for name, package in brought().items()} == {
        one["name"]: one["version"] for one in bill["components"]
    }
    assert all(one["purl"].startswith("pkg:pypi/") and one["licenses"] for one in (own, *bill["components"]))
    needed = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    assert "numpy" in {ref.partition("@")[0] for ref in needed[own["bom-ref"]]}
    assert "llvmlite" in {ref.partition("@")[0] for ref in needed[next(r for r in needed if r.startswith("numba@"))]}
