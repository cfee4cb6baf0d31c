"""The bill of materials of an installation, as CycloneDX: `python -m tests.sbom FILE`.

It names what `pip install graphrisk` brought into this environment, with version, licence and what needs what.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = "graphrisk"


def name_of(requirement: str) -> str:
    """Return the normalized name of the package that a requirement names."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def needs(package: Distribution) -> set[str]:
    """Return the names of the packages that one needs, without its extras."""
    return {name_of(text) for text in package.requires or () if "extra ==" not in text}


def brought(name: str = ROOT) -> dict[str, Distribution]:
    """Return every package that comes along with one, by name, itself left out."""
    found: dict[str, Distribution] = {}
    left = needs(distribution(name))
    while left:
        one = left.pop()
        try:
            found[one] = distribution(one)
        except PackageNotFoundError:
            continue  # for another system
        left |= needs(found[one]) - set(found)
    return dict(sorted(found.items()))


def licence(package: Distribution) -> str:
    """Return the licence that a package states: its expression, its classifiers, its first line of text."""
    said = package.metadata
    stated = said.get("License-Expression") or ""
    classes = [one.rpartition("::")[2].strip() for one in said.get_all("Classifier") or () if one.startswith("License")]
    return stated or "; ".join(classes) or (said.get("License") or "").strip().partition("\n")[0]


def bill() -> str:
    """Return the bill as JSON of CycloneDX 1.6, valid by its schema."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    packages = {ROOT: distribution(ROOT), **brought()}
    components = {
        name: Component(
            type=ComponentType.APPLICATION if name == ROOT else ComponentType.LIBRARY,
            name=name,
            version=package.version,
            bom_ref=f"{name}@{package.version}",
            purl=PackageURL("pypi", None, name, package.version),
            licenses=[LicenseFactory().make_from_string(licence(package))],
        )
        for name, package in packages.items()
    }
    made = Bom(components=[one for name, one in components.items() if name != ROOT])
    made.metadata.component = components[ROOT]
    for name, package in packages.items():
        made.register_dependency(components[name], [components[one] for one in needs(package) if one in components])
    text = JsonV1Dot6(made).output_as_string(indent=2)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        raise ValueError(f"the bill of materials is no CycloneDX 1.6: {wrong}")
    return text


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(bill(), "utf-8")
