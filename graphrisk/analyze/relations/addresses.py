"""Whether two addresses are one, by words: street words in one way, equal numbers, nearly all words alike.

The words are our own table; rapidfuzz (extra `er`) forgives slips in longer words. Chinese and Japanese addresses have
no spaces and are compared by characters.
"""

from __future__ import annotations

import re
import unicodedata

_SHORT = {
    "st": "street str strasse straße straat",
    "rd": "road",
    "ave": "avenue av avenida",
    "blvd": "boulevard bd bvd",
    "dr": "drive",
    "ln": "lane",
    "sq": "square",
    "pl": "place platz plaza",
    "ct": "court",
    "hwy": "highway",
    "pkwy": "parkway",
    "ter": "terrace",
    "cres": "crescent",
    "cl": "close",
    "bldg": "building gebäude",
    "fl": "floor flr etage",
    "ste": "suite",
    "rm": "room",
    "apt": "apartment flat",
    "n": "north nord",
    "s": "south süd",
    "e": "east ost",
    "w": "west",
}
_WORDS = {long: short for short, all_ in _SHORT.items() for long in all_.split()}
_STREETS = frozenset(("st", "rd", "ave", "blvd", "dr", "ln", "sq", "pl", "ct", "hwy", "pkwy", "ter", "cres", "cl"))
_FILLERS = frozenset(["no", "nr", "number", "p", "o", "box", "the", "of", "and", "und", "de", "la", "le"])
EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_NUMERALS = str.maketrans("一二三四五六七八九十", "1234567890")
ENOUGH, CHARACTERS, SLIP = 0.8, 0.85, 85.0
"""Part of the words, part of the characters (no spaces), and percent of a word's letters that must be alike."""


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are one. Two kinds of street, or two sets of numbers, are two addresses."""
    from rapidfuzz import fuzz

    if not numbers(one) or numbers(one) != numbers(other):
        return False
    if EAST_ASIAN.search(one) or EAST_ASIAN.search(other):
        plain = [re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold()) for text in (one, other)]
        return bool(fuzz.ratio(*plain) >= 100.0 * CHARACTERS)
    left, right = _words(one), _words(other)
    kinds = [_STREETS.intersection(words) for words in (left, right)]
    if all(kinds) and kinds[0] != kinds[1]:
        return False
    many = len(left) + len(right)
    alike = 0
    for word in left:
        close = next((w for w in right if w == word), None) or next(
            (w for w in right if min(len(w), len(word)) > 3 and fuzz.ratio(w, word) >= SLIP), None
        )
        if close is not None:
            right.remove(close)
            alike += 1
    return 2 * alike >= ENOUGH * many


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, sorted: 第一分公司 and 第二分公司, Fund 1 and Fund 2, 12 and 21 are two."""
    return sorted(re.findall(r"\d+", unicodedata.normalize("NFKC", text).translate(_NUMERALS)))


def _words(text: str) -> list[str]:
    found = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return [_WORDS.get(word, word) for word in found if word not in _FILLERS]
