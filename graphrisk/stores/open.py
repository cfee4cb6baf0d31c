"""From a store's url to the store."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from graphrisk.errors import UsageError, nearest, without_password
from graphrisk.stores.base import Store

NEO4J_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")


def open_store(url: str) -> Store:
    """Return the store at `url`: files:DIR, neo4j://host:port or bolt://host:port (also +s and +ssc).

    Neo4j's credentials come from NEO4J_USERNAME (default neo4j), NEO4J_PASSWORD and NEO4J_DATABASE. A kind of store of
    another package comes by an entry point `graphrisk.stores` named after its scheme. Raises UsageError for an unknown
    scheme, StoreError where the store cannot be reached.
    """
    scheme, colon, rest = url.partition(":")
    if colon and scheme == "files":
        from graphrisk.stores.files.store import FilesStore

        if not rest:
            raise UsageError("the store's folder is missing", hint="write files:DIR", where=url)
        return FilesStore(Path(rest))
    if scheme in NEO4J_SCHEMES and rest.startswith("//"):
        from graphrisk.stores.neo4j.store import Neo4jStore

        return Neo4jStore.connect(url)
    others = {point.name: point for point in entry_points(group="graphrisk.stores")}
    if colon and scheme in others:
        return cast(Store, others[scheme].load()(url))
    raise UsageError(
        f"no store is called {without_password(url)!r}",
        hint=f"write files:DIR, neo4j://host:port or bolt://host:port ({nearest(scheme, ['files', *NEO4J_SCHEMES])})",
    )
