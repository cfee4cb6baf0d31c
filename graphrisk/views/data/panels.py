"""A table beside a picture: its columns in words, the rows that are shown, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def panel(
    key: str, columns: Sequence[tuple[str, str]], rows: list[Any], total: int, note: str = "", **more: Any
) -> dict[str, Any]:
    """Return the panel `key`: `columns` are (word, kind of value), `total` counts the rows beyond those shown too.

    `more`: `tab` it stands on, `twin` where it is a table below the picture too, `on_request` where it is asked for.
    """
    heads = [{"word": word, "kind": kind} for word, kind in columns]
    return {"key": key, "columns": heads, "rows": rows, "total": total, "note": note, **more}
