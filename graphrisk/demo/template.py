"""What is written beside data: a project to start from, and the stress scenarios of the synthetic bank."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from graphrisk.errors import UsageError
from graphrisk.model.catalog import CATALOG

_BOM = b"\xef\xbb\xbf"
"""So that Excel and the Windows editor read Chinese as UTF-8."""

_WITH_BOM = (".csv", ".txt")


def write_project(directory: Path) -> list[Path]:
    """Write a project into `directory` and return its files.

    Overwrites nothing: raises UsageError, and writes no file, where one of them exists already or the folder cannot be
    made.
    """
    contents = project_files()
    standing = [name for name in contents if (directory / name).exists()]
    if standing:
        shown = ", ".join(standing[:5]) + (", ..." if len(standing) > 5 else "")
        raise UsageError(f"{directory} holds {shown} already", hint="name a new folder: graphrisk new DIR")
    for name, content in contents.items():
        try:
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            with (directory / name).open("xb") as file:
                file.write(content)
        except OSError as error:
            raise UsageError(
                f"cannot write {directory / name}: {error.strerror}", hint="name a folder of your own"
            ) from error
    return [directory / name for name in contents]


def project_files() -> dict[str, bytes]:
    """Return the files of a project by their path in it."""
    contents = _files_below(files("graphrisk.demo").joinpath("starter"), "")
    for name, table in CATALOG.items():
        contents[f"data/{name}.csv"] = (",".join(table.names) + "\n").encode()
    return {name: _BOM + content if name.endswith(_WITH_BOM) else content for name, content in sorted(contents.items())}


def write_scenarios(folder: Path) -> list[Path]:
    """Write stress scenarios for the synthetic bank into `folder`; one that is there already is left as it is."""
    return _write_of("scenarios", folder)


def write_proposals(folder: Path) -> list[Path]:
    """Write contracts to be checked before signing, with a policy; a file that is there already is left as it is."""
    return _write_of("proposals", folder)


def _write_of(kind: str, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in sorted(_files_below(files("graphrisk.demo").joinpath(kind), "").items()):
        if not (folder / name).exists():
            (folder / name).write_bytes(content)
            written.append(folder / name)
    return written


def _files_below(folder: Traversable, prefix: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for item in folder.iterdir():
        if item.is_dir():
            found.update(_files_below(item, f"{prefix}{item.name}/"))
        else:
            found[f"{prefix}{item.name}"] = item.read_bytes()
    return found
