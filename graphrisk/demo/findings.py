"""What the first look at the synthetic bank found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphrisk.demo.story import Story
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pandas as pd


def what_was_found(loaded: Mapping[str, int], rejected: int, results: Mapping[str, Result], story: Story) -> list[str]:
    """Return sentences on the bank, its data, the circles, the over-extended guarantors and the costliest default.

    `loaded`: rows per table; `results`: quality, chains, concentration, contagion, relations and groups, with their
    defaults, and limits with the capital of the planted story.
    """
    ead = float(results["concentration"].certificate["ead"])
    lines = [
        f"A made-up bank: {story.clients:,} clients owe it {millions(ead)} (seed {story.seed}, as of {story.as_of}).",
        f"{sum(loaded.values()):,} rows loaded, {rejected:,} rejected; "
        f"graphrisk check lists {_number(len(results['quality'].findings), 'thing')} to look at in them.",
        _circles(results["chains"].components, story),
        _stretched(results["chains"].parties),
        _costliest(results["contagion"].importance, ead),
        _hidden(results["relations"].pairs, story),
        _connected(results["groups"], results["limits"], story),
    ]
    return [line for line in lines if line]


def past_in_words(story: Story) -> list[str]:
    """Return what the bank's past holds, in a sentence; nothing where it has none."""
    if story.history is None:
        return []
    own, passed = int(story.history["own"]), int(story.history["passed_on"])
    told = f"{passed:,} were passed on to others" if story.history["contagion"] else "none was passed on"
    return [f"In the {story.history['months']:,} months before, {own:,} clients defaulted by their own; {told}."]


def _circles(components: pd.DataFrame, story: Story) -> str:
    if components.empty:
        return "No firms stand behind one another's loans in a circle."
    pairs = int((components["size"] == 2).sum())
    groups = components.loc[components["size"] > 2, "size"]
    planted = set(story.plot("circle").parties)
    found = any(set(parties) == planted for parties in components["parties"])
    of = f"{_number(len(groups), 'group')} of {groups.min()} to {groups.max()}" if len(groups) else "no group"
    seen = (
        "the planted circle of 4 is one" if found else "the planted circle of 4 is NOT among them: please report this"
    )
    return f"Firms behind one another's loans: {of}, and {_number(pairs, 'pair')}; {seen}."


def _stretched(parties: pd.DataFrame) -> str:
    gave = parties[parties["guaranteed_out"] > 0]
    over = gave[gave["over_guarantee"].isin(["no_net_assets", "beyond_net_assets"])]
    unknown = gave[gave["over_guarantee"] == "unknown"]
    said = "No guarantor is known to have promised more than it owns"
    if len(over):
        worst = over.sort_values(["guaranteed_out", "party_id"], ascending=[False, True]).iloc[0]
        said = (
            f"{_number(len(over), 'guarantor has', 'guarantors have')} promised more than they own "
            f"({worst['party_id']} {millions(worst['guaranteed_out'])} on {worst['net_assets'] / 1e6:,.1f})"
        )
    if unknown.empty:
        return f"{said}."
    others = f"{_number(len(unknown), 'other')} promised {millions(unknown['guaranteed_out'].sum())}"
    return f"{said}; {others}, and the bank does not know what they own."


def _costliest(importance: pd.DataFrame, ead: float) -> str:
    if importance.empty:
        return ""
    top = importance.sort_values("rank").iloc[0]
    part = f" ({top['bank_loss_caused'] / ead:.1%} of its loans)".replace("%", " %") if ead else ""
    return (
        f"The costliest single default is {top['party_id']}: the bank loses {millions(top['bank_loss_caused'])}{part}, "
        f"{_number(int(top['defaults_caused']), 'other fails', 'others fail')} with it."
    )


def _hidden(pairs: pd.DataFrame, story: Story) -> str:
    hidden = pairs[pairs["hidden"].fillna(False).astype(bool)]
    count = len(hidden.drop_duplicates(["a_id", "b_id"]))
    one, other = story.plot("hidden_link").parties
    row = hidden[(hidden["a_id"] == one) & (hidden["b_id"] == other)]
    if row.empty:
        return "The planted hidden link is NOT among the related clients: please report this."
    return (
        f"{_number(count, 'pair of clients is', 'pairs of clients are')} related by hints alone, such as one phone or "
        f"one officer (for review); the planted pair {one}, {other} is one ({row.iloc[0]['evidence']})."
    )


def _connected(groups: Result, limits: Result, story: Story) -> str:
    """Say how many groups there are, and whether the planted one and its breach are among them."""
    expected = story.plot("pyramid").expected
    members = expected["group"]
    found = groups.groups[[list(parties) == members for parties in groups.groups["parties"]]]
    use = limits.use.set_index(["subject", "subject_id"])
    if found.empty or ("group", members[0]) not in use.index:
        return "The planted group of connected clients is NOT found: please report this."
    row, alone = use.loc[("group", members[0])], max(use.loc[("client", one), "use"] for one in members)
    if row["level"] != "breach_legal":
        return "The planted group of connected clients does NOT break its limit: please report this."
    said = (
        f"{_number(len(groups.groups), 'group')} of connected clients; {' and '.join(members)} are one by a hidden "
        f"controller, and with a Tier 1 of {millions(expected['tier1'])} use {row['use']:.1%} of it where "
        f"{row['limit']:.0%} is the limit, alone {alone:.1%} at most."
    )
    return said.replace("%", " %")


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def millions(amount: float) -> str:
    """Return an amount of CNY in millions, as a person says it."""
    return f"CNY {amount / 1e6:,.1f} million"
