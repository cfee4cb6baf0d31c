"""`python -m graphrisk` and the command `graphrisk`: the command line, quiet when it is stopped, also at the start."""

import gc
import os
import sys

FEW_COLLECTIONS = 500_000
"""New objects between two searches for unreachable cycles: Python's 700 cost a tenth of a start, and find nothing."""


def main() -> None:
    """Run one command and leave with its exit code; Ctrl-C ends it without a traceback at any moment."""
    try:  # what is read outside it is what Python itself has read by now
        gc.set_threshold(FEW_COLLECTIONS)
        os.environ.setdefault(
            "ARROW_DEFAULT_MEMORY_POOL", "system"
        )  # gives memory back; Arrow's own keeps a third more
        from graphrisk.cli.app import main as run

        run()
    except KeyboardInterrupt:  # before the command began, or for the second time
        print("interrupted: the store is as it was", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    finally:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is left to do is Python's own clearing up


if __name__ == "__main__":
    main()
