"""Pseudonyms: the same key gives the same names, and without the key nobody can go back."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HIDDEN = "•••"
SHORTEST = 6
"""Characters of a key; a shorter one is guessed."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Replaces ids and names by keyed pseudonyms (HMAC-SHA256, 50 bits); without a key it returns what it is given.

    The key is stretched first (scrypt), so that trying keys against a page takes long.
    """

    key: str | None
    _seen: dict[str, str] = field(default_factory=dict)

    @property
    def on(self) -> bool:
        """True where names are replaced."""
        return self.key is not None

    def identifier(self, value: str | None, prefix: str = "") -> str | None:
        """Return the pseudonym of an id."""
        if value is None or self.key is None:
            return value
        found = self._seen.get(value)
        if found is None:
            digest = hmac.new(_stretched(self.key), value.encode(), hashlib.sha256).digest()
            code = base64.b32encode(digest).decode()[:10]
            found = f"{code[:5]}-{code[5:]}"
            self._seen[value] = found
        return prefix + found

    def name(self, identifier: str, name: str | None, kind_word: str) -> str | None:
        """Return what a party or an asset is called: its name, or its kind and pseudonym."""
        return name if self.key is None else f"{kind_word} {self.identifier(identifier)}"

    def text(self, value: str | None) -> str | None:
        """Return free text, which may hold a name, only where nothing is masked."""
        return value if self.key is None else None

    def notes(self, notes: Iterable[str], known: Mapping[str, str]) -> list[str]:
        """Return `notes` with ids replaced; a note in which a name or an id may still stand is withheld.

        `known` maps each id that the data holds to its name.
        """
        if self.key is None:
            return list(notes)
        return [_replaced(self, note, known) for note in notes]


@functools.lru_cache(maxsize=8)
def _stretched(key: str) -> bytes:
    """Return the secret made of a key; the same for every page, so that pages with one key agree.

    Parameters: C. Percival, S. Josefsson, "The scrypt Password-Based Key Derivation Function", RFC 7914, section 2.
    """
    return hashlib.scrypt(key.encode(), salt=b"graphrisk mask", n=1 << 14, r=8, p=1, dklen=32)


def _replaced(mask: Mask, note: str, known: Mapping[str, str]) -> str:
    doubtful = False

    def pseudonym(match: re.Match[str]) -> str:
        nonlocal doubtful
        word = match.group(0)
        if word not in known:
            return word
        doubtful = doubtful or word.isdigit()  # an id or a count: nobody can tell
        return str(mask.identifier(word))

    text = re.sub(r"\d{1,3}(?:,\d{3})+|[\w:.\-]*\w", pseudonym, note)
    doubtful = doubtful or any(len(name) > 1 and not name.isdigit() and name in text for name in known.values() if name)
    doubtful = doubtful or any(re.search(r"\W", word) is not None and word in text for word in known)
    return HIDDEN if doubtful else text
