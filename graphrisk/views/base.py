"""What a view is: a module of this folder with a `TITLE`, found by its file name, that makes one picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, cast

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.members import find_member, member_names
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from graphrisk.views.wording.masking import SHORTEST

if TYPE_CHECKING:
    from graphrisk.views.picture import Picture

_ROOM = ("graphrisk.views", "TITLE", "graphrisk.views")
"""Where views lie, what marks one, and the entry points by which other packages add theirs."""
LANGUAGES = ("en", "zh")
MASK_LEVELS = ("ids", "amounts")
"""What a mask hides: names and ids; or also exact amounts, regions and products (`views.wording.coarse`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a page is made: `lang` "zh" or "en" (numbers and words), `mask` replaces names and ids by pseudonyms.

    `compress` packs the data of the page, `depth` is how many steps from a party are drawn. `shocks` ("PARTY" or
    "PARTY=FRACTION"), `scenario` (a file) and `settings` are the run that a view such as cascade shows; a second run is
    drawn beside it where `compare` holds the settings in which it differs, or `compare_shocks` and `compare_scenario`
    what hits it instead. Raises UsageError on an unknown language, a mask that is too short or a depth outside 1..6.
    """

    lang: Literal["en", "zh"] = "en"
    mask: str | None = None
    mask_level: str = "ids"
    compress: bool = False
    depth: int = 2
    shocks: tuple[str, ...] | Mapping[str, float] = ()
    scenario: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    compare: Mapping[str, str] = field(default_factory=dict)
    compare_shocks: tuple[str, ...] | Mapping[str, float] = ()
    compare_scenario: str | None = None

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise UsageError(f"no page can be written in {self.lang!r}", hint=nearest(self.lang, LANGUAGES))
        if self.mask is not None and len(self.mask) < SHORTEST:
            raise UsageError(
                f"the key of a mask has {len(self.mask)} characters and needs {SHORTEST}",
                hint="a sentence that only you know; --mask - takes it from GRAPHRISK_MASK_KEY, or asks for it",
            )
        if self.mask_level not in MASK_LEVELS:
            raise UsageError(f"no mask level is called {self.mask_level!r}", hint=nearest(self.mask_level, MASK_LEVELS))
        if self.mask_level != "ids" and self.mask is None:
            raise UsageError("a mask level needs a mask", hint="--mask - --mask-level amounts")
        for name in ("shocks", "compare_shocks"):
            given = getattr(self, name)
            texts = [f"{party}={part}" for party, part in given.items()] if isinstance(given, Mapping) else given
            object.__setattr__(self, name, tuple(texts))
        if not 1 <= self.depth <= 6:
            raise UsageError(f"depth is 1 to 6 steps, not {self.depth}")

    @property
    def compares(self) -> bool:
        """True where a second run is asked for."""
        return bool(self.compare or self.compare_shocks or self.compare_scenario)


class View(Protocol):
    """A module: docstring, `TITLE`, `ARG` ("none", "optional", "required": a party id; of stress a scenario file),
    `NEEDS` (analyzer names), `ARG_IS = "party"` where an unknown id is to be refused before anything is computed.

    `picture` returns the data of a page, which `views.render` draws; `results` holds a Result of each analyzer in
    NEEDS, run with defaults. A view that shows a run of its own has a function `asks(graph, results, arg, options) ->
    Sequence[Ask]`: whoever calls `picture` makes these runs first and adds them to `results` (see `asked`). One that
    can show a second run beside the first has `COMPARES = True`.
    """

    TITLE: str
    ARG: Literal["none", "optional", "required"]
    NEEDS: tuple[str, ...]

    def picture(
        self, graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options
    ) -> Picture: ...


def asked(
    view: View, graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options
) -> Sequence[Ask]:
    """Return the runs that `view` asks for, given the results it needs; none for most views.

    Raises UsageError where `options` describe a run and the view shows none.
    """
    asks = getattr(view, "asks", None)
    if asks is None and (options.shocks or options.scenario or options.settings or options.compares):
        raise UsageError(
            "this view shows no run: it takes no shock, scenario, setting or comparison", hint="cascade and stress do"
        )
    if options.compares and not getattr(view, "COMPARES", False):
        raise UsageError("this view shows one run: it takes no comparison", hint="cascade and stress do")
    return () if asks is None else cast(Sequence[Ask], asks(graph, results, arg, options))


def check_arg(name: str, view: View, arg: str | None, graph: Callable[[], RiskGraph]) -> None:
    """Raise UsageError where an argument is missing, is one too many, or names no party of a view with `ARG_IS`."""
    if view.ARG == "required" and not arg:
        raise UsageError(f"view {name} needs the id of a party", hint=f"graphrisk view {name} PARTY -o {name}.html")
    if view.ARG == "none" and arg:
        raise UsageError(f"view {name} takes no argument", hint=f"graphrisk view {name} -o {name}.html")
    if arg and getattr(view, "ARG_IS", "") == "party":
        graph().position(arg)


def view_names() -> list[str]:
    """Return the names of all views, shipped and from entry points `graphrisk.views`, without importing them."""
    return member_names(*_ROOM)


def find_view(name: str) -> View:
    """Return the view called `name`; UsageError naming the nearest if there is none."""
    return cast(View, find_member("view", name, *_ROOM))
