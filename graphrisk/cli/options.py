"""Options that every command shares, taken before and after the command; the later one wins."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

if TYPE_CHECKING:
    from graphrisk.workspace import Workspace

Format = Literal["table", "json", "csv"]

SHARED: dict[str, tuple[Any, Any]] = {
    "project": (Annotated[Path, typer.Option("--project", help="Project folder.", rich_help_panel="Shared")], Path()),
    "store": (
        Annotated[
            str | None,
            typer.Option("--store", help="files:DIR, neo4j://host:port or bolt://host:port.", rich_help_panel="Shared"),
        ],
        None,
    ),
    "as_of": (
        Annotated[
            str | None,
            typer.Option(
                "--as-of",
                metavar="YYYY-MM-DD",
                help="The latest snapshot on or before this day.",
                rich_help_panel="Shared",
            ),
        ],
        None,
    ),
    "format": (
        Annotated[Format | None, typer.Option("--format", help="How results are printed.", rich_help_panel="Shared")],
        None,
    ),
    "output": (
        Annotated[
            Path | None,
            typer.Option("-o", "--output", help="Write to this file or folder instead.", rich_help_panel="Shared"),
        ],
        None,
    ),
    "names": (
        Annotated[
            bool, typer.Option("--names", help="Names beside party ids, in JSON and CSV too.", rich_help_panel="Shared")
        ],
        False,
    ),
    "quiet": (Annotated[bool, typer.Option("-q", "--quiet", help="No progress.", rich_help_panel="Shared")], False),
    "verbose": (
        Annotated[bool, typer.Option("-v", "--verbose", help="Name each step.", rich_help_panel="Shared")],
        False,
    ),
    "debug": (
        Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel="Shared")],
        False,
    ),
}
FLAGS = frozenset({"-q", "--quiet", "-v", "--verbose", "--debug", "--names"})
VALUED = frozenset({"--project", "--store", "--as-of", "--format", "-o", "--output"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What the shared options of one call say."""

    project: Path
    store: str | None
    as_of: str | None
    format: Format | None
    output: Path | None
    names: bool
    quiet: bool
    verbose: bool
    debug: bool

    @property
    def shape(self) -> Format:
        """The format asked for; where none is, what the name of the output file says, else a table for people."""
        if self.format is not None:
            return self.format
        if self.output is None:
            return "table"
        return "json" if self.output.suffix.lower() == ".json" else "csv"

    @property
    def lang(self) -> str:
        """The language in which people are answered, as the project or the environment sets it."""
        from graphrisk.config import read_config

        return read_config(self.project).get("language")

    @property
    def chinese(self) -> bool:
        """Whether a person reads the answer, in Chinese: what programs read is the same in any language."""
        return self.shape == "table" and self.lang == "zh"

    def pick(self, english: str, chinese: str) -> str:
        """Return the text in the language of the person."""
        return chinese if self.chinese else english

    def workspace(self) -> Workspace:
        """Open the project."""
        from graphrisk.cli.bars import progress_bar
        from graphrisk.workspace import Workspace

        return Workspace(
            self.project,
            store=self.store,
            as_of=self.as_of,
            progress=progress_bar(quiet=self.quiet, verbose=self.verbose),
        )


class Interrupted(Exception):  # noqa: N818 - it is no error
    """A person pressed Ctrl-C."""


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the shared options: it gets them as its first argument, a Session."""
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]

    @functools.wraps(function)
    def call(**values: Any) -> None:
        session = Session(**{name: values.pop(name) for name in SHARED})
        try:
            function(session, **values)
        except KeyboardInterrupt as error:  # Typer would say "Aborted." and no more
            raise Interrupted from error

    parameters = [p.replace(annotation=hints[p.name], kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
    for name, (annotation, default) in SHARED.items():
        parameters.append(
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        )
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {p.name: p.annotation for p in parameters}
    del call.__wrapped__  # Typer would look through it at the original signature
    return call


def shared_last(arguments: list[str], commands: frozenset[str]) -> list[str]:
    """Return `arguments` with the shared options that stand before the command moved behind it.

    A later option wins in Click, so what is said after the command stays stronger than what is said before.
    """
    moved: list[str] = []
    rest = list(arguments)
    while rest:
        head = rest[0]
        name = head.partition("=")[0]
        if head in FLAGS or (name in VALUED and "=" in head) or (head.startswith("-o") and head not in VALUED):
            moved.append(rest.pop(0))
        elif head in VALUED and len(rest) > 1:
            moved += [rest.pop(0), rest.pop(0)]
        else:
            break
    if rest and rest[0] in commands:
        return [rest[0], *moved, *rest[1:]]
    return [*moved, *rest]
