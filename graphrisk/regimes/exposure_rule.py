"""What a regime of large exposures says on a day: who belongs together, which lines hold, and where it is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal

from graphrisk.errors import UsageError, nearest
from graphrisk.regimes.keys import refuse_unknown

SUBJECTS, KINDS = ("client", "group"), ("other", "bank", "gsib", "mixed")
MEASURES = ("exposure", "loan", "exposure_others")
_SHIPPED = Path(__file__).parent / "large_exposures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One limit: `limit` of the capital `of`, on what is measured, for subjects of these kinds (empty: all).

    `kinds`: other (no bank), bank, gsib (a systemically important bank where we are one, too; before all others), mixed
    (a group of banks and others; other where no line is written for it). Measure exposure_others: what the members of a
    group owe that are no banks. `floor`: the limit is at least this amount of `floor_currency`, but never above
    `ceiling`, a fraction of the capital.
    """

    subjects: tuple[str, ...]
    measure: Literal["exposure", "loan", "exposure_others"]
    of: Literal["tier1", "net_capital"]
    limit: float
    legal: str
    kinds: tuple[str, ...] = ()
    floor: float | None = None
    floor_currency: str = ""
    ceiling: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Limits on the bank's own related parties: one, its group, and all of them, over the capital `of`."""

    of: Literal["tier1", "net_capital"]
    party: float
    group: float
    all: float
    legal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRule:
    """One version of a regime; it applies on D where valid_from <= D < valid_to (null = open).

    `dependency_threshold`, `guarantee_threshold`: from which ratio on a dependency counts. `family`: close family is
    one unit. `check_above`: part of Tier 1 above which dependency must be looked into. `large`: part of Tier 1 from
    which (`large_more_than`: above which) an exposure is large. `internal_default`: a bank's own line over the legal
    one where it states none. `substitution`: guarantees given count as exposure to the guarantor.
    """

    name: str
    valid_from: date
    valid_to: date | None = None
    dependency_threshold: float = 0.5
    guarantee_threshold: float = 1.0
    family: bool = False
    check_above: float = 0.05
    large: float = 0.10
    large_more_than: bool = False
    internal_default: float = 0.8
    substitution: bool = False
    lines: tuple[Line, ...] = ()
    related: Related | None = None
    legal: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    reading: str = ""
    reading_zh: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRegime:
    """A named regime of large exposures and its versions, earliest first."""

    name: str
    title: str
    versions: tuple[ExposureRule, ...]

    def on(self, day: date) -> tuple[ExposureRule, bool]:
        """Return the version for a day, and whether it applies on it: before the first it is answered ahead of time."""
        for version in self.versions:
            if version.valid_from <= day and (version.valid_to is None or day < version.valid_to):
                return version, True
        return (self.versions[0] if day < self.versions[0].valid_from else self.versions[-1]), False


