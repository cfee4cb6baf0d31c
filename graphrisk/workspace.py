"""The one facade of command line, notebooks and server."""

from __future__ import annotations


class Workspace:
    """A project folder: its store, its data, its results."""

    def __init__(self, project: str, *, store: str | None = None, as_of: str | None = None) -> None:
        self.project = project
