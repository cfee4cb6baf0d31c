"""Files that grow part by part: one per canonical table, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

from graphrisk.model.catalog import CATALOG


class TableFiles:
    """One open file per canonical table in a folder; `rows` counts what was written."""

    def __init__(self, directory: Path, format: str) -> None:  # noqa: A002 - the word users know
        self.rows = dict.fromkeys(CATALOG, 0)
        self._format = format
        self._paths = {name: directory / f"{name}.{format}" for name in CATALOG}
        self._files: dict[str, Any] = {}

    def __enter__(self) -> TableFiles:
        for name, path in self._paths.items():
            self._files[name] = self._open(name, path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()
        if kind is not None:  # half a bank is none
            for path in self._paths.values():
                path.unlink(missing_ok=True)

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        """Append a part of each table."""
        import pyarrow.csv

        for name, table in tables.items():
            self.rows[name] += table.num_rows
            if self._format == "parquet":
                if table.num_rows:
                    self._files[name].write_table(table)
            else:
                options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
                # pyarrow 26 writes foreign bytes for a table with an empty chunk, so there is one chunk
                pyarrow.csv.write_csv(table.combine_chunks(), self._files[name], options)

    def _open(self, name: str, path: Path) -> Any:
        import pyarrow.parquet

        if self._format == "parquet":
            return pyarrow.parquet.ParquetWriter(path, CATALOG[name].schema)
        file = path.open("wb")
        file.write((",".join(CATALOG[name].names) + "\n").encode())
        return file
