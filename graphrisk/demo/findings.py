"""What the first look at the synthetic bank found, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from graphrisk.demo.story import Story
from graphrisk.model.result import Result

if TYPE_CHECKING:
    import pandas as pd


def what_was_found(loaded: Mapping[str, int], rejected: int, results: Mapping[str, Result], story: Story) -> list[str]:
    """Return sentences on the data, the circles, the over-extended guarantors and the costliest default.

    `loaded`: rows per table; `results`: quality, chains and contagion, each with its defaults.
    """
    lines = [
        f"{sum(loaded.values()):,} rows in {len(loaded)} tables loaded, {rejected:,} rejected.",
        _quality(results["quality"].findings),
        _circles(results["chains"].circles, results["chains"].pairs, story),
        _stretched(results["chains"].parties),
        _costliest(results["contagion"].importance),
    ]
    return [line for line in lines if line]


def _quality(findings: pd.DataFrame) -> str:
    counts = findings["severity"].value_counts()
    said = ", ".join(f"{n} of severity {name}" for name, n in sorted(counts.items()))
    return (
        f"{_number(len(findings), 'finding')} in the data ({said}): graphrisk check lists them."
        if len(findings)
        else ""
    )


def _circles(circles: pd.DataFrame, pairs: pd.DataFrame, story: Story) -> str:
    if circles.empty:
        return "No guarantee circle."
    largest = circles.sort_values(["total_amount", "circle_id"], ascending=[False, True]).iloc[0]
    planted = set(story.plot("circle").parties)
    found = any(set(parties) == planted for parties in circles["parties"])
    seen = "the planted one of four among them" if found else "but NOT the planted one of four: please report this"
    pairs_said = f" ({len(pairs)} of them mutual pairs)" if len(pairs) else ""
    return (
        f"{_number(len(circles), 'guarantee circle')}{pairs_said}, {seen}; the largest by amount: "
        f"{' > '.join(largest['parties'])}, {millions(largest['total_amount'])}."
    )


def _stretched(parties: pd.DataFrame) -> str:
    gave = parties[parties["guaranteed_out"] > 0]
    over = gave[gave["over_guarantee"].isin(["no_net_assets", "beyond_net_assets"])]
    unknown = gave[gave["over_guarantee"] == "unknown"]
    said = "No guarantor is known to have given more than its net assets."
    if len(over):
        bare = int((over["over_guarantee"] == "no_net_assets").sum())
        worst = over.sort_values(["guaranteed_out", "party_id"], ascending=[False, True]).iloc[0]
        said = (
            f"{_number(len(over), 'guarantor has', 'guarantors have')} given more than their net assets"
            f"{f' ({bare} of them have none)' if bare else ''}; the largest is {worst['party_id']}: "
            f"{millions(worst['guaranteed_out'])} on net assets of {millions(worst['net_assets'])}."
        )
    if len(unknown):
        said += (
            f" {_number(len(unknown), 'more has', 'more have')} given {millions(unknown['guaranteed_out'].sum())}, "
            "and nobody knows their net assets."
        )
    return said


def _costliest(importance: pd.DataFrame) -> str:
    if importance.empty:
        return ""
    top = importance.sort_values("rank").iloc[0]
    return (
        f"The costliest single default is {top['party_id']}: {millions(top['loss_caused'])} lost in all, "
        f"{millions(top['bank_loss_caused'])} of it by the bank; "
        f"{_number(int(top['defaults_caused']), 'other fails', 'others fail')} with it."
    )


def _number(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def millions(amount: float) -> str:
    """Return an amount of CNY in millions, as a person says it."""
    return f"CNY {amount / 1e6:,.1f} million"
