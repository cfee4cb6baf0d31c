"""What docs/cli.md and docs/tables.md are generated from: the commands and tables as they are declared."""

from __future__ import annotations

import inspect
from typing import Any, get_args, get_type_hints

from graphrisk.cli.app import PANELS
from graphrisk.cli.options import SHARED
from graphrisk.model.catalog import CATALOG
from graphrisk.model.table import Column, Table


def commands() -> str:
    """Return the command reference in Markdown."""
    import importlib

    out = []
    for panel, names in PANELS.items():
        out.append(f"## {panel}\n")
        for name in names:
            module = importlib.import_module(f"graphrisk.cli.{name}")
            text, _, examples = (module.__doc__ or "").strip().partition("Examples:")
            out.append(f"### graphrisk {name}\n\n{text.strip()}\n")
            rows = _options(getattr(module, name))
            if rows:
                out.append("| option | meaning | default |\n|---|---|---|\n" + "\n".join(rows) + "\n")
            shown = "\n".join(line.strip() for line in examples.splitlines() if line.strip())
            out.append(f"```\n{shown}\n```\n")
    return "\n".join(out)


def shared_options() -> str:
    """Return the options that every command takes."""
    rows = []
    for annotation, default in SHARED.values():
        option = get_args(annotation)[1]
        shown = "" if default in (None, False) else f"`{default}`"
        rows.append(f"| {_code(_names(option))} | {option.help} | {shown} |")
    return "| option | meaning | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _options(function: Any) -> list[str]:
    hints = get_type_hints(function, include_extras=True)
    rows = []
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        info = get_args(hints[parameter.name])[1]
        declared = _names(info) or (info.metavar or parameter.name.upper())
        empty = parameter.default in (inspect.Parameter.empty, None, False)
        shown = "" if empty else f"`{parameter.default}`"
        rows.append(f"| {_code(declared)} | {info.help} | {shown} |")
    return rows


def _names(info: Any) -> str:
    """Return how an option is written; Typer keeps the first name where a default would stand."""
    first = (info.default,) if isinstance(info.default, str) else ()
    names = ", ".join((*first, *(info.param_decls or ())))
    return f"{names} {info.metavar}" if names and info.metavar else names


def _code(text: str) -> str:
    return f"`{text}`"


def canonical_tables() -> str:
    """Return the data dictionary in Markdown."""
    return "\n".join(_table(table) for table in CATALOG.values())


def score_tables() -> str:
    """Return the score tables of every analyzer, and of `rate` and `validate`, in Markdown."""
    from graphrisk.analyze.base import analyzer_names, find_analyzer
    from graphrisk.ratings import declared_tables

    tables = [table for name in analyzer_names() for table in find_analyzer(name).TABLES]
    return "\n".join(_table(table) for table in (*tables, *declared_tables().values()))


def settings() -> str:
    """Return the parameters of every analyzer in Markdown."""
    import dataclasses

    from graphrisk.analyze.base import analyzer_names, find_analyzer

    out = []
    for name in analyzer_names():
        module: Any = find_analyzer(name)
        first = (module.__doc__ or "").split("\n")[0]
        out.append(f"### {name}\n\n{first}\n")
        fields = dataclasses.fields(module.Params)
        if fields:
            out.append("| parameter | meaning | default |\n|---|---|---|")
        for f in fields:
            meta = f.metadata
            choices = f" One of {', '.join(meta['choices'])}." if meta.get("choices") else ""
            out.append(f"| `{f.name}` | {meta.get('meaning', '')}{choices} | `{f.default}` |")
        out.append("")
    return "\n".join(out)


def _table(table: Table) -> str:
    key = ", ".join(table.key) or "none: repeated rows are separate facts"
    graph = (
        f" Relationship `{table.relation}`." if table.relation else f" Label `{table.label}`." if table.label else ""
    )
    rows = "\n".join(_column(column) for column in table.columns)
    head = f"### {table.name}\n\n{table.meaning[:1].upper()}{table.meaning[1:]}. Key: {key}.{graph}\n"
    return f"{head}\n| column | type | unit | meaning |\n|---|---|---|---|\n{rows}\n"


def _column(column: Column) -> str:
    star = " *" if column.required else ""
    choices = f" ({', '.join(column.choices)})" if column.choices else ""
    bounds = ""
    if column.kind == "fraction":
        bounds = ", in [0, 1]"
    elif column.low is not None:
        bounds = f", at least {column.low:g}"
    refers = f"; an id of `{column.references}`" if column.references else ""
    return f"| `{column.name}`{star} | {column.kind} | {column.unit}{bounds} | {column.meaning}{choices}{refers} |"
