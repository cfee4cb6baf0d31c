"""Use of limits: each subject against each line of a regime that is written for its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphrisk.credit.exposure_values import OurExposures, Owed, owed_by
from graphrisk.credit.ladder import named, steps
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.model.currency import rates_on
from graphrisk.regimes.exposure_rule import ExposureRule, Line

OTHER, BANK, GSIB, MIXED = "other", "bank", "gsib", "mixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capital:
    """Our capital (NaN: not known) and our own lines as fractions of it (None: the regime's part of the legal line).

    `rates`: units of base currency for one unit of each currency, for lines that are written as an amount.
    """

    tier1: float
    net_capital: float
    internal: Mapping[str, float | None]
    rates: Mapping[str, float] = field(default_factory=dict)

    def amount(self, of: str) -> float:
        """Return the capital that a line is a fraction of."""
        return self.tier1 if of == "tier1" else self.net_capital


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """Clients or groups: ids, kinds (other, bank, gsib, mixed) and what they owe, in one order.

    `others`: what the members of each group owe that are no banks.
    """

    what: str
    ids: Sequence[str]
    kind: np.ndarray
    owed: Owed
    others: Owed | None = None


def client_kinds(graph: RiskGraph, gsib: Sequence[int] | Positions) -> np.ndarray:
    """Return what each party is to a line that is written for one kind: bank, gsib (those given) or other."""
    kind = np.where(rows_that_say(graph, "parties", "kind", "bank"), BANK, OTHER).astype(object)
    kind[np.asarray(gsib, dtype=np.int64)] = GSIB
    return kind


def group_subjects(
    graph: RiskGraph, ours: OurExposures, ids: Sequence[str], member: Positions, group: Positions
) -> Subjects:
    """Return groups as subjects; `member` of `group` (rows,), each pair once."""
    many = len(ids)
    bank = rows_that_say(graph, "parties", "kind", "bank")[member]
    banks = np.bincount(group[bank], minlength=many)
    kind = np.where(banks == np.bincount(group, minlength=many), BANK, np.where(banks > 0, MIXED, OTHER))
    return Subjects(
        what="group",
        ids=list(ids),
        kind=kind.astype(object),
        owed=owed_by(ours, member, group, many),
        others=owed_by(ours, member[~bank], group[~bank], many),
    )


def capital_of(graph: RiskGraph, params: Any) -> Capital:
    """Return our capital and own lines: those of the parameters, else of the settings; UsageError where not above 0."""

    amounts = {name: _stated(graph, params, name) for name in ("tier1", "net_capital")}
    return Capital(
        **{name: float("nan") if value is None else value for name, value in amounts.items()},
        internal={
            "client": _stated(graph, params, "internal_single"),
            "group": _stated(graph, params, "internal_group"),
        },
        rates=rates_on(graph.tables["fx"], graph.as_of, graph.base_currency),
    )


def tier1_of(graph: RiskGraph, params: Any) -> float | None:
    """Return our Tier 1 capital: that of the parameters, else of the settings; None where it is not known."""
    return _stated(graph, params, "tier1")


def _stated(graph: RiskGraph, params: Any, name: str) -> float | None:
    given = getattr(params, name)
    text = graph.settings.get(f"capital.{name}")
    value = given if given is not None else float(text) if text else None
    if value is not None and value <= 0.0:
        raise UsageError(f"{name} is above 0, not {value:g}", hint="leave it out where it is not known")
    return value


def use_columns(subjects: Sequence[Subjects], rule: ExposureRule, capital: Capital) -> dict[str, np.ndarray]:
    """Return the use of every line by every subject, breaches first, as columns; none where there is no subject."""
    frames = [
        _rows(one, line, rule, capital, mine)
        for one in subjects
        for line in rule.lines
        if one.what in line.subjects and (mine := _meant(one.kind, line, rule, one.what)).any()
    ]
    if not frames:
        return {}
    columns = {name: np.concatenate([np.asarray(frame[name]) for frame in frames]) for name in frames[0]}
    rank = columns.pop("rank").astype(np.int64)
    use, after = columns["use"].astype(np.float64), columns["exposure_after"].astype(np.float64)
    order = np.lexsort(
        (
            columns["measure"].astype(str),
            columns["subject_id"].astype(str),
            columns["subject"].astype(str),
            -after,
            -np.nan_to_num(use, nan=-1.0),
            -rank,
        )
    )
    return {name: values[order] for name, values in columns.items()}


def _meant(kind: np.ndarray, line: Line, rule: ExposureRule, what: str) -> np.ndarray:
    """Return for which subjects a line is written: a line for their kind goes before one for all."""
    own = {k for other in rule.lines if what in other.subjects for k in other.kinds}
    read = np.where((kind == GSIB) & (GSIB not in own), BANK, kind)
    read = np.where((kind == MIXED) & (MIXED not in own), OTHER, read)
    if line.kinds:
        return np.isin(read.astype(str), line.kinds)
    return ~np.isin(read.astype(str), sorted(own))


def legal_line(line: Line, capital: Capital) -> float:
    """Return the limit as a fraction of the capital; NaN where it is written as an amount and the capital is not known.

    An amount in a currency without a rate is left out: the fraction alone is the stricter line.
    """
    if line.floor is None or line.floor_currency not in capital.rates:
        return line.limit
    amount = line.floor * capital.rates[line.floor_currency]
    return float(np.minimum(np.maximum(line.limit, amount / capital.amount(line.of)), max(line.ceiling, line.limit)))


def own_line(line: Line, what: str, rule: ExposureRule, capital: Capital) -> float:
    """Return our own line for a subject: as it is set for exposures, in the same proportion for loans."""
    given = capital.internal[what]
    if given is None:
        return rule.internal_default * legal_line(line, capital)
    if line.measure != "loan":
        return given
    whole = max((one.limit for one in rule.lines if what in one.subjects and one.measure == "exposure"), default=0.0)
    exposure = [one.limit for one in rule.lines if what in one.subjects and one.measure == "exposure"
                and one.kinds == line.kinds]  # fmt: skip
    whole = exposure[0] if exposure else whole
    return given / whole * line.limit if whole else given


def _rows(
    one: Subjects, line: Line, rule: ExposureRule, capital: Capital, mine: np.ndarray
) -> dict[str, np.ndarray | list[object]]:
    many = int(mine.sum())
    loans = line.measure == "loan"
    owed = one.others if line.measure == "exposure_others" and one.others is not None else one.owed
    exposure = (owed.loan if loans else owed.exposure)[mine]
    mitigation = np.zeros(many) if loans else owed.mitigation[mine]
    indirect = owed.indirect[mine]
    after = exposure - mitigation + (indirect if rule.substitution and not loans else 0.0)
    base, legal = capital.amount(line.of), legal_line(line, capital)
    use = after / base if base == base else np.full(many, np.nan)
    own = own_line(line, one.what, rule, capital)
    step = steps(use, np.full(many, legal), np.full(many, own))
    ladder, level = named(step)
    whole = one.owed.exposure[mine]
    known = capital.tier1 == capital.tier1
    large = whole > rule.large * capital.tier1 if rule.large_more_than else whole >= rule.large * capital.tier1 - 1e-9
    return {
        "subject_id": np.array(one.ids, dtype=object)[mine],
        "subject": np.full(many, one.what, dtype=object),
        "exposure": exposure,
        "recognised_mitigation": mitigation,
        "exposure_after": after,
        "indirect": indirect,
        "capital_base": np.full(many, base),
        "measure": np.full(many, line.measure, dtype=object),
        "use": use,
        "limit": np.full(many, legal),
        "internal_limit": np.full(many, own),
        "ladder": ladder,
        "level": level,
        "legal_basis": np.full(many, line.legal, dtype=object),
        "capital": np.full(many, line.of, dtype=object),
        "headroom": _headroom(base, legal, after),
        "large": np.array(large.tolist() if known else [None] * many, dtype=object),
        "check_dependency": np.array(
            (whole > rule.check_above * capital.tier1).tolist() if known else [None] * many, dtype=object
        ),
        "rank": step,
    }


def _headroom(base: float, limit: float, after: Floats) -> Floats:
    return np.asarray(base * limit - after)
