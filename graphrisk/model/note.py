"""Notes of a result: what a reader must know beside the numbers, as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

Severity = Literal["info", "warning"]
_SEVERITIES = frozenset(get_args(Severity))
_PREFIX = {"en": {"info": "", "warning": "warning: "}, "zh": {"info": "", "warning": "警示："}}


class Note(str):
    """A sentence in English and Chinese, with how much it matters and a name by which programs know it.

    A note is its English text as people see it and as it is kept: where severity is "warning" it begins "warning: ".
    `key` names what the note tells of, whatever the numbers in it ("": it has no name); a program asks for `key` and
    `severity` and never searches the sentence.

    >>> note = Note("no_pd", "3 parties have no PD", "3 户没有违约概率", severity="warning")
    >>> str(note), note.text, note.severity, note.said("zh")
    ('warning: 3 parties have no PD', '3 parties have no PD', 'warning', '警示：3 户没有违约概率')
    """

    __slots__ = ("chinese", "key", "severity", "text")
    chinese: str
    key: str
    severity: Severity
    text: str

    def __new__(cls, key: str, text: str, chinese: str = "", *, severity: Severity = "info") -> Note:
        """Return the note; `text` is English. Raises ValueError for a severity that is none."""
        if severity not in _SEVERITIES:
            raise ValueError(f"the severity of a note is one of {', '.join(get_args(Severity))}, not {severity!r}")
        made = super().__new__(cls, text if severity == "info" else _PREFIX["en"][severity] + text)
        made.key, made.text, made.chinese, made.severity = key, text, chinese, severity
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str, str, str], dict[str, str]]:
        return (self.key, self.text, self.chinese), {"severity": self.severity}

    def bare(self, lang: str) -> str:
        """Return the text in `lang` ("en", "zh") without a word on its severity: English where there is no Chinese."""
        return self.chinese if lang == "zh" and self.chinese else self.text

    def said(self, lang: str) -> str:
        """Return the note as a person reads it in `lang`: a warning says that it is one."""
        return _PREFIX["zh" if lang == "zh" and self.chinese else "en"][self.severity] + self.bare(lang)

    def about(self, what: str, chinese: str = "", *, severity: Severity | None = None) -> Note:
        """Return the note as one on something: "baseline: 3 parties ...", as severe as before unless said."""
        told = f"{chinese or what}：{self.chinese}" if self.chinese else ""
        return Note(self.key, f"{what}: {self.text}", told, severity=severity or self.severity)

    def as_data(self) -> str | dict[str, str]:
        """Return the note as a store keeps it: an object, or the sentence where it says no more of itself."""
        own = {"key": self.key, "text": self.text, "chinese": self.chinese, "severity": self.severity}
        return own if self.key or self.chinese or self.severity != "info" else str(self)


def as_note(said: str | Mapping[str, Any]) -> Note:
    """Return a note for what is one, for `as_data` of one, or for a sentence: "warning: ..." is a warning.

    The one place where a sentence is looked at: whoever writes notes as plain sentences need not know more.
    """
    if isinstance(said, Note):
        return said
    if isinstance(said, Mapping):
        return Note(said["key"], said["text"], said["chinese"], severity=said["severity"])
    warning = _PREFIX["en"]["warning"]
    return Note("", said.removeprefix(warning), severity="warning" if said.startswith(warning) else "info")


def as_notes(said: Iterable[str | Mapping[str, Any]]) -> tuple[Note, ...]:
    """Return notes of what `as_note` takes, in order."""
    return tuple(as_note(one) for one in said)


def warnings_of(notes: Iterable[str]) -> list[Note]:
    """Return the notes that are warnings, in order."""
    return [note for note in as_notes(notes) if note.severity == "warning"]


def both(english: str, chinese: str) -> Note:
    """Return a text of a table in both languages: a note without a name."""
    return Note("", english, chinese)


def reading_note(regime: str, english: str, chinese: str) -> Note:
    """Return what of a regime is our reading of it; a regime of a project may say so in English alone."""
    return Note("regime_reading", f"{regime}: {english}", f"{regime}：{chinese or f'（仅有英文）{english}'}")
