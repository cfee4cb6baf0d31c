"""What `rate` answers: Results with the tables of `rate`, their certificate and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from graphrisk.model.frames import typed_frames
from graphrisk.model.note import Note
from graphrisk.model.result import Result
from graphrisk.model.table import Table
from graphrisk.rating.kinds.expert import expert_factors
from graphrisk.rating.kinds.scorecard import bin_words
from graphrisk.rating.tables import TABLES

VERSION = 1
_DECLARED = {table.name: table for table in TABLES}


def rate_result(
    action: str,
    tables: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    as_of: date,
    fingerprint: str,
    params: Mapping[str, Any],
    certificate: Mapping[str, Any],
    notes: Sequence[Note] = (),
    analyzer: str = "rate",
    declared: Mapping[str, Table] | None = None,
) -> Result:
    """Return a Result of `tables` (rows of declared columns); what a row lacks is null."""
    import pandas as pd

    known = _DECLARED if declared is None else declared
    frames = {}
    for name, rows in tables.items():
        columns = known[name].names
        frames[name] = pd.DataFrame(
            {column: pd.Series([row.get(column) for row in rows], dtype=object) for column in columns}
        )
    return Result(
        analyzer=analyzer,
        version=VERSION,
        as_of=as_of,
        fingerprint=fingerprint,
        params={"action": action, **params},
        certificate=dict(certificate),
        notes=tuple(notes),
        tables=typed_frames(frames, known),
        units={name: known[name].units(None) for name in frames},
    )


def comparison_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of rate_comparison of a model that was read from its file."""
    good = model.get("performance") or {}
    return {"model": model["name"], "kind": model["kind"], **{key: good.get(key) for key in good}}


def factor_rows(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows of rate_factors: the bins of a scorecard, the weights of a logit, how often trees divide."""
    structure = model["structure"]
    if model["kind"] == "scorecard":
        rows = []
        for factor in sorted(structure["factors"], key=lambda f: (-f["iv"], f["column"])):
            for k, words in enumerate(bin_words(factor)):
                rows.append(
                    {
                        "factor": factor["column"], "bin": words, "points": factor["points"][k],
                        "woe": factor["woe"][k], "goods": factor["goods"][k], "bads": factor["bads"][k],
                        "iv": factor["iv"], "weight": factor["coefficient"],
                    }
                )  # fmt: skip
        return rows
    if model["kind"] == "expert":
        return expert_factors(structure)
    weights = _weights(model["kind"], structure)
    return [{"factor": name, "weight": weight} for name, weight in sorted(weights.items(), key=_largest)]


def _largest(item: tuple[str, float]) -> tuple[float, str]:
    return -abs(item[1]), item[0]


def _weights(kind: str, structure: Mapping[str, Any]) -> dict[str, float]:
    from graphrisk.rating.matrix import encoded_names

    names = encoded_names(structure["columns"])
    if kind in ("logit", "mlp"):
        wide: list[str] = []
        for name, column in zip(names, structure["normal"], strict=True):
            wide += [name, f"{name} missing"] if column["missing"] else [name]
        if kind == "logit":
            return dict(zip(wide, map(float, structure["weights"]), strict=True))
        return {
            name: sum(abs(w) for w in weights)
            for name, weights in zip(wide, structure["layers"][0]["weights"], strict=True)
        }
    trees = [structure["tree"]] if kind == "tree" else structure["trees"]
    found = dict.fromkeys(names, 0.0)
    for tree in trees:
        for left, feature in zip(tree["left"], tree["feature"], strict=True):
            if left >= 0:
                found[names[feature]] += 1.0
    return {name: count for name, count in found.items() if count}
