"""A trained model as a JSON file of the project: plain numbers, lists and texts; never code.

`models/NAME.json` holds kind, columns, structure, calibration, how good it was, what its data was (digest, rows, days),
the versions of code and policy, and a log of changes. Reading one executes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphrisk.errors import DataError, UsageError, nearest

FORMAT = 1
FOLDER = "models"
_NAME = re.compile(r"[^\W_][\w.-]{0,63}")
_NEEDED = ("graphrisk_model", "name", "kind", "columns", "structure", "calibration", "data", "policy", "code_version")


def check_name(name: str | None) -> str:
    """Return the name of a model; UsageError where it is none: letters, digits, dot, dash and underscore."""
    if not name:
        raise UsageError("say which model", hint="graphrisk rate train --model NAME ..., graphrisk rate show NAME")
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise UsageError(
            f"{name!r} is no name for a model", hint="letters, digits, '.', '-' and '_', a letter or digit first"
        )
    return name


def model_names(project: Path) -> list[str]:
    """Return the names of the project's models."""
    folder = project / FOLDER
    return sorted(path.stem for path in folder.glob("*.json")) if folder.is_dir() else []


def read_model(project: Path, name: str | None) -> dict[str, Any]:
    """Return a model of the project. UsageError where there is none, DataError where the file is damaged."""
    path = project / FOLDER / f"{check_name(name)}.json"
    if not path.is_file():
        known = model_names(project)
        hint = nearest(str(name), known) if known else "graphrisk rate train --model NAME trains one"
        raise UsageError(f"no model is called {name!r}", hint=hint, where=str(project / FOLDER))
    try:
        model = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise DataError("is no JSON", where=str(path), hint="train the model again") from error
    if not isinstance(model, dict) or [key for key in _NEEDED if key not in model]:
        raise DataError("is no model of graphrisk", where=str(path), hint="train the model again")
    if model.get("digest") != _digest(model):
        raise DataError(
            "was changed or damaged since it was written",
            where=str(path),
            hint="train the model again; a model is not edited",
        )
    if model["graphrisk_model"] != FORMAT:
        raise DataError(
            f"is of format {model['graphrisk_model']}, and this graphrisk reads {FORMAT}",
            where=str(path),
            hint="train the model again, or take the graphrisk that wrote it",
        )
    return model


def write_model(project: Path, model: Mapping[str, Any]) -> Path:
    """Write a model, whole or not at all; its log of changes goes on where a model of the name stood before."""
    folder = project / FOLDER
    path = folder / f"{check_name(model['name'])}.json"
    entry = {
        "version": 1,
        "kind": model["kind"],
        "data": model["data"]["fingerprint"],
        "code_version": model["code_version"],
        "policy": model["policy"],
    }
    log: list[dict[str, Any]] = []
    if path.is_file():
        try:
            before = read_model(project, str(model["name"]))
        except DataError:  # it is replaced by what is trained now; its log is lost, which the new one says
            before = {}
            entry["before"] = "a file that could not be read"
        log = list(before.get("change_log", []))
        both = ({k: v for k, v in one.items() if k not in ("change_log", "digest")} for one in (before, model))
        same = next(both) == json.loads(json.dumps(next(both)))
        if same:
            return path
        entry["version"] = len(log) + 1
    whole: dict[str, Any] = {**model, "change_log": [*log, entry]}
    whole["digest"] = _digest(whole)
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{path.name}.{os.getpid()}"
    try:
        draft.write_text(text + "\n", encoding="utf-8", newline="\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _digest(model: Mapping[str, Any]) -> str:
    """Return the digest of a model's content, without the digest itself."""
    content = {key: value for key, value in model.items() if key != "digest"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
