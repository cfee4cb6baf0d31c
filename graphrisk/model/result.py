"""What an analysis is given and what it returns: tables, and how they were obtained."""

from __future__ import annotations

import hashlib
import html
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from graphrisk.model.note import Note, as_notes
from graphrisk.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What an analysis gets beside the graph and its parameters.

    `shocks`: party id -> fraction of its equity lost at the start; `scenario`: a parsed scenario file; `against`: a
    second one to compare with, instead of the book without a scenario (its `params` are all that differ from the
    defaults); `results`: the answers of other analyzers that it reads, by key (`analyze.needs`). `before`: the graph of
    an earlier snapshot, `kept` results of both snapshots by analyzer (None where it was not run), for an analyzer that
    compares snapshots. `proposed`: rows not yet signed (`model.proposal`); the graph is then the one with them.
    """

    shocks: Mapping[str, float] = field(default_factory=dict)
    scenario: Scenario | None = None
    against: Scenario | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    before: Any = None
    proposed: Any = None
    kept: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """True where no shock and no scenario was given."""
        return not self.shocks and self.scenario is None and self.against is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Score tables with their provenance.

    `tables` maps the full table name ("chains_circles") to a DataFrame in a stated order; each is also an attribute
    without the analyzer's prefix (`result.circles`). `certificate` says how it was obtained (rounds, residual, ...),
    `notes` what a reader must know (plain sentences become notes); `reader` puts it into words where the workspace gave
    one (answers.reader.Reader). `settings` are those of the project that the answer depends on, beside the parameters;
    `units` say per table what its columns are in ("CNY", "fraction"). `cut` says how it was cut to a slice of the
    parties (slicing.Cut); None where it is whole.
    """

    analyzer: str
    version: int
    as_of: date
    fingerprint: str
    params: Mapping[str, Any]
    certificate: Mapping[str, Any]
    notes: tuple[Note, ...]
    tables: Mapping[str, pd.DataFrame]
    reader: Any = field(default=None, repr=False, compare=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cut: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "notes", as_notes(self.notes))

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("__"):
            raise AttributeError(name)
        table = self.tables.get(f"{self.analyzer}_{name}")
        if table is None:
            raise AttributeError(f"{self.analyzer} has no table {name!r}; it has {', '.join(self.tables) or 'none'}")
        return table

    def _repr_html_(self) -> str:
        """Return the answer for a notebook: sentences, warnings, the tables that answer; without a reader its line."""
        return html.escape(repr(self)) if self.reader is None else str(self.reader.page_of(self))

    def __repr__(self) -> str:
        held = ", ".join(f"{name.removeprefix(self.analyzer + '_')} {len(t):,}" for name, t in self.tables.items())
        noted = f"; {len(self.notes)} notes" if self.notes else ""
        return f"<Result of {self.analyzer} as of {self.as_of}: {held} rows{noted}>"

    @property
    def digest(self) -> str:
        """Digest of the parameters, inputs and settings, under which the scores are kept."""
        return params_digest(self.params, self.settings)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain JSON values: missing is None, never NaN."""
        return {**self._head(), "tables": {name: records(table) for name, table in self.tables.items()}}

    def _head(self) -> dict[str, Any]:
        return {
            "analyzer": self.analyzer,
            "version": self.version,
            "as_of": self.as_of.isoformat(),
            "fingerprint": self.fingerprint,
            "params": plain(self.params),
            "settings": plain(self.settings),
            "certificate": plain(self.certificate),
            "notes": [str(note) for note in self.notes],
            "units": plain(self.units),
        }

    def to_json(self) -> str:
        """Return the result as one JSON document, each row of a table on its line."""
        return "".join(self.json_parts())

    def json_parts(self) -> Iterator[str]:
        """Return the texts that `to_json` is made of, one after the other: a large table is never there whole."""
        from graphrisk.model.json_rows import encode, json_rows

        yield json.dumps(self._head(), ensure_ascii=False, allow_nan=False, indent=1).removesuffix("\n}")
        yield ',\n "tables": {'
        for number, (name, table) in enumerate(self.tables.items()):
            yield f"{',' if number else ''}\n  {encode(name)}: ["
            for at, rows in enumerate(json_rows(table)):
                yield (",\n   " if at else "\n   ") + ",\n   ".join(rows)
            yield "\n  ]" if len(table) else "]"
        yield "\n }\n}" if self.tables else "}\n}"


def params_digest(params: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return the digest of parameters, inputs and the project's settings that scores are kept under."""
    text = json.dumps([plain(params), plain(settings)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_of(settings: Mapping[str, Any]) -> str:
    """Return the digest of the project's settings that results depend on."""
    return params_digest({}, settings)


def frame_of(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """Return plain rows as a DataFrame; whole numbers, amounts and yes/no have their types, also where some are null.

    Texts are "str". A column of lists or of several kinds of values stays as it is.
    """
    import pandas as pd

    types: dict[frozenset[type], Any] = {
        frozenset([str]): "str",
        frozenset([int]): pd.Int64Dtype(),
        frozenset([float]): "float64",
        frozenset([bool]): pd.BooleanDtype(),
    }
    made = {}
    for at, name in enumerate(columns):
        values = [row[at] for row in rows]
        kinds = frozenset(type(value) for value in values if value is not None)
        large = kinds == {int} and any(value is not None and abs(value) >= 1 << 63 for value in values)
        made[name] = pd.Series(values, dtype=object if large else types.get(kinds, object))
    return pd.DataFrame(made, columns=list(columns))


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of `table` as plain JSON objects."""
    columns = {str(name): [plain(value) for value in values_of(table[name])] for name in table.columns}
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def values_of(column: pd.Series[Any]) -> list[Any]:
    """Return the values of a column; days as dates, without a time of day."""
    if (
        column.dtype.kind == "M"
        and column.dt.tz is None
        and bool((column.dropna().dt.normalize() == column.dropna()).all())
    ):
        return [None if value is None or value != value else value.date() for value in column.tolist()]
    return column.tolist()


def plain(value: Any) -> Any:
    """Return `value` in JSON's own types: NaN, NaT and NA become None, dates ISO text, tuples lists."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return None if value != value else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return plain(value.tolist())
    return None if type(value).__name__ == "NAType" or value != value else str(value)
