"""Settings: files and options with random mistakes are refused in one sentence, or taken; never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.config import read_config
from graphrisk.errors import GraphRiskError
from graphrisk.loading.spec import read_loader
from graphrisk.model.params import parse_params
from graphrisk.scenario import parse_scenario
from graphrisk.shipped import shipped
from graphrisk.statement import check_portable, check_statement, parse_query
from graphrisk.stores.open import open_store
from graphrisk.workspace import date_of
from tests.trials.outcome import Outcome

CONFIG = 'store = "kept"\nbase_currency = "CNY"\nlanguage = "zh"\ntimeout = 30\n'
SCENARIO = (
    'name = "x"\n[contagion]\nrule = "threshold"\nrecovery = 0.4\n[[shock]]\nparties = ["A", "B"]\nloss = 0.5\n'
    '[[shock]]\nwhere = {industry = "K70", region = ["浙江"]}\nloss_amount = 10\n[limits]\nbank_loss = 5.0\n'
)
ODD = (
    *("", " ", "0", "-1", "1e999", "-inf", "nan", "9" * 5000, "0x10", "1_0", "1.", ".5", "true", "null", "none"),
    *(
        "[]",
        "{}",
        "[[",
        "]]",
        "[" * 3000,
        "'",
        '"',
        '"""',
        "\\",
        "\\u0000",
        "\\ud800",
        "\n",
        "\r",
        "\t",
        "\x00",
        "\x7f",
    ),
    *("\ufeff", "\u200b", "\u2028", "企业", "𠮷", "é", "%s", "{0}", "..", "/", "C:\\", "a" * 70_000, "2026-02-30"),
    *("=", ",", ";", "#", "--", "//", "/*", "`", "$x", "MATCH", "CALL", "1979-05-27T07:32:00Z", "07:32:00", "1e-999"),
)
URLS = ("neo4j://h:7687", "bolt+s://h", "files:kept", "files:", "x:y", "neo4j://[::1]:7687")


def _mutated(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        at, until = sorted((chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)))
        until = min(until, at + chance.choice((0, 1, 3, 12)))
        kind = chance.random()
        if kind < 0.6:
            text = text[:at] + chance.choice(ODD) + text[until:]
        elif kind < 0.8:
            text = text[:at] + text[until:]
        else:
            text = text[:until] + text[at:]
    return text


def _readers(folder: Path) -> list[tuple[str, str, Callable[[str], Any]]]:
    """Return what is read: name, a right text, and the reading of a text."""
    (folder / "loaders" / "mine").mkdir(parents=True)

    def config(text: str) -> Any:
        (folder / "graphrisk.toml").write_text(text, "utf-8", "surrogatepass")
        read = read_config(folder)
        return read.store, read.timeout, read.of_results

    def loader(text: str) -> Any:
        (folder / "loaders" / "mine" / "loader.toml").write_text(text, "utf-8", "surrogatepass")
        return read_loader(folder / "loaders" / "mine")

    def query(text: str) -> Any:
        (folder / "q.cypher").write_text(text, "utf-8", "surrogatepass")
        return parse_query(folder / "q.cypher")

    def statement(text: str) -> None:
        check_portable(check_statement(text))

    readers: list[tuple[str, str, Callable[[str], Any]]] = [
        ("graphrisk.toml", CONFIG, config),
        ("scenario", SCENARIO, parse_scenario),
        ("day", "2026-09-30", date_of),
    ]
    tomls = sorted(shipped("loaders").glob("*/loader.toml"))
    readers += [("loader.toml", p.read_text("utf-8").replace(f'name = "{p.parent.name}"', ""), loader) for p in tomls]
    for path in sorted(shipped("queries").glob("*.cypher")):
        readers += [("query", path.read_text("utf-8"), query), ("statement", path.read_text("utf-8"), statement)]
    readers += [("store", url, open_store) for url in URLS if not url.startswith(("neo4j", "bolt"))]
    for name in analyzer_names():
        params = find_analyzer(name).Params
        for field in params.__dataclass_fields__:

            def one(text: str, params: type = params, field: str = field) -> Any:
                return parse_params(params, {field: text}, where="trial")

            readers.append(("parameter", "0.5", one))
    return readers


def settings(folder: Path, times: int, seed: int = 1) -> list[Outcome]:
    """Read mutated settings of all kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    outcome = Outcome(what="mutated settings", expected="0 tracebacks")
    chance = random.Random(seed)
    kinds: dict[str, list[tuple[str, Callable[[str], Any]]]] = {}
    for name, text, read in _readers(folder):
        kinds.setdefault(name, []).append((text, read))
    names, refused = sorted(kinds), 0
    for _ in range(times):
        name = chance.choice(names)
        text, read = chance.choice(kinds[name])
        changed = _mutated(text, chance)
        outcome.tried += 1
        try:
            read(changed)
        except (GraphRiskError, UnicodeEncodeError):
            refused += 1
        except Exception as error:
            outcome.wrong.append(f"{name}: {type(error).__name__}: {str(error)[:200]} <- {changed[:300]!r}")
    outcome.counts["refused"] = refused
    return [outcome]
