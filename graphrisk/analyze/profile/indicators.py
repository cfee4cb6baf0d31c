"""The indicators of a profile: of each party a value with the rows that it comes from, null where nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.credit.loan_class import loan_class
from graphrisk.credit.our_bank import clients
from graphrisk.credit.peers import PeerGroups
from graphrisk.credit.ratios import RATIOS
from graphrisk.credit.statements import Statements, statements_of
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import component_labels
from graphrisk.standing.command import command
from graphrisk.standing.holdings import holdings_of

DEFAULTS = ("default", "bankruptcy_filed", "liquidation")
SUITS = ("lawsuit", "enforcement")
ARREARS = ("arrears", "restructuring")
YEAR = 365
RATIO_NAMES = tuple(ratio.name for ratio in RATIOS)
OWN = (
    "days_past_due", "overdraft_days", "loan_class", "defaults", "arrears", "suits", "owner_score", "owner_events",
    "owner_failures", "utilisation", "age_years", "tenure_months", "products", "share_of_wallet", "inflow_variation",
    "contact", "net_margin_trend", "inflow_trend", "equity_ratio", "accounts_age_days", "audited", "identified",
    "promised_to_equity", "in_guarantee_circle", "neighbours_in_default", "largest_buyer", "largest_supplier",
    "shares_contact_with_default",
)  # fmt: skip
INDICATORS: dict[str, bool] = {**dict.fromkeys(RATIO_NAMES, True), **dict.fromkeys(OWN, False)}
"""Every indicator, and whether it may be scored among peers."""

Objects = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Evidence = Callable[[int], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One indicator of n parties: `value` (NaN unknown), `percentile` among peers (ratios), its rows by `evidence`."""

    value: Floats
    percentile: Floats | None
    source: str
    evidence: Evidence


def indicators_of(graph: RiskGraph, min_peers: int) -> dict[str, Indicator]:
    """Return all indicators of a graph by name."""
    given = statements_of(graph)
    return {
        **_ratios(graph, given, min_peers),
        **_accounts(graph, given),
        **_behaviour(graph),
        **_loans(graph),
        **_events(graph),
        **_relationship(graph),
        **_identity(graph),
        **_owners(graph),
        **_network(graph),
    }


def _day(graph: RiskGraph, table: str, column: str) -> Floats:
    """Return a date column as days before the as-of date; NaN where null."""
    values = graph.tables.column(table, column).cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    today = int(np.datetime64(graph.as_of, "D").astype(np.int64))
    return np.asarray(today - values, dtype=np.float64)


def _nothing(_: int) -> list[str]:
    return []


def _plain(value: Floats, source: str, evidence: Evidence = _nothing) -> Indicator:
    return Indicator(value=np.asarray(value, dtype=np.float64), percentile=None, source=source, evidence=evidence)


def _by_party(graph: RiskGraph, table: str, column: str, chosen: Flags, name: str) -> Evidence:
    """Return what names the chosen rows of a party, by the column `name`."""
    party = graph.positions(table, column)
    rows = np.flatnonzero(chosen & (party >= 0))
    rows = rows[np.argsort(party[rows], kind="stable")]
    begin = np.searchsorted(party[rows], np.arange(graph.size + 1)).tolist()
    texts = graph.tables.column(table, name).take(pa.array(rows)).cast(pa.string()).to_pylist()
    return lambda one: texts[begin[one] : begin[one + 1]]


def _ratios(graph: RiskGraph, given: Statements, min_peers: int) -> dict[str, Indicator]:
    last = given.latest()
    there = last >= 0
    days = np.array([str(d) for d in given.ends()], dtype=object)
    groups = PeerGroups(given, clients(graph), prefix=1, enough=min_peers)

    def period(one: int) -> list[str]:
        return [str(days[last[one]])] if last[one] >= 0 else []

    found = {}
    for ratio in RATIOS:
        values, _ = ratio.compute(given)
        standing = groups.standing(values, ratio.better)
        value, rank = np.full(graph.size, np.nan), np.full(graph.size, np.nan)
        value[there], rank[there] = values[last[there]], standing.percentile[last[there]]
        found[ratio.name] = Indicator(value=value, percentile=rank, source="financials", evidence=period)
        if ratio.name == "net_margin":
            trend = np.full(graph.size, np.nan)
            trend[there] = (values - given.a_year_before(values))[last[there]]
            found["net_margin_trend"] = _plain(trend, "financials", period)
    return found


