"""The stories planted in the synthetic bank: small, apart from the rest, each with answers that a reader can check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One planted story: who is in it, what is told in plain words, and the known answers (`expected`, CNY).

    `shock` are the parties whose default shows it; `try_it` are commands to run in the project folder.
    """

    name: str
    title: str
    title_zh: str
    told: str
    parties: tuple[str, ...]
    expected: Mapping[str, Any]
    shock: tuple[str, ...] = ()
    try_it: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What `write_bank` made: the bank's size, the rows of each table, and the planted plots."""

    clients: int
    seed: int
    as_of: date
    format: str
    rows: Mapping[str, int]
    plots: tuple[Plot, ...] = field(default=())
    history: Mapping[str, Any] | None = None
    """Of a bank with a past: its months, and each default, own or passed on, by whom and through which contract."""

    def plot(self, name: str) -> Plot:
        """Return the plot called `name`; KeyError if there is none."""
        for plot in self.plots:
            if plot.name == name:
                return plot
        raise KeyError(name)

    @property
    def first_shock(self) -> str:
        """The party whose default brings the guarantee circle down: the first thing to try."""
        return self.plot("circle").shock[0]

    def to_json(self) -> str:
        """Return the story as JSON."""
        content: dict[str, Any] = {
            "clients": self.clients,
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "format": self.format,
            "rows": dict(self.rows),
            "plots": [
                {
                    "name": plot.name,
                    "title": plot.title,
                    "title_zh": plot.title_zh,
                    "told": plot.told,
                    "parties": list(plot.parties),
                    "shock": list(plot.shock),
                    "expected": dict(plot.expected),
                    "try_it": list(plot.try_it),
                }
                for plot in self.plots
            ],
        }
        if self.history is not None:
            content["history"] = dict(self.history)
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    def to_markdown(self) -> str:
        """Return the story in plain words."""
        lines = [
            "# What is planted in this bank",
            "",
            f"A synthetic bank with {self.clients:,} clients, seed {self.seed}, as of {self.as_of}.",
            "All of it is invented: names are composed of syllables, numbers are drawn. The same seed gives the same",
            "files.",
            "",
            "The stories below stand apart from the rest of the book: no other client lends to, owns, supplies or",
            "guarantees their parties, so their answers can be worked out by hand. Their accounts name sales only",
            "where a story is about deliveries: elsewhere no lost production adds to what is told. Amounts are in CNY.",
        ]
        if self.history is not None:
            lines += ["", "## Its past", "", _past(self.history)]
        for plot in self.plots:
            lines += ["", f"## {plot.title} ({plot.title_zh})", "", plot.told, ""]
            lines += [f"- `{key}`: {_said(value)}" for key, value in plot.expected.items()]
            if plot.try_it:
                lines += ["", "Try:", "", *(f"    {command}" for command in plot.try_it)]
        return "\n".join(lines) + "\n"


def _past(history: Mapping[str, Any]) -> str:
    told = (
        "none was passed on: contagion is switched off"
        if not history["contagion"]
        else (f"{history['passed_on']:,} were passed on by a contract with somebody who failed")
    )
    return (
        f"{history['months']} month-ends from {history['first']} on. {history['own']:,} clients defaulted by their "
        f"own; {told}. story.json names each, history/true_pds.csv the true PD of every client by its own. The "
        "stories below stand in the last month alone."
    )


def write_story(story: Story, directory: Path) -> None:
    """Write story.json and STORY.md into a folder."""
    (directory / "story.json").write_text(story.to_json(), encoding="utf-8", newline="\n")
    (directory / "STORY.md").write_text(story.to_markdown(), encoding="utf-8", newline="\n")


def _said(value: Any) -> str:
    if isinstance(value, float) and value == int(value) and abs(value) >= 1000:
        return f"{int(value):,}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(item) for item in value)
    return str(value)
