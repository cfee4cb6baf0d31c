"""The page as a file: bytes, locale, the one foreign script, and the source of our own."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from graphrisk.views import render
from graphrisk.views.page import Page
from graphrisk.views.wording.words import WORDS, words_of

ASSETS = Path(str(files("graphrisk.views"))) / "assets"
SCRIPTS = sorted((ASSETS / "js").glob("*.js"))
ROOM = Path(str(files("graphrisk.views")))


def test_the_foreign_script_is_the_one_examined() -> None:
    raw = (files("pyvis") / render.VIS_NETWORK).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == render.VIS_SHA256
    assert b"@version 9.1.2" in raw


def test_another_script_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphrisk.errors import GraphRiskError

    monkeypatch.setattr(render, "VIS_SHA256", "0" * 64)
    render.vis_network.cache_clear()
    with pytest.raises(GraphRiskError, match="not the one examined"):
        render.vis_network()
    render.vis_network.cache_clear()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_our_scripts_never_read_text_as_markup_or_code(script: Path) -> None:
    banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|setHTML|srcdoc"
    assert re.findall(banned, script.read_text("utf-8")) == []
    asking = (
        r"\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(|https?:|localStorage|Date\.|Math\.random"
    )
    assert re.findall(asking, script.read_text("utf-8")) == []


@pytest.mark.parametrize("source", [*SCRIPTS, *ROOM.rglob("*.py"), *ASSETS.glob("page.*")], ids=lambda path: path.name)
def test_a_file_of_this_room_is_short(source: Path) -> None:
    assert len(source.read_text("utf-8").splitlines()) < 400


def test_every_word_that_is_asked_for_is_there_in_both_languages() -> None:
    asked = set()
    for script in SCRIPTS:
        asked |= set(re.findall(r'word\("([\w.]+)"', script.read_text("utf-8")))
        asked |= set(re.findall(r'word: "([\w.]+)"', script.read_text("utf-8")))
    asked |= set(re.findall(r"words\['(\w+)'\]", (ASSETS / "page.html").read_text("utf-8")))
    asked = {key for key in asked if not key.endswith(".")}
    assert sorted(asked - set(WORDS)) == []
    assert all(english and chinese for english, chinese in WORDS.values())
    blanks = {key: [sorted(re.findall(r"{\w+}", text)) for text in both] for key, both in WORDS.items()}
    assert {key: found for key, found in blanks.items() if found[0] != found[1]} == {}
    assert set(words_of("zh")) == set(words_of("en"))


def test_inert_json_cannot_end_a_script() -> None:
    import json

    value = {"</script>": "<!-- & \u2028\u2029 名"}
    text = render.inert_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value
    with pytest.raises(ValueError, match="Out of range"):
        render.inert_json(float("nan"))


@pytest.mark.parametrize("locale", ["C", "zh_CN.GBK", "POSIX"])
def test_a_page_is_written_in_utf8_whatever_the_locale(locale: str, tmp_path: Path) -> None:
    code = (
        "import sys; from graphrisk.views.page import Page\n"
        "Page('<p>\u62c5\u4fdd\\n🔗</p>\\n').write(sys.argv[1])".encode("ascii", "backslashreplace").decode()
    )
    target = tmp_path / "page.html"
    environment = {**os.environ, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONIOENCODING": "cp936"}
    subprocess.run([sys.executable, "-X", "utf8=0", "-c", code, str(target)], check=True, env=environment)
    assert target.read_bytes() == "<p>担保\n🔗</p>\n".encode()


def test_writing_does_not_ask_the_locale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import locale

    monkeypatch.setattr(locale, "getpreferredencoding", lambda *_: "cp936")
    Page("䨻\n").write(tmp_path / "deep" / "page.html")
    assert (tmp_path / "deep" / "page.html").read_bytes() == "䨻\n".encode()
