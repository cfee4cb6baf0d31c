"""Settings of a project: flag, environment, `graphrisk.toml`, default, in this order; each knows where it came from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest

CONFIG_FILE = "graphrisk.toml"
_DEFAULTS: dict[str, str] = {"store": "", "base_currency": "", "language": "en", "timeout": "60"}
_MEANINGS = {
    "store": "files:DIR, neo4j://host:port or bolt://host:port (default: files in .graphrisk/ of the project)",
    "base_currency": "currency in which analyzers work, e.g. CNY (default: from table fx, or the only one)",
    "language": "language of views and numbers: en or zh",
    "timeout": "seconds that a Cypher query may take",
}
ENTERS: dict[str, str] = {"store": "", "base_currency": "results", "language": "", "timeout": ""}
"""What each setting changes of what is kept: "results" is the digest that kept results belong to, "" nothing."""
_ENVIRONMENT = {
    "store": "GRAPHRISK_STORE",
    "base_currency": "GRAPHRISK_BASE_CURRENCY",
    "language": "GRAPHRISK_LANGUAGE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, its value, and where the value came from ("flag", "environment NAME", "file", "default")."""

    name: str
    value: str
    origin: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a project folder."""

    project: Path
    settings: tuple[Setting, ...]

    def get(self, name: str) -> str:
        """Return the value of a setting; "" where it is not set."""
        return next(s.value for s in self.settings if s.name == name)

    @property
    def store(self) -> str:
        """The store's url; the embedded store in the project's own folder by default."""
        given = self.get("store")
        if not given:
            return f"files:{self.project / '.graphrisk'}"
        kind, colon, rest = given.partition(":")
        if colon and kind != "files" and len(kind) > 1:  # a scheme; one letter is a drive of Windows
            return given
        if kind == "files" and colon and not rest:
            return given  # the store says that its folder is missing
        origin = next(s.origin for s in self.settings if s.name == "store")
        below = self.project if origin == "file" else Path.cwd()
        return f"files:{below / Path(rest if colon and kind == 'files' else given).expanduser()}"

    @property
    def base_currency(self) -> str | None:
        """The configured base currency, if any."""
        return self.get("base_currency") or None

    @property
    def of_results(self) -> dict[str, str]:
        """The settings that change what an analyzer answers; kept results belong to their values ("" = not set)."""
        return {s.name: s.value for s in self.settings if ENTERS[s.name] == "results"}

    @property
    def timeout(self) -> float:
        """Seconds that a query may take."""
        return float(self.get("timeout"))


def read_config(project: Path, **flags: str | None) -> Config:
    """Return the settings of `project`; UsageError for an unknown key or a value of the wrong kind."""
    path = project / CONFIG_FILE
    given = _read_file(path) if path.is_file() else {}
    settings = []
    for name, default in _DEFAULTS.items():
        variable = _ENVIRONMENT.get(name, "")
        flag = flags.get(name)
        if flag:
            value, origin = flag, "flag"
        elif variable and os.environ.get(variable):
            value, origin = os.environ[variable], f"environment {variable}"
        elif name in given:
            value, origin = given[name], "file"
        else:
            value, origin = default, "default"
        where = str(path) if origin == "file" else origin
        settings.append(Setting(name=name, value=_valid(name, value, where), origin=origin, meaning=_MEANINGS[name]))
    return Config(project=project, settings=tuple(settings))


def _read_file(path: Path) -> dict[str, str]:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # not UTF-8, nested too deep, a number of 5,000 digits
        raise UsageError(f"is not valid TOML: {error}", where=str(path), hint="correct the line named") from error
    for key, value in content.items():
        if key not in _DEFAULTS:
            raise UsageError(f"unknown key {key!r}", where=str(path), hint=nearest(key, _DEFAULTS))
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise UsageError(
                f"{key} is a text or a number, not {value!r}", where=str(path), hint=f"{key}: {_MEANINGS[key]}"
            )
    return {key: str(value) for key, value in content.items()}


def _valid(name: str, value: str, where: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise UsageError(f"{name} holds a control character", where=where, hint=f"{name}: {_MEANINGS[name]}")
    if name == "language" and value not in ("en", "zh"):
        raise UsageError(f"language is en or zh, not {value!r}", where=where, hint='language = "zh"')
    if name == "base_currency" and value and not (len(value) == 3 and value.isascii() and value.isupper()):
        raise UsageError(f"base_currency is an ISO 4217 code, not {value!r}", where=where, hint="e.g. CNY")
    if name == "timeout":
        try:
            fine = 0 < float(value) < float("inf")
        except ValueError:
            fine = False
        if not fine:
            raise UsageError(f"timeout is a number of seconds above 0, not {value!r}", where=where, hint="timeout = 60")
    return value
