"""Settings of a project: flag, environment, `graphrisk.toml`, default, in this order; each knows where it came from."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest

CONFIG_FILE = "graphrisk.toml"
_MEANINGS = {
    "store": "files:DIR, neo4j://host:port or bolt://host:port (default: files in .graphrisk/ of the project)",
    "base_currency": "currency in which analyzers work, e.g. CNY (default: from table fx, or the only one)",
    "language": "language of views and numbers: en or zh",
    "timeout": "seconds that a Cypher query may take",
    "bank.party_id": "the party that is our bank, where the data holds it",
    "capital.tier1": "Tier 1 capital of our bank in base currency, for limits",
    "capital.net_capital": "net capital (all own funds) of our bank in base currency, for limits",
    "capital.internal_single": "our own line for one client, as a fraction of the capital of the legal one",
    "capital.internal_group": "our own line for a group, as a fraction of the capital of the legal one",
    "groups.state": "ids of states: one group of connected clients for each entity under them",
    "ratings.model": "the rating model whose PDs are taken, where several rate the clients",
}
_DEFAULTS: dict[str, str] = {**dict.fromkeys(_MEANINGS, ""), "language": "en", "timeout": "60"}
_OF_RESULTS = ("base_currency", *(name for name in _MEANINGS if "." in name))
ENTERS: dict[str, str] = {name: "results" if name in _OF_RESULTS else "" for name in _MEANINGS}
"""What each setting changes of what is kept: "results" is the digest that kept results belong to, "" nothing."""
_LISTS = ("groups.state",)
"""Settings that are a list of ids; their value is JSON."""
_ABOVE_ZERO = ("capital.tier1", "capital.net_capital")
_FRACTIONS = ("capital.internal_single", "capital.internal_group")
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
        return {
            s.name: s.value
            for s in self.settings
            if ENTERS[s.name] == "results" and (s.value or s.name == "base_currency")
        }

    @property
    def own_regimes(self) -> dict[str, str]:
        """The parameter by which an analyzer finds the project's own regimes; none where there is no such folder."""
        folder = self.project / "regimes"
        return {"regimes_in": str(folder)} if folder.is_dir() else {}

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
    for key, value in _flat(content).items():
        if key in _LISTS:
            _check_ids(key, value, str(path))
            continue
        if key not in _DEFAULTS:
            raise UsageError(f"unknown key {key!r}", where=str(path), hint=nearest(key, _DEFAULTS))
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise UsageError(
                f"{key} is a text or a number, not {value!r}", where=str(path), hint=f"{key}: {_MEANINGS[key]}"
            )
    return {
        key: json.dumps(sorted(value), ensure_ascii=False) if key in _LISTS else str(value)
        for key, value in _flat(content).items()
    }


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of known sections with the section's name before them, all else as it stands."""
    sections = {name.partition(".")[0] for name in _DEFAULTS if "." in name}
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if key in sections and isinstance(value, Mapping):
            flat.update({f"{key}.{name}": inner for name, inner in value.items()})
        else:
            flat[key] = value
    return flat


def _check_ids(key: str, value: Any, where: str) -> None:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UsageError(f"{key} is a list of ids, not {value!r}", where=where, hint='state = ["CN-STATE"]')


def _valid(name: str, value: str, where: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise UsageError(f"{name} holds a control character", where=where, hint=f"{name}: {_MEANINGS[name]}")
    if name == "language" and value not in ("en", "zh"):
        raise UsageError(f"language is en or zh, not {value!r}", where=where, hint='language = "zh"')
    if name == "base_currency" and value and not (len(value) == 3 and value.isascii() and value.isupper()):
        raise UsageError(f"base_currency is an ISO 4217 code, not {value!r}", where=where, hint="e.g. CNY")
    if name in (*_ABOVE_ZERO, *_FRACTIONS) and value:
        high = 1.0 if name in _FRACTIONS else float("inf")
        try:
            fine = 0.0 < float(value) <= high and float(value) != float("inf")
        except ValueError:
            fine = False
        if not fine:
            what = "a fraction above 0 and at most 1" if high == 1.0 else "an amount above 0"
            raise UsageError(f"{name} is {what}, not {value!r}", where=where, hint=f"{name}: {_MEANINGS[name]}")
    if name == "timeout":
        try:
            fine = 0 < float(value) < float("inf")
        except ValueError:
            fine = False
        if not fine:
            raise UsageError(f"timeout is a number of seconds above 0, not {value!r}", where=where, hint="timeout = 60")
    return value
