"""The command line: which commands there are, and how an error reaches the person."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection
from typing import Annotated, Any

import typer

from graphrisk.cli.options import Interrupted, shared, shared_last
from graphrisk.cli.output import speak_plainly
from graphrisk.errors import GraphRiskError

PANELS: dict[str, tuple[str, ...]] = {
    "Start": ("new", "demo", "doctor"),
    "Data": ("load", "check", "snapshots", "query", "export", "push", "pull"),
    "Analysis": (
        "analyze",
        "chains",
        "diff",
        "explain",
        "groups",
        "intervene",
        "limits",
        "owners",
        "portfolio",
        "profile",
        "precheck",
        "rate",
        "stress",
        "validate",
    ),
    "Look": ("view", "report"),
}
"""Panel of the help -> commands; each is the function of the same name in the file of the same name beside this one."""

COMMANDS = frozenset(name for names in PANELS.values() for name in names)


def _version(wanted: bool) -> None:
    if wanted:
        from graphrisk import __version__

        typer.echo(f"graphrisk {__version__}")
        raise typer.Exit


def build_app(only: Collection[str] = COMMANDS, *, listed: bool = False) -> Any:
    """Return the Typer application with the commands `only`; `listed`: to name them, without their options."""
    app = typer.Typer(
        name="graphrisk",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback(help="See how a bank's clients hang together and how one default spreads.")
    def root(
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
        ] = False,
    ) -> None:
        pass

    for panel, names in PANELS.items():
        for name in names:
            if name not in only:
                continue
            module = importlib.import_module(f"graphrisk.cli.{name}")
            function = _nothing if listed else shared(getattr(module, name))
            app.command(name=name, help=module.__doc__, rich_help_panel=panel)(function)
    return app


def _nothing() -> None:
    """What a command that is only named does."""


def _app_for(arguments: list[str]) -> Any:
    """Return the application as far as these arguments need it: reading the options of all commands takes a while."""
    if not arguments or arguments in ([one] for one in ("-h", "--help", "--version")):
        return build_app(listed=True)
    return build_app({arguments[0]}) if arguments[0] in COMMANDS else build_app()


INTERRUPTED = "interrupted: the store is as it was; in Neo4j a load that had begun is completed by the next one"


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code.

    0 fine, 1 our bug, 2 usage, 3 data, 4 store, 5 no convergence, 10 alerts found.
    """
    given = shared_last(list(sys.argv[1:] if arguments is None else arguments), COMMANDS)
    sys.stdout, sys.stderr = speak_plainly(sys.stdout), speak_plainly(sys.stderr)
    debug = "--debug" in given
    try:
        _app_for(given)(args=given, prog_name="graphrisk")
    except GraphRiskError as error:
        if debug:
            raise
        where = f"{error.where}: " if error.where else ""
        print(f"error: {where}{error.message}", file=sys.stderr)  # noqa: T201
        if error.hint:
            print(f"  what to do: {error.hint}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except SystemExit as left:
        if left.code == 130:  # Typer's own, for a Ctrl-C before the command begins
            print(INTERRUPTED, file=sys.stderr)  # noqa: T201
        raise
    except (KeyboardInterrupt, Interrupted):
        print(INTERRUPTED, file=sys.stderr)  # noqa: T201
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(130)
    except OSError as error:  # a path that was given, or the disk: not a defect, and not the data
        if debug:
            raise
        where = f"{error.filename}: " if error.filename else ""
        print(  # noqa: T201
            f"error: {where}cannot be read or written: {error.strerror or error}\n"
            "  what to do: check the path, its permissions, the free space, and whether another program has it open",
            file=sys.stderr,
        )
        sys.exit(2)
    except MemoryError:
        if debug:
            raise
        print(  # noqa: T201
            "error: there is not enough memory\n  what to do: close other programs, or load and analyze a smaller part",
            file=sys.stderr,
        )
        sys.exit(4)
    except Exception as error:
        if "embedded null" in str(error):  # a path with a NUL in it, from a settings file
            print("error: a path or text holds a NUL character\n  what to do: remove it", file=sys.stderr)  # noqa: T201
            sys.exit(2)
        if debug:
            raise
        print(  # noqa: T201
            f"error: a defect in graphrisk, not in your data: {type(error).__name__}: {error}\n"
            "  what to do: run again with --debug and send us what it prints",
            file=sys.stderr,
        )
        sys.exit(1)
