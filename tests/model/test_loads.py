from __future__ import annotations

from datetime import date

import pytest

from graphrisk.model.loads import PastLoad, PastTable, after_load, digest_of, read, telling, written

JUNE, JULY = date(2026, 6, 30), date(2026, 7, 31)


def past(loader: str, day: date, rejected: int = 0, refused: str = "") -> PastLoad:
    table = PastTable(table="parties", read=9, rejected=rejected, reasons=(("kind", rejected),), examples=("l. 2",))
    return PastLoad(loader=loader, as_of=day, refused=refused, tables=(table,))


def test_what_is_remembered_comes_back_and_has_a_digest() -> None:
    loads = (past("a", JUNE, 3), past("甲", JULY, refused="所有行"))
    assert loads == read(written(loads))
    assert digest_of(loads) != digest_of(loads[:1]) != ""
    assert "" == digest_of(())


@pytest.mark.parametrize(
    "text", ["", "[]", '{"loads": [{}]}', '{"loads": [1]}', '{"loads": [{"loader": "a"}]}', "null"]
)
def test_what_is_no_record_of_loads_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read(text)


def test_a_load_takes_the_place_of_the_one_of_its_day_and_of_a_refusal() -> None:
    days = {JUNE, JULY}
    first = after_load((), past("a", JUNE, 3), days)
    refused = after_load(first, past("a", JUNE, refused="no"), days)
    assert (past("a", JUNE, 3), past("a", JUNE, refused="no")) == refused
    assert (past("a", JUNE),) == after_load(refused, past("a", JUNE), days)
    assert (past("a", JUNE, 3), past("a", JULY)) == after_load(refused, past("a", JULY), days)
    assert (past("b", JULY),) == after_load(first, past("b", JULY), {JULY}), "the snapshot of June is gone"


def test_a_snapshot_hears_of_its_own_loads_and_of_the_last_ones() -> None:
    days = {JUNE, JULY}
    memory = (past("a", JUNE, 3), past("b", JUNE, 1), past("a", JULY, 2))
    assert memory[:2] == telling(memory, JUNE, days)
    assert memory[1:] == telling(memory, JULY, days), "b brought nothing for July: its last load is June's"
    refused = past("a", JULY, refused="no")
    assert (*memory[:2], refused) == telling((*memory[:2], refused), JUNE, days)
