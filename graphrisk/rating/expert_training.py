"""An expert template made a model: read and checked, and measured where outcomes are given."""

from __future__ import annotations

import hashlib
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.kernels.credit.discrimination import auc_interval
from graphrisk.model.note import Note
from graphrisk.rating.kinds import FitPlan, expert
from graphrisk.rating.model_file import FORMAT
from graphrisk.rating.sheet import Sheet
from graphrisk.rating.training import Asked, Trained, calibrated, comparison_row, grade_rows, prudent_step
from graphrisk.rating.trials import held_above, plain_performance

_KEYS = {"name", "group", "column", "question", "higher", "cuts", "anchors", "weights"}


def train_expert(sheet: Sheet | None, asked: Asked, template: Path | None, *, code_version: str) -> Trained:
    """Return the model of a template; with a sheet also how good it is on its outcomes. Raises UsageError."""
    text, where = _text(template)
    structure = read_template(text, where)
    if asked.calibrate == "isotonic" or asked.prior is not None:
        raise UsageError(
            "an expert template is calibrated by grades only", hint="--calibrate pluto_tasche, with --data"
        )
    if asked.calibrate != "none" and sheet is None:
        raise UsageError("calibration needs clients with outcomes", hint="--data FILE --target COLUMN")
    plan = FitPlan(seed=asked.seed)
    steps: list[dict[str, Any]] = []
    comparison, grades, performance = None, [], {}
    notes = [
        Note(
            "judgement",
            f"template {structure['name']} version {structure['version']}: weights, anchors and PDs are judgement",
            f"模板 {structure['name']} 第 {structure['version']} 版：权重、锚点与违约概率均为专家判断",
        )
    ]
    data: dict[str, Any] = {"source": where, "fingerprint": hashlib.sha256(text.encode()).hexdigest(), "rows": 0,
                            "clients": 0, "defaults": 0, "from": None, "to": None}  # fmt: skip
    if sheet is not None and sheet.bad is not None:
        expert.check_raters(structure, sheet.columns, sheet.size, sheet.source)
        score = expert.pds(structure, sheet.columns, sheet.size)
        rated = ~np.isnan(score)
        bad = sheet.bad[rated]
        data |= {"rows": int(rated.sum()), "clients": len(set(sheet.ids[rated])), "defaults": int(bad.sum())}
        if not rated.any():
            said = "no row knows half of the weights: nothing was measured"
            notes.append(Note("not_rated", said, "没有任何一行知晓一半以上的权重：未作检验", severity="warning"))
        else:
            pd = held_above(score[rated], plan)
            if asked.calibrate == "pluto_tasche":
                steps.append(prudent_step(bad, pd, plan))
                pd = calibrated(steps, pd, plan)
            grades = grade_rows(bad, pd, plan)
            if 0 < bad.sum() < len(bad):
                performance = plain_performance(bad, score[rated], pd)
                low, high = auc_interval(bad, score[rated], sheet.groups[rated])
                performance |= {"auc_low": low, "auc_high": high}
                comparison = comparison_row(asked.name, "expert", performance, None)
    model = {
        "graphrisk_model": FORMAT, "name": asked.name, "kind": "expert", "columns": columns_of(structure),
        "excluded": [], "structure": structure, "calibration": steps, "data": data, "params": {},
        "performance": performance, "grades": grades, "stability": {}, "leaks": [],
        "policy": {"name": plan.policy.name, "version": plan.policy.version}, "code_version": code_version,
    }  # fmt: skip
    return Trained(model=model, comparison=comparison or {}, leaks=[], notes=tuple(notes))


def columns_of(structure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns that a template reads."""
    found = {one["column"]: {"name": one["column"], "kind": "number"} for one in structure["factor"]}
    if structure.get("segment"):
        found[structure["segment"]] = {"name": structure["segment"], "kind": "category", "levels": []}
    if any("anchors" in one for one in structure["factor"]):
        for name in (expert.RATER, expert.RATED_ON):
            found[name] = {"name": name, "kind": "category", "levels": []}
    return [found[name] for name in sorted(found)]


def read_template(text: str, where: str) -> dict[str, Any]:
    """Return a template, checked. Raises UsageError with the key that is wrong."""
    try:
        read = tomllib.loads(text)
    except ValueError as error:
        raise UsageError(f"is not valid TOML: {error}", where=where, hint="correct the line named") from error
    lacking = [key for key in ("name", "version", "scale", "factor") if key not in read]
    if lacking or not isinstance(read["factor"], list) or not read["factor"]:
        raise UsageError(f"lacks {', '.join(lacking) or 'factors'}", where=where, hint="see template_5c.toml")
    best, worst = read["scale"].get("best"), read["scale"].get("worst")
    if not (isinstance(best, float) and isinstance(worst, float) and 0.0 < best < worst < 1.0):
        raise UsageError("scale.best and scale.worst are PDs, 0 < best < worst < 1", where=where)
    names = set()
    for one in read["factor"]:
        _check_factor(one, where)
        if one["name"] in names:
            raise UsageError(f"factor {one['name']!r} stands twice", where=where)
        names.add(one["name"])
    return read


def _check_factor(one: dict[str, Any], where: str) -> None:
    said = f"factor {one.get('name', '?')!r}"
    lacking = [key for key in ("name", "group", "column", "weights") if key not in one]
    unknown = sorted(set(one) - _KEYS)
    if lacking or unknown:
        what = f"lacks {', '.join(lacking)}" if lacking else f"has the unknown key {unknown[0]!r}"
        raise UsageError(f"{said} {what}", where=where, hint=f"known keys: {', '.join(sorted(_KEYS))}")
    if "anchors" in one:
        if len(one["anchors"]) != expert.BEST:
            raise UsageError(f"{said} has {len(one['anchors'])} anchors, not {expert.BEST}", where=where)
    else:
        cuts = one.get("cuts", [])
        if len(cuts) != expert.BEST - 1 or cuts != sorted(set(cuts)) or not isinstance(one.get("higher"), bool):
            raise UsageError(f"{said} needs four rising cuts, and higher = true or false", where=where)
    weights = one["weights"]
    if "default" not in weights or any(not isinstance(w, int | float) or w < 0 for w in weights.values()):
        raise UsageError(f"{said} needs weights = {{default = ...}}, none below 0", where=where)


def _text(template: Path | None) -> tuple[str, str]:
    if template is None:
        return (files("graphrisk.rating") / "template_5c.toml").read_text("utf-8"), "template_5c.toml"
    if not template.is_file():
        raise UsageError(f"there is no file {template}", hint="--template FILE.toml")
    return template.read_text("utf-8-sig"), template.name
