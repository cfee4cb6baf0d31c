"""graphrisk: see how a bank's clients hang together and how one default spreads.

import graphrisk as gr
ws = gr.open("DIR")
ws.analyze("chains").circles
"""

# No file is read here: a Ctrl-C of the first moment would fall into it and end in a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from graphrisk.workspace import Workspace

__version__ = "0.1.0"


def open(project: str = ".", *, store: str | None = None, as_of: str | None = None) -> "Workspace":  # noqa: A001
    """Return the workspace of a project folder; `store` and `as_of` as on the command line."""
    from graphrisk.workspace import Workspace

    return Workspace(project, store=store, as_of=as_of)


def _stopped(*_: object) -> None:
    """End the process as a Ctrl-C before any command does: at once, for nothing has begun."""
    import os

    os.write(2, b"interrupted: the store is as it was\n")
    os._exit(130)


def _quiet_start() -> None:
    """Have a Ctrl-C said in a line from here on, until the command line listens; where one is ignored it stays so."""
    try:
        import signal

        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _stopped)
    except KeyboardInterrupt:
        _stopped()


def _runs_as_a_program() -> bool:
    """Whether this is the start of `python -m graphrisk`: Python has yet to look for `__main__`, which takes time."""
    import sys

    waits = sys.argv[:1] == ["-m"]
    return waits and sys.orig_argv[-len(sys.argv)].removeprefix("-m") == "graphrisk"


if _runs_as_a_program():
    _quiet_start()
