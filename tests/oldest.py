"""The oldest versions that pyproject.toml allows, as constraints for pip: `python tests/oldest.py > constraints.txt`.

Each lower bound becomes the version itself; what the packages need in turn is as new as they allow.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def oldest() -> list[str]:
    """Return "name==version" for each package with a lower bound, of the project and of its extras."""
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    stated = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    found = [re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[a-z,-]+\])?(?:==|>=)([0-9.]+)(?:,<[0-9.]+)?", one) for one in stated]
    return [f"{match[1]}=={match[2]}" for match in found if match]


if __name__ == "__main__":
    print("\n".join(oldest()))
