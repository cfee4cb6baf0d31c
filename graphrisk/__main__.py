"""`python -m graphrisk` and the command `graphrisk`: the command line, quiet when it is stopped, also at the start."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run one command and leave with its exit code; Ctrl-C ends it without a traceback at any moment."""
    try:
        from graphrisk.cli.app import main as run

        run()
    except KeyboardInterrupt:  # before the command began, or for the second time
        print("interrupted: the store is as it was", file=sys.stderr)  # noqa: T201
        sys.exit(130)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is left to do is Python's own clearing up


if __name__ == "__main__":
    main()
