"""Which settings change what is kept: each is listed here with the digest that it enters, or with none."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

import graphrisk as gr
from graphrisk import config
from graphrisk.model.result import digest_of
from graphrisk.workspace import Workspace
from tests.cli.conftest import write_book

ANALYZERS = ("quality", "chains", "concentration", "contagion", "centrality")
LISTED = {
    # setting -> (another value, the digest that it enters)
    "store": ("files:elsewhere", "none: where the data is, not what it says"),
    "base_currency": ("USD", "the digest that kept results belong to, and Cypher's score properties"),
    "language": ("zh", "none: pages are made anew each time, results hold no page"),
    "bank.party_id": ("C", "the digest that kept results belong to"),
    "capital.tier1": ("1000", "the digest that kept results belong to"),
    "capital.net_capital": ("1250", "the digest that kept results belong to"),
    "capital.internal_single": ("0.12", "the digest that kept results belong to"),
    "capital.internal_group": ("0.15", "the digest that kept results belong to"),
    "groups.state": ('["C1"]', "the digest that kept results belong to"),
    "ratings.model": ("own", "the digest that kept results belong to"),
    "timeout": ("5", "none: a query that is stopped keeps nothing"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A circle of guarantees in CNY, with rates into USD as well."""
    book = write_book(tmp_path / "data")
    (book / "fx.csv").write_text("currency,as_of_on,rate\nCNY,2026-09-01,1\nUSD,2026-09-01,8\n", encoding="utf-8")
    gr.open(str(tmp_path)).load("bank_csv", book, as_of="2026-09-30")
    return tmp_path


def with_setting(project: Path, text: str) -> Workspace:
    (project / "graphrisk.toml").write_text(text, encoding="utf-8")
    return gr.open(str(project))


def test_every_setting_is_listed_with_the_digest_that_it_enters() -> None:
    assert set(LISTED) == set(config.ENTERS) == {setting.name for setting in config.read_config(Path()).settings}


@pytest.mark.parametrize("name", sorted(LISTED))
def test_a_setting_that_enters_no_digest_changes_no_answer(name: str, project: Path) -> None:
    other, digest = LISTED[name]
    plain, changed = (
        gr.open(str(project)),
        with_setting(project, f"{name} = {other if other[0] == '[' else json.dumps(other)}"),
    )
    if name == "store":
        assert 0 == len(changed.snapshots())
        assert digest.startswith("none")
        return
    for analyzer in ANALYZERS:
        first, second = plain.analyze(analyzer), changed.analyze(analyzer)
        if digest.startswith("none"):
            assert (first.digest, first.to_json()) == (second.digest, second.to_json())
        else:
            assert first.digest != second.digest
            assert first.settings != second.settings


def guaranteed(workspace: Workspace) -> list[float]:
    return workspace.table("chains_parties")["guaranteed_out"].tolist()


def test_kept_results_of_one_currency_are_never_shown_in_another(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = gr.open(str(project))
    workspace.analyze("chains")
    assert [50.0] * 3 == guaranteed(workspace)
    monkeypatch.setenv("GRAPHRISK_BASE_CURRENCY", "USD")
    in_dollars = gr.open(str(project))
    assert [6.25] * 3 == guaranteed(in_dollars)
    monkeypatch.delenv("GRAPHRISK_BASE_CURRENCY")
    assert [50.0] * 3 == guaranteed(gr.open(str(project)))
    assert [50.0] * 3 == guaranteed(with_setting(project, 'base_currency = "CNY"')), "the same, said aloud"
    kept = sorted(path.name for path in (project / ".graphrisk" / "scores").rglob("chains-*"))
    assert 2 == len(kept)


def test_cypher_shows_the_scores_of_the_currency_asked_for(project: Path) -> None:
    ask = "MATCH (p:Party {id: 'A'}) RETURN p.score_chains_guaranteed_out AS given"
    workspace = gr.open(str(project))
    workspace.analyze("chains")
    assert [50.0] == workspace.query(cypher=ask)["given"].tolist()
    in_dollars = with_setting(project, 'base_currency = "USD"')
    assert [True] == in_dollars.query(cypher=ask)["given"].isna().tolist()
    in_dollars.analyze("chains")
    assert [6.25] == in_dollars.query(cypher=ask)["given"].tolist()
    again = with_setting(project, "")
    assert [50.0] == again.query(cypher=ask)["given"].tolist()


def test_columns_name_their_currency_in_json_parquet_and_excel(project: Path, tmp_path: Path) -> None:
    workspace = with_setting(project, 'base_currency = "USD"')
    said = json.loads(workspace.analyze("chains").to_json())
    assert "USD" == said["settings"]["base_currency"] == said["units"]["chains_parties"]["guaranteed_out"]
    workspace.export("chains_parties", "parquet", tmp_path / "out.parquet")
    field = pq.read_schema(tmp_path / "out.parquet").field("guaranteed_out")
    assert b"USD" == field.metadata[b"unit"]
    workspace.export("chains_parties", "xlsx-raw", tmp_path / "out.xlsx")
    rows = list(load_workbook(tmp_path / "out.xlsx")["read me"].iter_rows(values_only=True))
    assert ["USD"] == [row[2] for row in rows if row[:2] == ("chains_parties", "guaranteed_out")]
    workspace.export("chains_parties", "xlsx", tmp_path / "people.xlsx")
    heads = [cell.value for cell in load_workbook(tmp_path / "people.xlsx")["chains parties"][1]]
    assert "Promised (USD)" in heads


def test_a_snapshot_of_before_finds_its_currency_in_its_data(project: Path) -> None:
    from graphrisk.stores.sealed import unsealed

    path = project / ".graphrisk" / "snapshots" / "2026-09-30.1" / "snapshot.json"
    meta = unsealed(path.read_text("utf-8"))
    old = {name: value for name, value in meta.items() if name not in ("files", "base_currency")}
    path.write_text(json.dumps({**old, "format": 1}), "utf-8")
    workspace = gr.open(str(project))
    assert "CNY" == workspace.snapshots()["base_currency"].iloc[-1]
    first = workspace.analyze("chains")
    assert digest_of({"base_currency": "CNY"}) == digest_of(first.settings)
    assert first.to_json() == workspace._cached("chains").to_json()
