"""A mask of level amounts: no exact amount, no region and no product on any page; and keys that are no keys."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphrisk as gr
from graphrisk.errors import UsageError
from graphrisk.views.base import Options
from graphrisk.views.wording import coarse
from graphrisk.views.wording.masking import Mask
from graphrisk.workspace import Workspace
from tests.cli.conftest import run_cli
from tests.views.worlds import random_bank
from tests.worlds.build import AS_OF, tables_of

KEY = "a sentence that only we know"
VIEWS = ("overview", "ego", "circle", "cascade", "distribution", "explain")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    opened = gr.open(str(tmp_path_factory.mktemp("bank")))
    opened._store.load(tables_of(**random_bank(150)), as_of=AS_OF)
    return opened


def exact(workspace: Workspace) -> set[str]:
    """Every amount of the book with more than two digits, as a page of exact amounts writes it."""
    graph = workspace.graph()
    found: set[str] = set()
    for name, column in (("facilities", "outstanding"), ("financials", "equity"), ("guarantees", "amount")):
        for value in graph.table(name)[column].to_pylist():
            if value is not None and coarse.two_digits(value) != value:
                found.add(f"{value!r}")
    return found


def shown(workspace: Workspace, view: str, **options: str) -> str:
    arg = "C000003" if view in ("ego", "cascade", "explain") else None
    return workspace.view(view, arg, **options).html


@pytest.mark.parametrize("view", VIEWS)
def test_no_exact_amount_region_or_product_is_on_a_page_of_coarse_amounts(workspace: Workspace, view: str) -> None:
    amounts = exact(workspace)
    assert len(amounts) > 100
    plain = shown(workspace, view, mask=KEY)
    hidden = shown(workspace, view, mask=KEY, mask_level="amounts")
    if view != "distribution":
        assert [one for one in amounts if one in plain], "the test can fail"
    assert [] == [one for one in amounts if one in hidden]
    for word in ("杭州", "宁波", "流动资金贷款"):
        assert word not in hidden


def test_money_keeps_two_digits_and_sentences_too() -> None:
    assert [0.0, 1.2e6, -35.0, 0.012] == [coarse.two_digits(x) for x in (0.0, 1_234_567.0, -34.6, 0.01234)]
    said = coarse.rounded_sentence("374 of 1,822 owe 19.8 m on 2026-09-30, 1.8% and P0123-X stay")
    assert "370 of 1,800 owe 20 m on 2026-09-30, 1.8% and P0123-X stay" == said


def test_an_amount_with_a_chinese_unit_has_two_digits_too() -> None:
    said = coarse.rounded_sentence("本行损失 7,928万元，合计 1.234亿元，另有 381元，第575条，2026-09-30")
    assert "本行损失 7,900万元，合计 1.2亿元，另有 380元，第575条，2026-09-30" == said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mask": "short"}, "needs 6"),
        ({"mask": KEY, "mask_level": "all"}, "amounts"),
        ({"mask_level": "amounts"}, "mask"),
    ],
)
def test_a_key_that_is_too_short_and_a_level_without_a_key_are_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Options(**given)  # type: ignore[arg-type]


def test_a_key_is_stretched_and_gives_the_same_names_on_every_page() -> None:
    import hashlib
    import hmac

    code = Mask(KEY).identifier("P1")
    assert code == Mask(KEY).identifier("P1") != Mask(KEY + "!").identifier("P1")
    plain = hmac.new(KEY.encode(), b"P1", hashlib.sha256).digest()
    assert __import__("base64").b32encode(plain).decode()[:5] not in str(code)


def test_the_key_comes_from_the_environment(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHRISK_MASK_KEY", KEY)
    page = tmp_path / "o.html"
    ran = run_cli("view", "overview", "-o", page, "--mask", "-", "--project", workspace.config.project)
    assert 0 == ran.code, ran.err
    assert page.read_text("utf-8") == shown(workspace, "overview", mask=KEY)
    ran = run_cli("view", "overview", "-o", page, "--mask", "a-typed-key", "--project", workspace.config.project)
    assert "history" in ran.err
