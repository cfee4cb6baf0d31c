"""CSV for Excel and other tools: a folder with one UTF-8 file a table, with a byte-order mark.

A text that a spreadsheet would run as a formula (`model.formulas`) gets an apostrophe before it, and a control
character (`model.controls`) is written as its number; numbers stay numbers. Dates are ISO, yes/no is true/false,
missing is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.export.cells import files_for, plain_table
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.controls import CONTROLS, without_controls
from graphrisk.model.formulas import PARTS, RUNS

OF_TABLES = True
"""Its tables may be cut to a slice of the parties."""


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:  # noqa: ARG001 - the contract
    """Write one CSV file a table; return the files."""
    import pyarrow.csv

    files = files_for(tables, path, "csv")
    for name, file in files.items():
        # pyarrow 26 writes foreign bytes for a table with an empty chunk, so there is one chunk
        table = _defused(plain_table(tables[name])).combine_chunks()
        with file.open("wb") as out:
            out.write(b"\xef\xbb\xbf")
            pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(quoting_style="needed", batch_size=65_536))
    return list(files.values())


_CONTROLS = CONTROLS.replace(r"(?!\n)", "")
"""For Arrow, which cannot look ahead: a line end of Windows is looked at too, and stays."""


def _defused(table: pa.Table) -> pa.Table:
    for at, column in enumerate(table.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            values = table[column.name]
            if pc.any(pc.match_substring_regex(values, _CONTROLS)).as_py():
                shown = [None if one is None else without_controls(one) for one in values.to_pylist()]
                values = pa.chunked_array([pa.array(shown, column.type)])
            harmful = pc.match_substring_regex(values, RUNS)
            values = pc.replace_substring_regex(values, PARTS, r"\1'\2")
            quoted = pc.binary_join_element_wise(pa.scalar("'", column.type), values, pa.scalar("", column.type))
            table = table.set_column(at, column.name, pc.if_else(harmful, quoted, values))
    return table
