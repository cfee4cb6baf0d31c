"""What a regime says on a day: thresholds, how chains count, what control does, and where it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import pairwise
from typing import Any, Literal

from graphrisk.errors import DataError, UsageError
from graphrisk.regimes.keys import refuse_unknown

OWNERS, LISTED = "owners", "listed"
OPEN_END = "it is not known what applies after that day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a regime; it applies on D where valid_from <= D < valid_to (null = open).

    `more_than`: the threshold itself does not count. `chain`: shares multiply along a chain and chains add up, or only
    majority chains carry a holding through. `of`: which shares are tested. `categories`: other thresholds by name.
    `control`: whether control makes an owner (or, for a list, reaches a firm); `coexistence`: control of a holder, or a
    share in a controller, makes one. `suspended`: the rule stands still. `legal`: where each ground is written.
    """

    name: str
    valid_from: date
    valid_to: date | None = None
    threshold: float
    more_than: bool = False
    of: tuple[str, ...] = ("capital", "votes")
    chain: Literal["multiply", "majority"] = "multiply"
    categories: Mapping[str, float] = field(default_factory=dict)
    control: bool = True
    control_threshold: float = 0.5
    control_more_than: bool = True
    coexistence: bool = False
    fall_back: Literal["senior_manager", "none"] = "none"
    suspended: bool = False
    red_flag: float | None = None
    legal: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    reading: str = ""
    reading_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A named rule: `kind` owners (who is a beneficial owner) or listed (whom a list reaches), and its versions."""

    name: str
    title: str
    kind: Literal["owners", "listed"]
    versions: tuple[Version, ...]
    after: str = OPEN_END

    def on(self, day: date) -> tuple[Version, bool]:
        """Return the version for a day, and whether it applies on it.

        A rule on owners that applies later is answered ahead of its time (False). Raises DataError for a day between
        versions or after the last, and, for a rule on lists, before the first: there is no rule to apply.
        """
        for version in self.versions:
            if version.valid_from <= day and (version.valid_to is None or day < version.valid_to):
                return version, True
        first = self.versions[0]
        if day < first.valid_from:
            if self.kind == OWNERS:
                return first, False
            raise DataError(
                f"regime {self.name} applies from {first.valid_from} on; there is no rule to apply on {day}",
                hint=f"--on {first.valid_from} or a later day",
            )
        last = max(v.valid_to for v in self.versions if v.valid_to is not None and v.valid_to <= day)
        raise DataError(
            f"regime {self.name} has no version for {day}: the last known one ({self._ending(last)}) ended on {last}, "
            f"and {self.after}",
            hint=f"put a newer {self.name}.toml into the project's folder regimes, or ask with --on for an earlier day",
        )

    def _ending(self, day: date) -> str:
        return next(v.name for v in self.versions if v.valid_to == day)


def parse_regime(name: str, text: str, where: str) -> Regime:
    """Return the regime that a TOML text states; UsageError naming the place of a key or value that is wrong."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # nested too deep, or a number of 5,000 digits
        raise UsageError(f"is not valid TOML: {error}", where=where, hint="correct the line named") from error
    refuse_unknown(content, {"title", "kind", "after", "version"}, where)
    kind = content.get("kind")
    if kind not in (OWNERS, LISTED):
        raise UsageError(f"kind is owners or listed, not {kind!r}", where=where, hint='kind = "owners"')
    blocks = content.get("version")
    if not isinstance(blocks, list) or not blocks:
        raise UsageError("holds no [[version]]", where=where, hint="add one with name, valid_from and threshold")
    versions = sorted((_version(block, where) for block in blocks), key=lambda v: v.valid_from)
    for earlier, later in pairwise(versions):
        if earlier.valid_to is None or earlier.valid_to > later.valid_from:
            raise UsageError(
                f"version {earlier.name!r} is still valid on {later.valid_from}, when {later.name!r} begins",
                where=where,
                hint="let valid_to of the earlier be valid_from of the later",
            )
    said = {key: str(content[key]) for key in ("title", "after") if key in content}
    return Regime(name=name, kind=kind, versions=tuple(versions), **{"title": name, **said})


def _version(block: Mapping[str, Any], where: str) -> Version:
    refuse_unknown(block, {f.name for f in fields(Version)}, where)
    place = f"{where}: version {block.get('name', '?')!r}"
    for key in ("name", "valid_from", "threshold"):
        if key not in block:
            raise UsageError(f"lacks {key}", where=place, hint="name, valid_from and threshold are required")
    values = dict(block)
    for key in ("valid_from", "valid_to"):
        if key in values and type(values[key]) is not date:
            raise UsageError(f"{key} is a day, not {values[key]!r}", where=place, hint=f"{key} = 2027-07-10")
    if values.get("valid_to") is not None and values["valid_to"] <= values["valid_from"]:
        raise UsageError("valid_to is not later than valid_from", where=place, hint="an open end has no valid_to")
    thresholds = {key: values[key] for key in ("threshold", "control_threshold", "red_flag") if key in values}
    for key, value in [*thresholds.items(), *dict(values.get("categories", {})).items()]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
            raise UsageError(f"{key} is a fraction in [0, 1], not {value!r}", where=place, hint="25 % is 0.25")
    for key in ("more_than", "control", "control_more_than", "coexistence", "suspended"):
        if key in values and not isinstance(values[key], bool):
            raise UsageError(f"{key} is true or false, not {values[key]!r}", where=place)
    for key, choices in (("chain", ("multiply", "majority")), ("fall_back", ("senior_manager", "none"))):
        if key in values and values[key] not in choices:
            raise UsageError(f"{key} is one of {', '.join(choices)}, not {values[key]!r}", where=place)
    for key in ("of", "sources"):
        if key in values:
            values[key] = tuple(str(item) for item in values[key])
    if not set(values.get("of", ("capital",))) <= {"capital", "votes"}:
        raise UsageError(f"of lists capital, votes or both, not {list(values['of'])}", where=place)
    return Version(**values)
