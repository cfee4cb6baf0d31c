"""Members of a room: what says of itself that it is one, wherever the name is defined."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.members import find_member, member_names

ROOM = {
    "__init__.py": "",
    "plain.py": "TITLE = 'plain'",
    "typed.py": "TITLE: str = 'typed'",
    "able.py": "def TITLE():\n    raise SystemExit",
    "packed/__init__.py": "from {room}.packed.inside import TITLE",
    "packed/inside.py": "TITLE = 'packed'",
    "part.py": "from {room}.plain import TITLE\n\nOTHER = TITLE",
    "inner.py": "def f():\n    TITLE = 1",
    "said.py": "OTHER = 'TITLE = 1'",
    "broken.py": "raise SystemExit('imported')",
}


@pytest.fixture(params=["folder", "zip"])
def room(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"room_in_{request.param}"
    texts = {f"{name}/{path}": text.format(room=name) for path, text in ROOM.items()}
    if request.param == "zip":
        with zipfile.ZipFile(tmp_path / "room.zip", "w") as packed:
            for path, text in texts.items():
                packed.writestr(path, text)
    for path, text in texts.items() if request.param == "folder" else ():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "room.zip" if request.param == "zip" else tmp_path))
    return name


def test_a_member_defines_the_mark_itself_or_as_a_package_and_none_is_imported(room: str) -> None:
    assert ["able", "packed", "plain", "typed"] == member_names(room, "TITLE", "no.such.group")
    assert f"{room}.plain" not in sys.modules


def test_a_member_is_found_by_name_and_a_part_is_none(room: str) -> None:
    assert "packed" == find_member("view", "packed", room, "TITLE", "no.such.group").TITLE
    with pytest.raises(UsageError, match="no view is called 'part'"):
        find_member("view", "part", room, "TITLE", "no.such.group")
