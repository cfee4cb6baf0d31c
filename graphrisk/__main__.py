"""`python -m graphrisk` and the command `graphrisk`: the command line, quiet when it is stopped, also at the start."""

import gc
import os
import sys

from graphrisk import _quiet_start, _stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sys import UnraisableHookArgs

FEW_COLLECTIONS = 500_000
"""New objects between two searches for unreachable cycles: Python's 700 cost a tenth of a start, and find nothing."""


def _send_again(dropped: "UnraisableHookArgs") -> None:
    """Send a Ctrl-C once more that fell into a callback, where Python prints a traceback and goes on."""
    if dropped.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(dropped)
        return
    import signal
    import threading

    threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()  # once the callback is left


def main() -> None:
    """Run one command and leave with its exit code; Ctrl-C ends it without a traceback at any moment."""
    _quiet_start()  # what is read before it is what Python itself has read by now
    import signal

    try:
        gc.set_threshold(FEW_COLLECTIONS)
        os.environ.setdefault(
            "ARROW_DEFAULT_MEMORY_POOL", "system"
        )  # gives memory back; Arrow's own keeps a third more
        from graphrisk.cli.app import main as run

        sys.unraisablehook = _send_again
        if signal.getsignal(signal.SIGINT) is _stopped:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:  # before the command began, or for the second time
        print("interrupted: the store is as it was", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is left to do is Python's own clearing up


if __name__ == "__main__":
    main()
