"""Each step of the map is written once: who writes a quantity of a run, and who calls a step, is counted."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import graphrisk
from graphrisk.kernels.contagion import ledger

PACKAGE = Path(graphrisk.__file__).parent
KERNELS = PACKAGE / "kernels" / "contagion"
TREES = {
    path.relative_to(PACKAGE).as_posix(): list(ast.walk(ast.parse(path.read_text("utf-8"))))
    for path in sorted(PACKAGE.rglob("*.py"))
}
"""The nodes of every module, read once for all tests."""


def _writers(array: str, column: str) -> list[str]:
    """Return the kernels that write `array[..., column]` or `array[column, ...]` in a compiled function."""
    found = []
    for name, nodes in TREES.items():
        if not name.startswith("kernels/contagion/"):
            continue
        for node in nodes:
            compiled = isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(d) for d in node.decorator_list)
            if not compiled:
                continue
            for inner in ast.walk(node):
                targets: list[ast.expr] = []
                if isinstance(inner, ast.Assign):
                    targets = inner.targets
                elif isinstance(inner, ast.AugAssign):
                    targets = [inner.target]
                for target in targets:
                    for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                        said = ast.unparse(one)
                        if said.startswith(f"{array}[") and column in said.split("[", 1)[1].rstrip("]").split(", "):
                            found.append(f"{name}:{node.name}")
    return sorted(set(found))


@pytest.mark.parametrize(
    ("array", "column", "where"),
    [
        ("state.money", "LOST_SUPPLIES", ["kernels/contagion/production.py:lose_profit"]),
        ("made.level", "DOWN", ["kernels/contagion/production.py:set_down",
                                "kernels/contagion/production_in_turn.py:_note_levels"]),
        ("made.level", "UP", ["kernels/contagion/production.py:set_up",
                              "kernels/contagion/production_in_turn.py:_note_levels"]),
        ("market.price", "a", ["kernels/contagion/price_impact.py:let_prices_follow",
                               "kernels/contagion/price_impact.py:put_prices_back"]),
        ("ledger.uncovered", "f", ["kernels/contagion/price_impact.py:_cover",
                                   "kernels/contagion/price_impact.py:put_prices_back"]),
        ("state.money", "TAKEN", ["kernels/contagion/engine.py:hit"]),
        ("state.facility_money", "SHORTFALL", ["kernels/contagion/sweep.py:set_shortfall"]),
    ],
)  # fmt: skip
def test_a_quantity_of_a_run_is_written_in_one_place(array: str, column: str, where: list[str]) -> None:
    assert where == _writers(array, column)


@pytest.mark.parametrize(
    ("step", "callers"),
    [
        ("sweep", {"kernels/contagion/engine.py", "kernels/contagion/starts.py"}),
        ("settle_in", {"kernels/contagion/engine.py", "kernels/contagion/starts.py"}),
        ("one_pass", {
            "kernels/contagion/engine.py", "kernels/contagion/production.py", "kernels/contagion/production_in_turn.py",
        }),
        ("want_of_inputs", {
            "kernels/contagion/cost_by_others.py", "kernels/contagion/production.py",
            "kernels/contagion/production_in_turn.py",
        }),
        ("want_of_orders", {
            "kernels/contagion/cost_by_others.py", "kernels/contagion/production.py",
            "kernels/contagion/production_in_turn.py",
        }),
        ("let_prices_follow", {"kernels/contagion/engine.py"}),
        ("take_of_asset", {"kernels/contagion/collateral.py", "kernels/contagion/price_impact.py"}),
        ("loss_fraction", {
            "cascade/sensitivity.py", "kernels/contagion/price_impact.py", "kernels/contagion/sweep.py",
            "kernels/contagion/valuation.py",
        }),
        ("DetailFinder", {
            "analyze/intervene/candidates.py", "cascade/attribution.py", "cascade/expected_effect.py",
            "cascade/loss_lines.py",
        }),
    ],
)  # fmt: skip
def test_a_step_is_called_from_the_engine_alone(step: str, callers: set[str]) -> None:
    found = {
        name
        for name, nodes in TREES.items()
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == step
    }
    assert callers == found


def test_every_command_spreads_by_the_one_engine() -> None:
    """Nothing but the engine's three entrances is imported by analyzers and cascade."""
    entrances = {"spread", "each_alone", "ledger_stage", "unpaid_after"}
    users: dict[str, list[str]] = {}
    for name, nodes in TREES.items():
        for node in nodes if not name.startswith("kernels/") else ():
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("graphrisk.kernels.contagion"):
                users.setdefault(name, []).extend(sorted(entrances & {alias.name for alias in node.names}))
    assert {
        "analyze/chains/cuts.py": ["each_alone"],
        "analyze/contagion/importance.py": ["each_alone"],
        "cascade/stages.py": ["ledger_stage"],
        "cascade/run.py": ["spread"],
    } == {name: used for name, used in users.items() if used}


def test_a_column_has_one_number_and_one_name() -> None:
    """No kernel compares with a bare code where the ledger has a name for it."""
    rules = {"THRESHOLD", "DEBTRANK", "NONLINEAR", "CLEARING", "MERTON"}
    assert list(range(5)) == sorted(getattr(ledger, name) for name in rules)
    for path in KERNELS.glob("*.py"):
        assert "rule.code == 0" not in path.read_text("utf-8")
        assert "code == 4" not in path.read_text("utf-8"), path.name
