"""JSON that knows when it is damaged: a document carries the checksum of what it says.

The checksum is of the content (keys sorted, no spaces), so that other white space is no damage. It is computed alike in
every format from 2 on: a document of a later format is told from a damaged one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

SEAL = "sha256"


def sealed(content: Mapping[str, Any]) -> str:
    """Return the document of `content`, which holds its `format`, with its checksum."""
    return json.dumps({**content, SEAL: _checksum(content)}, ensure_ascii=False, allow_nan=False, indent=1)


def unsealed(document: str | bytes, *, older: Sequence[int | None] = ()) -> dict[str, Any]:
    """Return the content of a document; ValueError where it does not fit its checksum.

    A document from before checksums has none: it is taken where its format is one of `older` (None = it says none).
    """
    text = document if isinstance(document, str) else document.decode("utf-8")
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("it is no JSON object")
    said = content.pop(SEAL, None)
    if said is None and content.get("format") in older:
        return content
    if said != _checksum(content):
        raise ValueError("its checksum does not fit")
    return content


def _checksum(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
