"""Where the loaders and queries that ship with graphrisk lie: in the wheel or beside the source."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from graphrisk.errors import GraphRiskError


def shipped(kind: str) -> Path:
    """Return the folder of shipped `kind` ("loaders" or "queries").

    Raises GraphRiskError where the installation lacks it.
    """
    package = Path(str(files("graphrisk")))
    packed = package / "_shipped" / kind
    if packed.is_dir():
        return packed
    beside = package.parent / kind
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise GraphRiskError(
        f"the installation holds no {kind}", hint="install graphrisk again: pip install --force-reinstall graphrisk"
    )
