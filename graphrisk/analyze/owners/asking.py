"""From what a person asks to parameters: a list of ids read from a file, a regime of the project's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from graphrisk.analyze.owners.sentence import OwnersFrame, owners_frame
from graphrisk.errors import UsageError
from graphrisk.model.result import Result

_ID_COLUMNS = ("party_id", "id", "listed_id")


def ask(analyze: Callable[..., Result], project: Path, regime: str, party: str | None, **asked: Any) -> OwnersFrame:
    """Return the answer to what was asked, as a table that reads; `analyze` runs an analyzer."""
    return owners_frame(analyze("owners", **owner_params(project, regime, party=party, **asked)))


def owner_params(
    project: Path,
    regime: str,
    *,
    party: str | None = None,
    against: str | None = None,
    listed: str | Path | Sequence[str] | None = None,
    on: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the parameters of analyzer `owners` for what was asked; UsageError where the list cannot be read.

    `listed` is a file (an id a line, or a CSV file with the columns party_id and, if any, requirement and strictness)
    or ids. Regimes of the project's own lie in its folder `regimes`.
    """
    own = project / "regimes"
    params: dict[str, Any] = {"regime": regime, "party": party, "other_regime": against, "on": on, **more}
    if own.is_dir():
        params["regimes_in"] = str(own)
    if listed is not None:
        rows = read_list(Path(listed)) if isinstance(listed, str | Path) else [(one, "", None) for one in listed]
        params["listed"] = tuple(row[0] for row in rows)
        if any(row[1] for row in rows):
            params["requirements"] = tuple(row[1] for row in rows)
        if any(row[2] is not None for row in rows):
            params["strictness"] = tuple(-1.0 if row[2] is None else row[2] for row in rows)
    return {key: value for key, value in params.items() if value is not None}


def read_list(path: Path) -> list[tuple[str, str, float | None]]:
    """Return (id, requirement, strictness) of each line of a list; UsageError where there is none or it is not text."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("is not UTF-8 text", where=str(path), hint="save the list as UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise UsageError("the list is empty", where=str(path), hint="one id a line")
    header = [name.strip().lower() for name in next(csv.reader([lines[0]]))]
    column = next((name for name in _ID_COLUMNS if name in header), None)
    if column is None and len(header) > 1:
        raise UsageError(
            f"has no column party_id; its first line is {lines[0]!r}", where=str(path),
            hint="one id a line, or a CSV file with the columns party_id, requirement, strictness",
        )  # fmt: skip
    if column is None:
        return [(line.strip().strip('"'), "", None) for line in lines]
    rows = []
    for number, row in enumerate(csv.DictReader(io.StringIO("\n".join(lines)), fieldnames=header), start=1):
        if number == 1:
            continue
        strict = (row.get("strictness") or "").strip()
        try:
            rows.append(
                (str(row[column]).strip(), (row.get("requirement") or "").strip(), float(strict) if strict else None)
            )
        except ValueError:
            raise UsageError(
                f"strictness is a number, not {strict!r}", where=f"{path}: line {number}", hint="larger is stricter"
            ) from None
    return rows
