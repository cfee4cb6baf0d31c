"""The house rules that a machine can check: sizes, names, and what the wheel holds."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
PACKAGE = REPO / "graphrisk"


def _tracked(*folders: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "-z", "--", *folders], cwd=REPO, capture_output=True, text=True, check=True
    )
    return [REPO / name for name in listed.stdout.split("\0") if name]


def test_no_source_file_reaches_400_lines() -> None:
    counted = {
        str(path.relative_to(REPO)): len(path.read_text("utf-8").splitlines())
        for path in _tracked("graphrisk", "tests", "benchmarks", "docs/reference.py")
        if path.suffix in (".py", ".js", ".css", ".html")
    }
    assert {} == {name: lines for name, lines in counted.items() if lines >= 400}


def test_no_file_has_a_name_that_forbids_nothing() -> None:
    forbidden = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [] == [str(path) for path in _tracked("graphrisk", "tests") if path.stem in forbidden]


def test_no_class_has_more_than_15_public_methods() -> None:
    found = {}
    for path in _tracked("graphrisk"):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef):
                    public = [
                        item.name
                        for item in node.body
                        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")
                    ]
                    found[f"{path.name}:{node.name}"] = len(public)
    assert found["workspace.py:Workspace"] <= 13
    assert {} == {name: n for name, n in found.items() if n > 15}


def test_one_name_means_one_class() -> None:
    """Parameters and runs of analyzers, and what is private to a file, may be called the same elsewhere."""
    where: dict[str, list[str]] = {}
    for path in _tracked("graphrisk"):
        for node in ast.parse(path.read_text("utf-8")).body if path.suffix == ".py" else ():
            if isinstance(node, ast.ClassDef) and node.name not in ("Params", "Run") and node.name[0] != "_":
                where.setdefault(node.name, []).append(path.relative_to(PACKAGE).as_posix())
    assert {} == {name: files for name, files in where.items() if len(files) > 1}
    assert ["graph/book.py"] == where["Book"]


def test_no_module_imports_scikit_learn_at_module_level() -> None:
    """It costs seconds and is needed to train only: a trained model is scored by arrays of our own."""
    found = {}
    for path in _tracked("graphrisk"):
        for node in ast.parse(path.read_text("utf-8")).body if path.suffix == ".py" else ():
            named = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            named += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] in ("sklearn", "joblib") for name in named):
                found[str(path.relative_to(REPO))] = named
    assert {} == found


def test_nothing_searches_a_sentence() -> None:
    """Whether a note is a warning, and what it tells of, is data (`model/note.py`)."""
    searches = re.compile(r"""(startswith|removeprefix|find|search)\("warning|"[^"\n]+" (not )?in note\b""")
    found = {
        str(path.relative_to(REPO)): [line for line in path.read_text("utf-8").splitlines() if searches.search(line)]
        for path in _tracked("graphrisk")
        if path.suffix == ".py"
    }
    assert {} == {name: lines for name, lines in found.items() if lines}


def test_nothing_names_this_machine() -> None:
    word = re.compile(r"/work/|/root/|/home/\w+/|pythonhosted|repo1?\.maven\.apache|registry\.npmjs")
    binary = {".gz", ".parquet", ".png", ".xlsx"}
    named = [
        str(path.relative_to(REPO))
        for path in _tracked()
        if path.suffix not in binary and path != Path(__file__).resolve() and word.search(path.read_text("utf-8"))
    ]
    assert [] == named


def test_the_wheel_holds_exactly_what_git_tracks() -> None:
    wheel = os.environ.get("GRAPHRISK_WHEEL")
    if not wheel:
        pytest.skip("no wheel was built: bash tests/run.sh builds one")
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    expected = {
        re.sub(r"^(loaders|queries)/", r"graphrisk/_shipped/\1/", path.relative_to(REPO).as_posix())
        for path in _tracked("graphrisk", "loaders", "queries")
    }
    assert expected == held
