"""A table of owners that reads as a sentence in a notebook."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from graphrisk.model.result import Result


class OwnersFrame(pd.DataFrame):
    """A DataFrame whose repr begins with the answer in sentences; `result` is where it comes from."""

    _metadata = ("result",)
    result: Result

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __repr__(self) -> str:
        return f"{said(self.result)}\n\n{super().__repr__()}" if len(self) else said(self.result)

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(self)._repr_html_() if len(self) else ""  # type: ignore[operator]
        return f"<p>{html.escape(said(self.result))}</p>{shown}"


def said(result: Result) -> str:
    """Return the answer in sentences."""
    return " ".join(result.certificate["headline"])


def owners_frame(result: Result) -> OwnersFrame:
    """Return the table that answers: whom a list reaches, who changes, or who owns."""
    name = "listed" if result.params.get("listed") else "changes" if result.params.get("other_regime") else "owners"
    frame = OwnersFrame(result.tables[f"owners_{name}"])
    object.__setattr__(frame, "result", result)
    return frame
