"""What is installed with graphrisk may be used in a bank: the licence of each package, and none of the GPL."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution, requires

OPEN = re.compile(r"apache|bsd|mit|isc|psf|python software foundation|mpl|mozilla|zlib|hpnd|unlicense|0bsd|cc0", re.I)
COPYLEFT = re.compile(r"\b(a|l)?gpl\b|gnu (affero |lesser )?general public", re.I)


def _needed(name: str, found: dict[str, Distribution]) -> None:
    """Collect what a package needs to run, without its extras."""
    for text in requires(name) or ():
        if "extra ==" in text:
            continue
        match = re.match(r"[A-Za-z0-9._-]+", text)
        assert match is not None
        needed = match[0].lower().replace("_", "-")
        if needed in found:
            continue
        try:
            found[needed] = distribution(needed)
        except PackageNotFoundError:
            continue  # for another system
        _needed(needed, found)


def _licence(package: Distribution) -> str:
    """Return the licence that a package states: its expression, its classifiers, its first line of text."""
    said = package.metadata
    stated = said.get("License-Expression") or ""
    classes = [one.rpartition("::")[2].strip() for one in said.get_all("Classifier") or () if one.startswith("License")]
    return stated or "; ".join(classes) or (said.get("License") or "").strip().partition("\n")[0]


def test_every_package_that_comes_along_states_an_open_licence_and_none_the_gpl() -> None:
    found: dict[str, Distribution] = {}
    _needed("graphrisk", found)
    assert {"pandas", "duckdb", "neo4j", "kglite", "pyvis"} <= set(found)
    licences = {name: _licence(package) for name, package in sorted(found.items())}
    print("\n".join(f"{name} {found[name].version}: {said}" for name, said in licences.items()))
    assert {} == {name: said for name, said in licences.items() if COPYLEFT.search(said)}
    assert {} == {name: said for name, said in licences.items() if not OPEN.search(said)}
