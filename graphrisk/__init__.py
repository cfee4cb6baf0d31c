"""graphrisk: see how a bank's clients hang together and how one default spreads.

import graphrisk as gr
ws = gr.open("DIR")
ws.analyze("chains").circles
"""

# Nothing is imported here: a Ctrl-C of the first moment would fall into it and end in a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from graphrisk.workspace import Workspace

__version__ = "0.1.0"


def open(project: str = ".", *, store: str | None = None, as_of: str | None = None) -> "Workspace":  # noqa: A001
    """Return the workspace of a project folder; `store` and `as_of` as on the command line."""
    from graphrisk.workspace import Workspace

    return Workspace(project, store=store, as_of=as_of)
