"""Documentation in step with the program: every command, table, analyzer, setting, query and view is written up."""

from __future__ import annotations

import re
from pathlib import Path

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.cli.app import COMMANDS
from graphrisk.config import _DEFAULTS as SETTINGS
from graphrisk.export.base import export_names
from graphrisk.model.catalog import CATALOG
from graphrisk.shipped import shipped
from graphrisk.views.base import view_names

DOCS = Path(__file__).resolve().parents[1] / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def test_every_command_is_documented() -> None:
    text = _text("cli.md")
    assert [] == [name for name in sorted(COMMANDS) if f"### graphrisk {name}\n" not in text]


def test_every_table_is_documented() -> None:
    text = _text("tables.md")
    scores = [table.name for name in analyzer_names() for table in find_analyzer(name).TABLES]
    assert [] == [name for name in [*CATALOG, *scores] if f"### {name}\n" not in text]


def test_every_analyzer_has_its_methods_and_sources() -> None:
    assert [] == [name for name in analyzer_names() if not (DOCS / "methods" / f"{name}.md").is_file()]


def test_every_page_of_methods_is_listed() -> None:
    listed = re.findall(r"\]\(methods/(\w+)\.md\)", _text("methods.md"))
    assert sorted(path.stem for path in (DOCS / "methods").glob("*.md")) == sorted(listed)


def test_every_setting_is_documented() -> None:
    text = _text("settings.md")
    assert [] == [name for name in SETTINGS if f"`{name}`" not in text]


def test_every_query_loader_view_and_export_is_documented() -> None:
    queries = [path.stem for path in shipped("queries").glob("*.cypher")]
    loaders = [path.parent.name for path in shipped("loaders").glob("*/loader.toml")]
    assert [] == [name for name in queries if name not in _text("queries.md")]
    assert [] == [name for name in loaders if name not in _text("loaders.md")]
    assert [] == [name for name in view_names() if name not in _text("views.md")]
    assert [] == [name for name in export_names() if name not in _text("exports.md")]


def test_every_key_of_a_scenario_is_documented_and_its_examples_are_right() -> None:
    import re

    from graphrisk.scenario import _SHOCK, _TOP, MEASURES, parse_scenario

    text = _text("scenarios.md")
    examples = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    said = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", prose))))
    assert set() == {*_TOP, *_SHOCK, *MEASURES} - said
    read = [parse_scenario(example) for example in examples]
    for kind in ("party_shocks", "price_shocks", "pd_shocks", "factor_shocks", "limits", "portfolio", "params"):
        assert any(getattr(story, kind) for story in read), kind


def test_every_table_of_the_readme_leads_somewhere() -> None:
    readme = (DOCS.parent / "README.md").read_text("utf-8")
    assert [] == [link for link in re.findall(r"\]\((docs/[^)]+)\)", readme) if not (DOCS.parent / link).exists()]
