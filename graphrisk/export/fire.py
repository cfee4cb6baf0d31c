"""Parties as records of the FIRE data format, with the risk groups of the EU's rule: one JSON file.

`risk_group_id` and `risk_group_id_2` are the two groups with the largest exposure, as the format names them;
`risk_groups` lists all of them, so that a client of three groups loses none (the format allows further properties).
Source of the names: SuadeLabs/fire, schemas/entity.json (Apache-2.0).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphrisk.export.cells import single_file
from graphrisk.graph.riskgraph import RiskGraph

if TYPE_CHECKING:
    import pyarrow as pa

    from graphrisk.standing.connected import Connected

FOR_PEOPLE = True
NEEDS: tuple[str, ...] = ()
"""Reads the book itself, no answers of analyzers, and takes no tables."""

REGIME = "crr"
_TYPES = {"person": "natural_person", "bank": "credit_institution", "fund": "fund", "public_body": "pse"}
_SIZES = {"micro": "micro_sme", "small": "small_sme", "medium": "medium_sme"}


def write(
    tables: Mapping[str, pa.Table],  # noqa: ARG001 - the book itself is read
    graph: RiskGraph,
    path: Path,
    *,
    reader: Any = None,  # noqa: ARG001 - the format is English
    results: Sequence[Any] = (),  # noqa: ARG001
) -> list[Path]:
    """Write one JSON file of entities; return it."""
    whole = {
        "title": "entity",
        "comment": f"graphrisk, groups of connected clients under {REGIME} as of {graph.as_of}",
        "data": {"entity": entities(graph)},
    }
    single_file(path).write_text(json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
    return [path]


def entities(graph: RiskGraph) -> list[dict[str, Any]]:
    """Return every party as a record; what is not known is left out."""
    from graphrisk.credit.exposure_values import our_exposures, owed_by
    from graphrisk.regimes.exposure_rule import find_exposure_regime
    from graphrisk.standing.connected import connected, memberships

    found = connected(graph, find_exposure_regime(REGIME).on(graph.as_of)[0])
    exposure = owed_by(our_exposures(graph), *memberships(found.groups), len(found.groups)).exposure
    order = sorted(range(len(found.groups)), key=lambda k: (-float(exposure[k]), k))
    stands_in: dict[int, list[str]] = {}
    parent: dict[int, int] = {}
    for k in order:
        for one in found.groups[k].members:
            stands_in.setdefault(one, []).append(found.ids[k])
        _parents(found, k, parent)
    columns = {
        name: graph.texts("parties", name).tolist()
        for name in ("party_id", "name", "kind", "size", "country", "lei", "national_id")
    }
    day = f"{graph.as_of.isoformat()}T00:00:00Z"
    out = []
    for at in range(graph.size):
        row = {name: values[at] for name, values in columns.items()}
        groups = stands_in.get(at, [])
        kind = _SIZES.get(row["size"], "corporate") if row["kind"] == "company" else _TYPES.get(row["kind"])
        record = {
            "id": row["party_id"],
            "date": day,
            "name": row["name"],
            "type": kind,
            "country_code": row["country"],
            "lei_code": row["lei"],
            "national_id": row["national_id"],
            "parent_id": str(graph.party_ids[parent[at]]) if at in parent else None,
            "risk_group_id": groups[0] if groups else None,
            "risk_group_id_2": groups[1] if len(groups) > 1 else None,
            "risk_groups": groups or None,
        }
        out.append({name: value for name, value in record.items() if value is not None})
    return out


def _parents(found: Connected, k: int, parent: dict[int, int]) -> None:
    """Add who controls each party of a group directly, as far as it is reached that way."""
    from graphrisk.standing.grown import BY_FACT, BY_VOTES

    for one, (above, how, _) in found.groups[k].parents.items():
        if how in (BY_FACT, BY_VOTES) and above != one:
            parent.setdefault(one, above)
