"""What was read from source files, before anything is understood: records with their file and line."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line (or record) that could not be read as one: its text is kept for the file of rejects."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """The records of one source file: `columns` under their source headers, `lines` where each begins.

    `unit` says what is counted: "line" of a text file, "row" of a sheet or Parquet file, "statement" of JSON.
    """

    path: str
    columns: pa.Table
    lines: Ints
    unit: str = "line"
    bad: tuple[BadLine, ...] = ()
    blank: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The file's own name, without its folder."""
        return self.path.replace("\\", "/").rpartition("/")[2]
