"""What loads rejected, in each kind of store, as the facade shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import DataError
from graphrisk.loading.report import LoadRefused
from graphrisk.stores.base import Store
from graphrisk.stores.memory import remembering
from graphrisk.workspace import Workspace

GOOD = "party_id,name,kind\nA,a,company\nB,b,bank\n"


def findings(workspace: Workspace) -> dict[str, int]:
    found = workspace.analyze("quality").tables["quality_findings"]
    found = found[found["check"] == "rejected_rows"]
    return dict(zip(found["table"], found["rows"].astype(int), strict=True))


def test_rejects_and_refusals_are_shown_and_forgotten_alike(store: Store, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, as_of="2026-09-30")
    workspace._opened = store
    file = tmp_path / "parties.csv"
    file.write_text(GOOD + "C,c,firma\n", "utf-8")
    with pytest.raises(LoadRefused):
        workspace.load("bank_csv", file, strict=True)
    assert {"parties": 1, "loads": 1} == findings(workspace)
    assert 0 == len(workspace.snapshots())
    workspace.load("bank_csv", file)
    assert {"parties": 1} == findings(workspace)
    assert any("rejected" in note for note in workspace.analyze("chains").notes)
    file.write_text(GOOD, "utf-8")
    workspace.load("bank_csv", file)
    assert {} == findings(workspace)
    assert not any("rejected" in note for note in workspace.analyze("chains").notes)


def test_only_a_refused_load_is_remembered_as_one(store: Store) -> None:
    with pytest.raises(DataError), remembering(store):
        raise DataError("not of a load")
    assert () == store.loads()