def exposure_regimes(own: Path | None = None) -> list[str]:
    """Return the names of all regimes of large exposures; `own` is the folder of a project's own regimes."""
    folders = [_SHIPPED, *([own / "large_exposures"] if own is not None else [])]
    return sorted({path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.toml")})


def find_exposure_regime(name: str, own: Path | None = None) -> ExposureRegime:
    """Return the regime called `name`, the project's own first; UsageError naming the nearest if there is none."""
    names = exposure_regimes(own)
    if name not in names:
        raise UsageError(f"no regime of large exposures is called {name!r}", hint=nearest(name, names))
    mine = None if own is None else own / "large_exposures" / f"{name}.toml"
    path = mine if mine is not None and mine.is_file() else _SHIPPED / f"{name}.toml"
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"is not UTF-8: {error}", where=str(path), hint="save it as UTF-8") from error
    return parse_exposure_regime(name, text, str(path))


def parse_exposure_regime(name: str, text: str, where: str) -> ExposureRegime:
    """Return the regime that a TOML text states; UsageError naming the place of a key or value that is wrong."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not valid TOML: {error}", where=where, hint="correct the line named") from error
    refuse_unknown(content, {"title", "version"}, where)
    blocks = content.get("version")
    if not isinstance(blocks, list) or not blocks:
        raise UsageError("holds no [[version]]", where=where, hint="add one with name, valid_from and [[version.line]]")
    versions = tuple(sorted((_version(block, where) for block in blocks), key=lambda v: v.valid_from))
    return ExposureRegime(name=name, title=str(content.get("title", name)), versions=versions)


def _version(block: Mapping[str, Any], where: str) -> ExposureRule:
    place = f"{where}: version {block.get('name', '?')!r}"
    refuse_unknown(block, ({f.name for f in fields(ExposureRule)} - {"lines"}) | {"line"}, place)
    for key in ("name", "valid_from"):
        if key not in block:
            raise UsageError(f"lacks {key}", where=place, hint="name and valid_from are required")
    values = dict(block)
    for key in ("valid_from", "valid_to"):
        if key in values and type(values[key]) is not date:
            raise UsageError(f"{key} is a day, not {values[key]!r}", where=place, hint=f"{key} = 2018-07-01")
    for key in ("dependency_threshold", "check_above", "large", "internal_default"):
        if key in values:
            _fraction(key, values[key], place)
    if "guarantee_threshold" in values and not _number(values["guarantee_threshold"], 0.0, float("inf")):
        raise UsageError(f"guarantee_threshold is above 0, not {values['guarantee_threshold']!r}", where=place)
    for key in ("family", "large_more_than", "substitution"):
        if key in values and not isinstance(values[key], bool):
            raise UsageError(f"{key} is true or false, not {values[key]!r}", where=place)
    lines = values.pop("line", [])
    values["lines"] = tuple(_line(line, place) for line in lines)
    if "related" in values:
        values["related"] = _related(values["related"], place)
    values["sources"] = tuple(str(one) for one in values.get("sources", ()))
    return ExposureRule(**values)


def _line(block: Mapping[str, Any], place: str) -> Line:
    refuse_unknown(block, {f.name for f in fields(Line)}, place)
    for key in ("subjects", "measure", "of", "limit", "legal"):
        if key not in block:
            raise UsageError(f"a line lacks {key}", where=place, hint="subjects, measure, of, limit, legal")
    _fraction("limit", block["limit"], place)
    for key, choices in (("measure", MEASURES), ("of", ("tier1", "net_capital"))):
        if block[key] not in choices:
            raise UsageError(f"{key} is one of {', '.join(choices)}, not {block[key]!r}", where=place)
    for key, known in (("subjects", SUBJECTS), ("kinds", KINDS)):
        if not set(block.get(key, ())) <= set(known):
            raise UsageError(f"{key} lists {', '.join(known)}, not {block[key]!r}", where=place)
    if "floor" in block:
        if not _number(block["floor"], 0.0, float("inf")) or not block.get("floor_currency"):
            raise UsageError("floor is an amount of floor_currency", where=place, hint='floor_currency = "EUR"')
        _fraction("ceiling", block.get("ceiling", 1.0), place)
    return Line(**{**block, "subjects": tuple(block["subjects"]), "kinds": tuple(block.get("kinds", ()))})


def _related(block: Mapping[str, Any], place: str) -> Related:
    refuse_unknown(block, {f.name for f in fields(Related)}, place)
    for key in ("party", "group", "all"):
        _fraction(key, block.get(key), place)
    if block.get("of") not in ("tier1", "net_capital"):
        raise UsageError(f"of is tier1 or net_capital, not {block.get('of')!r}", where=place)
    return Related(**{"legal": "", **block})


def _fraction(key: str, value: Any, place: str) -> None:
    if not _number(value, 0.0, 1.0):
        raise UsageError(f"{key} is a fraction in [0, 1], not {value!r}", where=place, hint="25 % is 0.25")


def _number(value: Any, low: float, high: float) -> bool:
    return not isinstance(value, bool) and isinstance(value, int | float) and low <= value <= high
