"""The words of a source that are not those of the data model, as a mapping that can be copied into a loader."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.loading.cast import reads_as_flag
from graphrisk.loading.gather import Gathered
from graphrisk.loading.spec import InputSpec
from graphrisk.model.catalog import CATALOG
from graphrisk.model.iso4217 import CODES, meant_code
from graphrisk.model.table import Column
from graphrisk.model.words import mapping_of, meant_by

_WORDS = 1_000
"""Distinct words of a column up to which they are looked up: a column of more holds no categories."""


def mapping_notes(gathered: Gathered) -> list[str]:
    """Return, per input that fills a table, the mapping of its words that were not read and whose meaning is known."""
    notes = []
    for name, spec in {source.input.name: source.input for source in gathered.sources if source.input.table}.items():
        found = [_mapping(column, spec, gathered) for column in CATALOG[str(spec.table)].columns]
        if any(found):
            notes.append(
                f"words of {name} that a copy of the loader can map, under [inputs.{name}]: "
                f"{'; '.join(one for one in found if one)}"
            )
    return notes


def _mapping(column: Column, spec: InputSpec, gathered: Gathered) -> str:
    """Return the mapping of one column as it stands in loader.toml, with what it maps already; "" where none lacks."""
    found: dict[str, str] = {}
    for _, source, fitted in gathered.fed:
        if source.input is spec and column.name in fitted.table.column_names:
            values = fitted.table[column.name]
            words = pc.unique(values).to_pylist() if _holds_words(column, values) else []
            found |= {word: _meant(column, word) for word in sorted(filter(None, words))[:_WORDS]}
    known = {word: value for word, value in found.items() if value}
    return mapping_of(column.name, {**spec.values.get(column.name, {}), **known}) if known else ""


def _holds_words(column: Column, values: pa.ChunkedArray) -> bool:
    wordy = column.kind == "bool" or column.choices or column.name == "currency"
    return bool(wordy) and bool(pa.types.is_string(values.type))


def _meant(column: Column, word: str) -> str:
    """Return what a word means that is not read as it stands; "" where it is read, or where nothing is known of it."""
    if column.name == "currency":
        return "" if word in CODES else meant_code(word)
    if word in column.choices or (column.kind == "bool" and reads_as_flag(word)):
        return ""
    return meant_by(column, word)
