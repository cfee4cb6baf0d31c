"""Notes: a sentence as people see it, and what a program asks of it; kept and read back whole."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date

import pytest

from graphrisk.model.note import Note, as_note, as_notes, warnings_of
from graphrisk.model.result import Result

WARNING = Note("no_pd", "3 parties have no PD", "3 户没有违约概率", severity="warning")


def result_of(*notes: str) -> Result:
    return Result(
        analyzer="chains",
        version=1,
        as_of=date(2026, 9, 30),
        fingerprint="",
        params={},
        certificate={},
        notes=notes,  # type: ignore[arg-type]
        tables={},
    )


def test_a_warning_is_seen_as_one_in_both_languages() -> None:
    assert "warning: 3 parties have no PD" == WARNING
    assert "警示：3 户没有违约概率" == WARNING.said("zh")
    assert str(WARNING) == WARNING.said("en")


def test_without_chinese_the_page_says_it_in_english() -> None:
    assert "warning: x" == Note("k", "x", severity="warning").said("zh")


def test_a_note_on_something_is_as_severe_unless_said() -> None:
    about = WARNING.about("baseline", "基准")
    assert ("warning: baseline: 3 parties have no PD", "警示：基准：3 户没有违约概率", "no_pd") == (
        str(about), about.said("zh"), about.key
    )  # fmt: skip
    assert "baseline: 3 parties have no PD" == WARNING.about("baseline", severity="info")


@pytest.mark.parametrize("note", [WARNING, Note("k", "said {so}"), Note("", "plain"), as_note("warning: plain")])
def test_a_note_is_whole_after_it_was_kept_sent_or_copied(note: Note) -> None:
    ways = (as_note(json.loads(json.dumps(note.as_data()))), pickle.loads(pickle.dumps(note)), copy.deepcopy(note))
    for other in ways:
        assert (note, note.key, note.text, note.chinese, note.severity) == (
            other, other.key, other.text, other.chinese, other.severity
        )  # fmt: skip


def test_plain_sentences_become_notes_of_a_result() -> None:
    result = result_of("one", "warning: two", WARNING)
    assert ["info", "warning", "warning"] == [note.severity for note in result.notes]
    assert ["warning: two", "warning: 3 parties have no PD"] == warnings_of(result.notes)
    assert WARNING is result.notes[2]
    assert ["one", "warning: two", "warning: 3 parties have no PD"] == json.loads(result.to_json())["notes"]


def test_a_severity_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'grave'"):
        Note("k", "x", severity="grave")  # type: ignore[arg-type]


def test_what_kept_results_held_before_is_read() -> None:
    assert ("a", "warning") == (as_notes(["a", "warning: b"])[0], as_notes(["a", "warning: b"])[1].severity)