def _accounts(graph: RiskGraph, given: Statements) -> dict[str, Indicator]:
    last = given.latest()
    there = last >= 0
    ratio, age = np.full(graph.size, np.nan), np.full(graph.size, np.nan)
    assets, equity = given.balance("total_assets"), given.balance("equity")
    part = np.divide(equity, assets, out=np.full(given.size, np.nan), where=assets > 0.0)
    today = int(np.datetime64(graph.as_of, "D").astype(np.int64))
    ratio[there], age[there] = part[last[there]], (today - given.day)[last[there]]
    said = graph.tables.column("financials", "audited").cast(pa.float64()).to_numpy(zero_copy_only=False)
    audited = np.full(graph.size, np.nan)
    audited[there] = np.asarray(said, dtype=np.float64)[given.row[last[there]]]
    days = np.array([str(d) for d in given.ends()], dtype=object)

    def period(one: int) -> list[str]:
        return [str(days[last[one]])] if last[one] >= 0 else []

    return {
        "equity_ratio": _plain(ratio, "financials", period),
        "accounts_age_days": _plain(age, "financials", period),
        "audited": _plain(audited, "financials", period),
    }


def _behaviour(graph: RiskGraph) -> dict[str, Indicator]:
    n, party = graph.size, graph.positions("behaviour", "party_id")
    age = _day(graph, "behaviour", "month_on")
    recent = (age <= YEAR + 1) & (age >= 0) & (party >= 0)
    half = recent & (age <= YEAR // 2 + 1)
    shown = _by_party(graph, "behaviour", "party_id", recent, "month_on")

    def mean(column: str, chosen: Flags) -> Floats:
        values = graph.floats("behaviour", column)
        some = chosen & ~np.isnan(values)
        count = np.bincount(party[some], minlength=n)
        mean_of = np.divide(sum_by(party[some], values[some], n), count, out=np.full(n, np.nan), where=count > 0)
        return np.asarray(mean_of, dtype=np.float64)

    inflow = graph.floats("behaviour", "inflow")
    some = recent & ~np.isnan(inflow)
    count, middle = np.bincount(party[some], minlength=n), mean("inflow", recent)
    square = sum_by(party[some], (inflow[some] - middle[party[some]]) ** 2, n)
    spread = np.sqrt(np.divide(square, count - 1, out=np.full(n, np.nan), where=count > 5))
    before, after = mean("inflow", recent & ~half), mean("inflow", half)
    enough = count >= 10
    return {
        "overdraft_days": _plain(mean("overdraft_days", recent), "behaviour", shown),
        "utilisation": _plain(mean("limit_utilisation", recent), "behaviour", shown),
        "inflow_variation": _plain(
            np.divide(spread, middle, out=np.full(n, np.nan), where=middle > 0.0), "behaviour", shown
        ),
        "inflow_trend": _plain(
            np.divide(after - before, before, out=np.full(n, np.nan), where=enough & (before > 0.0)), "behaviour", shown
        ),
    }


def _loans(graph: RiskGraph) -> dict[str, Indicator]:
    n = graph.size
    borrower = graph.positions("facilities", "borrower_id")
    late, worst = np.full(n, np.nan), np.full(n, np.nan)
    overdue = graph.floats("facilities", "days_past_due")
    kind = np.array([float(loan_class(t)) for t in graph.texts("facilities", "classification")], dtype=np.float64)
    lent = borrower >= 0
    np.fmax.at(late, borrower[lent], overdue[lent])
    np.fmax.at(worst, borrower[lent & (kind > 0)], kind[lent & (kind > 0)])
    party, months = graph.positions("behaviour", "party_id"), graph.floats("behaviour", "days_past_due")
    age = _day(graph, "behaviour", "month_on")
    recent = (party >= 0) & (age >= 0) & (age <= YEAR + 1)
    np.fmax.at(late, party[recent], months[recent])
    shown = _by_party(graph, "facilities", "borrower_id", lent, "facility_id")
    return {"days_past_due": _plain(late, "facilities", shown), "loan_class": _plain(worst, "facilities", shown)}


def _events(graph: RiskGraph) -> dict[str, Indicator]:
    found = {}
    for name, kinds, days in (
        ("defaults", DEFAULTS, 3 * YEAR),
        ("arrears", ARREARS, 2 * YEAR),
        ("suits", SUITS, 2 * YEAR),
    ):
        count, shown = _counted(graph, kinds, days)
        found[name] = _plain(count, "events", shown)
    return found


def _counted(graph: RiskGraph, kinds: Iterable[str], days: int) -> tuple[Floats, Evidence]:
    """Return how many such events each party had, as far as the bank knew on the as-of date; null without any."""
    party, kind = graph.positions("events", "party_id"), graph.texts("events", "kind")
    age, known = _day(graph, "events", "occurred_on"), _day(graph, "events", "known_on")
    chosen = np.isin(kind.astype(str), tuple(kinds)) & (age >= 0) & (age <= days) & ~(known < 0) & (party >= 0)
    value = np.bincount(party[chosen], minlength=graph.size).astype(np.float64)
    if not graph.rows("events"):  # nobody recorded events: that none is there says nothing
        value = np.full(graph.size, np.nan)
    return value, _by_party(graph, "events", "party_id", chosen, "event_id")


def _relationship(graph: RiskGraph) -> dict[str, Indicator]:
    party, day = graph.positions("relationship", "party_id"), graph.texts("relationship", "as_of_on")
    latest = np.full(graph.size, -1, dtype=np.int64)
    own = np.flatnonzero(party >= 0)
    latest[party[own]] = own  # rows run by party, then day

    def shown(one: int) -> list[str]:
        return [str(day[latest[one]])] if latest[one] >= 0 else []

    def column(name: str) -> Indicator:
        value = np.full(graph.size, np.nan)
        there = latest >= 0
        value[there] = graph.floats("relationship", name)[latest[there]]
        return _plain(value, "relationship", shown)

    since = _day(graph, "parties", "client_since_on") / (YEAR / 12.0)
    tenure = column("tenure_months")
    return {
        "tenure_months": _plain(np.where(np.isnan(tenure.value), since, tenure.value), "relationship", shown),
        "products": column("products"),
        "share_of_wallet": column("share_of_wallet"),
        "contact": column("contact_score"),
        "owner_score": column("owner_credit_score"),
    }


def _identity(graph: RiskGraph) -> dict[str, Indicator]:
    known = [graph.texts("parties", name) for name in ("national_id", "lei")]
    any_known = np.array([a is not None or b is not None for a, b in zip(*known, strict=True)], dtype=np.float64)
    age = _day(graph, "parties", "incorporated_on") / 365.25
    return {
        "age_years": _plain(np.where(age >= 0, age, np.nan), "parties"),
        "identified": _plain(any_known, "parties"),
    }


def _owners(graph: RiskGraph) -> dict[str, Indicator]:
    """Return what is known of who controls each party: events of theirs, and how their other firms do."""
    n = graph.size
    above: dict[int, set[int]] = {}
    if graph.rows("ownership") or graph.rows("control"):
        ruled = command(holdings_of(graph))
        for seed, firm in zip(ruled.seed[ruled.certain].tolist(), ruled.firm[ruled.certain].tolist(), strict=True):
            head = int(ruled.heads[seed])
            if head != firm:
                above.setdefault(firm, set()).add(head)
    below: dict[int, set[int]] = {}
    for firm, heads in above.items():
        for head in heads:
            below.setdefault(head, set()).add(firm)
    count, shown = _counted(graph, (*DEFAULTS, *SUITS), 3 * YEAR)
    down = rows_that_say(graph, "parties", "status", "defaulted")
    events, failures = np.full(n, np.nan), np.full(n, np.nan)
    for firm, heads in above.items():
        events[firm] = float(sum(count[head] for head in heads))
        others = set().union(*(below[head] for head in heads)) - {firm} - heads
        if others:
            failures[firm] = float(np.mean([down[o] for o in others]))
    ids = graph.party_ids

    def who(one: int) -> list[str]:
        return [str(ids[head]) for head in sorted(above.get(one, ()))]

    def told(one: int) -> list[str]:
        return [row for head in sorted(above.get(one, ())) for row in shown(head)] or who(one)

    def firms(one: int) -> list[str]:
        heads = above.get(one, set())
        others = set().union(*(below[head] for head in heads)) - {one} - heads if heads else set()
        return [str(ids[o]) for o in sorted(others) if down[o]] or who(one)

    return {"owner_events": _plain(events, "events", told), "owner_failures": _plain(failures, "ownership", firms)}


def _network(graph: RiskGraph) -> dict[str, Indicator]:
    n, ids = graph.size, graph.party_ids
    guarantor, debtor = graph.ends("guarantees")
    there = (guarantor >= 0) & (debtor >= 0) & (guarantor != debtor)
    amount = np.nan_to_num(np.maximum(graph.floats("guarantees", "amount"), 0.0))
    promised = sum_by(guarantor[there], amount[there], n)
    equity = graph.equity
    ratio = np.divide(promised, equity, out=np.full(n, np.nan), where=equity > 0.0)
    ratio = np.where(
        promised == 0.0, 0.0, np.where(equity <= 0.0, 1e6, ratio)
    )  # promises without net assets: the worst
    label = component_labels(n, guarantor[there], debtor[there], "strong")
    circle = (np.bincount(label, minlength=n)[label] > 1).astype(np.float64) if n else np.zeros(0)
    given = _by_party(graph, "guarantees", "guarantor_id", there, "guarantee_id")
    down = rows_that_say(graph, "parties", "status", "defaulted")
    pairs = [arcs_of(graph, layer) for layer in ("guarantees", "exposures", "supplies", "ownership")]
    one = np.concatenate([side for arcs in pairs for side in (arcs.source, arcs.target)])
    other = np.concatenate([side for arcs in pairs for side in (arcs.target, arcs.source)])
    both = np.unique(one * np.int64(max(n, 1)) + other) if n else one
    one, other = both // max(n, 1), both % max(n, 1)
    many = np.bincount(one, minlength=n)
    part = np.divide(sum_by(one, down[other].astype(np.float64), n), many, out=np.full(n, np.nan), where=many > 0)
    fallen: dict[int, list[str]] = {}
    for a, b in zip(one[down[other]].tolist(), other[down[other]].tolist(), strict=True):
        fallen.setdefault(a, []).append(str(ids[b]))
    a, b = graph.ends("ties")
    touch = np.isin(graph.texts("ties", "kind").astype(str), ("phone", "address", "device")) & (a >= 0) & (b >= 0)
    shares = np.zeros(n) if graph.rows("ties") else np.full(n, np.nan)
    contact: dict[int, list[str]] = {}
    for x, y in (
        *zip(a[touch].tolist(), b[touch].tolist(), strict=True),
        *zip(b[touch].tolist(), a[touch].tolist(), strict=True),
    ):
        if down[y] and x != y:
            shares[x] = 1.0
            contact.setdefault(x, []).append(str(ids[y]))
    supplier, buyer = graph.ends("supplies")
    return {
        "promised_to_equity": _plain(ratio, "guarantees", given),
        "in_guarantee_circle": _plain(circle, "guarantees", given),
        "neighbours_in_default": _plain(part, "network", lambda k: sorted(fallen.get(k, []))),
        "largest_buyer": _largest(graph, supplier, buyer),
        "largest_supplier": _largest(graph, buyer, supplier),
        "shares_contact_with_default": _plain(shares, "ties", lambda k: sorted(set(contact.get(k, [])))),
    }


def _largest(graph: RiskGraph, side: Positions, other: Positions) -> Indicator:
    """Return the part that the largest partner on the `other` side has of what a party trades."""
    n = graph.size
    amount = np.nan_to_num(np.maximum(graph.floats("supplies", "amount"), 0.0))
    there = (side >= 0) & (other >= 0) & (side != other) & (amount > 0.0)
    width = np.int64(max(n, 1))
    keys, place = np.unique(side[there] * width + other[there], return_inverse=True)
    traded = sum_by(place, amount[there], len(keys))
    whole = sum_by(keys // width, traded, n)
    top, who = np.zeros(n), np.full(n, -1, dtype=np.int64)
    for key, value in zip(keys.tolist(), traded.tolist(), strict=True):
        if value > top[key // width]:
            top[key // width], who[key // width] = value, key % width
    ids = graph.party_ids
    value = np.divide(top, whole, out=np.full(n, np.nan), where=whole > 0.0)
    return _plain(value, "supplies", lambda k: [str(ids[who[k]])] if who[k] >= 0 else [])
