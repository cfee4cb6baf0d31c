"""Rows of owners from what stands above each party: grounds in words, chains, and the fall-back of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.owners.tables import OWNERS
from graphrisk.analyze.tables import score_frame, texts
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.kernels.ownership.stakes import Ints
from graphrisk.regimes.rule import Version
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.owners import CONTROL, OF_CONTROLLER, OF_HOLDER, SHARE, Commanded, standing_of
from graphrisk.standing.recorded import recorded_steps
from graphrisk.standing.ways import Ways

_LEGAL = {SHARE: "ownership", CONTROL: "control", OF_HOLDER: "control_of_holder", OF_CONTROLLER: "share_in_controller"}


def owner_rows(
    graph: RiskGraph,
    holdings: Holdings,
    version: Version,
    threshold: float,
    parties: Ints | None,
    *,
    chains: bool = True,
    commanded: Commanded | None = None,
) -> pd.DataFrame:
    """Return table owners_owners for `parties` (None: all); without `chains` the column path is empty."""
    found = standing_of(holdings, version, threshold, commanded)
    legal = ~holdings.person & ~holdings.nominee
    keep = (found.maybe > 0) & legal[found.party]
    if parties is not None:
        keep &= np.isin(found.party, parties)
    party, owner = found.party[keep], found.owner[keep]
    grounds = np.where(found.sure[keep] > 0, found.sure[keep], found.maybe[keep])
    certain = found.sure[keep] > 0
    shown = np.fmax(found.least[:, keep][0], found.least[:, keep][1])
    order = np.lexsort((owner, -np.nan_to_num(shown, nan=-1.0), ~certain, party))
    party, owner, grounds, certain = party[order], owner[order], grounds[order], certain[order]
    least, most = found.least[:, keep][:, order], found.most[:, keep][:, order]
    hidden = holdings.placeholder[owner]
    base = {int(g): _basis(int(g)) for g in np.unique(grounds)}
    law = {(int(g), bool(h)): _written(version, int(g), h) for g in np.unique(grounds) for h in (False, True)}
    paths = _chains(holdings, party, owner) if chains else [[]] * len(party)
    reasons = _reasons(graph)
    ids = graph.party_ids
    columns: dict[str, list[Any]] = {
        "party_id": ids[party].tolist(),
        "owner_id": ids[owner].tolist(),
        "capital_min": least[0].tolist(),
        "capital_max": most[0].tolist(),
        "votes_min": least[1].tolist(),
        "votes_max": most[1].tolist(),
        "certain": certain.tolist(),
        "basis": ["undisclosed" if h else base[int(g)] for g, h in zip(grounds, hidden, strict=True)],
        "legal_basis": [law[int(g), bool(h)] for g, h in zip(grounds, hidden, strict=True)],
        "path": [[ids[k] for k in way] for way in paths],
        "reason": [reasons.get(int(o)) if h else None for o, h in zip(owner, hidden, strict=True)],
    }
    if version.fall_back == "senior_manager":
        _fall_back(graph, holdings, version, parties, party[~hidden], columns)
    told: list[list[str]] = columns["path"]
    columns["evidence"] = [[]] * len(told) if parties is None else recorded_steps(graph, told)
    frame = score_frame(OWNERS, columns)
    frame["reason"] = texts(columns["reason"])
    place = graph.locate("parties", frame["party_id"].tolist())
    return frame.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _basis(grounds: int) -> str:
    if grounds & (OF_HOLDER | OF_CONTROLLER) or (grounds & SHARE and grounds & CONTROL):
        return "ownership_and_control"
    return "ownership" if grounds & SHARE else "control"


def _written(version: Version, grounds: int, hidden: bool) -> str:
    places = [version.legal.get(name, name.replace("_", " ")) for bit, name in _LEGAL.items() if grounds & bit]
    if hidden:
        places = [version.legal.get("undisclosed", "declared, not named"), *places]
    return "; ".join(dict.fromkeys(places))


def _chains(holdings: Holdings, party: Ints, owner: Ints) -> list[list[int]]:
    ways = Ways(holdings)
    flat = ways.flat()
    out: list[list[int]] = []
    begins = np.flatnonzero(np.diff(party, prepend=-1))
    ends = np.append(begins[1:], len(party))[: len(begins)]
    for first, last in zip(begins.tolist(), ends.tolist(), strict=True):
        firm = int(party[first])
        mine = owner[first:last].tolist()
        if flat[firm]:
            out += [[one, firm] for one in mine]
            continue
        found = ways.up(firm, mine)
        out += [found.get(one, [one, firm]) for one in mine]
    return out


def _reasons(graph: RiskGraph) -> Mapping[int, str]:
    owner = graph.positions("ownership", "owner_id").tolist()
    given = graph.texts("ownership", "reason").tolist()
    return {at: str(why) for at, why in zip(owner, given, strict=True) if why is not None}


def managers(graph: RiskGraph, holdings: Holdings) -> tuple[Positions, Positions]:
    """Return (party, person) of the directors and officers that are recorded."""
    a, b = graph.ends("ties")
    kind = graph.texts("ties", "kind")
    manages = ((kind == "director") | (kind == "officer")) & (a >= 0) & (b >= 0)
    a, b = a[manages], b[manages]
    person, party = np.where(holdings.person[a], a, b), np.where(holdings.person[a], b, a)
    fits = holdings.person[person] & ~holdings.person[party]
    pairs = np.unique(np.stack([party[fits], person[fits]]), axis=1)
    return pairs[0], pairs[1]


def _fall_back(
    graph: RiskGraph,
    holdings: Holdings,
    version: Version,
    parties: Ints | None,
    owned: Ints,
    columns: dict[str, list[Any]],
) -> None:
    """Add the senior managers of parties without any owner that is named."""
    party, person = managers(graph, holdings)
    keep = ~np.isin(party, owned)
    if parties is not None:
        keep &= np.isin(party, parties)
    ids = graph.party_ids
    for firm, one in zip(party[keep].tolist(), person[keep].tolist(), strict=True):
        row: dict[str, object] = {
            "party_id": ids[firm], "owner_id": ids[one], "certain": False, "basis": "senior_manager",
            "legal_basis": version.legal.get("fall_back", "fall-back of the rule"), "path": [ids[one], ids[firm]],
            "reason": None, **dict.fromkeys(("capital_min", "capital_max", "votes_min", "votes_max"), np.nan),
        }  # fmt: skip
        for name, value in row.items():
            columns[name].append(value)
