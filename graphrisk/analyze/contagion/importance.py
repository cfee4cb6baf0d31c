"""How much each party would cause if it alone failed: exact as far as the work goes, else between certified bounds.

Seeds in small parts of the book are all run. Those of large parts are run too where that is within the work; else in
the order of their upper bounds, so that the largest are exact first: once the k-th largest exact loss is above every
bound left, the top k are certain without running the rest.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphrisk.analyze.contagion.tables import Scores
from graphrisk.analyze.contagion.together import RULES, bound_together, can_be_grouped
from graphrisk.cascade.engines import engine_after
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.bounds import least_caused, most_caused
from graphrisk.kernels.contagion.ledger import BORROWER, CLAIMS, Flags, Floats, Ints
from graphrisk.kernels.contagion.parts import parts_of_book
from graphrisk.kernels.contagion.starts import Caused, each_alone, nothing_caused
from graphrisk.model.note import Note
from graphrisk.progress import Progress

SAMPLES = (8, 64)
"""So many parties of the large parts are run first, spread over the book, to estimate how much work all would take: 8,
and 64 where 8 leave it open."""
SWEEPS = 32
"""Parts are run from the smallest on, as long as this many sweeps over the part, for each of its parties, fit into half
of the work allowed; those are the small parts."""
TOP = 20
"""So many first ranks are made certain before the rest of the work goes to exact losses of the others."""
FOR_THE_LARGEST, FOR_GROUPS = 0.15, 0.7
"""Parts of the work that is left: for the seeds that seem largest, then for bounding the others in groups."""
LIKELY_DEARER = 8.0
"""The seeds that seem largest take so many times the work of a sample."""
LONGEST = 2_000
"""A party whose calls shift between guarantors for ever is run anew from the undistressed state, for so many sweeps."""


@dataclass(slots=True, kw_only=True)
class _Search:
    """What is known of the seeds so far."""

    unshocked: Spread
    params: Params
    progress: Progress
    caused: Caused
    done: Flags
    work: int = 0
    lower: Floats = field(default_factory=lambda: np.zeros(0))
    upper: Floats = field(default_factory=lambda: np.zeros(0))
    bounded: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))  # by the linear majorant or a group
    grouped: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool))  # by a group

    @property
    def exact(self) -> Flags:
        """Which seeds were run to their end."""
        found: Flags = self.done & (self.caused.rounds >= 0)
        return found

    def run(self, seeds: Ints) -> int:
        """Run some seeds, note what they cause; return the work."""
        if not len(seeds):
            return 0
        found = run_seeds(self.unshocked, self.params, seeds)
        for whole, part in zip(self.caused, found, strict=True):
            whole[seeds] = part
        self.done[seeds] = True
        spent = int(found.work.sum())
        self.work += spent
        self.progress("each party alone", int(self.done.sum()), len(self.done))
        return spent

    def run_in_blocks(self, seeds: Ints, each: float, part: float = 1.0) -> None:
        """Run `seeds` in their order until a part of the work left is used up; `each`: what one is expected to take."""
        left = self.params.seed_work - self.work
        most = self.work + part * left
        block = max(1, min(len(seeds), int(self.params.seed_work * part / max(each, 1.0) / 16)))
        for at in range(0, len(seeds), block):
            if self.work > most:
                break
            self.run(seeds[at : at + block])


def score_seeds(
    unshocked: Spread, params: Params, progress: Progress
) -> tuple[Scores, tuple[str, ...], dict[str, Any]]:
    """Return the importance of every party beyond the `unshocked` run, notes, and what certifies it."""
    size = unshocked.ledger.party.shape[0]
    search = _Search(
        unshocked=unshocked,
        params=params,
        progress=progress,
        caused=nothing_caused(size),
        done=_causes_nothing(unshocked, params),
    )
    part, contracts = parts_of_book(
        unshocked.ledger,
        supply=None if unshocked.supply is None else unshocked.supply.supply,
        pledges=None if unshocked.assets is None else unshocked.book.pledges,
    )
    search.lower, search.upper = np.zeros(size), all_there_is(unshocked, part)
    search.bounded, search.grouped = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    followed = contracts[part] + 1
    order = np.lexsort((np.arange(size), part, followed))
    order = order[~search.done[order]]
    small = np.cumsum(followed[order].astype(np.float64)) * SWEEPS <= params.seed_work / 2
    search.run_in_blocks(order[small], float(followed[order[small]].mean()) if small.any() else 1.0)
    if not small.all():
        _run_large(search, np.sort(order[~small]))
    _run_swinging(search)
    return _scores(search, part)


def _causes_nothing(unshocked: Spread, params: Params) -> Flags:
    """Return the parties that a shock changes nothing of: in default already, where it takes no production."""
    failed: Flags = unshocked.run.state.failed.copy()
    if unshocked.supply is not None and params.supply_default == "none":
        failed[:] = False
    return failed


def _run_large(search: _Search, seeds: Ints) -> None:
    """Run the seeds of large parts: all where that is within the work, else those that can cause most first."""
    params, spent, ran = search.params, 0, 0
    for few in SAMPLES:
        sample = seeds[np.unique(np.linspace(0, len(seeds) - 1, min(few, len(seeds))).astype(np.int64))]
        sample = sample[~search.done[sample]]
        spent, ran = spent + search.run(sample), ran + len(sample)
        whole = spent / max(ran, 1) * len(seeds)
        if whole > 4.0 * params.seed_work or search.work > params.seed_work:
            break
    left: Ints = seeds[~search.done[seeds]]
    each = spent / max(ran, 1)
    if search.work + each * len(left) > params.seed_work:
        _bound(search)
        left = _largest_first(search, left)
        search.run_in_blocks(left, LIKELY_DEARER * each, FOR_THE_LARGEST)
        _bound_in_groups(search, left[~search.done[left]], each)
        left = _largest_first(search, left[~search.done[left]])
    search.run_in_blocks(left, each)


def _largest_first(search: _Search, seeds: Ints) -> Ints:
    """Return seeds in the order in which they are run: the largest bounds first."""
    most = np.where(search.bounded, search.upper, np.inf)[seeds]  # a void bound tells no two seeds apart
    return seeds[np.lexsort((seeds, -_at_once(search.unshocked)[seeds], -search.lower[seeds], -most))]


def _bound_in_groups(search: _Search, seeds: Ints, each: float) -> None:
    """Bound those that may yet be among the `TOP` first, a group at a time, and run those that no group clears.

    Only those without a linear bound: where that holds it costs nothing, and the work goes to exact losses.
    """
    unshocked, params = search.unshocked, search.params
    if search.exact.sum() < TOP or not can_be_grouped(unshocked, params):
        return

    def last_of_top() -> float:
        return float(np.sort(search.caused.loss[search.exact])[-TOP])

    def alone(some: Ints) -> float:
        search.run_in_blocks(some, LIKELY_DEARER * each)
        return last_of_top()

    enough = last_of_top()
    if enough <= 0.0:  # not so many cause anything: there are no ranks to tell apart
        return
    seeds = seeds[~search.bounded[seeds] & (search.upper[seeds] > enough)]
    most = search.work + FOR_GROUPS * (params.seed_work - search.work)
    for some, upper, work in bound_together(
        unshocked, params, seeds, enough=enough, goes_on=lambda: search.work < most, alone=alone
    ):  # fmt: skip
        search.upper[some] = np.minimum(search.upper[some], upper)
        search.bounded[some] |= np.isfinite(upper)
        search.grouped[some] |= np.isfinite(upper)
        search.work += work


def _bound(search: _Search) -> None:
    """Set the bounds that hold for the layers and the rule of the run."""
    unshocked, params = search.unshocked, search.params
    if params.rule not in RULES:
        return
    if not (unshocked.supply is not None and params.supply_default == "none"):
        search.lower = least_caused(unshocked.ledger, unshocked.rule, unshocked.run.state)
    if unshocked.supply is None and unshocked.assets is None:
        most, search.bounded = most_caused(unshocked.ledger, unshocked.rule, unshocked.run.state)
        search.upper = np.where(search.bounded, np.minimum(most, search.upper), search.upper)


def all_there_is(unshocked: Spread, part: Ints) -> Floats:
    """Return what there is to lose for others and the bank in the part of the book of each party (parties,)."""
    equity = np.maximum(unshocked.balance.equity, 0.0)
    parts = int(part.max(initial=-1)) + 1
    whole = np.bincount(part, weights=equity, minlength=parts).astype(np.float64)
    open_ = np.where(unshocked.ledger.ours, unshocked.book.due - unshocked.balance.unpaid, 0.0)
    whole += np.bincount(part[unshocked.ledger.facility[BORROWER]], weights=open_, minlength=parts)
    left: Floats = whole[part] - equity
    return left


def _at_once(unshocked: Spread) -> Floats:
    """Return what stands against each party, to order seeds by where no bound tells them apart (parties,)."""
    ledger, size = unshocked.ledger, unshocked.ledger.party.shape[0]
    debtor = np.repeat(np.arange(size), np.diff(ledger.start[CLAIMS]))
    first = np.bincount(debtor, weights=ledger.claim, minlength=size).astype(np.float64)
    first += np.bincount(ledger.facility[BORROWER], weights=ledger.uncovered, minlength=size)
    return first if unshocked.supply is None else first + unshocked.supply.supply.sales


def run_seeds(unshocked: Spread, params: Params, seeds: Ints) -> Caused:
    """Return what each of `seeds` causes beyond `unshocked`: from its end, only what the seed changes is computed."""
    return each_alone(engine_after(unshocked, params), seeds, max_rounds=params.max_rounds)


def _run_swinging(search: _Search) -> None:
    """Run the seeds that do not settle from the unshocked state from the undistressed one, while there is work left.

    Calls that shift between guarantors are not monotone: another way down may settle.
    """
    short = dataclasses.replace(search.params, max_rounds=min(search.params.max_rounds, LONGEST))
    for seed in np.flatnonzero(search.done & (search.caused.rounds < 0)):
        if search.work > search.params.seed_work:
            break
        found = run_from_scratch(search.unshocked, short, np.array([seed]))
        for whole, one in zip(search.caused, found, strict=True):
            whole[seed] = one[0]
        search.work += int(found.work[0])


def run_from_scratch(unshocked: Spread, params: Params, seeds: Ints) -> Caused:
    """Return what each of `seeds` causes beyond `unshocked`, by whole runs from the undistressed state."""
    size, out = unshocked.ledger.party.shape[0], nothing_caused(len(seeds))
    left, failed = np.maximum(unshocked.balance.equity, 0.0), unshocked.run.state.failed
    rows = (
        size
        + len(unshocked.ledger.claim)
        + len(unshocked.book.supply_row)
        + len(unshocked.book.due)
        + len(unshocked.ledger.share)
    )
    for place, seed in enumerate(seeds.tolist()):
        fraction = unshocked.shock.fraction.copy()
        fraction[seed] = 1.0
        shock = dataclasses.replace(unshocked.shock, fraction=fraction, given=True)
        try:
            one = spread_shock(unshocked.book, shock, params, explain=False)
        except ConvergenceError:
            out.rounds[place] = -1
            out.work[place] = rows * params.max_rounds
            continue
        fall = left - np.maximum(one.balance.equity, 0.0)
        fall[seed] = 0.0
        new = one.run.state.failed & ~failed
        new[seed] = False
        out.bank_loss[place] = one.bank_loss - unshocked.bank_loss
        out.loss[place] = float(fall.sum()) + out.bank_loss[place]
        out.defaults[place] = int(new.sum())
        out.rounds[place] = one.run.rounds
        out.work[place] = rows * (one.run.rounds + 1)
    return out


def _scores(search: _Search, part: Ints) -> tuple[Scores, tuple[str, ...], dict[str, Any]]:
    exact, caused = search.exact, search.caused
    loss = np.where(exact, caused.loss, search.lower)
    scores = Scores(
        loss=loss,
        bank_loss=np.where(exact, caused.bank_loss, 0.0),
        defaults=np.where(exact, caused.defaults, 0),
        lower=loss,
        upper=np.where(exact, caused.loss, np.maximum(search.upper, search.lower)),
        exact=exact,
    )
    open_ = float(scores.upper[~exact].max(initial=-np.inf))
    certain = int((loss[exact] > open_).sum())
    void = int((~search.done & ~search.bounded).sum())
    proof = {
        "exact_seeds": int(exact.sum()),
        "certain_top": certain,
        "largest_open_bound": open_ if (~exact).any() else None,
        "bounds_void": void,
        "bounded_in_groups": int((search.grouped & ~exact).sum()),
        "contracts_followed": search.work,
        "parts": int(np.unique(part).size),
        "largest_part": int(np.bincount(part).max(initial=0)),
    }
    return scores, tuple(_notes(search, exact, certain, void, open_)), proof


def _notes(search: _Search, exact: Flags, certain: int, void: int, open_: float) -> list[str]:
    notes: list[str] = []
    swinging = int((search.done & ~exact).sum())
    if swinging:
        notes.append(
            Note(
                "seeds_unsettled",
                f"{swinging:,} seeds did not settle in {search.params.max_rounds:,} "
                "rounds: what they cause is only bounded",
                f"{swinging:,} 个起点在 {search.params.max_rounds:,} 轮内未稳定：其影响只有上下界",
            )
        )
    if search.done.all():
        return notes
    said = f"the top {certain:,} are certain: each causes more than {open_:,.2f}, the largest bound that is open"
    told = f"前 {certain:,} 名确定：各自造成的损失都超过 {open_:,.2f}，即最大的未定上界"
    notes.append(
        Note(
            "seeds_run",
            f"importance: {int(exact.sum()):,} of {len(exact):,} seeds were run to their end (seed_work="
            f"{search.params.seed_work:,}), those in small parts of the book first, then in the order of their upper "
            f"bounds; {said if certain else 'no rank is certain'}. The others show their lower bound as loss_caused",
            f"重要性：{len(exact):,} 个起点中 {int(exact.sum()):,} "
            f"个已运行到底（seed_work={search.params.seed_work:,}），"
            f"先小片后按上界；{told if certain else '名次均不确定'}。"
            "其余以下界作为 loss_caused",
        )
    )
    if void:
        notes.append(
            Note(
                "bounds_void",
                f"for {void:,} of them the linear bound is void ({_why_void(search)}): upper is all there is to "
                "lose in their part of the book. Raise seed_work to run them",
                f"其中 {void:,} 个的线性上界无效：upper 为其所在部分的全部可损失额。提高 seed_work 可逐一运行",
                severity="warning",
            )
        )
    return notes


def _why_void(search: _Search) -> str:
    if search.params.rule not in ("threshold", "debtrank", "nonlinear"):
        return f"rule {search.params.rule} has none"
    grouped = can_be_grouped(search.unshocked, search.params)
    too_late = "none that is linear, and the work did not reach to bound them in groups" if grouped else "none"
    if search.unshocked.supply is not None:
        return f"lost production has {too_late}"
    if search.unshocked.assets is not None:
        return f"falling prices have {too_late}"
    return "losses can feed on themselves, calls stand before any shock, or a guarantor's equity is unknown"
