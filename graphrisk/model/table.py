"""How a table is declared: once, for validation, stores, demo data and the data dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["id", "text", "category", "money", "fraction", "number", "integer", "date", "bool", "list", "steps"]
Role = Literal["node", "relation", "fact", "score"]
BASE = "base currency"
"""The unit of an amount that was converted into the project's base currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: `unit` is said in words ("base currency", "fraction"), `references` names a node table.

    `importance` says what people are shown where there is no room for all: 1 always, 2 if it fits, 3 last. `ordered`:
    a list whose order is a direction, not a set.
    The kind `steps` is a list of [from, to, number]; it is kept as JSON.
    """

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    references: str | None = None
    importance: int = 2
    ordered: bool = False

    @property
    def is_fraction(self) -> bool:
        """Whether it is a fraction or a rate, for which 35% is a way to write 0.35."""
        return self.unit.startswith("fraction")

    @property
    def arrow_type(self) -> Any:
        """The Arrow type in which the column is kept."""
        import pyarrow as pa

        return {
            "id": pa.string(),
            "text": pa.string(),
            "category": pa.string(),
            "list": pa.list_(pa.string()),
            "steps": pa.string(),
            "money": pa.float64(),
            "fraction": pa.float64(),
            "number": pa.float64(),
            "integer": pa.int64(),
            "date": pa.date32(),
            "bool": pa.bool_(),
        }[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A relationship derived from one row: `relation` runs from the node in `source` to the node in `target`.

    A column of None stands for the row itself.
    """

    relation: str
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: `key` is its business key, empty where repeated rows are separate facts (keyed by `row_key`).

    `label` is the node label of a node or fact table, `relation` the relationship type of a relation table
    (which runs from column `source` to column `target`), `links` are relationships derived from columns.
    """

    name: str
    meaning: str
    role: Role
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    label: str = ""
    relation: str = ""
    source: str = ""
    target: str = ""
    links: tuple[Link, ...] = field(default=())

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def key_column(self) -> str:
        """The one column that identifies a row in a store: the id of a node or contract, else `row_key`."""
        return self.key[0] if len(self.key) == 1 else "row_key"

    def units(self, base_currency: str | None) -> dict[str, str]:
        """Return the unit of each column that has one; what is in base currency says in which."""
        in_base = base_currency or BASE
        return {column.name: in_base if column.unit == BASE else column.unit for column in self.columns if column.unit}

    @property
    def money(self) -> tuple[str, ...]:
        """The columns that hold amounts in the row's own currency."""
        return tuple(column.name for column in self.columns if column.kind == "money")

    @property
    def schema(self) -> Any:
        """The Arrow schema of the declared columns."""
        import pyarrow as pa

        return pa.schema([pa.field(column.name, column.arrow_type) for column in self.columns])
