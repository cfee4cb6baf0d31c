"""Beneficial owners and lists: the answer in sentences, then the one table that answers."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.notes import headline
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result


def answer(result: Result, reader: Reader) -> Answer:
    """Return the headline, and the owners, the changes or whom the list reaches."""
    tables = (
        show(
            result,
            reader,
            "owners_changes",
            title=reader.pick("Who becomes or ceases to be an owner", "受益所有人变化"),
            first=("party_id", "owner_id", "change"),
            then=("basis", "capital_min", "legal_basis"),
        ),
        show(
            result,
            reader,
            "owners_listed",
            title=reader.pick("Whom the list reaches", "名单触及的主体"),
            first=("party_id", "aggregate_min", "aggregate_max", "reached"),
            then=("red_flag", "requirement", "path", "evidence"),
        ),
        show(
            result,
            reader,
            "owners_owners",
            title=reader.pick("Beneficial owners", "受益所有人"),
            first=("party_id", "owner_id", "capital_min", "capital_max", "certain", "basis"),
            then=("legal_basis", "path", "evidence", "reason"),
            hidden=("votes_min", "votes_max"),
        ),
    )
    return Answer(sentences=tuple(headline(result, reader)), tables=tables)
