"""Read published numbers: each file names its source, licence and what cross-checked it."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

CONTAGION = Path(__file__).parent / "contagion"


def published(name: str) -> Any:
    """Return the JSON document `name` of tests/published/contagion."""
    return json.loads((CONTAGION / name).read_text(encoding="utf-8"))


def published_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of CSV file `name` of tests/published/contagion as text, values stripped."""
    opened = gzip.open if name.endswith(".gz") else open
    with opened(CONTAGION / name, "rt", encoding="utf-8", newline="") as stream:
        return [{k: v.strip() for k, v in row.items()} for row in csv.DictReader(stream)]


def column(rows: list[dict[str, str]], name: str) -> npt.NDArray[np.float64]:
    """Return one column of `rows` as floats."""
    return np.array([float(row[name]) for row in rows])
