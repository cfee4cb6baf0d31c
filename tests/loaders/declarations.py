"""Statements of BODS made in a line, and loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphrisk.loading.run import Loaded, load_files
from tests.worlds.build import AS_OF


def statement(kind: str, record: str, details: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "statementId": f"s-{record}-{more.get('statementDate', '')}-{more.get('recordStatus', 'new')}",
        "recordId": record,
        "recordType": kind,
        "recordStatus": "new",
        "statementDate": "2025-01-01",
        "recordDetails": details,
        **more,
    }


def entity(record: str, **details: Any) -> dict[str, Any]:
    return statement("entity", record, {"entityType": {"type": "registeredEntity"}, "name": record, **details})


def person(record: str, **details: Any) -> dict[str, Any]:
    names = {"names": [{"fullName": f"Example {record}"}], "personType": "knownPerson"}
    return statement("person", record, {**names, **details})


def link(owner: Any, owned: Any, *interests: dict[str, Any], record: str = "", **more: Any) -> dict[str, Any]:
    details = {"interestedParty": owner, "subject": owned, "interests": list(interests)}
    return statement("relationship", record or f"{owner}-{owned}", {**details, **more.pop("details", {})}, **more)


def shares(**share: float) -> dict[str, Any]:
    return {"type": "shareholding", "directOrIndirect": "direct", "share": share}


def votes(**share: float) -> dict[str, Any]:
    return {"type": "votingRights", "directOrIndirect": "direct", "share": share}


def load(folder: Path, *statements: Any, strict: bool = False) -> Loaded:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.json").write_text(json.dumps(list(statements)), "utf-8")
    loaded = load_files("bods", [folder], as_of=AS_OF, existing={}, strict=strict, max_rejects=1.0)
    assert loaded.report.read == loaded.report.used + sum(aside.count for aside in loaded.report.set_aside)
    return loaded


def aside(loaded: Loaded) -> dict[str, int]:
    return {one.reason: one.count for one in loaded.report.set_aside}


BOUNDS = ("share_min", "share_max", "votes_min", "votes_max")
