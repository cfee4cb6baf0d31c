"""Regimes by name: a project's own in its folder `regimes`, those of other packages by entry point, those shipped."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

from graphrisk.errors import UsageError, nearest
from graphrisk.regimes.rule import Regime, parse_regime

GROUP = "graphrisk.regimes"
_SHIPPED = Path(__file__).parent


def regime_names(own: Path | None = None) -> list[str]:
    """Return the names of all regimes; `own` is the folder of a project's own."""
    folders = [_SHIPPED, *([own] if own is not None and own.is_dir() else [])]
    found = {path.stem for folder in folders for path in folder.glob("*.toml")}
    return sorted({*found, *(point.name for point in entry_points(group=GROUP))})


def find_regime(name: str, own: Path | None = None) -> Regime:
    """Return the regime called `name`: the project's own first; UsageError naming the nearest if there is none.

    An entry point of the group `graphrisk.regimes` gives the path of a TOML file, or its text.
    """
    names = regime_names(own)
    if name not in names:
        raise UsageError(f"no regime is called {name!r}", hint=nearest(name, names))
    if own is not None and (own / f"{name}.toml").is_file():
        return _read(name, own / f"{name}.toml")
    for point in entry_points(group=GROUP):
        if point.name == name:
            given = point.load()
            return _read(name, given) if isinstance(given, Path) else parse_regime(name, str(given), point.value)
    return _read(name, _SHIPPED / f"{name}.toml")


def _read(name: str, path: Path) -> Regime:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8: {error}", where=str(path), hint="save it as UTF-8") from error
    return parse_regime(name, text, str(path))
