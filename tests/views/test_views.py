"""What holds for every view, shipped or added by another package."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.needs import computed, run_with_needs
from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import read_scenario
from graphrisk.views.base import Options, View, asked, find_view, view_names
from graphrisk.views.picture import Picture
from graphrisk.views.render import render
from graphrisk.workspace import Workspace
from tests.views.worlds import HOSTILE
from tests.worlds.build import AS_OF, graph_of, parties, ring, tables_of


def results_of(graph: RiskGraph, needs: tuple[str, ...]) -> dict[str, Result]:
    """Run the analyzers that a view needs, with defaults; each once for the same data."""
    answer = computed(graph)
    for name in needs:
        if (graph.fingerprint, name) not in _RESULTS:
            _RESULTS[graph.fingerprint, name] = answer(Ask(key=name, analyzer=name))
    return {name: _RESULTS[graph.fingerprint, name] for name in needs}


_RESULTS: dict[tuple[str, str], Result] = {}
OF_NO_PARTY = frozenset({"calibration", "migration"})
"""Views that draw no party."""


def page_of(name: str, graph: RiskGraph, options: Options | None = None, arg: str | None = None) -> str:
    """Return the page with the results it needs and the runs it asks for, as the workspace makes it."""
    chosen = options or Options()
    return render(picture_of(name, graph, chosen, arg), compress=chosen.compress).html


def picture_of(name: str, graph: RiskGraph, options: Options | None = None, arg: str | None = None) -> Picture:
    """Return the picture with the results it needs and the runs it asks for."""
    view, chosen = find_view(name), options or Options()
    if view.ARG == "required" and arg is None:
        arg = str(graph.party_ids[0]) if graph.size else "P1"
    results = results_of(graph, view.NEEDS)
    for ask in asked(view, graph, results, arg, chosen):
        analyzer = find_analyzer(ask.analyzer)
        shocks = {text.rpartition("=")[0]: float(text.rpartition("=")[2]) for text in ask.shocks}
        story, rival = (None if path is None else read_scenario(Path(path)) for path in (ask.scenario, ask.against))
        settings = parse_params(analyzer.Params, {**(story.params if story else {}), **ask.params}, where="test")
        inputs = Inputs(shocks=shocks, scenario=story, against=rival)
        results[ask.key] = run_with_needs(
            ask.analyzer, graph, settings, inputs=inputs, progress=silent, answer=computed(graph)
        )
    return view.picture(graph, results, arg, chosen)


def data_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found.group(1))
    return data


@pytest.fixture(params=view_names())
def view(request: pytest.FixtureRequest) -> View:
    return find_view(request.param)


@pytest.fixture(params=view_names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_view_says_what_it_is(view: View) -> None:
    assert view.TITLE
    assert view.ARG in ("none", "optional", "required")
    assert all(find_analyzer(needed) for needed in view.NEEDS)


def test_a_picture_is_plain_data_and_all_that_the_page_holds(name: str, bank: RiskGraph) -> None:
    data = picture_of(name, bank).data()
    assert data == json.loads(json.dumps(data, allow_nan=False))
    assert data == data_of(page_of(name, bank))
    assert name == data["view"]


def test_the_page_is_the_same_bytes_again_and_in_any_row_order(name: str) -> None:
    world = ring(5)
    tables = tables_of(**world)
    turned = {key: table.take(pa.array(range(table.num_rows - 1, -1, -1))) for key, table in tables.items()}
    one, other = build_graph(tables, as_of=AS_OF), build_graph(turned, as_of=AS_OF)
    assert page_of(name, one) == page_of(name, one)
    assert page_of(name, one) == page_of(name, other)


def test_the_graph_is_left_as_it_was(name: str, bank: RiskGraph) -> None:
    before = {key: table.to_pylist() for key, table in bank.tables.items()}
    page_of(name, bank)
    assert before == {key: table.to_pylist() for key, table in bank.tables.items()}


def test_an_empty_graph_gives_a_page_or_a_clear_refusal(name: str) -> None:
    graph = graph_of()
    view = find_view(name)
    if view.ARG == "required":
        with pytest.raises(UsageError, match="no party has the id"):
            page_of(name, graph, arg="P1")
    else:
        assert data_of(page_of(name, graph))["empty"]


def test_one_party_alone_is_a_page(name: str) -> None:
    assert "<!doctype html>" in page_of(name, graph_of(parties=parties("A")))


def test_the_policy_names_the_hash_of_every_script_and_style_and_nothing_else(name: str, bank: RiskGraph) -> None:
    html = page_of(name, bank)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    stated = set(re.findall(r"sha256-[A-Za-z0-9+/=]+", policy.group(1).replace("&#43;", "+")))
    inline = [body for kind, body in re.findall(r"<script( type=[^>]*)?>(.*?)</script>", html, re.DOTALL) if not kind]
    inline += re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    found = {"sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in inline}
    assert stated == found
    assert "unsafe" not in policy.group(1)
    assert "default-src &#39;none&#39;" in policy.group(1) or "default-src 'none'" in policy.group(1)


def test_nothing_in_the_page_points_to_the_network(name: str, hostile: RiskGraph) -> None:
    html = page_of(name, hostile)
    markup = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    assert re.findall(r"""\b(?:src|href|action|srcset)\s*=(?!["']#)""", markup) == []
    assert "url(" not in (re.search(r"<style>(.*?)</style>", html, re.DOTALL) or [""])[0]


def test_hostile_text_stays_text(name: str, hostile: RiskGraph) -> None:
    html = page_of(name, hostile)
    head = html[: html.index('id="data"')]
    data = html[html.index('id="data"') : html.index("</script>", html.index('id="data"'))]
    assert not any(text in head for text in HOSTILE[:3])
    assert not re.search("[<>\u2028\u2029]", data[data.index(">") + 1 :])
    assert name in OF_NO_PARTY or set(HOSTILE[:2]) <= set(data_of(html)["nodes"]["label"])


def test_a_mask_leaves_no_name_and_no_id(name: str) -> None:
    world = ring(4)
    names = [f"秘密企业{k}号" for k in range(4)]
    for row, secret in zip(world["parties"], names, strict=True):
        row.update(name=secret, national_id=f"9133-{secret}", lei="LEI" + secret, source=f"{secret}.csv")
    graph = graph_of(**world)
    html = page_of(name, graph, Options(mask="key-secret"))
    secrets = [*names, *(f'"P{k}"' for k in range(4)), *(f'"F{k}"' for k in range(4)), *(f'"G{k}"' for k in range(4))]
    assert [secret for secret in secrets if secret in html] == []
    assert html == page_of(name, graph, Options(mask="key-secret"))
    other = data_of(page_of(name, graph, Options(mask="other-secret")))["nodes"]["id"]
    assert name in OF_NO_PARTY or data_of(html)["nodes"]["id"] != other


def test_every_word_is_in_the_chosen_language(name: str, bank: RiskGraph) -> None:
    chinese = page_of(name, bank, Options(lang="zh"))
    assert '<html lang="zh-CN">' in chinese
    assert data_of(chinese)["words"]["tab.about"] == "来源"
    assert '<html lang="en">' in page_of(name, bank)


def test_notes_are_in_the_language_of_the_page() -> None:
    world = ring(4)
    world["supplies"] = [{"supplier_id": "P1", "buyer_id": "P0", "amount": 1.0, "to_on": date(2020, 1, 1)}]
    for lang, said in (("en", "supplies: 1 of 1 rows left out"), ("zh", "供销表：1 行中有 1 行未计入")):
        notes = data_of(page_of("overview", graph_of(**world), Options(lang=lang, mask="key-secret")))["about"]["notes"]
        assert [said] == [note[: len(said)] for note in notes]


def test_a_packed_page_holds_the_same_data(name: str, bank: RiskGraph) -> None:
    import zlib

    plain, packed = page_of(name, bank), page_of(name, bank, Options(compress=True))
    block = re.search(r'<script type="text/plain" id="data">(.*?)</script>', packed, re.DOTALL)
    assert block is not None
    assert data_of(plain) == json.loads(zlib.decompress(base64.b64decode(block.group(1))))
    assert len(packed) < len(plain)


def test_every_relation_row_is_a_link_of_its_own() -> None:
    world = ring(3)
    world["guarantees"].append({**world["guarantees"][0], "guarantee_id": "G9", "amount": 7.0})
    world["supplies"] = [{"supplier_id": "P1", "buyer_id": "P0", "amount": 3.0}]
    links = data_of(page_of("overview", graph_of(**world)))["links"]
    ids = data_of(page_of("overview", graph_of(**world)))["nodes"]["id"]
    between = [
        (relation, amount, contract)
        for a, b, relation, amount, contract in zip(
            links["from"], links["to"], links["relation"], links["amount"], links["contract"], strict=True
        )
        if (ids[a], ids[b]) == ("P1", "P0")
    ]
    assert [("GUARANTEES", 50, "G0"), ("GUARANTEES", 7, "G9"), ("SUPPLIES", 3, None)] == between


def test_a_list_of_views_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_view("overvew")
    assert "overview" in caught.value.hint


@pytest.mark.parametrize(
    ("given", "said"),
    [({"lang": "de"}, "'de'"), ({"mask": ""}, "mask"), ({"depth": 0}, "depth"), ({"depth": 9}, "depth")],
)
def test_options_that_make_no_sense_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Options(**given)


@pytest.mark.parametrize("part", ["base", "desk", "picture", "render", "riskview"])
def test_a_module_without_a_title_is_no_view(part: str) -> None:
    assert part not in view_names()
    with pytest.raises(UsageError, match="no view is called"):
        find_view(part)


def test_a_name_of_what_only_one_view_has_is_not_that_of_what_all_have(bank: RiskGraph) -> None:
    with pytest.raises(ValueError, match="nodes"):
        dataclasses.replace(picture_of("circle", bank), extra={"nodes": {}})


def test_finding_a_view_loads_no_drawing_library() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from graphrisk.views.base import find_view, view_names\n"
        "[find_view(n) for n in view_names()]\n"
        "print([m for m in ('pyvis', 'jinja2', 'IPython', 'networkx', 'pandas', 'scipy') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [one for one in view_names() if getattr(find_view(one), "ARG_IS", "") == "party"])
def test_an_unknown_party_is_refused_before_anything_is_computed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path)
    monkeypatch.setattr(workspace, "graph", lambda: graph_of(**ring(3)))
    monkeypatch.setattr(workspace, "_cached", lambda analyzer: pytest.fail(f"{analyzer} was run"))
    with pytest.raises(UsageError, match="NOPE"):
        workspace.view(name, "NOPE")
    workspace.close()
