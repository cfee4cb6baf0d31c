"""What is taken from pyvis: its data model and the script of vis-network, each the very one that was examined."""

from __future__ import annotations

import ast
import hashlib
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import graphrisk

EXAMINED = {
    "network.py": "7a51d6b8488cd45b7d6f22229ec861cb72d7d3934681946f4c0c3970701693e4",
    "node.py": "4e206eee8d894d3b30eae8c2880f1e60536b7a5ce3b41adb54bda3bd9c8caa6b",
    "edge.py": "434f83c6abcbfae670cee0978babd54d6f068dd527ea297dfbd339e85223598d",
    "options.py": "c31091aa97a5b2380a5bccb966e15fd9e064ad2f49f0f65ca8c92f9288ae0ba5",
    "physics.py": "de12c602d95babe65696534b7ee67231175fe6321f63b51967fd051489f8b787",
    "utils.py": "07e3e9106a7f5f8d4f985af2d3e2a439f75c36e26726166291b23944ae120943",
}
"""Digests of the sources of pyvis 0.3.2 that make its data model; vis-network's script is pinned in views.render."""
PACKAGE = Path(graphrisk.__file__).parent

USE = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import networkx as nx
from graphrisk.views.riskview import RiskNetwork
network = RiskNetwork()
network.add_node("A", label="甲")
network.add_node("B")
network.add_edge("A", "B")
graph = nx.DiGraph([("C", "D")])
network.from_nx(graph)
network.write_html(sys.argv[1])
print([path for path in opened if "pyvis" in path and path.endswith(".html")])
"""


def test_the_data_model_is_the_one_that_was_examined() -> None:
    assert EXAMINED == {name: hashlib.sha256((files("pyvis") / name).read_bytes()).hexdigest() for name in EXAMINED}


def test_one_module_of_ours_knows_pyvis_and_none_what_pyvis_brings_along() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            tops = {name.partition(".")[0] for name in names}
            found |= {(top, path.name) for top in tops & {"pyvis", "IPython", "jsonpickle"}}
    assert {("pyvis", "riskview.py")} == found


def test_a_network_of_ours_is_drawn_without_the_templates_of_pyvis(tmp_path: Path) -> None:
    page = tmp_path / "network.html"
    ran = subprocess.run([sys.executable, "-c", USE, str(page)], capture_output=True, text=True, check=False)
    assert "[]" == ran.stdout.strip(), ran.stderr
    assert "甲" in page.read_text("utf-8")
    assert "cdnjs" not in page.read_text("utf-8")
